package probe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/sample"
)

// Probe sends the requests of one check and collects its findings.
type Probe struct {
	*Session
	ctx      context.Context // bounds its requests
	Scope    string          // the id of its check, which has its own secrets and values
	Sample   *sample.Source
	Findings []report.Finding
	Shown    *wire.Exchange // the exchange of the first finding; may be nil
	Trouble  foreign.Mixed
	Skipped  foreign.Mixed
	Refused  []string  // names of credentials whose creation was refused
	wrote    time.Time // of its last write
	trials   []trial   // against fixtures
	missed   bool      // an answer could not be judged
	NoRetry  bool      // it does not wait for a write to show
	turn     int       // the number of requests sent
	Looked   bool      // something was judged; set by Fail and Pass
}

// stop is the panic that ends a check early. The probe knows why.
type stop struct{}

// Probe returns a probe for the check with an id.
func (s *Session) Probe(id string) *Probe { return s.probeWithin(s.Ctx, id) }

// ProbeAgain returns a probe for a check that is tried again. Its values are others, since the names of before may still be taken.
func (s *Session) ProbeAgain(id string) *Probe {
	p := s.Probe(id)
	p.Sample = s.source(fmt.Sprint(id, s.Requests.Load()))
	return p
}

// probeShared returns a probe for what several checks judge.
func (s *Session) probeShared(name string) *Probe {
	if s.sharedAnew {
		return s.ProbeAgain(name)
	}
	return s.Probe(name)
}

// probeWithin returns a probe whose requests end with ctx.
func (s *Session) probeWithin(ctx context.Context, id string) *Probe {
	return &Probe{Session: s, ctx: ctx, Scope: id, Sample: s.source(id)}
}

// Branch calls play with a copy of the probe that continues with values of another seed.
func (p *Probe) Branch(seed string, play func(*Probe)) {
	inner := &Probe{Session: p.Session, ctx: p.ctx, Scope: p.Scope, Sample: p.source(p.Scope + seed), turn: p.turn, wrote: p.wrote,
		NoRetry: p.NoRetry}
	defer func() { p.turn, p.wrote, p.Trouble, p.Skipped = inner.turn, inner.wrote, inner.Trouble, inner.Skipped }()
	play(inner)
}

// source returns sample values for a part of the run. They depend only on the part and the seed.
func (s *Session) source(part string) *sample.Source {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%d %s", s.Seed, part)
	return sample.New(int64(hash.Sum64() >> 1))
}

// Writer returns a writer for the exchanges of a check.
func (s *Session) Writer(scope string) *rerun.Writer {
	return &rerun.Writer{Setting: &s.Setting, Detector: s.Detector, Scope: scope}
}

// Fail adds a finding.
func (p *Probe) Fail(e *wire.Exchange, place, seen, owed string) {
	p.fail(e, place, report.Finding{Seen: seen, Owed: owed})
}

// fail adds a finding about a place in an answer.
func (p *Probe) fail(e *wire.Exchange, place string, finding report.Finding) {
	p.Looked = true
	finding.Seen, finding.Owed = foreign.Text(finding.Seen).Short(), foreign.Text(finding.Owed).Short()
	if e != nil {
		finding.Where = foreign.Text(e.Where(place)).Short()
	}
	if slices.ContainsFunc(p.Findings, finding.Alike) {
		return
	}
	if len(p.Findings) >= MaxFindings {
		p.Findings = report.CountUntold(p.Findings, finding.Owed)
		return
	}
	if e != nil {
		steps, last := p.Writer(p.Scope).Again(p.SoFar(), e)
		finding.Steps = steps
		finding.SetReproduce(last)
		finding.Answer = p.Writer(p.Scope).Excerpt(e)
	}
	if len(p.Findings) == 0 {
		p.Shown = e
	}
	p.Findings = append(p.Findings, finding)
}

// MaxFindings is the number of findings of one check that are reported.
const MaxFindings = 8

// Pass notes that something was judged and is fine. A check that judged nothing cannot pass.
func (p *Probe) Pass() { p.Looked = true }

// CanJudge tells whether an answer can be judged. If not, the check as a whole cannot be judged.
func (p *Probe) CanJudge(e *wire.Exchange) bool {
	if e.IsUnread() {
		p.Unjudged(e.Failure)
		return false
	}
	if gone := p.gone.Load(); gone != nil && isTurnedAway(e) {
		p.Unjudged(errors.New(gone.String()))
		return false
	}
	return true
}

// Unjudged notes why the check cannot be judged, and lets it go on: a finding still counts.
func (p *Probe) Unjudged(why error) {
	if p.Trouble.IsEmpty() {
		p.Trouble = foreign.Say("%v", why)
	}
}

// Abandon ends the check, which cannot be judged.
func (p *Probe) Abandon(format foreign.Own, arguments ...any) {
	p.Trouble = foreign.Say(format, arguments...).Short()
	panic(stop{})
}

// Skip ends the check, for the target does not offer what it needs.
func (p *Probe) Skip(format foreign.Own, arguments ...any) {
	p.Skipped = foreign.Say(format, arguments...)
	panic(stop{})
}

// Answered returns e, or ends the check if no answer came.
func (p *Probe) Answered(e *wire.Exchange) *wire.Exchange {
	if e.IsUnread() {
		p.missed = true
		p.Abandon("%v", e.Failure)
	}
	if e.Failure != nil {
		p.Abandon("%s %s got no answer: %v", foreign.Own(e.Method), foreign.Own(e.Template), e.Failure)
	}
	return e
}

// Request describes a request of a check.
type Request struct {
	Action    string // of the credential resource, unless Resource is set
	Resource  string
	ID        string // the value of the path's parameter
	Body      any
	Raw       []byte // instead of Body
	MediaType string
	Principal wire.Principal
	Edit      func(*http.Request)
	Turn      int  // its position among the check's requests; 0 for the next one
	whole     bool // no member of the answer is dropped
}

// Do sends the request and returns the answer. It ends the check if none came.
func (p *Probe) Do(r Request) *wire.Exchange {
	p.RequireVisible(r)
	return p.Answered(p.Try(r))
}

// operation returns the operation of a request, or nil.
func (p *Probe) operation(r Request) *credmock.Operation {
	return p.Spec.Operation(cmp.Or(r.Resource, "credential"), r.Action)
}

// longestRequest is longer than any request that the suite makes up itself.
const longestRequest = 4 * wire.Mebibyte

// Try sends the request and returns the exchange, which may have failed. It sends an update again that met another write of the same
// thing: a server may refuse the later one with 409, 412 or 423. It sends a request again whose answer broke off, or that a gateway did
// not pass on.
func (p *Probe) Try(r Request) *wire.Exchange {
	p.requireID(r)
	e := p.pastGateway(func() *wire.Exchange { return p.tryOnce(r) })
	together := r.Turn != 0 // the check itself judges requests that it sends at once
	if reads := e.Method == http.MethodGet; e.Cut > 0 && e.BrokeOff && (reads || !together) {
		// An answer whose length does not fit breaks off in the same way again. A write is not judged by another answer than that.
		if again := p.tryOnce(r); again.Misfit || reads {
			return again
		}
	}
	for range conflictRetries {
		if together || r.Action != "update" || !isConflict(e) || !wire.Sleep(p.ctx, conflictPause) {
			break
		}
		e = p.tryOnce(r)
	}
	return e
}

// isConflict reports whether a server refused a write because another one is under way.
func isConflict(e *wire.Exchange) bool {
	return e.Refused(http.StatusConflict, http.StatusPreconditionFailed, http.StatusLocked)
}

const (
	conflictRetries = 3
	conflictPause   = 20 * time.Millisecond
)

func (p *Probe) tryOnce(r Request) *wire.Exchange {
	operation := p.operation(r)
	if operation == nil {
		p.Abandon("the document has no operation that does %s to a %s", foreign.Own(r.Action), foreign.Own(cmp.Or(r.Resource, "credential")))
	}
	e := &wire.Exchange{
		Operation: operation, Method: operation.Method, Template: operation.Path,
		Path: pathtemplate.Fill(operation.Path, r.ID), Principal: r.Principal, Sent: r.Raw, MediaType: r.MediaType,
	}
	if e.Turn = r.Turn; e.Turn == 0 {
		p.turn++
		e.Turn = p.turn
	}
	e.Edited, e.Whole = r.Edit != nil, r.whole
	if e.Principal == "" {
		e.Principal = wire.Engineer
	}
	if r.Body != nil {
		e.Sent, _ = json.Marshal(r.Body) // maps of strings, numbers and booleans
	}
	if len(e.Sent) > longestRequest {
		p.Abandon("the answer of the target is too large to send back")
	}
	if e.MediaType == "" && e.Sent != nil {
		e.MediaType = operation.MediaType
	}
	if e.Together = r.Turn > 0; e.Together {
		p.Send(p.ctx, e, p.Scope, r.Edit)
		return e
	}
	p.waitForWrite()
	p.Send(p.ctx, e, p.Scope, r.Edit)
	p.noteWrite(e)
	return e
}

// SendTogether sends requests at the same time. Their bodies must be made before, since a probe's sample values are not safe for
// concurrent use.
func (p *Probe) SendTogether(requests []Request) []*wire.Exchange {
	for _, r := range requests {
		p.RequireVisible(r)
		p.requireID(r)
	}
	p.waitForWrite()
	answers := make([]*wire.Exchange, len(requests))
	var group sync.WaitGroup
	var early atomic.Value // a panic of one of them, which ends the check and not the program
	for i, r := range requests {
		p.turn++
		r.Turn = p.turn
		group.Go(func() {
			defer func() {
				if caught := recover(); caught != nil {
					early.CompareAndSwap(nil, &caught)
				}
			}()
			answers[i] = p.Try(r)
		})
	}
	group.Wait()
	if caught, isEarly := early.Load().(*any); isEarly {
		panic(*caught)
	}
	for _, e := range answers {
		p.noteWrite(e)
	}
	for _, e := range answers {
		p.Answered(e)
	}
	return answers
}

// WriteTogether is SendTogether for requests that nothing is judged by but their own answers: it sends an update again, by itself,
// that met another one of the same thing.
func (p *Probe) WriteTogether(requests []Request) []*wire.Exchange {
	answers := p.SendTogether(requests)
	for i, e := range answers {
		if requests[i].Action == "update" && isConflict(e) {
			answers[i] = p.Answered(p.Try(requests[i]))
		}
	}
	return answers
}

// Alone judges another check within this one, unless the run judges it anyway: both review its requests.
func (p *Probe) Alone(id string, judge func(*Probe)) {
	if p.Planned[id] {
		return
	}
	inner := p.Probe(id)
	p.Trouble = inner.Guard(func() { judge(inner) })
	inner.DeleteOwn()
	p.Release(id)
}

// retryPauses are the pauses between reads until a write shows. Eventual consistency is not judged.
var retryPauses = []time.Duration{0, 50 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond}

// Eventually reads until fine, and returns the last answer.
func (p *Probe) Eventually(read func() *wire.Exchange, fine func(*wire.Exchange) bool) *wire.Exchange {
	var last *wire.Exchange
	for i, pause := range retryPauses {
		if i > 0 && (p.NoRetry || p.lateWrites.Load() > maxLateWrites) {
			break
		}
		select {
		case <-time.After(pause):
		case <-p.ctx.Done():
			p.Abandon("%s", wire.WhyEnded(p.ctx))
		}
		if last = read(); fine(last) {
			return last
		}
	}
	p.lateWrites.Add(1)
	return last
}

// maxLateWrites is the number of writes in a run that are waited for in vain. A target that never shows them is not merely slow.
const maxLateWrites = 5
