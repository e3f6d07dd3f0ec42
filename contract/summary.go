package contract

import (
	"cmp"
	"slices"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/blame"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/contract/report/coverage"
	"github.com/credmock/credmock/internal/foreign"
)

// summary returns the report of the run.
func (r *run) summary(left []string, trouble foreign.Mixed, interrupted bool) report.Report {
	sum := report.Report{
		Tool: "credmock", Version: credmock.ToolVersion, Target: r.Base, Seed: r.target.Seed, Strict: r.target.Strict,
		Accept: r.target.Accept, Requests: int(r.Requests.Load()), Milliseconds: time.Since(r.started).Milliseconds(),
		Notes: slices.Clone(r.target.Notes), Checks: r.results, LeftBehind: left, Interrupted: interrupted, Detector: r.Detector,
		Started: r.started.UTC().Truncate(time.Millisecond), Lines: linesOf(r.target.Spec), Exchanges: r.exchanges(),
	}
	sum.Coverage = r.coverage()
	if r.unjudged != "" {
		sum.Notes = append(sum.Notes, r.unjudged)
	}
	for _, name := range []probe.Capability{probe.CapabilityEnvironments, probe.CapabilitySecond, probe.CapabilityDestinations,
		probe.CapabilityViewer, probe.CapabilityOther} {
		if have, known := r.Capabilities[name]; known {
			sum.Capabilities = append(sum.Capabilities, have)
		}
	}
	for _, strategy := range r.target.Spec.Strategies {
		if have, known := r.Capabilities[probe.CapabilityOf(strategy)]; known {
			sum.Capabilities = append(sum.Capabilities, have)
		}
	}
	sum.Weigh(r.target.Known, r.everyID(), r.started)
	sum.Conclude(report.Causes{Trouble: trouble, Refusal: r.refusedAll(), Hint: r.Hint(), TooFew: r.tooFew(sum.Coverage)})
	sum.Causes = blame.Causes(sum.Checks, blame.NamesIn(r.target.Spec), sum.Broken)
	r.addScenarios(&sum)
	return sum
}

// exchanges returns the requests of the run, in the order in which they began.
func (r *run) exchanges() []report.Exchange {
	sent := slices.Clone(r.SoFar())
	slices.SortFunc(sent, func(a, b *wire.Exchange) int { return cmp.Compare(a.Began, b.Began) })
	list := make([]report.Exchange, len(sent))
	for i, e := range sent {
		list[i] = report.Exchange{Check: e.Scope, Request: cmp.Or(e.Asked, e.Method) + " " + e.Template, Principal: string(e.Principal),
			Status: e.Status, Started: e.Started, Took: e.Took}
	}
	return list
}

// linesOf returns the lines of the operations in the document.
func linesOf(spec *credmock.Spec) map[string]int {
	lines := map[string]int{}
	for _, operation := range spec.Operations {
		if origin := operation.Source.Origin; origin != nil && origin.Key != nil {
			lines[operation.Method+" "+operation.Path] = origin.Key.Line
		}
	}
	return lines
}

// tooFew says that the run judged less than it should have, or nothing.
func (r *run) tooFew(seen *coverage.Coverage) foreign.Mixed {
	switch {
	case r.unjudged != "":
		return foreign.Say("%s", r.unjudged)
	case seen.Percent < r.target.MinCoverage:
		return foreign.Say("too little was judged: %d of %d rules, which is %d percent, and %d are asked for", seen.Rules.Judged,
			seen.Rules.All, seen.Percent, r.target.MinCoverage)
	}
	return foreign.Mixed{}
}

// everyID returns the ids of all checks, selected or not.
func (r *run) everyID() map[string]bool {
	ids := map[string]bool{}
	for _, c := range r.all {
		ids[c.ID] = true
	}
	return ids
}

// refusedAll says that the target refused everything, or nothing.
func (r *run) refusedAll() foreign.Mixed {
	if slices.ContainsFunc(r.All(), (*wire.Exchange).Success) {
		return foreign.Mixed{}
	}
	return foreign.Say("the target refused everything; %s", r.URLHint())
}

// addScenarios adds a scenario to each failed check: the requests before its first finding, and the check itself.
func (r *run) addScenarios(sum *report.Report) {
	size := 0
	for i := range sum.Checks {
		result := &sum.Checks[i]
		if result.Outcome != report.Fail || len(result.Findings) == 0 {
			continue
		}
		shown := r.probes[i].Shown
		var steps []*wire.Exchange
		if size < r.Bounds.Scenarios {
			steps = r.Writer("").Steps(r.All(), shown)
		}
		text, tellable := r.Writer("").Scenario(*result, shown, steps)
		if !tellable && len(steps) > 0 {
			text, tellable = r.Writer("").Scenario(*result, shown, nil)
		}
		if tellable { // else the check's own words hold a secret
			result.Scenario = text
			size += len(text)
		}
	}
}
