// Package jsonbound bounds JSON that somebody else wrote, before anything decodes it.
package jsonbound

import (
	"bytes"
	"iter"
)

// MaxDepth is how many objects and arrays may stand within each other. Nothing of this API needs more than ten, and a reader that
// descends further can be made to exhaust its stack.
const MaxDepth = 512

// TooDeep tells whether a text opens more objects and arrays within each other than [MaxDepth]. It does not need the text to be
// JSON, allocates nothing and takes one pass.
func TooDeep(text []byte) bool {
	if bytes.Count(text, []byte("{"))+bytes.Count(text, []byte("[")) <= MaxDepth {
		return false // as with nearly every text
	}
	depth := 0
	for _, letter := range Structure(text) {
		switch letter {
		case '{', '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// Structure yields the position of every brace, bracket, comma and colon outside of strings, and the letter itself. The text need not be
// JSON.
func Structure(text []byte) iter.Seq2[int, byte] {
	return func(yield func(int, byte) bool) {
		inString := false
		for i := 0; i < len(text); i++ {
			switch letter := text[i]; {
			case inString && letter == '\\':
				i++
			case letter == '"':
				inString = !inString
			case inString:
			case letter == '{' || letter == '[' || letter == '}' || letter == ']' || letter == ',' || letter == ':':
				if !yield(i, letter) {
					return
				}
			}
		}
	}
}
