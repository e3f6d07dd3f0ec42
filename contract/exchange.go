package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
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
	body     []byte // the beginning of it, after the answer was looked at
	size     int    // of the whole body
	value    any    // the decoded body; nil when it is no JSON
	notJSON  error  // why it is no JSON
	failure  error  // why no answer came, or cannot be judged
	brokeOff bool   // a part of an answer came
	unsent   bool   // the target never saw the request
	underWay bool   // the run ended before the answer came
	leaks    []located

	// What the run asks of answers that it does not keep.
	id            string        // of what the answer is about
	version       string        // of the envelope
	secretMembers []namedMember // the members of a success that have the name of a secret

	whole     bool     // nothing of it is left out, for its check compares it with another whole one
	condensed bool     // members that the document does not describe were left out
	shared    bool     // other checks look at it too
	dropped   bool     // the decoded body is no longer kept
	weight    int64    // of the decoded body that is kept
	leaves    []func() // give back the room that the answer takes
}

// forget makes the exchange one that has not been sent.
func (e *exchange) forget() {
	e.leave()
	e.status, e.header, e.body, e.value, e.notJSON, e.failure, e.leaks = 0, nil, nil, nil, nil, nil, nil
	e.brokeOff, e.unsent, e.underWay = false, false, false
}

// located is a sighting and the part of the answer that it was made in.
type located struct {
	leak.Sighting
	place string
}

// success tells whether the answer is any 2xx.
func (e *exchange) success() bool { return e.failure == nil && e.taken() }

// taken tells whether the target did what was asked, whether or not its answer can be judged.
func (e *exchange) taken() bool { return e.status >= 200 && e.status < 300 }

// refused tells whether the answer is one of the statuses; none given means any 4xx.
func (e *exchange) refused(statuses ...int) bool {
	if e.failure != nil {
		return false
	}
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

// decoded returns the decoded body. It ends the check where there is none to judge by.
func (e *exchange) decoded() any {
	switch {
	case e.failure != nil:
		panic(cannot{foreign.Say("%v", e.failure)})
	case e.dropped:
		panic(cannot{foreign.Say("the answer to %s %s is no longer kept, for it was too large", foreign.Own(e.method), foreign.Own(e.template))})
	}
	return e.value
}

// payload returns the payload member of the answer, or nil.
func (e *exchange) payload() map[string]any {
	payload, _ := member(e.decoded(), "payload").(map[string]any)
	return payload
}

// where names the request and the answer, with a JSON pointer or another place in it.
func (e *exchange) where(place string) string {
	text := e.method + " " + e.template
	if e.status > 0 {
		text = e.method + " " + e.template + " " + strconv.Itoa(e.status)
	}
	if place != "" {
		text += " " + place
	}
	return text
}

// namedMember is a member of an answer that has the name of a secret.
type namedMember struct {
	name, pointer, shown string
	more                 int // how many further ones of the name the answer has
}

// told says what was seen, and how often.
func (m namedMember) told() string {
	if m.more == 0 {
		return m.shown
	}
	return m.shown + ", and " + strconv.Itoa(m.more) + " more in the answer"
}
