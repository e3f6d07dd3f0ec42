// Package jsonbound bounds the nesting of untrusted JSON before a decoder reads it.
package jsonbound

import (
	"bytes"
	"iter"
)

// MaxDepth is how many objects and arrays may be nested in each other. Nothing of this API needs more than ten, and a reader that
// descends further can be made to exhaust its stack.
const MaxDepth = 512

// TooDeep reports whether a text nests more objects and arrays in each other than [MaxDepth]. The text need not be JSON.
// TooDeep allocates nothing and takes one pass.
func TooDeep(text []byte) bool {
	if bytes.Count(text, []byte("{"))+bytes.Count(text, []byte("[")) <= MaxDepth {
		return false // as with nearly every text
	}
	for _, depth := range Opened(text) {
		if depth >= MaxDepth {
			return true
		}
	}
	return false
}

// Opened yields the position of each brace and bracket that opens an object or an array, and how many others it is nested in.
func Opened(text []byte) iter.Seq2[int, int] {
	return func(yield func(at, depth int) bool) {
		depth := 0
		for at, letter := range Structure(text) {
			switch letter {
			case '{', '[':
				if !yield(at, depth) {
					return
				}
				depth++
			case '}', ']':
				depth--
			}
		}
	}
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
