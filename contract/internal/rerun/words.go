package rerun

import (
	"strings"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// piece is a part of a word: a text, the name of a variable, or a command of a shell.
type piece struct{ text, variable string }

// argument is one word of a shell command or a scenario line. Its texts have no special meaning to either.
type argument []piece

func textWord(text string) argument { return argument{{text: text}} }

// with returns the word followed by a text. Adjacent texts are joined, since two quoted ones side by side would mean a quote.
func (w argument) with(text string) argument {
	if last := len(w) - 1; last >= 0 && w[last].variable == "" {
		return append(w[:last:last], piece{text: w[last].text + text})
	}
	return append(w[:len(w):len(w)], piece{text: text})
}

func (w argument) withVariable(name string) argument {
	return append(w[:len(w):len(w)], piece{variable: name})
}

// withPath returns the word followed by a path with a variable in place of the template's parameter.
func (w argument) withPath(template, variable string) argument {
	before, after, _ := strings.Cut(template, "{"+pathtemplate.Parameter(template)+"}")
	return w.with(before).withVariable(variable).with(after)
}

// texts returns the texts of the word, unquoted and without variables.
func (w argument) texts() string {
	var texts strings.Builder
	for _, one := range w {
		texts.WriteString(one.text)
	}
	return texts.String()
}

// written joins the word. It writes texts with text, and variables with variable.
func (w argument) written(text, variable func(string) string) string {
	var line strings.Builder
	for i, one := range w {
		switch {
		case one.variable == "" && (one.text != "" || len(w) == 1):
			line.WriteString(text(one.text))
		case strings.HasPrefix(one.variable, "$("):
			line.WriteString(variable(one.variable)) // a command
		case one.variable != "" && i+1 < len(w) && continuesName().MatchString(w[i+1].text):
			line.WriteString(variable("${" + one.variable + "}"))
		case one.variable != "":
			line.WriteString(variable("$" + one.variable))
		}
	}
	return line.String()
}

// continuesName matches a text that would lengthen the name of a variable before it.
var continuesName = lazy.Regexp(`^[A-Za-z0-9_]`)

// script returns the word as one argument of a scenario line.
func (w argument) script() string {
	return w.written(func(text string) string { return foreign.Text(text).Script() }, func(variable string) string { return variable })
}

// plainInShell matches text without special meaning to a shell, within double quotes too.
var plainInShell = lazy.Regexp(`^[A-Za-z0-9 /_.:%~@+=,{}?&;()|-]*$`)

// shell returns the word as one argument of a shell: in double quotes if its texts mean nothing within them, else with each text
// in single quotes.
func (w argument) shell() string {
	if plainInShell().MatchString(w.texts()) {
		same := func(text string) string { return text }
		return `"` + w.written(same, same) + `"`
	}
	return w.quoted()
}

// quoted returns the word as shell does, with every text in single quotes.
func (w argument) quoted() string {
	return w.written(func(text string) string { return foreign.Text(text).Shell() },
		func(variable string) string { return `"` + variable + `"` })
}

// isPrintable tells whether a text needs no escape.
func isPrintable(text string) bool { return foreign.Text(text).String() == text }
