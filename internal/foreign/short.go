package foreign

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxShort is the maximum number of bytes that Short returns.
const MaxShort = 1000

// Short returns the text of String, in at most MaxShort bytes. A shortened text gives its original length.
func (t Text) Short() string {
	return Shorten(Text(FirstBytes(string(t), MaxShort)).String(), MaxShort, len(t))
}

// Shorten returns at most length bytes of a text that originally had before bytes. A shortened text says so.
func Shorten(text string, length, before int) string {
	if len(text) <= length && before <= length {
		return text
	}
	tail := fmt.Sprintf("… (%d bytes)", before)
	return strings.TrimRight(FirstBytes(text, length-len(tail)), `\`) + tail
}

// FirstBytes returns at most the first length bytes of a text, without splitting a UTF-8 character.
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
