package outbound

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/strictjson"
)

// answerLimit is the maximum number of bytes read from a token endpoint.
const answerLimit = 64 << 10

// ReadMembers reads the body of an answer, and its members, or why there are none.
func ReadMembers(response *http.Response) (text []byte, members map[string]any, fault string) {
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	members, fault = membersOf(text, err)
	return text, members, fault
}

// membersOf returns the members of a body, or why there are none. A byte order mark before JSON is ignored, as RFC 8259 section
// 8.1 allows.
func membersOf(text []byte, failure error) (members map[string]any, fault string) {
	switch {
	case errors.Is(failure, context.DeadlineExceeded):
		return nil, "The answer does not end in time."
	case failure != nil:
		return nil, "The answer broke off."
	case len(text) > answerLimit:
		return nil, "The answer is too large to be that of a token endpoint."
	case jsonbound.TooDeep(text):
		return nil, "The answer is nested deeper than that of any token endpoint."
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte(strictjson.Mark)), &members); err != nil || members == nil {
		return nil, noObject(text)
	}
	return members, ""
}

// noObject returns a sentence about a text that is no JSON object. It names the usual causes.
func noObject(text []byte) string {
	switch start := bytes.TrimSpace(text); {
	case len(start) == 0:
		return "The answer has no body."
	case start[0] == '<':
		return "The answer is a page or XML, and no JSON object."
	case !utf8.Valid(text):
		return "The answer is not UTF-8, as JSON must be."
	}
	return "The answer is no JSON object."
}
