// Package jsonbody decodes JSON from clients. Its violations never repeat the client's text.
package jsonbody

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/internal/view"
)

// TooDeep returns the violation of a text that is nested too deep.
func TooDeep() *view.Violation {
	return violation("nested-too-deep", fmt.Sprintf("Objects and arrays may be nested %d deep at most.", jsonbound.MaxDepth))
}

// DecodeObject decodes a JSON object. The violation is nil on success; it names a position in the text and not its
// content.
func DecodeObject(text []byte) (map[string]any, *view.Violation) {
	var value any
	if err := strictjson.Unmarshal(text, &value); err != nil {
		return nil, Malformed(err, text)
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return nil, violation("not-an-object", "The body is JSON, but not an object; send one in braces.")
	}
	if at := inexact(text); at >= 0 {
		return nil, violation("number-out-of-range",
			fmt.Sprintf("The number at %s has more digits than a double keeps; send fewer, or a text.", whereIn(text, at)))
	}
	return object, nil
}

// Malformed returns the violation for an error of package strictjson or of a JSON decoder in a text.
func Malformed(err error, text []byte) *view.Violation {
	var syntax *strictjson.Error
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &semantic):
		return violation("number-out-of-range",
			fmt.Sprintf("The number at %s is larger than a double holds; send a smaller one.", whereIn(text, semantic.ByteOffset)))
	case !errors.As(strictjson.Explain(err), &syntax):
		return violation("malformed-json", "The body is not one JSON value.")
	}
	switch syntax.Reason {
	case strictjson.Empty:
		return violation("empty-body", "The body is empty; send a JSON object.")
	case strictjson.NotUTF8:
		return violation("invalid-encoding", "The body is not UTF-8, as JSON must be.")
	case strictjson.Marked:
		return violation("malformed-json",
			"The body begins with a byte order mark, an invisible character that JSON must not have; send the body without it.")
	case strictjson.TooDeep:
		return TooDeep()
	case strictjson.Duplicate:
		return violation("duplicate-member",
			fmt.Sprintf("An object has two members of one name, the second at %s; send each name once.", whereIn(text, syntax.Offset)))
	}
	return violation("malformed-json", fmt.Sprintf("The body is not one JSON value; it goes wrong at %s.", whereIn(text, syntax.Offset)))
}

// whereIn returns the position of a byte: line and column in a text of several lines, and otherwise the offset.
func whereIn(text []byte, offset int64) string {
	before := text[:min(int(offset), len(text))]
	if line := bytes.Count(before, []byte("\n")) + 1; bytes.Contains(bytes.TrimSpace(text), []byte("\n")) {
		return fmt.Sprintf("line %d, column %d", line, len(before)-bytes.LastIndexByte(before, '\n'))
	}
	return fmt.Sprintf("byte %d", offset)
}

func violation(code, message string) *view.Violation {
	return &view.Violation{Code: code, Message: message}
}
