package contract

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
)

// judgeAll judges the checks concurrently: each has credentials of its own.
func (r *run) judgeAll() {
	order := r.indices()
	if r.Lag > 0 || r.Pace > slowerAnswer {
		slices.Reverse(order) // the last ones have the longest sequences of writes
	}
	r.judgeEach(order)
	r.judgeLate()
}

// indices returns the index of each check.
func (r *run) indices() (all []int) {
	for i := range r.checks {
		all = append(all, i)
	}
	return all
}

// judgeLate judges checks again that a read made fail, if reads lag now and then: the start of a run may not show that. The checks then
// wait after each write for as long as a read may lag.
func (r *run) judgeLate() {
	var failed, unsure []int
	for i, p := range r.probes {
		switch {
		case p == nil:
		case p.MayBeLate():
			failed = append(failed, i)
		case r.results[i].Outcome == report.Trouble:
			unsure = append(unsure, i)
		}
	}
	if len(failed)+len(unsure) == 0 || !r.canMeasure() {
		return
	}
	switch lags, trouble := r.LagsNowAndThen(); {
	case lags:
		r.judgeEach(append(failed, unsure...))
	case !trouble.IsEmpty():
		for _, i := range failed {
			r.probes[i].Findings, r.probes[i].Trouble = nil, trouble
			r.conclude(i)
		}
	}
}

// canMeasure tells whether the target still answers, and the run goes on.
func (r *run) canMeasure() bool { return r.Ctx.Err() == nil && !r.IsSilent() && r.Lost().IsEmpty() }

// judgeEach judges some of the checks.
func (r *run) judgeEach(order []int) {
	work := make(chan int)
	var workers sync.WaitGroup
	tell := r.teller()
	failed := make(chan string, len(r.checks)) // ids of checks that count and failed
	for range r.workers() {
		workers.Go(func() {
			for i := range work {
				result := r.judgeOne(i)
				tell(result)
				if r.target.counts(result) {
					failed <- result.ID
				}
			}
		})
	}
	for _, i := range order {
		if r.target.FailFast && len(failed) > 0 {
			break
		}
		work <- i
	}
	close(work)
	workers.Wait()
	if r.target.FailFast && len(failed) > 0 {
		r.dropUnjudged(<-failed)
	}
}

// teller returns a function that tells of each result, one after the other.
func (r *run) teller() func(report.Result) {
	var mutex sync.Mutex
	done := 0
	return func(result report.Result) {
		mutex.Lock()
		defer mutex.Unlock()
		done++
		if r.target.Progress != nil {
			r.target.Progress(done, len(r.checks), result)
		}
	}
}

// counts tells whether a result counts against the target.
func (t Target) counts(result report.Result) bool {
	known := slices.ContainsFunc(t.Known, func(entry report.KnownFailure) bool { return entry.ID == result.ID })
	return result.Outcome == report.Fail && (result.Level == credmock.Must || t.Strict) && !known
}

// dropUnjudged drops the checks that were not judged because another one failed first. What they would review of the run is reviewed
// like that of checks that were not selected.
func (r *run) dropUnjudged(failed string) {
	judged, planned := 0, len(r.checks)
	for i, c := range r.checks {
		if r.probes[i] == nil {
			delete(r.Planned, c.ID)
			continue
		}
		r.checks[judged], r.probes[judged], r.results[judged] = c, r.probes[i], r.results[i]
		judged++
	}
	r.checks, r.probes, r.results = r.checks[:judged], r.probes[:judged], r.results[:judged]
	if judged < planned {
		r.unjudged = fmt.Sprintf("the run ended at its first failure, %s (--fail-fast): %d of %d checks did not run", failed, planned-judged,
			planned)
	}
}

const (
	// slowAnswer is the answer time from which more requests at once are worth it.
	slowAnswer = 20 * time.Millisecond
	// slowerAnswer is the same for still more requests.
	slowerAnswer = 150 * time.Millisecond
)

// workers returns the number of concurrent checks. Those of a slow or lagging target spend most of their time waiting.
func (r *run) workers() int {
	if r.Serial {
		return 1
	}
	if r.Pace <= slowAnswer && r.Lag == 0 {
		return max(4, runtime.GOMAXPROCS(0))
	}
	r.Widen()
	if r.Lag > 0 || r.Pace > slowerAnswer {
		return 80
	}
	return 32
}

func (r *run) judgeOne(i int) report.Result {
	c := r.checks[i]
	p := r.Probe(c.ID)
	if r.probes[i] != nil {
		p = r.ProbeAgain(c.ID)
	}
	r.probes[i], r.results[i] = p, c.Result()
	began := time.Now()
	r.results[i].Started = began.UTC().Truncate(time.Millisecond)
	defer func() { r.results[i].Milliseconds = float64(time.Since(began).Microseconds()) / 1000 }()
	for _, need := range c.Needs {
		if have := r.Capabilities[need]; !have.Present {
			r.results[i].SkipFor(have)
			return r.results[i]
		}
	}
	r.attempt(c, p)
	switch {
	case len(p.Findings) == 0:
	case r.IsTurnedAway(c.ID) && !r.IsGone(c.ID): // a gateway may have failed once
		p.DeleteOwn()
		p = r.ProbeAgain(c.ID)
		r.probes[i] = p
		r.attempt(c, p)
	case r.IsTurnedAway(c.ID), probe.IsForeign(p.Shown) && r.IsGone(p.Shown.Scope):
		p.Findings, p.Trouble = nil, r.Lost()
	}
	p.DeleteOwn()
	r.conclude(i)
	r.Release(p.Scope)
	return r.results[i]
}

// attempt judges a check once.
func (r *run) attempt(c *plan.Check, p *probe.Probe) {
	if trouble := p.Guard(func() {
		if r.Ctx.Err() != nil {
			p.Abandon("%s", wire.WhyEnded(r.Ctx))
		}
		if lost := r.Lost(); !lost.IsEmpty() {
			p.Abandon("%s", lost)
		}
		c.Judge(p)
	}); p.Skipped.IsEmpty() {
		p.Trouble = trouble
	}
}
