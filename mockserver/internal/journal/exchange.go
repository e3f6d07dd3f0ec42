package journal

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/faults"
)

// Exchange is the record of a request and its answer, without secrets or texts that may be secrets. It refers to no
// record, no document and no memory of the request, so that they can be freed.
type Exchange struct {
	ID      int64
	Started time.Time
	Took    time.Duration
	Session string
	Left    string // session that the same client used before, if the exchange is in none; may be empty
	Base    string // part of the path that names the session; empty if the port or a header names it

	At        Endpoint
	Method    string
	Unknown   string // path that the document does not have, with masks; empty if it has the path
	Parameter string // value of the path's parameter; empty if it may not be recorded
	Query     bool   // the request had a query, which is not recorded
	Target    string // resource named in the path, if any
	Caller    Caller
	Sent      Sent
	Body      []byte // masked JSON; nil if there was none or it is not recorded
	Length    int    // length of the request body in bytes
	Digest    uint64 // equal for requests with the same method, path, query and body; 0 if unknown

	Status   int
	Answer   Answered
	Injected string // describes the injected fault; empty for none
}

// Endpoint is the document's description of a path. It is zero if the path is not in the document.
type Endpoint struct{ ID, Prefix, Path, Resource, MediaType string }

// ResourceToken is the resource of the token endpoint.
const ResourceToken = "token"

// Template returns the document's path.
func (e *Endpoint) Template() string { return e.Prefix + e.Path }

// Caller is the recorded part of a principal.
type Caller struct {
	Name         string  // name in scenario files; empty if it has none
	Organization float64 // number of the organization
	Known        bool
	Engineer     bool
}

// Sent are the recorded headers of a request.
type Sent struct {
	Authorized                                 bool // the request had an Authorization header
	Accept, ContentType, Agent, Origin, Prefer string
}

// Answered is the recorded part of an answer.
type Answered struct {
	Location, Allow, MediaType, Injected string
	RetryAfter                           int
	Violations                           []Violation
	Body                                 []byte // masked; nil if it is not recorded
	Shared                               any    // the body's owner, which must stay as long; may be nil
	Length                               int    // in bytes
	One                                  bool   // the answer shows one record
	Member                               string // member of the payload that holds the record; empty if the payload is the record
}

// size returns the memory of an exchange in bytes.
func (e *Exchange) size() int {
	size := int(unsafe.Sizeof(*e)) + cap(e.Body) + cap(e.Answer.Body) + cap(e.Answer.Violations)*int(unsafe.Sizeof(Violation{}))
	for _, fault := range e.Answer.Violations {
		size += len(fault.Code) + len(fault.Message) + len(fault.Pointer)
	}
	return size + len(e.Parameter) + len(e.Unknown) + len(e.Sent.Accept) + len(e.Sent.ContentType) + len(e.Sent.Agent) + len(e.Sent.Origin) +
		len(e.Sent.Prefer) +
		len(e.Answer.Location) + len(e.Injected)
}

// minViolations is the number of violations that remain in an exchange without bodies.
const minViolations = 4

// bare returns a copy of the exchange without bodies and with at most minViolations violations.
func (e *Exchange) bare() *Exchange {
	bare := *e
	bare.Body, bare.Answer.Body, bare.Answer.Shared = nil, nil, nil
	if len(e.Answer.Violations) > minViolations {
		bare.Answer.Violations = append(make([]Violation, 0, minViolations), e.Answer.Violations[:minViolations]...)
	}
	return &bare
}

// Violation is a reason why a request was refused.
type Violation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer,omitzero"`
}

// Path returns the path within the session. A parameter that is not recorded keeps the template's name.
func (e *Exchange) Path() string {
	path := e.At.Template()
	if e.Parameter != "" {
		path = pathtemplate.Fill(path, e.Parameter)
	}
	if path == "" {
		path = cmp.Or(e.Unknown, "/"+string(censor.MaskText))
	}
	if e.Query {
		path += "?" + string(censor.MaskText)
	}
	return path
}

// Contains reports whether the recorded path, bodies, headers or violations contain a text.
func (e *Exchange) Contains(text string) bool {
	in := []string{e.Path(), string(e.Body), string(e.Answer.Body), e.Injected, e.Sent.Accept, e.Sent.ContentType, e.Sent.Agent,
		e.Sent.Origin, e.Sent.Prefer}
	for _, one := range e.Answer.Violations {
		in = append(in, one.Code, one.Message, one.Pointer)
	}
	return slices.ContainsFunc(in, func(one string) bool { return strings.Contains(one, text) })
}

// Headers returns the recorded headers of a request by name. It masks the Authorization header.
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

// MaxViolations is the number of violations of an answer that are recorded.
const MaxViolations = 64

// Title returns the name of the exchange in scenario files.
func (e *Exchange) Title() string {
	if e.At.ID == "" {
		return e.Method + " " + e.At.Path
	}
	return e.At.ID
}

// RequestsFault reports whether the request itself asked for a fault.
func (e *Exchange) RequestsFault() bool {
	asked, _ := faults.ParsePrefer([]string{e.Sent.Prefer})
	return asked != nil
}

// MaxBody is the largest size in bytes of a recorded body. Of a larger one only the length is recorded.
const MaxBody = 32 << 10
