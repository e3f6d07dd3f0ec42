package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// Exchange is a request and its answer.
type Exchange struct {
	Operation *credmock.Operation // nil if the document does not describe the request
	Method    string
	Path      string // below the base URL
	Template  string // the path without values, for a report
	Principal Principal
	Scope     string // of the check that sent it
	Edited    bool   // a check changed something of it by hand
	Turn      int    // its position among the requests of that check
	Sent      []byte
	MediaType string
	Began     int64       // its position among all requests of the run
	Together  bool        // it was sent at the same time as others of its check
	Asked     string      // the method, if a check changed it by hand
	Query     string      // of the URL, if a check added it by hand
	Headers   http.Header // all that were sent, if a check changed the request by hand

	Status     int // 0 if no answer came
	Header     http.Header
	Body       []byte // only the beginning after the answer was looked at
	Size       int    // of the whole body
	Value      any    // the decoded body; nil if it is not JSON
	NotJSON    error  // why it is not JSON
	Failure    error  // why no answer came, or why it cannot be judged
	Compressed bool   // the body came compressed
	BrokeOff   bool   // only a part of the answer came
	Started    time.Time
	Cut        int64         // the bytes of its Content-Length that did not come
	Misfit     bool          // its Content-Length says more bytes than ever come: it is judged as it is
	Took       time.Duration // until the answer began
	Unsent     bool          // the target never saw the request
	UnderWay   bool          // the run ended before the answer came
	carried    bool          // the request had the token of its principal
	Leaks      []Leak

	// What the run notes of an answer before it drops the body.
	ID            string         // of the subject of the answer
	Version       string         // of the envelope
	SecretMembers []SecretMember // the members of a success with the name of a secret
	Items         []*Item        // of a list; without those that others had before the run; nil if the answer has no list

	Whole    bool     // no member is dropped: its check compares the whole answer
	Dropped  bool     // the decoded body is no longer kept
	weight   int64    // of the decoded body, if kept
	releases []func() // release the room of the answer
}

// Forget resets the exchange to one that has not been sent.
func (e *Exchange) Forget() {
	e.releaseRoom()
	e.Status, e.Header, e.Body, e.Value, e.NotJSON, e.Failure, e.Leaks = 0, nil, nil, nil, nil, nil, nil
	e.BrokeOff, e.Unsent, e.UnderWay, e.Cut, e.Misfit = false, false, false, 0, false
}

// Leak is a secret seen in an answer, and the part of the answer with it.
type Leak struct {
	leak.Sighting
	Place string
}

// Success tells whether the answer is a 2xx that can be judged.
func (e *Exchange) Success() bool { return e.Failure == nil && e.IsDone() }

// IsDone tells whether the target did what was asked, even if its answer cannot be judged.
func (e *Exchange) IsDone() bool { return e.Status >= 200 && e.Status < 300 }

// Refused tells whether the answer has one of the statuses, or any 4xx if none is given.
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

// Subject returns the id of the thing that the exchange is about: the one in its path, or in the answer of a create.
func (e *Exchange) Subject() string {
	if value, matches := pathtemplate.Match(e.Template, e.Path); matches && value != "" && !e.IsCreate() {
		return value
	}
	return e.ID
}

// IsCreate tells whether the request creates something that the document describes.
func (e *Exchange) IsCreate() bool { return e.Operation != nil && e.Operation.Action == "create" }

// decode decodes the body as one JSON value, with numbers as they are written.
func (e *Exchange) decode() {
	if e.Value, e.NotJSON = jsonvalue.Decode(e.Body); e.Misfit && e.NotJSON == nil {
		e.NotJSON = fmt.Errorf("its Content-Length says %d more bytes than came, twice", e.Cut)
	}
}

// Decoded returns the decoded body. It ends the check if there is none to judge.
func (e *Exchange) Decoded() any {
	switch {
	case e.Failure != nil:
		panic(Unjudgeable{foreign.Say("%v", e.Failure)})
	case e.Dropped:
		panic(Unjudgeable{foreign.Say("the answer to %s %s is no longer kept, for it was too large", foreign.Own(e.Method),
			foreign.Own(e.Template))})
	}
	return e.Value
}

// Payload returns the payload object of the answer, or nil.
func (e *Exchange) Payload() map[string]any {
	payload, _ := jsonvalue.Member(e.Decoded(), "payload").(map[string]any)
	return payload
}

// Where names the request, the status and a place in the answer, such as a JSON pointer.
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

// Item is what a list shows of one thing.
type Item struct {
	ID, Name string
	Link     *string // the id of the credential that a destination uses, or ""; nil if the list does not show it
}

// SecretMember is a member of an answer with the name of a secret.
type SecretMember struct {
	Name, Pointer, Shown string
	More                 int // how many more of the name the answer has
}

// Seen describes the member for a finding, with the number of further ones.
func (m SecretMember) Seen() string {
	if m.More == 0 {
		return m.Shown
	}
	return m.Shown + ", and " + strconv.Itoa(m.More) + " more in the answer"
}
