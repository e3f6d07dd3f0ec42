package mockserver

import (
	"github.com/credmock/credmock/internal/view"

	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
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
	var mistake *view.Violation
	c.body, mistake = decodeObject(read.text)
	return badBody(mistake)
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

// instructions reads the body of a request to the mock's own surface into a value whose type says what it may hold. Without a
// body the value stays as it is. No content type is asked for, so that a short curl line does.
func (c *call) instructions(into any) *reply {
	read := borrow()
	defer read.giveBack()
	if refusal := read.fill(c, bodyLimit); refusal != nil || len(read.text) == 0 {
		return refusal
	}
	return badBody(decodeInto(read.text, into))
}

// badBody refuses a body for its mistake; nil for none.
func badBody(mistake *view.Violation) *reply {
	if mistake == nil {
		return nil
	}
	return badRequest([]view.Violation{*mistake})
}
