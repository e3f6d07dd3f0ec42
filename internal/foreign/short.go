package foreign

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxShort is how many bytes Short returns at most.
const MaxShort = 1000

// Short returns the text as String does, in at most MaxShort bytes. A text that is cut says how long it was.
func (t Text) Short() string {
	return Shorten(Text(FirstBytes(string(t), MaxShort)).String(), MaxShort, len(t))
}

// Shorten returns at most length bytes of a text that was before bytes long at first. A text that is cut says so.
func Shorten(text string, length, before int) string {
	if len(text) <= length && before <= length {
		return text
	}
	tail := fmt.Sprintf("… (%d bytes)", before)
	return strings.TrimRight(FirstBytes(text, length-len(tail)), `\`) + tail
}

// FirstBytes returns at most length bytes of the beginning of a text. It does not cut a character of UTF-8.
func FirstBytes(text string, length int) string {
	if len(text) <= length {
		return text
	}
	for end := length; end > length-utf8.UTFMax && end > 0; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:length]
}
