package guard

import (
	"os"
	"strings"
)

// word is one argument of a line before its variables are replaced, in the pieces that testscript replaces one by one.
type word []piece

// piece is a part of a word. In a quoted one, nothing is replaced.
type piece struct {
	text   string
	quoted bool
}

// splitLine returns the words of a line as testscript reads it; none where a quote is not closed, for such a line never runs.
func splitLine(line string) []word {
	var words []word
	var current word
	start, quoted := -1, false
	for i := 0; ; i++ {
		switch {
		case !quoted && endsWord(line, i):
			if start >= 0 {
				words = append(words, append(current, piece{line[start:i], false}))
			}
			current, start = nil, -1
			if i >= len(line) || line[i] == '#' {
				return words
			}
		case i >= len(line):
			return nil
		case line[i] == '\'' && quoted && i+1 < len(line) && line[i+1] == '\'':
			current, start = append(current, piece{line[start:i], true}), i+1
			i++ // of two quotes the second stands for one
		case line[i] == '\'':
			if start >= 0 {
				current = append(current, piece{line[start:i], quoted})
			}
			start, quoted = i+1, !quoted
		case start < 0:
			start = i
		}
	}
}

// endsWord tells whether no word goes on at a place outside of quotes.
func endsWord(line string, at int) bool {
	return at >= len(line) || strings.IndexByte(" \t\r#", line[at]) >= 0
}

// Fill replaces the variables of a word.
func (w word) Fill(variable func(name string) string) string {
	var text strings.Builder
	for _, piece := range w {
		if piece.quoted {
			text.WriteString(piece.text)
		} else {
			text.WriteString(os.Expand(piece.text, variable))
		}
	}
	return text.String()
}

// literal returns the text of a word, and false where a variable is a part of it.
func (w word) literal() (string, bool) {
	fixed := true
	text := w.Fill(func(string) string {
		fixed = false
		return ""
	})
	return text, fixed
}
