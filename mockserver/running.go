package mockserver

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Put stores a credential and returns its id. The credential is a map or a struct with the members of a fixture: those of a
// create with its secrets, and optionally an id. A credential with the id of a stored one replaces it. Without an environment it
// belongs to the first one of the engineer's organization.
func (r *Running) Put(credential any) (id string) {
	r.test.Helper()
	id, err := r.put(credential)
	if err != nil {
		r.test.Fatalf("the credential is not stored: %v", err)
	}
	return id
}

func (r *Running) put(credential any) (id string, err error) {
	text, err := json.Marshal(credential)
	if err != nil { // its text may hold a value
		return "", fmt.Errorf("a %T is not encoded as JSON", credential)
	}
	values, violation := jsonbody.DecodeObject(text)
	if violation != nil {
		return "", fmt.Errorf("a %T is not encoded as a JSON object", credential)
	}
	by := r.Server.mock.Site.Load().Model
	made, violations := by.Item(r.session.Store, r.session, by.Kinds[store.ResourceCredential], values)
	if len(violations) > 0 {
		return "", errorOf(violations)
	}
	current := r.session.Store.Get(made.Resource, made.ID)
	if current != nil && current.Environment != made.Environment {
		return "", errors.New("a credential with this id is in another environment")
	}
	by.AddSecrets(made)
	return made.ID, r.session.Store.Put(current, made)
}

// errorOf returns an error with all violations of a value.
func errorOf(violations []view.Violation) error {
	texts := make([]string, 0, len(violations))
	for _, one := range violations {
		texts = append(texts, strings.TrimSpace(one.Pointer+" "+one.Message))
	}
	return errors.New(strings.Join(texts, "; "))
}

// Reset returns the mock to its start: records, ids and clock. It removes faults, issued tokens and the requests of the journal.
func (r *Running) Reset() { r.Server.sessions.Reset(r.session) }

// Advance moves the clock forward, or back if the duration is negative. Tokens of the token endpoint expire by this clock.
func (r *Running) Advance(by time.Duration) {
	r.test.Helper()
	if err := r.session.Clock.Set(session.ClockChange{By: by}); err != nil {
		r.test.Fatalf("the clock is not moved by %s: %v", by, err)
	}
}

// Fault describes a fault: the requests that get it, and the change to their answers.
type Fault struct {
	Operations   []string // operation ids of the document; empty for all
	Methods      []string // HTTP methods; empty for all
	Paths        []string // paths of the document, in which * can stand for one segment; empty for all
	Callers      []string // names of principals, or none for an unknown token; empty for all
	BodyContains string   // text in the body of the request; empty for any body
	After        int      // number of such requests before the first that gets it
	Times        int      // number of requests that get it; 0 for all
	Chance       float64  // of each such request to get it, by the seed of the mock; 0 for certainty

	Status       int // status that replaces the answer, from 200 to 599; 0 for the real answer
	Body         any // body with that status: a string is sent as it is, and any other value as JSON; nil for the default
	Headers      map[string]string
	RetryAfter   time.Duration // whole seconds of the header Retry-After; 0 for no header
	ExpiredToken bool          // the token counts as expired
	Delay        time.Duration // before the answer
	DelayMax     time.Duration // if set, the delay is a random time from Delay to DelayMax
	Breakage     string        // reset, truncated, slow or malformed; empty for none
	Mutant       string        // name in Options.Mutants of a broken server; empty for none
}

// Fault injects a fault until the returned function removes it.
func (r *Running) Fault(fault Fault) (remove func()) {
	r.test.Helper()
	plan := faults.Plan{
		Operations: fault.Operations, Methods: fault.Methods, Status: fault.Status, ExpiredToken: fault.ExpiredToken,
		RetryAfter: int(fault.RetryAfter / time.Second), Breakage: fault.Breakage, Mutant: fault.Mutant,
		Paths: fault.Paths, Callers: fault.Callers, BodyContains: fault.BodyContains, After: fault.After, Headers: fault.Headers,
	}
	if fault.Chance != 0 {
		plan.Chance = &fault.Chance
	}
	if fault.Body != nil {
		body, err := json.Marshal(fault.Body)
		if err != nil { // its text may hold a value
			r.test.Fatalf("the fault is not injected: a %T is not encoded as JSON", fault.Body)
		}
		plan.Body = body
	}
	if fault.Times != 0 {
		plan.Times = &fault.Times
	}
	if fault.Delay != 0 {
		plan.Delay = fault.Delay.String()
	}
	if fault.DelayMax != 0 {
		plan.DelayMax = fault.DelayMax.String()
	}
	if fault.RetryAfter%time.Second != 0 {
		r.test.Fatalf("the fault is not injected: RetryAfter must be whole seconds")
	}
	current := r.Server.mock.Site.Load().Model
	made, violations := current.ReadFault(&plan)
	if len(violations) > 0 {
		r.test.Fatalf("the fault is not injected: %v", errorOf(violations))
	}
	if err := r.Server.sessions.Inject(r.session, made, current.World()); err != nil {
		r.test.Fatalf("the fault is not injected: %v", err)
	}
	return func() { r.session.Faults.Remove(made.ID) }
}

// Request is an exchange of the journal. Secrets and tokens are masked.
type Request struct {
	ID        int64 // counts from 1
	Time      time.Time
	Operation string // operation id of the document; empty if the path is unknown
	Method    string
	Path      string // within the session
	Caller    string // name of the principal; empty if the token is unknown
	Header    http.Header
	Body      string // JSON; empty if there was none or it is not kept
	Status    int
	Answer    string // JSON; empty if there was none or it is not kept
	Fault     string // describes the injected fault; empty for none

	digest uint64
}

// IsRepeat reports whether a request has the same method, path, query and body as another one, byte for byte. It compares the
// secrets as well, which Body masks. It is false if a body was not read to its end.
func (r Request) IsRepeat(of Request) bool { return r.digest != 0 && r.digest == of.digest }

// Requests returns the requests that the journal keeps, oldest first: all of them, or those of some operations of the document.
// Of the requests to the mock's own surface the journal has those to the receiver of a destination, as receiveDelivery.
func (r *Running) Requests(operations ...string) []Request {
	r.test.Helper()
	known := serve.RecordedIDs(r.Server.mock.Site.Load().Model)
	for _, id := range operations {
		if !slices.Contains(known, id) {
			r.test.Fatalf("the document has no operation %q%s", id, cmp.Or(spelling.Hint(id, known), ""))
		}
	}
	ids, _, _ := r.session.Journal.Find(func(e *journal.Exchange) bool {
		return len(operations) == 0 || slices.Contains(operations, e.At.ID)
	})
	var list []Request
	for _, id := range ids {
		if kept, there := r.session.Journal.Get(id); there {
			list = append(list, requestOf(kept))
		}
	}
	return list
}

func requestOf(e *journal.Exchange) Request {
	header := http.Header{}
	for name, value := range e.Sent.Headers() {
		header.Set(name, value)
	}
	return Request{
		ID: e.ID, Time: e.Started, Operation: e.At.ID, Method: e.Method, Path: e.Path(), Caller: e.Caller.Name, Header: header,
		Body: string(e.Body), Status: e.Status, Answer: string(e.Answer.Body), Fault: e.Injected, digest: e.Digest,
	}
}
