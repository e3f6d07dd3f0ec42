package contract

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

const defaultTimeout = 2 * time.Minute

// reviewGrace is how long after the time for the run its answers are still reviewed.
const reviewGrace = 3 * time.Second

// Judge runs the suite against target. The error is a *report.UsageError or nil: all else is in the report.
func Judge(ctx context.Context, target Target) (report.Report, error) {
	run, err := prepare(ctx, target)
	if err != nil {
		return report.Report{}, err
	}
	return run.judge(), nil
}

// Plan returns the checks that Judge would run, without a request. The error is a *report.UsageError or nil.
func Plan(target Target) ([]report.Result, error) {
	target = withDefaults(target)
	_, checks, err := chosen(target)
	results := make([]report.Result, len(checks))
	for i, c := range checks {
		results[i] = c.result()
	}
	return results, err
}

// run is one run of the suite: the checks, their outcomes, and the session that they share.
type run struct {
	*session
	target  Target
	all     []*check // those that are not selected too
	checks  []*check
	probes  []*probe
	results []report.Result
	started time.Time
	cancel  context.CancelFunc
	caller  context.Context

	reviewTime time.Duration // how much longer reviewing may take
}

func prepare(ctx context.Context, target Target) (*run, error) {
	target = withDefaults(target)
	if err := checkURL(target.URL); err != nil {
		return nil, err
	}
	for _, entry := range target.Known {
		if err := entry.Check(); err != nil {
			return nil, err
		}
	}
	all, checks, err := chosen(target)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	bounded, cancel := context.WithTimeout(ctx, target.Timeout)
	session := newSession(bounded, target.options(started))
	for _, c := range checks {
		session.planned[c.id] = true
	}
	return &run{
		session: session, target: target, reviewTime: reviewGrace, all: all, checks: checks, probes: make([]*probe, len(checks)),
		results: make([]report.Result, len(checks)), started: started, cancel: cancel, caller: ctx,
	}, nil
}

func withDefaults(target Target) Target {
	if target.Spec == nil {
		target.Spec = credmock.Default()
	}
	if target.Organization == 0 {
		target.Organization = DefaultOrganization
	}
	if target.Seed == 0 {
		target.Seed = 1
	}
	if target.Timeout == 0 {
		target.Timeout = defaultTimeout
	}
	return target
}

// options returns what a session has to know of the target in a run that started then.
func (t Target) options(started time.Time) options {
	return options{
		url: t.URL, token: t.Token, viewerToken: t.ViewerToken, otherToken: t.OtherToken, organization: t.Organization,
		environment: t.Environment, fallback: DefaultEnvironment, spec: t.Spec, accept: t.Accept, seed: t.Seed, keep: t.Keep,
		runs: t.Runs, transport: t.Transport, end: started.Add(t.Timeout),
	}
}

func checkURL(text string) error {
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return &report.UsageError{Message: "the URL must be absolute, such as http://127.0.0.1:4118/platform"}
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return &report.UsageError{Message: "the URL must have no user, query or fragment; give a token with --token"}
	}
	return nil
}

// chosen returns all planned checks, and those that Run and Skip leave.
func chosen(target Target) (all, left []*check, err error) {
	for _, name := range target.Accept {
		if !slices.ContainsFunc(Alternatives, func(a Alternative) bool { return a.Name == name }) {
			return nil, nil, &report.UsageError{Message: fmt.Sprintf("there is no alternative %q to accept; there are %s", name, alternativeNames())}
		}
	}
	only, err := regexp.Compile(target.Run)
	if err != nil {
		return nil, nil, &report.UsageError{Message: "run is not a regular expression: " + err.Error()}
	}
	not, err := regexp.Compile(target.Skip)
	if err != nil {
		return nil, nil, &report.UsageError{Message: "skip is not a regular expression: " + err.Error()}
	}
	all = plan(target.Spec, target.Accept)
	left = slices.DeleteFunc(slices.Clone(all), func(c *check) bool {
		return !only.MatchString(c.id) || target.Skip != "" && not.MatchString(c.id)
	})
	if len(left) == 0 {
		return nil, nil, &report.UsageError{Message: "no check is selected; see the ids with --list"}
	}
	return all, left, nil
}

func alternativeNames() string {
	names := make([]string, len(Alternatives))
	for i, alternative := range Alternatives {
		names[i] = alternative.Name
	}
	return strings.Join(names, ", ")
}

func (r *run) judge() report.Report {
	defer r.cancel()
	trouble := r.explore()
	if trouble.IsEmpty() {
		r.judgeAll()
		r.reviewEnd = r.end.Add(r.reviewTime)
		r.reviewAll()
	}
	interrupted := r.interrupted()
	r.ranOut, r.closing = errors.Is(r.ctx.Err(), context.DeadlineExceeded), true
	left := r.cleanUp()
	if !trouble.IsEmpty() {
		for i, c := range r.checks {
			r.results[i] = c.result()
			r.results[i].Because(report.Trouble, trouble)
		}
	}
	return r.summary(left, trouble, interrupted)
}

// judgeAll judges the checks side by side: each has credentials of its own.
func (r *run) judgeAll() {
	work := make(chan int)
	var workers sync.WaitGroup
	var mutex sync.Mutex
	done := 0
	for range r.workers() {
		workers.Go(func() {
			for i := range work {
				result := r.judgeOne(i)
				mutex.Lock()
				done++
				if r.target.Progress != nil {
					r.target.Progress(done, len(r.checks), result)
				}
				mutex.Unlock()
			}
		})
	}
	for i := range r.checks {
		work <- i
	}
	close(work)
	workers.Wait()
}

// slowAnswer is how long an answer of a target takes that is worth asking more at once.
const slowAnswer = 20 * time.Millisecond

// workers returns how many checks run side by side.
func (r *run) workers() int {
	if r.serial {
		return 1
	}
	if r.pace > slowAnswer || r.lag > 0 {
		return 16 // the time goes by waiting
	}
	return max(4, runtime.GOMAXPROCS(0))
}

func (r *run) judgeOne(i int) report.Result {
	c := r.checks[i]
	p := r.probe(c.id)
	r.probes[i], r.results[i] = p, c.result()
	for _, need := range c.needs {
		if have := r.capabilities[need]; !have.Present {
			r.results[i].Because(report.Skip, have.Why())
			return r.results[i]
		}
	}
	if trouble := p.guard(func() {
		if r.ctx.Err() != nil {
			p.abandon("%s", over(r.ctx))
		}
		if lost := r.lost(); !lost.IsEmpty() {
			p.abandon("%s", lost)
		}
		c.judge(p)
	}); p.skipped.IsEmpty() {
		p.trouble = trouble
	}
	p.deleteOwn()
	r.settleResult(i)
	r.release(p.scope)
	return r.results[i]
}

// settleResult turns what the probe gathered into an outcome.
func (r *run) settleResult(i int) {
	p, result := r.probes[i], &r.results[i]
	result.Findings = p.findings
	switch {
	case len(p.findings) > 0:
		result.Because(report.Fail, foreign.Mixed{})
	case !p.skipped.IsEmpty():
		result.Because(report.Skip, p.skipped)
	case !p.trouble.IsEmpty():
		result.Because(report.Trouble, p.trouble)
	case !p.looked && r.checks[i].review == nil:
		result.Because(report.Trouble, foreign.Say("nothing was there to look at"))
	default:
		result.Because(report.Pass, foreign.Mixed{})
	}
	if result.Outcome == report.Trouble && !r.hidden.IsEmpty() {
		result.Because(report.Trouble, r.hidden) // whatever the check itself missed, it missed for this
	}
}

// reviewAll judges what can be seen only when everything was received.
func (r *run) reviewAll() {
	list := r.probe("review").try(request{action: "list", id: r.environment})
	for i, c := range r.checks {
		if len(r.probes[i].refused) > 0 {
			r.review(i, func(p *probe) { p.reviewRefused(list) })
		}
		if c.review != nil && r.results[i].Outcome != report.Skip {
			r.review(i, c.review)
		}
	}
	r.reviewUnselected()
}

// review judges a check once more, by what was received in the whole run. It has its time: what is not reviewed says so.
func (r *run) review(i int, judge func(*probe)) {
	p := r.probes[i]
	trouble := p.guard(func() {
		if r.late() {
			p.abandon("it was not reviewed, for %s", over(r.ctx))
		}
		judge(p)
	})
	if !trouble.IsEmpty() && p.trouble.IsEmpty() {
		p.trouble = trouble
	}
	r.settleResult(i)
}

// reviewUnselected adds the leaks that were seen while other checks ran: a leak is never passed over.
func (r *run) reviewUnselected() {
	for _, c := range r.all {
		if r.planned[c.id] || c.review == nil || !strings.HasPrefix(c.id, "redaction/") {
			continue
		}
		if r.late() {
			result := c.result()
			result.Because(report.Trouble, foreign.Say("leaks that were seen while other checks ran were not reviewed, for %s", over(r.ctx)))
			r.results = append(r.results, result)
			return
		}
		p := r.probe(c.id)
		p.guard(func() { c.review(p) })
		if len(p.findings) > 0 {
			result := c.result()
			result.Findings = p.findings
			result.Because(report.Fail, foreign.Say("seen while other checks ran"))
			r.results, r.probes = append(r.results, result), append(r.probes, p)
		}
	}
}

// interrupted tells whether the caller ended the run early.
func (r *run) interrupted() bool { return errors.Is(r.caller.Err(), context.Canceled) }
