package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/leak"
)

// exchange is one request and what came back.
type exchange struct {
	operation *credmock.Operation // nil for a request that no operation describes
	method    string
	path      string // below the base URL
	template  string // the path with its parameters unfilled, for a report
	principal principal
	scope     string // of the check that sent it
	edited    bool   // something of it was bent by hand
	turn      int    // its place among the requests of that check
	sent      []byte
	mediaType string

	status   int // 0 when no answer came
	header   http.Header
	body     []byte
	value    any   // the decoded body; nil when it is no JSON
	notJSON  error // why it is no JSON
	failure  error // why no answer came
	duration time.Duration
	leaks    []located

	secretMembers []namedMember // the members of a success that have the name of a secret
}

// located is a sighting and the part of the answer that it was made in.
type located struct {
	leak.Sighting
	place string
}

// success tells whether the answer is any 2xx.
func (e *exchange) success() bool { return e.status >= 200 && e.status < 300 }

// refused tells whether the answer is one of the statuses; none given means any 4xx.
func (e *exchange) refused(statuses ...int) bool {
	if len(statuses) == 0 {
		return e.status >= 400 && e.status < 500
	}
	for _, status := range statuses {
		if e.status == status {
			return true
		}
	}
	return false
}

// decode reads the body as one JSON value, numbers as they stand.
func (e *exchange) decode() {
	decoder := json.NewDecoder(bytes.NewReader(e.body))
	decoder.UseNumber()
	if err := decoder.Decode(&e.value); err != nil {
		e.value, e.notJSON = nil, err
		return
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		e.notJSON = errTrailing
	}
}

// member returns the member of an object, or nil.
func member(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// payload returns the payload member of the answer, or nil.
func (e *exchange) payload() map[string]any {
	payload, _ := member(e.value, "payload").(map[string]any)
	return payload
}

// where names the request and the answer, with a JSON pointer or another place in it.
func (e *exchange) where(place string) string {
	text := e.method + " " + e.template
	if e.status > 0 {
		text = e.method + " " + e.template + " " + itoa(e.status)
	}
	if place != "" {
		text += " " + place
	}
	return text
}
