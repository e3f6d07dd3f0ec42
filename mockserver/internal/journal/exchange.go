package journal

import (
	"time"
	"unsafe"

	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/faults"
)

// Exchange is what is kept of one request and its answer: nothing secret, and nothing that cannot be told from a secret. It
// refers to nothing that is larger than itself: no record, no document, no part of the request.
type Exchange struct {
	ID      int64
	Started time.Time
	Took    time.Duration
	Session string

	At        Endpoint
	Method    string
	Parameter string // the value of the path's parameter; empty where it may not be kept
	Query     bool   // there was a query; it is not kept
	Target    string // the resource that the path names, where there is one
	Caller    Caller
	Sent      Sent
	Body      []byte // censored JSON; nil where there was none or it is not kept
	Length    int    // of the body that was sent, in bytes

	Status   int
	Answer   Answered
	Injected string // the fault that was asked for; empty for none
}

// Endpoint is what the document says of a path; it is empty where the path is not the document's.
type Endpoint struct{ ID, Prefix, Path, Resource, MediaType string }

// ResourceToken is the resource of the token endpoint.
const ResourceToken = "token"

// Template returns the path as the document has it.
func (e *Endpoint) Template() string { return e.Prefix + e.Path }

// Caller is what is kept of who asked.
type Caller struct {
	Name         string  // as a scenario file calls those of the options; empty for others
	Organization float64 // its number
	Known        bool
	Engineer     bool
}

// Sent are the headers of a request that are kept.
type Sent struct {
	Authorized                                 bool // there was an Authorization header
	Accept, ContentType, Agent, Origin, Prefer string
}

// Answered is what is kept of an answer.
type Answered struct {
	Location, Allow, MediaType, Injected string
	RetryAfter                           int
	Violations                           []Violation
	Body                                 []byte // censored; nil where it is not kept
	Length                               int    // in bytes
	One                                  bool   // it shows one record
	Member                               string // of the payload, which holds that; empty where it is the payload
}

// size returns how many bytes of memory an exchange holds.
func (e *Exchange) size() int {
	size := int(unsafe.Sizeof(*e)) + cap(e.Body) + cap(e.Answer.Body) + cap(e.Answer.Violations)*int(unsafe.Sizeof(Violation{}))
	for _, fault := range e.Answer.Violations {
		size += len(fault.Code) + len(fault.Message) + len(fault.Pointer)
	}
	return size + len(e.Parameter) + len(e.Sent.Accept) + len(e.Sent.ContentType) + len(e.Sent.Agent) + len(e.Sent.Origin) + len(e.Sent.Prefer) +
		len(e.Answer.Location) + len(e.Injected)
}

// fewFaults is how many faults are kept where there is no room.
const minViolations = 4

// bare returns the exchange without its bodies and all but the first of its faults.
func (e *Exchange) bare() *Exchange {
	bare := *e
	bare.Body, bare.Answer.Body = nil, nil
	if len(e.Answer.Violations) > minViolations {
		bare.Answer.Violations = append(make([]Violation, 0, minViolations), e.Answer.Violations[:minViolations]...)
	}
	return &bare
}

// ShownFault is one reason why a request was refused.
type Violation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer,omitzero"`
}

// Path returns the path within the session as far as it is known; what is not keeps the template's name for it.
func (e *Exchange) Path() string {
	path := e.At.Template()
	if e.Parameter != "" {
		path = pathtemplate.Fill(path, e.Parameter)
	}
	if path == "" {
		path = "/" + string(censor.MaskText)
	}
	if e.Query {
		path += "?" + string(censor.MaskText)
	}
	return path
}

// Headers returns what is kept of the headers of a request.
func (s Sent) Headers() map[string]string {
	headers := map[string]string{}
	for name, value := range map[string]string{
		"Accept": s.Accept, "Content-Type": s.ContentType, "User-Agent": s.Agent, "Origin": s.Origin, "Prefer": s.Prefer,
	} {
		if value != "" {
			headers[name] = value
		}
	}
	if s.Authorized {
		headers["Authorization"] = string(censor.MaskText)
	}
	return headers
}

// MostShownFaults is how many faults of one answer are kept.
const MaxViolations = 64

// Title returns what a scenario file calls the exchange.
func (e *Exchange) Title() string {
	if e.At.ID == "" {
		return e.Method + " " + e.At.Path
	}
	return e.At.ID
}

// AsksForFault tells whether the request itself asked for what went wrong.
func (e *Exchange) RequestsFault() bool {
	asked, _ := faults.ParsePrefer([]string{e.Sent.Prefer})
	return asked != nil
}

// MostRemembered is the size in bytes up to which a body is kept in the journal; of a larger one its length is.
const MaxBody = 32 << 10
