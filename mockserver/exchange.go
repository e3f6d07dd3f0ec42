package mockserver

import (
	"fmt"
	"maps"
	"slices"

	"github.com/credmock/credmock/internal/foreign"

	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// shownExchange is an exchange as the mock's own surface shows it.
type shownExchange struct {
	ID        int64        `json:"id"`
	Time      string       `json:"time"`
	Session   string       `json:"session,omitzero"`
	Operation string       `json:"operation,omitzero"` // the document's id; left out where the document has no such operation
	Method    string       `json:"method"`
	Template  string       `json:"template,omitzero"`
	Path      string       `json:"path"`
	Caller    string       `json:"caller,omitzero"` // engineer, viewer or other, as the options have them
	Status    int          `json:"status"`
	Duration  int64        `json:"durationMicroseconds"`
	Injected  string       `json:"injected,omitzero"` // the fault that was asked for
	Faults    []shownFault `json:"faults"`
	Request   shownMessage `json:"request"`
	Response  shownMessage `json:"response"`
}

// shownMessage is one half of an exchange. The body is left out where there was none or it is not kept; its length is told
// in any case.
type shownMessage struct {
	Headers map[string]string `json:"headers"`
	Body    jsontext.Value    `json:"body,omitzero"`
	Bytes   int               `json:"bytes"`
}

func show(s *session, e *exchange) shownExchange {
	return shownExchange{
		ID: e.id, Time: e.started.UTC().Format(time.RFC3339Nano), Session: e.session, Operation: e.at.id, Method: e.method,
		Template: e.at.template(), Path: e.path(), Caller: e.caller.name, Status: e.status, Duration: e.took.Microseconds(),
		Injected: e.injected, Faults: e.answer.faults,
		Request:  shownMessage{Headers: e.sent.headers(), Body: shownBody(e.body), Bytes: e.length},
		Response: shownMessage{Headers: headersOf(s, e), Body: shownBody(e.answer.body), Bytes: e.answer.length},
	}
}

// shownBody returns a body as it may stand in JSON; nil for what is none.
func shownBody(body []byte) jsontext.Value {
	if value := jsontext.Value(body); value.IsValid(jsontext.AllowDuplicateNames(true)) {
		return value
	}
	return nil
}

// headersOf returns the headers of an answer.
func headersOf(s *session, e *exchange) map[string]string {
	header := http.Header{}
	head(header, s.base, &reply{
		status: e.status, location: e.answer.location, allow: e.answer.allow, mediaType: e.answer.mediaType,
		injected: e.answer.injected, retryAfter: e.answer.retryAfter,
	})
	headers := map[string]string{}
	for name, values := range header {
		headers[name] = strings.Join(values, ", ")
	}
	return headers
}

// Sorted lists the headers of one half of an exchange.
func (m shownMessage) Sorted() []uiHeader {
	var list []uiHeader
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		list = append(list, uiHeader{name, foreign.Text(m.Headers[name]).String()})
	}
	return list
}

// Told says what became of a body that is not shown; empty where it is shown.
func (m shownMessage) Told() string {
	switch {
	case len(m.Body) > 0:
		return ""
	case m.Bytes == 0:
		return "no body"
	}
	return fmt.Sprintf("a body of %d bytes that is not kept", m.Bytes)
}

// uiHeader is a header as the page lists it.
type uiHeader struct{ Name, Value string }
