package probe

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/sample"
)

// Probe is what one check works with: it sends requests and gathers findings.
type Probe struct {
	*Session
	ctx        context.Context // ends what it sends
	Scope      string          // the id of the check that it is for: its secrets and its values are its own
	Sample     *sample.Source
	Findings   []report.Finding
	Shown      *wire.Exchange // the request that the first finding is about; may be nil
	Trouble    foreign.Mixed
	Skipped    foreign.Mixed
	Refused    []string // the names of credentials whose creation was refused
	wrote      bool     // its last request wrote something, and the target lags
	StatusOnly bool     // a refusal is enough: it does not look whether something was changed all the same
	missed     bool     // an answer came that cannot be judged
	NoRetry    bool     // it reads once, and does not wait for a write to show
	turn       int      // how many requests it has sent
	Looked     bool     // something was looked at that could have failed; fail and pass set it
}

// stop ends a check early; the probe knows why.
type stop struct{}

// Probe returns a probe for the check with that id.
func (s *Session) Probe(id string) *Probe { return s.probeWithin(s.Ctx, id) }

// probeWithin returns a probe whose requests end with ctx.
func (s *Session) probeWithin(ctx context.Context, id string) *Probe {
	return &Probe{Session: s, ctx: ctx, Scope: id, Sample: s.source(id)}
}

// Branch calls play with a probe that continues this one with values of another seed.
func (p *Probe) Branch(seed string, play func(*Probe)) {
	inner := &Probe{Session: p.Session, ctx: p.ctx, Scope: p.Scope, Sample: p.source(p.Scope + seed), turn: p.turn, NoRetry: p.NoRetry}
	defer func() { p.turn, p.Trouble, p.Skipped = inner.turn, inner.Trouble, inner.Skipped }()
	play(inner)
}

// source returns the values of one part of the run: the same for the same seed, whatever else runs beside it.
func (s *Session) source(part string) *sample.Source {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%d %s", s.Seed, part)
	return sample.New(int64(hash.Sum64() >> 1))
}

// Writer writes exchanges for findings of a check.
func (s *Session) Writer(scope string) *rerun.Writer {
	return &rerun.Writer{Setting: &s.Setting, Detector: s.Detector, Scope: scope}
}

// Fail tells of something that was seen and should not have been.
func (p *Probe) Fail(e *wire.Exchange, place, seen, owed string) {
	p.Looked = true
	finding := report.Finding{Seen: foreign.Text(seen).Short(), Owed: foreign.Text(owed).Short()}
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
		finding.SetReproduce(p.Writer(p.Scope).Curl(e))
		finding.Answer = p.Writer(p.Scope).Excerpt(e)
	}
	if len(p.Findings) == 0 {
		p.Shown = e
	}
	p.Findings = append(p.Findings, finding)
}

// MaxFindings is how many findings of one check are told: more would hide those of the others.
const MaxFindings = 8

// Pass notes that something was looked at and is as it should be. A check that looked at nothing cannot be judged.
func (p *Probe) Pass() { p.Looked = true }

// CanJudge tells whether an answer can be judged. One that came and cannot makes the check one that could not be judged.
func (p *Probe) CanJudge(e *wire.Exchange) bool {
	if e.IsUnread() {
		p.Unjudged(e.Failure)
		return false
	}
	return true
}

// Unjudged notes why the check could not be judged, and lets it go on: a finding counts all the same.
func (p *Probe) Unjudged(why error) {
	if p.Trouble.IsEmpty() {
		p.Trouble = foreign.Say("%v", why)
	}
}

// Abandon ends the check because it cannot be judged.
func (p *Probe) Abandon(format foreign.Own, arguments ...any) {
	p.Trouble = foreign.Say(format, arguments...).Short()
	panic(stop{})
}

// Skip ends the check because the target does not offer what it looks at.
func (p *Probe) Skip(format foreign.Own, arguments ...any) {
	p.Skipped = foreign.Say(format, arguments...)
	panic(stop{})
}

// Answered ends the check unless an answer came.
func (p *Probe) Answered(e *wire.Exchange) *wire.Exchange {
	if e.IsUnread() {
		p.missed = true
		p.Abandon("%v", e.Failure)
	}
	if e.Failure != nil {
		p.Abandon("%s %s got no answer: %v", foreign.Own(e.Method), foreign.Own(e.Template), e.Failure)
	}
	if e.Status == http.StatusTooManyRequests {
		p.Abandon("%s %s: the target asks for fewer requests (429)", foreign.Own(e.Method), foreign.Own(e.Template))
	}
	return e
}

// Request is how a check describes what it sends.
type Request struct {
	Action    string // of the credential resource, unless resource says another
	Resource  string
	ID        string // for the parameter of the path
	Body      any
	Raw       []byte // instead of body
	MediaType string
	Principal wire.Principal
	Edit      func(*http.Request)
	Turn      int  // its place among the check's requests; zero for the next one
	whole     bool // nothing of the answer is left out
}

// Do sends the request and waits for the answer; no answer ends the check.
func (p *Probe) Do(r Request) *wire.Exchange {
	p.RequireVisible(r)
	return p.Answered(p.Try(r))
}

// operation returns the operation that a request is of, or nil.
func (p *Probe) operation(r Request) *credmock.Operation {
	return p.Spec.Operation(cmp.Or(r.Resource, "credential"), r.Action)
}

// longestRequest is more than any request has that the suite makes up itself.
const longestRequest = 4 * wire.Mebibyte

// Try sends the request; what comes back may be a failure.
func (p *Probe) Try(r Request) *wire.Exchange {
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
		p.Abandon("what the target answers is too large to be sent back")
	}
	if e.MediaType == "" && e.Sent != nil {
		e.MediaType = operation.MediaType
	}
	if r.Turn > 0 { // it is one of several side by side
		p.Send(p.ctx, e, p.Scope, r.Edit)
		return e
	}
	p.waitForWrite()
	p.Send(p.ctx, e, p.Scope, r.Edit)
	p.wrote = p.Lag > 0 && e.Method != http.MethodGet && e.Success()
	return e
}

// SendTogether runs steps side by side. Each works with requests that were made up before, for a probe's values are not
// safe to draw from together.
func (p *Probe) SendTogether(requests []Request) []*wire.Exchange {
	answers := make([]*wire.Exchange, len(requests))
	var group sync.WaitGroup
	for i, r := range requests {
		p.RequireVisible(r)
		p.turn++
		r.Turn = p.turn
		group.Go(func() { answers[i] = p.Try(r) })
	}
	group.Wait()
	p.wrote = p.Lag > 0
	for _, e := range answers {
		p.Answered(e)
	}
	return answers
}

// Alone judges another check in place of this one, unless it is judged anyway: what it sends is reviewed by both.
func (p *Probe) Alone(id string, judge func(*Probe)) {
	if p.Planned[id] {
		return
	}
	inner := p.Probe(id)
	p.Trouble = inner.Guard(func() { judge(inner) })
	inner.DeleteOwn()
	p.Release(id)
}

// waitForWrite gives a lagging target time to show what this check wrote last.
func (p *Probe) waitForWrite() {
	if !p.wrote {
		return
	}
	select {
	case <-time.After(p.Lag):
	case <-p.ctx.Done():
	}
}

// retryPauses is how long a target may take until a read shows what was written: eventual consistency is not judged.
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

// maxLateWrites is how many writes of a run are waited for in vain: a target that never shows them is no slower one.
const maxLateWrites = 5
