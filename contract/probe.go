package contract

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
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/sample"
)

// probe is what one check works with: it sends requests and gathers findings.
type probe struct {
	*session
	ctx      context.Context // ends what it sends
	scope    string          // the id of the check that it is for: its secrets and its values are its own
	sample   *sample.Source
	findings []report.Finding
	shown    *exchange // the request that the first finding is about; may be nil
	trouble  foreign.Mixed
	skipped  foreign.Mixed
	refused  []string // the names of credentials whose creation was refused
	wrote    bool     // its last request wrote something, and the target lags
	trusting bool     // a refusal is enough: it does not look whether something was changed all the same
	missed   bool     // an answer came that cannot be judged
	hasty    bool     // it reads once, and does not wait for a write to show
	turn     int      // how many requests it has sent
	looked   bool     // something was looked at that could have failed; fail and pass set it
}

// stop ends a check early; the probe knows why.
type stop struct{}

// probe returns a probe for the check with that id.
func (s *session) probe(id string) *probe { return s.probeWithin(s.ctx, id) }

// probeWithin returns a probe whose requests end with ctx.
func (s *session) probeWithin(ctx context.Context, id string) *probe {
	return &probe{session: s, ctx: ctx, scope: id, sample: s.source(id)}
}

// branch calls play with a probe that continues this one with values of another seed.
func (p *probe) branch(seed string, play func(*probe)) {
	inner := &probe{session: p.session, ctx: p.ctx, scope: p.scope, sample: p.source(p.scope + seed), turn: p.turn, hasty: p.hasty}
	defer func() { p.turn, p.trouble, p.skipped = inner.turn, inner.trouble, inner.skipped }()
	play(inner)
}

// source returns the values of one part of the run: the same for the same seed, whatever else runs beside it.
func (s *session) source(part string) *sample.Source {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%d %s", s.seed, part)
	return sample.New(int64(hash.Sum64() >> 1))
}

// writer writes exchanges for findings of a check.
func (s *session) writer(scope string) *writer { return &writer{setting: &s.setting, detector: s.detector, scope: scope} }

// fail tells of something that was seen and should not have been.
func (p *probe) fail(e *exchange, place, seen, owed string) {
	p.looked = true
	finding := report.Finding{Seen: foreign.Text(seen).Short(), Owed: foreign.Text(owed).Short()}
	if e != nil {
		finding.Where = foreign.Text(e.where(place)).Short()
	}
	if slices.ContainsFunc(p.findings, finding.Alike) {
		return
	}
	if len(p.findings) >= maxFindings {
		p.findings = report.CountUntold(p.findings, finding.Owed)
		return
	}
	if e != nil {
		finding.SetReproduce(p.writer(p.scope).curl(e))
		finding.Answer = p.writer(p.scope).excerpt(e)
	}
	if len(p.findings) == 0 {
		p.shown = e
	}
	p.findings = append(p.findings, finding)
}

// maxFindings is how many findings of one check are told: more would hide those of the others.
const maxFindings = 8

// expect tells of a finding unless fine holds.
func (p *probe) expect(fine bool, e *exchange, place, seen, owed string) bool {
	if !fine {
		p.fail(e, place, seen, owed)
		return false
	}
	p.pass()
	return true
}

// pass notes that something was looked at and is as it should be. A check that looked at nothing cannot be judged.
func (p *probe) pass() { p.looked = true }

// canJudge tells whether an answer can be judged. One that came and cannot makes the check one that could not be judged.
func (p *probe) canJudge(e *exchange) bool {
	if e.isUnread() {
		p.unjudged(e.failure)
		return false
	}
	return true
}

// unjudged notes why the check could not be judged, and lets it go on: a finding counts all the same.
func (p *probe) unjudged(why error) {
	if p.trouble.IsEmpty() {
		p.trouble = foreign.Say("%v", why)
	}
}

// abandon ends the check because it cannot be judged.
func (p *probe) abandon(format foreign.Own, arguments ...any) {
	p.trouble = foreign.Say(format, arguments...).Short()
	panic(stop{})
}

// skip ends the check because the target does not offer what it looks at.
func (p *probe) skip(format foreign.Own, arguments ...any) {
	p.skipped = foreign.Say(format, arguments...)
	panic(stop{})
}

// answered ends the check unless an answer came.
func (p *probe) answered(e *exchange) *exchange {
	if e.isUnread() {
		p.missed = true
		p.abandon("%v", e.failure)
	}
	if e.failure != nil {
		p.abandon("%s %s got no answer: %v", foreign.Own(e.method), foreign.Own(e.template), e.failure)
	}
	if e.status == http.StatusTooManyRequests {
		p.abandon("%s %s: the target asks for fewer requests (429)", foreign.Own(e.method), foreign.Own(e.template))
	}
	return e
}

// request is how a check describes what it sends.
type request struct {
	action    string // of the credential resource, unless resource says another
	resource  string
	id        string // for the parameter of the path
	body      any
	raw       []byte // instead of body
	mediaType string
	principal principal
	edit      func(*http.Request)
	turn      int  // its place among the check's requests; zero for the next one
	whole     bool // nothing of the answer is left out
}

// do sends the request and waits for the answer; no answer ends the check.
func (p *probe) do(r request) *exchange {
	p.mayAsk(r)
	return p.answered(p.try(r))
}

// operation returns the operation that a request is of, or nil.
func (p *probe) operation(r request) *credmock.Operation {
	return p.spec.Operation(cmp.Or(r.resource, "credential"), r.action)
}

// longestRequest is more than any request has that the suite makes up itself.
const longestRequest = 4 * mebibyte

// try sends the request; what comes back may be a failure.
func (p *probe) try(r request) *exchange {
	operation := p.operation(r)
	if operation == nil {
		p.abandon("the document has no operation that does %s to a %s", foreign.Own(r.action), foreign.Own(cmp.Or(r.resource, "credential")))
	}
	e := &exchange{
		operation: operation, method: operation.Method, template: operation.Path,
		path: pathtemplate.Fill(operation.Path, r.id), principal: r.principal, sent: r.raw, mediaType: r.mediaType,
	}
	if e.turn = r.turn; e.turn == 0 {
		p.turn++
		e.turn = p.turn
	}
	e.edited, e.whole = r.edit != nil, r.whole
	if e.principal == "" {
		e.principal = engineer
	}
	if r.body != nil {
		e.sent, _ = json.Marshal(r.body) // maps of strings, numbers and booleans
	}
	if len(e.sent) > longestRequest {
		p.abandon("what the target answers is too large to be sent back")
	}
	if e.mediaType == "" && e.sent != nil {
		e.mediaType = operation.MediaType
	}
	if r.turn > 0 { // it is one of several side by side
		p.send(p.ctx, e, p.scope, r.edit)
		return e
	}
	p.waitForWrite()
	p.send(p.ctx, e, p.scope, r.edit)
	p.wrote = p.lag > 0 && e.method != http.MethodGet && e.success()
	return e
}

// side runs steps side by side. Each works with requests that were made up before, for a probe's values are not
// safe to draw from together.
func (p *probe) side(requests []request) []*exchange {
	answers := make([]*exchange, len(requests))
	var group sync.WaitGroup
	for i, r := range requests {
		p.mayAsk(r)
		p.turn++
		r.turn = p.turn
		group.Go(func() { answers[i] = p.try(r) })
	}
	group.Wait()
	p.wrote = p.lag > 0
	for _, e := range answers {
		p.answered(e)
	}
	return answers
}

// alone judges another check in place of this one, unless it is judged anyway: what it sends is reviewed by both.
func (p *probe) alone(id string, judge func(*probe)) {
	if p.planned[id] {
		return
	}
	inner := p.probe(id)
	p.trouble = inner.guard(func() { judge(inner) })
	inner.deleteOwn()
	p.release(id)
}

// waitForWrite gives a lagging target time to show what this check wrote last.
func (p *probe) waitForWrite() {
	if !p.wrote {
		return
	}
	select {
	case <-time.After(p.lag):
	case <-p.ctx.Done():
	}
}

// patience is how long a target may take until a read shows what was written: eventual consistency is not judged.
var patience = []time.Duration{0, 50 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond}

// settle reads until fine, and returns the last answer.
func (p *probe) settle(read func() *exchange, fine func(*exchange) bool) *exchange {
	var last *exchange
	for i, pause := range patience {
		if i > 0 && (p.hasty || p.unsettled.Load() > patient) {
			break
		}
		select {
		case <-time.After(pause):
		case <-p.ctx.Done():
			p.abandon("%s", over(p.ctx))
		}
		if last = read(); fine(last) {
			return last
		}
	}
	p.unsettled.Add(1)
	return last
}

// patient is how many writes of a run are waited for in vain: a target that never shows them is no slower one.
const patient = 5
