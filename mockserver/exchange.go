package mockserver

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/view"
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

type shownFault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer,omitzero"`
}

// shownMessage is one half of an exchange. The body is left out where there was none or it is not kept; its length is told
// in any case.
type shownMessage struct {
	Headers map[string]string `json:"headers"`
	Body    jsontext.Value    `json:"body,omitzero"`
	Bytes   int               `json:"bytes"`
}

func (s *Server) show(e *exchange) shownExchange {
	shown := shownExchange{
		ID: e.id, Time: e.started.UTC().Format(time.RFC3339Nano), Session: e.session, Operation: e.route.id(), Method: e.method,
		Template: e.route.template(), Path: e.path(), Caller: e.caller.name, Status: e.status, Duration: e.took.Microseconds(),
		Injected: e.injected, Faults: make([]shownFault, len(e.answer.faults)),
		Request:  shownMessage{Headers: e.sent.headers(), Bytes: e.length},
		Response: shownMessage{Headers: s.headersOf(e.answer), Bytes: e.answered},
	}
	for i, fault := range e.answer.faults {
		shown.Faults[i] = shownFault{fault.Code, fault.Message, fault.Pointer}
	}
	if e.body != nil {
		shown.Request.Body = view.AppendValue(nil, e.body)
	}
	if e.answered <= mostRemembered && e.answered > 0 {
		shown.Response.Body = s.encode(nil, &call{route: e.route}, e.answer)
	}
	return shown
}

// path returns the path within the session as far as it is known; what is not keeps the template's name for it.
func (e *exchange) path() string {
	path := e.route.template()
	before, rest, found := strings.Cut(path, "{")
	if _, after, closed := strings.Cut(rest, "}"); found && closed && e.named != "" {
		path = before + url.PathEscape(e.named) + after
	}
	if path == "" {
		path = "/" + string(withheldText)
	}
	if e.query {
		path += "?" + string(withheldText)
	}
	return path
}

// headers returns what is kept of the headers of a request.
func (s sent) headers() map[string]string {
	headers := map[string]string{}
	for name, value := range map[string]string{
		"Accept": s.accept, "Content-Type": s.contentType, "User-Agent": s.agent, "Origin": s.origin, "Prefer": s.prefers,
	} {
		if value != "" {
			headers[name] = value
		}
	}
	if s.authorized {
		headers["Authorization"] = string(withheldText)
	}
	return headers
}

func (s *Server) headersOf(answer *reply) map[string]string {
	header := http.Header{}
	s.head(header, answer)
	headers := map[string]string{}
	for name, values := range header {
		headers[name] = strings.Join(values, ", ")
	}
	return headers
}
