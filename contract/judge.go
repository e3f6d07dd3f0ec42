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
)

// UsageError says that a target's settings cannot be used: a name or an expression that is wrong, or nothing selected.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

const defaultTimeout = 2 * time.Minute

// A run ends at most ten seconds after its time is over: creates that are under way have endGrace, reviewing has until
// reviewGrace after that time, and cleaning up until cleanupGrace.
const (
	reviewGrace  = 3 * time.Second
	cleanupGrace = 5 * time.Second
)

// Judge runs the suite against target. The error is a *UsageError or nil: all else is in the report.
func Judge(ctx context.Context, target Target) (Report, error) {
	run, err := prepare(ctx, target)
	if err != nil {
		return Report{}, err
	}
	return run.judge(), nil
}

// Plan returns the checks that Judge would run, without a request. The error is a *UsageError or nil.
func Plan(target Target) ([]Result, error) {
	target = withDefaults(target)
	checks, err := chosen(target)
	results := make([]Result, len(checks))
	for i, c := range checks {
		results[i] = c.result()
	}
	return results, err
}

// run is one run of the suite: the checks, their outcomes, and the session that they share.
type run struct {
	*session
	checks  []*check
	probes  []*probe
	results []Result
	started time.Time
	cancel  context.CancelFunc
	caller  context.Context
}

func prepare(ctx context.Context, target Target) (*run, error) {
	target = withDefaults(target)
	if err := checkURL(target.URL); err != nil {
		return nil, err
	}
	if err := checkLedger(target.Known); err != nil {
		return nil, err
	}
	checks, err := chosen(target)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	bounded, cancel := context.WithTimeout(ctx, target.Timeout)
	session := newSession(bounded, target)
	session.end = started.Add(target.Timeout)
	for _, c := range checks {
		session.planned[c.id] = true
	}
	return &run{
		session: session, checks: checks, probes: make([]*probe, len(checks)),
		results: make([]Result, len(checks)), started: started, cancel: cancel, caller: ctx,
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
	target.Transport = bounded(target.Transport)
	return target
}

func checkURL(text string) error {
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return &UsageError{"the URL must be absolute, such as http://127.0.0.1:4118/platform"}
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return &UsageError{"the URL must have no user, query or fragment; give a token with --token"}
	}
	return nil
}

// chosen returns the planned checks that Run and Skip leave.
func chosen(target Target) ([]*check, error) {
	for _, name := range target.Accept {
		if !slices.ContainsFunc(Alternatives, func(a Alternative) bool { return a.Name == name }) {
			return nil, &UsageError{fmt.Sprintf("there is no alternative %q to accept; there are %s", name, alternativeNames())}
		}
	}
	only, err := regexp.Compile(target.Run)
	if err != nil {
		return nil, &UsageError{"run is not a regular expression: " + err.Error()}
	}
	not, err := regexp.Compile(target.Skip)
	if err != nil {
		return nil, &UsageError{"skip is not a regular expression: " + err.Error()}
	}
	checks := slices.DeleteFunc(slices.Clone(plan(target.Spec, target.Accept)), func(c *check) bool {
		return !only.MatchString(c.id) || target.Skip != "" && not.MatchString(c.id)
	})
	if len(checks) == 0 {
		return nil, &UsageError{"no check is selected; see the ids with --list"}
	}
	return checks, nil
}

func alternativeNames() string {
	names := make([]string, len(Alternatives))
	for i, alternative := range Alternatives {
		names[i] = alternative.Name
	}
	return strings.Join(names, ", ")
}

func (r *run) judge() Report {
	defer r.cancel()
	left, trouble := []string(nil), r.explore()
	if trouble == "" {
		r.judgeAll()
		r.reviewEnd = r.end.Add(r.reviewTime)
		r.reviewAll()
	}
	interrupted := r.interrupted()
	r.ranOut, r.closing = errors.Is(r.ctx.Err(), context.DeadlineExceeded), true
	if !r.target.Keep {
		left = r.cleanUp()
	}
	r.runFile.end(len(left) == 0)
	if trouble != "" {
		for i, c := range r.checks {
			r.results[i] = c.result()
			r.results[i].Outcome, r.results[i].Reason = Trouble, trouble
		}
	}
	return r.report(left, trouble, interrupted)
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

func (r *run) judgeOne(i int) Result {
	c := r.checks[i]
	p := r.probe(c)
	r.probes[i], r.results[i] = p, c.result()
	for _, need := range c.needs {
		if have := r.capabilities[need]; !have.Present {
			r.results[i].Outcome, r.results[i].Reason = Skip, have.Provenance
			return r.results[i]
		}
	}
	if trouble := p.guard(func() {
		if r.ctx.Err() != nil {
			p.abandon("%s", r.over())
		}
		if lost := r.lost(); lost != "" {
			p.abandon("%s", lost)
		}
		c.judge(p)
	}); p.skipped == "" {
		p.trouble = trouble
	}
	p.tidy()
	r.settleResult(i)
	r.release(p.scope)
	return r.results[i]
}

// settleResult turns what the probe gathered into an outcome.
func (r *run) settleResult(i int) {
	p, result := r.probes[i], &r.results[i]
	result.Findings, result.Reason = p.findings, ""
	switch {
	case len(p.findings) > 0:
		result.Outcome = Fail
	case p.skipped != "":
		result.Outcome, result.Reason = Skip, p.skipped
	case p.trouble != "":
		result.Outcome, result.Reason = Trouble, p.trouble
	case p.attempts == 0 && r.checks[i].review == nil:
		result.Outcome, result.Reason = Trouble, "nothing was there to look at"
	default:
		result.Outcome = Pass
	}
	if result.Outcome == Trouble && r.hidden != "" {
		result.Reason = r.hidden // whatever the check itself missed, it missed for this
	}
}

// reviewAll judges what can be seen only when everything was received.
func (r *run) reviewAll() {
	list := r.probe(&check{id: "review"}).try(request{action: "list", parameter: (&probe{session: r.session}).to("credential", "list", r.environment)})
	for i, c := range r.checks {
		if len(r.probes[i].refused) > 0 {
			r.review(i, func(p *probe) { p.reviewRefused(list) })
		}
		if c.review != nil && r.results[i].Outcome != Skip {
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
			p.abandon("it was not reviewed, for %s", r.over())
		}
		judge(p)
	})
	if trouble != "" && p.trouble == "" {
		p.trouble = trouble
	}
	r.settleResult(i)
}

// late tells whether the time for reviewing is over.
func (s *session) late() bool { return !s.reviewEnd.IsZero() && time.Now().After(s.reviewEnd) }

// reviewUnselected adds the leaks that were seen while other checks ran: a leak is never passed over.
func (r *run) reviewUnselected() {
	for _, c := range plan(r.spec, r.target.Accept) {
		if r.session.planned[c.id] || c.review == nil || !strings.HasPrefix(c.id, "redaction/") {
			continue
		}
		if r.late() {
			result := c.result()
			result.Outcome, result.Reason = Trouble, "leaks that were seen while other checks ran were not reviewed, for "+r.over()
			r.results = append(r.results, result)
			return
		}
		p := r.probe(c)
		p.guard(func() { c.review(p) })
		if len(p.findings) > 0 {
			result := c.result()
			result.Outcome, result.Findings = Fail, p.findings
			result.Reason = "seen while other checks ran"
			r.results = append(r.results, result)
		}
	}
}

// interrupted tells whether the caller ended the run early.
func (r *run) interrupted() bool { return errors.Is(r.caller.Err(), context.Canceled) }
