package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// Exchange is one request and what came back.
type Exchange struct {
	Operation *credmock.Operation // nil for a request that no operation describes
	Method    string
	Path      string // below the base URL
	Template  string // the path with its parameters unfilled, for a report
	Principal Principal
	Scope     string // of the check that sent it
	Edited    bool   // something of it was bent by hand
	Turn      int    // its place among the requests of that check
	Sent      []byte
	MediaType string

	Status   int // 0 when no answer came
	Header   http.Header
	Body     []byte // the beginning of it, after the answer was looked at
	Size     int    // of the whole body
	Value    any    // the decoded body; nil when it is no JSON
	NotJSON  error  // why it is no JSON
	Failure  error  // why no answer came, or cannot be judged
	BrokeOff bool   // a part of an answer came
	Unsent   bool   // the target never saw the request
	UnderWay bool   // the run ended before the answer came
	Leaks    []Leak

	// What the run asks of answers that it does not keep.
	ID            string         // of what the answer is about
	Version       string         // of the envelope
	SecretMembers []SecretMember // the members of a success that have the name of a secret

	Whole     bool     // nothing of it is left out, for its check compares it with another whole one
	Condensed bool     // members that the document does not describe were left out
	Shared    bool     // other checks look at it too
	Dropped   bool     // the decoded body is no longer kept
	weight    int64    // of the decoded body that is kept
	releases  []func() // give back the room that the answer takes
}

// Forget makes the exchange one that has not been sent.
func (e *Exchange) Forget() {
	e.releaseRoom()
	e.Status, e.Header, e.Body, e.Value, e.NotJSON, e.Failure, e.Leaks = 0, nil, nil, nil, nil, nil, nil
	e.BrokeOff, e.Unsent, e.UnderWay = false, false, false
}

// Leak is a sighting and the part of the answer that it was made in.
type Leak struct {
	leak.Sighting
	Place string
}

// Success tells whether the answer is any 2xx.
func (e *Exchange) Success() bool { return e.Failure == nil && e.IsDone() }

// IsDone tells whether the target did what was asked, whether or not its answer can be judged.
func (e *Exchange) IsDone() bool { return e.Status >= 200 && e.Status < 300 }

// Refused tells whether the answer is one of the statuses; none given means any 4xx.
func (e *Exchange) Refused(statuses ...int) bool {
	if e.Failure != nil {
		return false
	}
	if len(statuses) == 0 {
		return e.Status >= 400 && e.Status < 500
	}
	for _, status := range statuses {
		if e.Status == status {
			return true
		}
	}
	return false
}

// decode reads the body as one JSON value, numbers as they stand.
func (e *Exchange) decode() {
	decoder := json.NewDecoder(bytes.NewReader(e.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&e.Value); err != nil {
		e.Value, e.NotJSON = nil, err
		return
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		e.NotJSON = errTrailing
	}
}

// Decoded returns the decoded body. It ends the check where there is none to judge by.
func (e *Exchange) Decoded() any {
	switch {
	case e.Failure != nil:
		panic(Unjudgeable{foreign.Say("%v", e.Failure)})
	case e.Dropped:
		panic(Unjudgeable{foreign.Say("the answer to %s %s is no longer kept, for it was too large", foreign.Own(e.Method), foreign.Own(e.Template))})
	}
	return e.Value
}

// Payload returns the payload member of the answer, or nil.
func (e *Exchange) Payload() map[string]any {
	payload, _ := jsonvalue.Member(e.Decoded(), "payload").(map[string]any)
	return payload
}

// Where names the request and the answer, with a JSON pointer or another place in it.
func (e *Exchange) Where(place string) string {
	text := e.Method + " " + e.Template
	if e.Status > 0 {
		text = e.Method + " " + e.Template + " " + strconv.Itoa(e.Status)
	}
	if place != "" {
		text += " " + place
	}
	return text
}

// SecretMember is a member of an answer that has the name of a secret.
type SecretMember struct {
	Name, Pointer, Shown string
	More                 int // how many further ones of the name the answer has
}

// Seen says what was seen, and how often.
func (m SecretMember) Seen() string {
	if m.More == 0 {
		return m.Shown
	}
	return m.Shown + ", and " + strconv.Itoa(m.More) + " more in the answer"
}
