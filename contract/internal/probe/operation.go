package probe

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// NameOf returns the name of an operation in an id: its action, with the resource before it unless that is the credential.
func NameOf(operation *credmock.Operation) string {
	if operation.Resource == "credential" {
		return operation.Action
	}
	return operation.Resource + "-" + operation.Action
}

// Enveloped returns the operations with enveloped answers.
func Enveloped(spec *credmock.Spec) []*credmock.Operation {
	return slices.DeleteFunc(slices.Clone(spec.Operations), func(o *credmock.Operation) bool { return o.Resource == "token" })
}

// NeedsOf returns the capabilities without which the operation cannot be called.
func NeedsOf(operation *credmock.Operation) []Capability {
	switch operation.Resource {
	case "destination":
		return []Capability{CapabilityDestinations}
	case "environment":
		return []Capability{CapabilityEnvironments}
	}
	return nil
}

// Actions are the actions on credentials, in the order of a credential's life.
var Actions = []string{"create", "get", "list", "update", "delete"}

// Route is a request that the document does not describe: another method, another path, or a body where none belongs.
type Route struct {
	Method    string
	Template  string // the path below the base, with at most one parameter
	ID        string // the value of the parameter
	RawID     string // instead of ID: the escaped value as it stands in the path
	Query     string
	Body      []byte
	MediaType string
	Principal wire.Principal
	Resource  string // what an answer with a new id has created; may be empty
	Edit      func(*http.Request)
}

// TryRoute sends the request and returns the exchange, which may have failed. What it creates is deleted at the end of the check.
func (p *Probe) TryRoute(r Route) *wire.Exchange {
	return p.pastGateway(func() *wire.Exchange { return p.tryRouteOnce(r) })
}

func (p *Probe) tryRouteOnce(r Route) *wire.Exchange {
	if !p.Hidden.IsEmpty() && strings.Contains(r.Template, "{") {
		p.Abandon("%s", p.Hidden)
	}
	p.turn++
	e := &wire.Exchange{
		Method: r.Method, Template: r.Template, Path: pathtemplate.Fill(r.Template, r.ID), Turn: p.turn, Edited: r.Edit != nil || r.Query != "",
		Principal: cmp.Or(r.Principal, wire.Engineer), Sent: r.Body, MediaType: r.MediaType,
	}
	if r.RawID != "" {
		e.Path = pathtemplate.Insert(r.Template, r.RawID)
	}
	p.waitForWrite()
	p.Send(p.ctx, e, p.Scope, func(request *http.Request) {
		if r.Query != "" {
			request.URL.RawQuery = r.Query
		}
		if r.Edit != nil {
			r.Edit(request)
		}
	})
	p.noteWrite(e)
	if e.IsDone() && e.ID != "" && e.ID != r.ID && r.Resource != "" && !p.ledger.Has(r.Resource, e.ID) {
		p.ledger.Add(leftover.Thing{Resource: r.Resource, ID: e.ID, Scope: p.Scope})
	}
	return e
}

// together is what several checks judge.
type together[T any] struct {
	made    T
	trouble foreign.Mixed
}

// Once returns what send returns. It is called once in a run, with a probe of its own, whose scope is the name. What it creates is there
// until the end of the run, unless it deletes it.
func Once[T any](p *Probe, name string, send func(*Probe) T) T {
	p.noteAsker(name)
	first, _ := p.shared.LoadOrStore(name, sync.OnceValue(func() together[T] {
		inner, made := p.probeShared(name), together[T]{}
		made.trouble = inner.Guard(func() { made.made = send(inner) })
		return made
	}))
	made := first.(func() together[T])()
	if !made.trouble.IsEmpty() {
		p.Trouble = made.trouble
		panic(stop{})
	}
	return made.made
}

// askers are the scopes of the probes that called [Once], by its name: of several the first in order, whatever the run's own order.
type askers struct {
	mutex sync.Mutex
	first map[string]string
}

func (p *Probe) noteAsker(name string) {
	p.askers.mutex.Lock()
	defer p.askers.mutex.Unlock()
	if first, asked := p.askers.first[name]; !asked || p.Scope < first {
		p.askers.first[name] = p.Scope
	}
}

// askedBy returns the id of a check that needs the requests of a scope, or "".
func (s *Session) askedBy(scope string) string {
	s.askers.mutex.Lock()
	defer s.askers.mutex.Unlock()
	for scope != "" && !s.Planned[scope] {
		scope = s.askers.first[scope]
	}
	return scope
}

// IsOwnID tells whether the run has created a thing with the id.
func (p *Probe) IsOwnID(resource, id string) bool { return p.ledger.Has(resource, id) }

// GoneStatuses are the statuses that say that there is nothing, or nothing for the caller (docs/contract.md#statuses).
var GoneStatuses = []int{404, 403}

// IsOwn tells whether an answer shows the journey's credential, and not a later one with a reused id.
func (p *Probe) IsOwn(j *Journey, e *wire.Exchange) bool {
	name := p.RoleName(credmock.RoleName)
	return jsonvalue.Same(p.CredentialIn(e)[name], j.Changed[name]) || jsonvalue.Same(p.CredentialIn(e)[name], j.Sent[name]) ||
		jsonvalue.IsMissing(p.CredentialIn(e), name)
}

// UnknownID returns the id of a credential that this run has deleted, the same for all checks. A made-up id could be refused for its
// form, or belong to somebody.
func (p *Probe) UnknownID() string {
	if p.Serial { // it could be given again
		return p.GoneID()
	}
	return Once(p, "gone", (*Probe).GoneID)
}

// Standing returns a credential with every field that checks only read.
func (p *Probe) Standing(strategy *credmock.Strategy) *Credential {
	return Once(p, "standing/"+strategy.Name, func(q *Probe) *Credential { return q.MustCreate(strategy, q.Full(strategy)) })
}

// Visit is a credential in another environment, and the list of that before it was created, with it, and after it was deleted. Without
// an id it was refused.
type Visit struct {
	Made                *Credential
	Before, With, After *wire.Exchange
}

// Visit creates a credential in another environment, with the name of one in the environment of the run, and deletes it. A run does so
// once for each.
func (p *Probe) Visit(environment string) Visit {
	standard := DefaultStrategy(p.Spec)
	here := p.Standing(standard)
	return Once(p, "visit/"+environment, func(q *Probe) Visit {
		v := Visit{Made: &Credential{Strategy: standard}, Before: q.ListOf(environment)}
		body := With(q.Minimal(standard), map[string]any{q.RoleName(credmock.RoleEnvironment): environment})
		namesake := map[string]any{q.RoleName(credmock.RoleName): here.Sent[q.RoleName(credmock.RoleName)]}
		if v.Made.Answer = q.Create(standard, With(body, namesake)); v.Made.Answer.Refused() { // a name may be one thing's alone
			v.Made.Answer = q.Create(standard, body)
		}
		if v.Made.ID = v.Made.Answer.ID; !v.Made.Answer.Success() || v.Made.ID == "" {
			v.Made.ID = ""
			return v
		}
		list := func(fine func(*wire.Exchange) bool) *wire.Exchange {
			return q.Eventually(func() *wire.Exchange { return q.ListOf(environment) }, fine)
		}
		if environment == q.Second {
			v.With = list(func(e *wire.Exchange) bool { return q.Listed(e, v.Made.ID) != nil })
		}
		q.Remove(v.Made.ID)
		v.After = list(func(e *wire.Exchange) bool { return e.Success() && q.Listed(e, v.Made.ID) == nil })
		return v
	})
}

// GoneID creates a credential, deletes it, and returns its id.
func (p *Probe) GoneID() string {
	strategy := DefaultStrategy(p.Spec)
	id := p.MustCreate(strategy, p.Minimal(strategy)).ID
	p.Remove(id)
	p.Eventually(func() *wire.Exchange { return p.Get(id) }, func(e *wire.Exchange) bool { return !e.Success() })
	return id
}

// UnknownEnvironment returns an id that no environment has: one of the same form, or a longer one if the form leaves too few ids.
func (p *Probe) UnknownEnvironment() string {
	unknown := []byte(p.Environment)
	for i, digit := range unknown {
		if digit >= '0' && digit <= '9' {
			unknown[i] = '0' + (digit-'0'+7)%10
		}
	}
	if len(unknown) < 16 || string(unknown) == p.Environment {
		return p.Environment + "0000000"
	}
	return string(unknown)
}
