package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/checks"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/foreign"
)

const defaultTimeout = 2 * time.Minute

const (
	// reviewGrace is how long reviewing may continue after the time for judging.
	reviewGrace = 3 * time.Second
	// longestReserve is the time of a run that is kept for reviewing and cleaning up.
	longestReserve = 10 * time.Second
)

// Judge runs the suite against target. The error is a [*report.UsageError] or nil: the report has everything else.
func Judge(ctx context.Context, target Target) (report.Report, error) {
	run, err := prepare(ctx, target)
	if err != nil {
		return report.Report{}, err
	}
	return run.judge(), nil
}

// Plan returns the checks that Judge would run. It sends no request. The error is a [*report.UsageError] or nil.
func Plan(target Target) ([]report.Result, error) {
	target = withDefaults(target)
	_, checks, err := selectChecks(target)
	results := make([]report.Result, len(checks))
	for i, c := range checks {
		results[i] = c.Result()
	}
	return results, err
}

// run is one run of the suite: its checks, their results, and the session that they share.
type run struct {
	*probe.Session
	target  Target
	all     []*plan.Check // including those that are not selected
	checks  []*plan.Check
	probes  []*probe.Probe
	results []report.Result
	started time.Time
	cancel  context.CancelFunc
	caller  context.Context

	reviewTime time.Duration // how long reviewing may continue after the time for the run
	trouble    foreign.Mixed // why nothing could be judged
	unjudged   string        // why the run ended early; empty if it did not
}

func prepare(ctx context.Context, target Target) (*run, error) {
	target = withDefaults(target)
	if err := checkURL(target.URL); err != nil {
		return nil, err
	}
	if err := checkTokens(target); err != nil {
		return nil, err
	}
	for _, entry := range target.Known {
		if err := entry.Check(); err != nil {
			return nil, err
		}
	}
	all, checks, err := selectChecks(target)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	bounded, cancel := context.WithTimeout(ctx, target.Timeout-target.reserve())
	session := probe.NewSession(bounded, target.options(started))
	for _, c := range checks {
		session.Planned[c.ID] = true
	}
	return &run{
		Session: session, target: target, reviewTime: reviewGrace, all: all, checks: checks, probes: make([]*probe.Probe, len(checks)),
		results: make([]report.Result, len(checks)), started: started, cancel: cancel, caller: ctx,
	}, nil
}

// reserve returns the part of the time that is left for reviewing and cleaning up.
func (t Target) reserve() time.Duration { return min(t.Timeout/5, longestReserve) }

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

// options returns the options of a session for a run that started at a time.
func (t Target) options(started time.Time) probe.Options {
	return probe.Options{
		URL: t.URL, Token: t.Token, ViewerToken: t.ViewerToken, OtherToken: t.OtherToken, Sources: t.sources(), Organization: t.Organization,
		Environment: t.Environment, Fallback: DefaultEnvironment, Spec: t.Spec, Accept: t.Accept, Seed: t.Seed, Keep: t.Keep,
		Runs: t.Runs, Transport: t.Transport, Header: t.Header, Way: foreign.Own(t.Curl), Rate: t.Rate, End: started.Add(t.Timeout),
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

// checkTokens refuses one token for two principals: they could not be told apart.
func checkTokens(t Target) error {
	if t.ViewerToken != "" && (t.ViewerToken == t.Token || t.ViewerToken == t.OtherToken) || t.OtherToken != "" && t.OtherToken == t.Token {
		return &report.UsageError{Message: "two principals have the same token; each needs its own"}
	}
	return nil
}

// sources returns the sources of tokens that are given.
func (t Target) sources() map[wire.Principal]bearer.Source {
	given := map[wire.Principal]bearer.Source{wire.Engineer: t.TokenSource, wire.Viewer: t.ViewerTokenSource, wire.Other: t.OtherTokenSource}
	maps.DeleteFunc(given, func(_ wire.Principal, source bearer.Source) bool { return source == nil })
	return given
}

// fetchTokens gets the first token of each principal, and says why that is not possible.
func (r *run) fetchTokens() foreign.Mixed {
	if err := r.FetchTokens(r.Ctx); err != nil {
		return foreign.Say("%v", err)
	}
	now := Target{Token: r.Token(wire.Engineer), ViewerToken: r.Token(wire.Viewer), OtherToken: r.Token(wire.Other)}
	if err := checkTokens(now); err != nil {
		return foreign.Say("%v", err)
	}
	return foreign.Mixed{}
}

// selectChecks returns all planned checks, and those that Run and Skip select.
func selectChecks(target Target) (all, left []*plan.Check, err error) {
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
	required, err := target.required()
	if err != nil {
		return nil, nil, err
	}
	all = checks.Plan(target.Spec, target.Accept)
	left = slices.DeleteFunc(slices.Clone(all), func(c *plan.Check) bool {
		return !only.MatchString(c.ID) || target.Skip != "" && not.MatchString(c.ID)
	})
	if len(left) == 0 {
		return nil, nil, &report.UsageError{Message: "no check is selected; see the ids with --list"}
	}
	demanded := plan.Required(required)
	return append(demanded, all...), append(demanded, left...), nil
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
	if r.trouble = r.fetchTokens(); r.trouble.IsEmpty() {
		r.trouble = r.Explore()
	}
	if r.trouble.IsEmpty() {
		r.judgeAll()
		r.ReviewEnd = r.End.Add(r.reviewTime - r.target.reserve())
		r.reviewAll()
	}
	interrupted := r.interrupted()
	r.RanOut, r.Closing = errors.Is(r.Ctx.Err(), context.DeadlineExceeded), true
	left := r.CleanUp()
	if !r.trouble.IsEmpty() {
		for i, c := range r.checks {
			r.results[i] = c.Result()
			r.results[i].Because(report.Trouble, r.trouble)
		}
	}
	return r.summary(left, r.trouble, interrupted)
}

// conclude sets the result of a check from its probe.
func (r *run) conclude(i int) {
	p, result := r.probes[i], &r.results[i]
	result.Findings = p.Findings
	switch {
	case len(p.Findings) > 0:
		result.Because(report.Fail, foreign.Mixed{})
	case !p.Skipped.IsEmpty():
		result.Because(report.Skip, p.Skipped)
	case !p.Trouble.IsEmpty():
		result.Because(report.Trouble, p.Trouble)
	case !p.Looked && r.checks[i].Review == nil:
		result.Because(report.Trouble, foreign.Say("nothing was there to look at"))
	default:
		result.Because(report.Pass, foreign.Mixed{})
	}
	if result.Outcome == report.Trouble && !r.Hidden.IsEmpty() {
		result.Because(report.Trouble, r.Hidden) // the reason behind whatever the check itself missed
	}
}

// reviewAll reviews the checks that look at the whole run.
func (r *run) reviewAll() {
	r.ReviewFixtures()
	for i := range r.checks {
		if r.probes[i].IsInDoubt() {
			r.review(i, (*probe.Probe).TryAgain)
		}
	}
	list := r.Probe("review").Try(probe.Request{Action: "list", ID: r.Environment})
	for i, c := range r.checks {
		if len(r.probes[i].Refused) > 0 {
			r.review(i, func(p *probe.Probe) { p.ReviewRefused(list) })
		}
		if c.Review != nil && r.results[i].Outcome != report.Skip {
			r.review(i, c.Review)
		}
	}
	r.reviewLate()
	r.excuse()
	r.reviewUnselected()
}

// reviewLate judges and reviews checks again that a read made fail, if reads lag now and then.
func (r *run) reviewLate() {
	late := slices.DeleteFunc(r.indices(), func(i int) bool { return r.checks[i].Review == nil || !r.probes[i].MayBeLate() })
	if len(late) == 0 || !r.canMeasure() {
		return
	}
	if lags, _ := r.LagsNowAndThen(); !lags {
		return
	}
	r.judgeEach(late)
	for _, i := range late {
		r.review(i, r.checks[i].Review)
	}
}

// excuse takes back failures of checks that met the errors of a gateway, if that fails now and then. A leak is one in any case.
func (r *run) excuse() {
	flaky := r.Flaky()
	if flaky.IsEmpty() {
		return
	}
	for i, p := range r.probes {
		isLeak := slices.ContainsFunc(p.Findings, func(one report.Finding) bool { return one.Kind == "leak" })
		if len(p.Findings) > 0 && !isLeak && p.MetGateway() {
			p.Findings, p.Trouble = nil, flaky
			r.conclude(i)
		}
	}
}

// review reviews a check, within the time for reviewing.
func (r *run) review(i int, judge func(*probe.Probe)) {
	p := r.probes[i]
	trouble := p.Guard(func() {
		if r.Late() {
			p.Abandon("it was not reviewed, for %s", wire.WhyEnded(r.Ctx))
		}
		judge(p)
	})
	if !trouble.IsEmpty() && p.Trouble.IsEmpty() {
		p.Trouble = trouble
	}
	r.conclude(i)
}

// reviewUnselected adds leaks of checks that were not selected: no leak is ignored.
func (r *run) reviewUnselected() {
	for _, c := range r.all {
		if r.Planned[c.ID] || c.Review == nil || !strings.HasPrefix(c.ID, "redaction/") {
			continue
		}
		if r.Late() {
			result := c.Result()
			result.Because(report.Trouble,
				foreign.Say("leaks that were seen while other checks ran were not reviewed, for %s", wire.WhyEnded(r.Ctx)))
			r.results = append(r.results, result)
			return
		}
		p := r.Probe(c.ID)
		p.Guard(func() { c.Review(p) })
		if len(p.Findings) > 0 {
			result := c.Result()
			result.Findings = p.Findings
			result.Because(report.Fail, foreign.Say("seen while other checks ran"))
			r.results, r.probes = append(r.results, result), append(r.probes, p)
		}
	}
}

// interrupted tells whether the caller ended the run early.
func (r *run) interrupted() bool { return errors.Is(r.caller.Err(), context.Canceled) }
