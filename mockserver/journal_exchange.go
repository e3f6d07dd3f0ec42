package mockserver

import (
	"net/url"
	"strings"
	"time"
	"unsafe"
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

// template returns the path as the document has it.
func (e *endpoint) template() string { return e.prefix + e.path }

// caller is what is kept of who asked.
type caller struct {
	name         string  // as a scenario file calls those of the options; empty for others
	organization float64 // its number
	known        bool
	engineer     bool
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

type shownFault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer,omitzero"`
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

// mostShownFaults is how many faults of one answer are kept.
const mostShownFaults = 64

func (e *exchange) title() string {
	if e.at.id == "" {
		return e.method + " " + e.at.path
	}
	return e.at.id
}

// asksForFault tells whether the request itself asked for what went wrong.
func (e *exchange) asksForFault() bool {
	asked, _ := preferred([]string{e.sent.prefers})
	return asked != nil
}

// mostRemembered is the size in bytes up to which a body is kept in the journal; of a larger one its length is.
const mostRemembered = 32 << 10
