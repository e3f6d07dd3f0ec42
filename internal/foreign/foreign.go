// Package foreign writes text that somebody else chose, such as a target, a client or a file, so that it stays text.
//
// Each format has one method, which escapes whatever would end the text or steer its reader. A [Text] that is printed by fmt
// is printed by [Text.String], so an escape that is forgotten is still an escape.
package foreign

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is text that somebody else chose. Convert it to a string only to compare it.
type Text string

// String returns the text on one line. Line ends, control characters, marks of direction and bytes that are not UTF-8 are
// written as escapes of Go, such as \n or \u202e.
func (t Text) String() string { return escape(string(t), isLetter) }

// Lines returns the text as String does, and keeps line ends and tabs.
func (t Text) Lines() string {
	return escape(string(t), func(letter rune) bool { return letter == '\n' || letter == '\t' || isLetter(letter) })
}

// Script returns the text as one argument of a scenario line, in single quotes where it needs them. A line end cannot stand in
// an argument, so it is written as an escape.
func (t Text) Script() string {
	line := t.String()
	if line != "" && !strings.ContainsFunc(line, unicode.IsSpace) && !strings.ContainsAny(line, "'#$\\\"") {
		return line
	}
	return "'" + strings.ReplaceAll(line, "'", "''") + "'"
}

// Shell returns the text as one argument of a shell, in single quotes. The shell hands it on unchanged, except for what String
// escapes.
func (t Text) Shell() string { return "'" + strings.ReplaceAll(t.String(), "'", `'\''`) + "'" }

// JSON returns encoded JSON with each letter that is not printable as an escape of JSON, such as \u009b.
// The text must be valid JSON, and stays the same value.
func (t Text) JSON() string {
	var plain strings.Builder
	plain.Grow(len(t))
	for _, letter := range string(t) {
		switch {
		case letter < ' ' || isLetter(letter): // between two values JSON allows blanks, and within one no control character below this
			plain.WriteRune(letter)
		case letter > 0xffff:
			high, low := surrogates(letter)
			fmt.Fprintf(&plain, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&plain, `\u%04x`, letter)
		}
	}
	return plain.String()
}

func surrogates(letter rune) (high, low rune) {
	letter -= 0x10000
	return 0xd800 + letter>>10, 0xdc00 + letter&0x3ff
}

// isLetter tells whether a letter shows itself and does nothing else.
func isLetter(letter rune) bool {
	return letter == ' ' || unicode.IsGraphic(letter) && !unicode.IsSpace(letter)
}

func escape(text string, fine func(rune) bool) string {
	if strings.IndexFunc(text, func(letter rune) bool { return !fine(letter) || letter == utf8.RuneError }) < 0 {
		return text
	}
	var plain strings.Builder
	for i, letter := range text {
		switch {
		case letter == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&plain, `\x%02x`, text[i])
		case fine(letter):
			plain.WriteRune(letter)
		default:
			quoted := fmt.Sprintf("%+q", string(letter))
			plain.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return plain.String()
}
