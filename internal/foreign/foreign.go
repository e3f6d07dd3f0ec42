// Package foreign writes text from untrusted sources, such as a target, a client or a file, so that it stays text.
//
// Each format has one method, which escapes everything that would end the text or control its reader. Package fmt prints a
// [Text] with [Text.String], so a forgotten escape is still an escape.
package foreign

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is text from an untrusted source. Convert it to a string only to compare it.
type Text string

// String returns the text on one line. Line ends, control characters, direction marks and invalid UTF-8 become Go escapes, such
// as
// or \u202e.
func (t Text) String() string { return escape(string(t), isLetter) }

// Lines is like String, but keeps line ends and tabs.
func (t Text) Lines() string {
	return escape(string(t), func(letter rune) bool { return letter == '\n' || letter == '\t' || isLetter(letter) })
}

// Script returns the text as one argument of a scenario line, in single quotes if needed. Line ends become escapes, since an
// argument cannot contain them.
func (t Text) Script() string {
	line := t.String()
	if line != "" && !strings.ContainsFunc(line, unicode.IsSpace) && !strings.ContainsAny(line, "'#$\\\"") {
		return line
	}
	return "'" + strings.ReplaceAll(line, "'", "''") + "'"
}

// Shell returns the text as one shell argument in single quotes. The shell passes it on unchanged, except for the escapes of
// String.
func (t Text) Shell() string { return "'" + strings.ReplaceAll(t.String(), "'", `'\''`) + "'" }

// JSON returns encoded JSON with each unprintable character as a JSON escape, such as \u009b. The text must be valid JSON and
// keeps its value.
func (t Text) JSON() string {
	var plain strings.Builder
	plain.Grow(len(t))
	for _, letter := range string(t) {
		switch {
		case letter < ' ' || isLetter(letter): // whitespace between values; a valid string contains no control character below this
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

// isLetter reports whether a character is printable and has no other effect.
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
