package mockserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/jsonbound"
)

const bodyLimit = 1 << 20 // bytes (docs/contract.md#statuses)

// decode reads the body of an operation that takes one, once.
func decode(c *call) *reply {
	if c.route.MediaType != mediaTypeJSON {
		return nil // no body, or one that the operation reads itself
	}
	if refusal := checkMediaType(c); refusal != nil {
		return refusal
	}
	read := borrow()
	defer read.giveBack() // decoding copies what it keeps
	if refusal := read.fill(c, bodyLimit); refusal != nil {
		return refusal
	}
	var refusal *reply
	c.body, refusal = decodeObject(read.text)
	return refusal
}

const mediaTypeJSON = "application/json"

// checkMediaType refuses a body that is not said to be what the operation takes. Parameters are not judged.
func checkMediaType(c *call) *reply {
	sent, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	encoding := c.Header.Get("Content-Encoding")
	if strings.EqualFold(strings.TrimSpace(sent), c.route.MediaType) && (encoding == "" || strings.EqualFold(encoding, "identity")) {
		return nil
	}
	return refuse(http.StatusUnsupportedMediaType, "unsupported-media-type", "Send Content-Type: "+c.route.MediaType+", and no Content-Encoding.")
}

// fill reads the whole body, up to a limit in bytes.
func (s *scratch) fill(c *call, limit int) *reply {
	if c.ContentLength > int64(limit) {
		return tooLarge(limit)
	}
	for len(s.text) <= limit {
		s.text = slices.Grow(s.text, 512)
		read, err := c.Body.Read(s.text[len(s.text):cap(s.text)])
		s.text = s.text[:len(s.text)+read]
		c.length = len(s.text)
		if errors.Is(err, io.EOF) && len(s.text) <= limit {
			return nil
		}
		if err != nil && len(s.text) <= limit {
			return refuse(http.StatusBadRequest, "unreadable-body", "The body ended before it was complete.")
		}
	}
	return tooLarge(limit)
}

func tooLarge(limit int) *reply {
	return refuse(http.StatusRequestEntityTooLarge, "content-too-large", fmt.Sprintf("A body may have %d bytes at most.", limit))
}

func tooDeep() *reply {
	return refuse(http.StatusBadRequest, "nested-too-deep", fmt.Sprintf("Objects and arrays may be nested %d deep at most.", jsonbound.MaxDepth))
}

// decodeObject decodes a JSON object. Its refusals name a position and nothing that stands there.
func decodeObject(text []byte) (map[string]any, *reply) {
	switch {
	case len(bytes.TrimLeft(text, " \t\r\n")) == 0:
		return nil, refuse(http.StatusBadRequest, "empty-body", "The body is empty; send a JSON object.")
	case !utf8.Valid(text):
		return nil, refuse(http.StatusBadRequest, "invalid-encoding", "The body is not UTF-8, as JSON must be.")
	case jsonbound.TooDeep(text):
		return nil, tooDeep()
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, malformed(err, text)
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return nil, refuse(http.StatusBadRequest, "not-an-object", "The body is JSON, but not an object; send one in braces.")
	}
	return object, nil
}

// malformed says why a text is not JSON. The error's own text may hold what was sent, so only its kind and place are told.
func malformed(err error, text []byte) *reply {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return refuse(http.StatusBadRequest, "duplicate-member",
			fmt.Sprintf("An object has two members of one name, the second at %s; send each name once.", whereIn(text, syntax.ByteOffset)))
	case errors.As(err, &semantic):
		return refuse(http.StatusBadRequest, "number-out-of-range",
			fmt.Sprintf("The number at %s is larger than a double holds; send a smaller one.", whereIn(text, semantic.ByteOffset)))
	case errors.As(err, &syntax):
		return refuse(http.StatusBadRequest, "malformed-json",
			fmt.Sprintf("The body is not one JSON value; it goes wrong at %s.", whereIn(text, syntax.ByteOffset)))
	}
	return refuse(http.StatusBadRequest, "malformed-json", "The body is not one JSON value.")
}

// whereIn says where in a text a byte is; of a text of several lines by line and column, as an editor does.
func whereIn(text []byte, offset int64) string {
	before := text[:min(int(offset), len(text))]
	if line := bytes.Count(before, []byte("\n")) + 1; bytes.Contains(bytes.TrimSpace(text), []byte("\n")) {
		return fmt.Sprintf("line %d, column %d", line, len(before)-bytes.LastIndexByte(before, '\n'))
	}
	return fmt.Sprintf("byte %d", offset)
}
