// Package strictjson reads untrusted JSON. It refuses text that two readers could understand differently: text that is not UTF-8, half a
// surrogate pair, two members of one name in an object, a second value, and too deep nesting. Its errors hold a reason and a position, and
// no part of the text.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/jsonbound"
)

// Reason tells why a text is refused.
type Reason int

// The reasons. A text that has several is refused for the first of them.
const (
	Empty     Reason = iota // there is no value
	NotUTF8                 // a byte is not UTF-8
	TooDeep                 // more than [jsonbound.MaxDepth] objects and arrays are nested in each other
	Duplicate               // an object has two members of one name
	Truncated               // the text ends within the value
	Malformed               // a byte cannot stand where it is
	Trailing                // something follows the value
	Marked                  // a byte order mark stands before the value
)

// Mark is the byte order mark in UTF-8. Some editors write it at the beginning of a file; JSON between systems must not have it
// (RFC 8259, section 8.1).
const Mark = "\ufeff"

// Error is the error of a text that is refused.
type Error struct {
	Reason Reason
	Offset int64 // of the first byte that is wrong; 0 for Empty, TooDeep and Marked
}

// Error returns a clause of which the subject is the text, without anything of the text.
func (e *Error) Error() string {
	switch e.Reason {
	case Empty:
		return "it is empty"
	case NotUTF8:
		return fmt.Sprintf("it is not UTF-8 from byte %d on", e.Offset+1)
	case TooDeep:
		return "it is nested deeper than anything of this API"
	case Duplicate:
		return "it has a member twice in one object"
	case Truncated:
		return "it ends before the JSON value does"
	case Trailing:
		return "something follows the JSON value"
	case Marked:
		return "it begins with a byte order mark, an invisible character that JSON must not have"
	}
	return fmt.Sprintf("it is not JSON from byte %d on", e.Offset+1)
}

// Unmarshal reads exactly one JSON value into a variable. The error is an [*Error] if the text is refused, and a
// [*json.SemanticError] if the value does not fit the variable.
func Unmarshal(text []byte, into any, options ...json.Options) error {
	if err := check(text); err != nil {
		return err
	}
	return Explain(json.Unmarshal(text, into, options...))
}

// NewDecoder returns a decoder for the tokens of a text. Pass the decoder's errors to [Explain], and call [End] after the value.
func NewDecoder(text []byte, options ...jsontext.Options) (*jsontext.Decoder, error) {
	if err := check(text); err != nil {
		return nil, err
	}
	return jsontext.NewDecoder(bytes.NewBuffer(text), options...), nil
}

// End returns an error if something follows the value that the decoder has read.
func End(decoder *jsontext.Decoder) error {
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return &Error{Trailing, decoder.InputOffset()}
	}
	return nil
}

// Explain returns the [*Error] for an error of a decoder, or the error itself if it does not speak of the text.
func Explain(err error) error {
	var syntax *jsontext.SyntacticError
	isSyntax := errors.As(err, &syntax)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && isSyntax:
		return &Error{Duplicate, syntax.ByteOffset}
	case errors.Is(err, io.ErrUnexpectedEOF) && isSyntax:
		return &Error{Truncated, syntax.ByteOffset}
	case errors.Is(err, io.EOF):
		return &Error{Reason: Truncated}
	case isSyntax:
		return &Error{Malformed, syntax.ByteOffset}
	}
	return err
}

// check finds what can be found before decoding.
func check(text []byte) error {
	switch {
	case len(bytes.TrimLeft(text, " \t\r\n")) == 0:
		return &Error{Reason: Empty}
	case bytes.HasPrefix(text, []byte(Mark)):
		return &Error{Reason: Marked}
	case !utf8.Valid(text):
		return &Error{NotUTF8, int64(invalidUTF8(text))}
	case jsonbound.TooDeep(text):
		return &Error{Reason: TooDeep}
	}
	return nil
}

// invalidUTF8 returns the place of the first byte of a text that is not UTF-8.
func invalidUTF8(text []byte) int {
	at := 0
	for at < len(text) {
		letter, width := utf8.DecodeRune(text[at:])
		if letter == utf8.RuneError && width <= 1 {
			break
		}
		at += width
	}
	return at
}
