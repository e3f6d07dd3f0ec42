package mockserver

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// exchange is what is kept of one request and its answer: nothing secret, and nothing that cannot be told from a secret. It
// refers to nothing that is larger than itself: no record, no document, no part of the request.
type exchange struct {
	id      int64
	started time.Time
	took    time.Duration
	session string

	at     endpoint
	method string
	named  string // the value of the path's parameter; empty where it may not be kept
	query  bool   // there was a query; it is not kept
	target string // the resource that the path names, where there is one
	caller caller
	sent   sent
	body   []byte // censored JSON; nil where there was none or it is not kept
	length int    // of the body that was sent, in bytes

	status   int
	answer   answered
	injected string // the fault that was asked for; empty for none
}

// endpoint is what the document says of a path; it is empty where the path is not the document's.
type endpoint struct{ id, prefix, path, resource, mediaType string }

// resourceToken is the resource of the token endpoint.
const resourceToken = "token"

// endpoint returns what is kept of a route.
func (r *route) endpoint() endpoint {
	if r == nil {
		return endpoint{}
	}
	return endpoint{r.ID, r.Prefix, r.Path, r.Resource, r.MediaType}
}

// template returns the path as the document has it.
func (e *endpoint) template() string { return e.prefix + e.path }

// caller is what is kept of who asked.
type caller struct {
	name         string  // as a scenario file calls those of the options; empty for others
	organization float64 // its number
	known        bool
	engineer     bool
}

// caller returns what is kept of a principal.
func (p *principal) caller() caller {
	if !p.known {
		return caller{}
	}
	return caller{p.name, p.organization, true, p.engineer}
}

// sent are the headers of a request that are kept.
type sent struct {
	authorized                                  bool // there was an Authorization header
	accept, contentType, agent, origin, prefers string
}

// answered is what is kept of an answer.
type answered struct {
	location, allow, mediaType, injected string
	retryAfter                           int
	faults                               []shownFault
	body                                 []byte // censored; nil where it is not kept
	length                               int    // in bytes
	one                                  bool   // it shows one record
	member                               string // of the payload, which holds that; empty where it is the payload
}

// size returns how many bytes of memory an exchange holds.
func (e *exchange) size() int {
	size := int(unsafe.Sizeof(*e)) + cap(e.body) + cap(e.answer.body) + cap(e.answer.faults)*int(unsafe.Sizeof(shownFault{}))
	for _, fault := range e.answer.faults {
		size += len(fault.Code) + len(fault.Message) + len(fault.Pointer)
	}
	return size + len(e.named) + len(e.sent.accept) + len(e.sent.contentType) + len(e.sent.agent) + len(e.sent.origin) + len(e.sent.prefers) +
		len(e.answer.location) + len(e.injected)
}

// fewFaults is how many faults are kept where there is no room.
const fewFaults = 4

// bare returns the exchange without its bodies and all but the first of its faults.
func (e *exchange) bare() *exchange {
	bare := *e
	bare.body, bare.answer.body = nil, nil
	if len(e.answer.faults) > fewFaults {
		bare.answer.faults = append(make([]shownFault, 0, fewFaults), e.answer.faults[:fewFaults]...)
	}
	return &bare
}

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

func (s *session) show(e *exchange) shownExchange {
	return shownExchange{
		ID: e.id, Time: e.started.UTC().Format(time.RFC3339Nano), Session: e.session, Operation: e.at.id, Method: e.method,
		Template: e.at.template(), Path: e.path(), Caller: e.caller.name, Status: e.status, Duration: e.took.Microseconds(),
		Injected: e.injected, Faults: e.answer.faults,
		Request:  shownMessage{Headers: e.sent.headers(), Body: shownBody(e.body), Bytes: e.length},
		Response: shownMessage{Headers: s.headersOf(e), Body: shownBody(e.answer.body), Bytes: e.answer.length},
	}
}

// shownBody returns a body as it may stand in JSON; nil for what is none.
func shownBody(body []byte) jsontext.Value {
	if value := jsontext.Value(body); value.IsValid(jsontext.AllowDuplicateNames(true)) {
		return value
	}
	return nil
}

// path returns the path within the session as far as it is known; what is not keeps the template's name for it.
func (e *exchange) path() string {
	path := e.at.template()
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

// headersOf returns the headers of an answer.
func (s *session) headersOf(e *exchange) map[string]string {
	header := http.Header{}
	s.head(header, &reply{
		status: e.status, location: e.answer.location, allow: e.answer.allow, mediaType: e.answer.mediaType,
		injected: e.answer.injected, retryAfter: e.answer.retryAfter,
	})
	headers := map[string]string{}
	for name, values := range header {
		headers[name] = strings.Join(values, ", ")
	}
	return headers
}

// mostShownFaults is how many faults of one answer are kept.
const mostShownFaults = 64

// keep returns what is kept of an answer, in memory that is shared with nothing.
func (r *reply) keep() answered {
	kept := answered{
		location: r.location, allow: r.allow, mediaType: r.mediaType, injected: r.injected, retryAfter: r.retryAfter,
		body: r.written, length: r.length, one: len(r.shown) == 1 && !r.many, member: r.member,
	}
	if len(r.faults) == 0 {
		return kept
	}
	kept.faults = make([]shownFault, 0, min(len(r.faults), mostShownFaults+1))
	for _, fault := range r.faults[:min(len(r.faults), mostShownFaults)] {
		kept.faults = append(kept.faults, shownFault{fault.Code, fault.Message, fault.Pointer})
	}
	if len(r.faults) > mostShownFaults {
		kept.faults = append(kept.faults, shownFault{Code: "more-faults", Message: "The answer has more faults, which are not kept."})
	}
	return kept
}
