package rerun

import (
	"regexp"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// piece is a part of a word: a text, or a variable by its name.
type piece struct{ text, variable string }

// argument is one word of a command line, of a shell or of a scenario. Its texts mean nothing to either, whoever chose them.
type argument []piece

func textWord(text string) argument { return argument{{text: text}} }

// with returns the word with a text behind it. Two texts in a row are one: side by side two quoted ones would mean a quote.
func (w argument) with(text string) argument {
	if last := len(w) - 1; last >= 0 && w[last].variable == "" {
		return append(w[:last:last], piece{text: w[last].text + text})
	}
	return append(w[:len(w):len(w)], piece{text: text})
}

func (w argument) withVariable(name string) argument {
	return append(w[:len(w):len(w)], piece{variable: name})
}

// withPath returns the word with a path behind it that has a variable in place of the template's parameter.
func (w argument) withPath(template, variable string) argument {
	before, after, _ := strings.Cut(template, "{"+pathtemplate.Parameter(template)+"}")
	return w.with(before).withVariable(variable).with(after)
}

// texts returns what of the word is no variable, as it stands.
func (w argument) texts() string {
	var texts strings.Builder
	for _, one := range w {
		texts.WriteString(one.text)
	}
	return texts.String()
}

// written puts the word together. variable writes the name of a variable, and text what is none.
func (w argument) written(text, variable func(string) string) string {
	var line strings.Builder
	for i, one := range w {
		switch {
		case one.variable == "" && (one.text != "" || len(w) == 1):
			line.WriteString(text(one.text))
		case one.variable != "" && i+1 < len(w) && continuesName.MatchString(w[i+1].text):
			line.WriteString(variable("${" + one.variable + "}"))
		case one.variable != "":
			line.WriteString(variable("$" + one.variable))
		}
	}
	return line.String()
}

// continuesName matches a text that would lengthen the name of a variable before it.
var continuesName = regexp.MustCompile(`^[A-Za-z0-9_]`)

// script returns the word as one argument of a scenario line.
func (w argument) script() string {
	return w.written(func(text string) string { return foreign.Text(text).Script() }, func(variable string) string { return variable })
}

// plainInShell matches what a shell takes as it stands, within double quotes too.
var plainInShell = regexp.MustCompile(`^[A-Za-z0-9 /_.:%~@+=,{}?&;()|-]*$`)

// shell returns the word as one argument of a shell: in double quotes where its texts mean nothing within them, else each text
// in single quotes.
func (w argument) shell() string {
	if plainInShell.MatchString(w.texts()) {
		same := func(text string) string { return text }
		return `"` + w.written(same, same) + `"`
	}
	return w.quoted()
}

// quoted returns the word as shell does, with every text in single quotes.
func (w argument) quoted() string {
	return w.written(func(text string) string { return foreign.Text(text).Shell() }, func(variable string) string { return `"` + variable + `"` })
}

// isPrintable tells whether a text can stand on a line as it is.
func isPrintable(text string) bool { return foreign.Text(text).String() == text }
