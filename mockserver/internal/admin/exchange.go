package admin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// Exchange is an exchange as the admin surface shows it.
type Exchange struct {
	ID        int64               `json:"id"`
	Time      string              `json:"time"`
	Session   string              `json:"session,omitzero"`
	Left      string              `json:"leftSession,omitzero"` // session that a client with this address and User-Agent used before
	Operation string              `json:"operation,omitzero"`   // operation id; omitted for an unknown operation
	Method    string              `json:"method"`
	Template  string              `json:"template,omitzero"`
	Path      string              `json:"path"`
	Caller    string              `json:"caller,omitzero"` // engineer, viewer or other, as the options define them
	Status    int                 `json:"status"`
	Duration  int64               `json:"durationMicroseconds"`
	Injected  string              `json:"injected,omitzero"` // the injected fault
	Repeats   int64               `json:"repeats,omitzero"`  // id of the latest earlier exchange with the same method, path, query and body
	Faults    []journal.Violation `json:"faults"`
	Request   Message             `json:"request"`
	Response  Message             `json:"response"`
}

// Message is the request or the response of an exchange. The body is omitted if there is none or it is not kept; its length is
// always given.
type Message struct {
	Headers map[string]string `json:"headers"`
	Body    jsontext.Value    `json:"body,omitzero"`
	Bytes   int               `json:"bytes"`
}

// Show returns an exchange as the admin surface shows it.
func Show(s *session.Session, e *journal.Exchange) Exchange {
	return Exchange{
		ID: e.ID, Time: e.Started.UTC().Format(time.RFC3339Nano), Session: e.Session, Left: e.Left, Operation: e.At.ID, Method: e.Method,
		Template: e.At.Template(), Path: e.Path(), Caller: e.Caller.Name, Status: e.Status, Duration: e.Took.Microseconds(),
		Injected: e.Injected, Repeats: s.Journal.Repeated(e), Faults: e.Answer.Violations,
		Request:  Message{Headers: e.Sent.Headers(), Body: shownBody(e.Body), Bytes: e.Length},
		Response: Message{Headers: headersOf(s, e), Body: shownBody(e.Answer.Body), Bytes: e.Answer.Length},
	}
}

// shownBody returns a body as JSON, or nil if it is empty.
func shownBody(body []byte) jsontext.Value {
	if value := jsontext.Value(body); value.IsValid(jsontext.AllowDuplicateNames(true)) {
		return value
	}
	return nil
}

// headersOf returns the response headers.
func headersOf(s *session.Session, e *journal.Exchange) map[string]string {
	header := http.Header{}
	serve.Head(header, e.Base, &serve.Reply{
		Status: e.Status, Location: e.Answer.Location, Allow: e.Answer.Allow, MediaType: e.Answer.MediaType,
		Injected: e.Answer.Injected, RetryAfter: e.Answer.RetryAfter,
	})
	headers := map[string]string{}
	for name, values := range header {
		headers[name] = strings.Join(values, ", ")
	}
	return headers
}

// Sorted returns the headers in order of name.
func (m Message) Sorted() []Header {
	var list []Header
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		list = append(list, Header{name, foreign.Text(m.Headers[name]).String()})
	}
	return list
}

// BodyNote explains why the body is not shown; empty if it is shown.
func (m Message) BodyNote() string {
	switch {
	case len(m.Body) > 0:
		return ""
	case m.Bytes == 0:
		return "no body"
	}
	return fmt.Sprintf("a body of %d bytes that is not kept", m.Bytes)
}

// Header is a header in the list on the page.
type Header struct{ Name, Value string }
