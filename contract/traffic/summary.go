package traffic

import (
	"strconv"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/contract/report/coverage"
	"github.com/credmock/credmock/internal/foreign"
)

// report judges by every rule, and returns the report.
func (j *judged) report() report.Report {
	sum := report.Report{
		Tool: "credmock", Version: credmock.ToolVersion, Target: withoutSecret(j.base), Strict: j.Strict, Accept: j.Accept,
		Requests: len(j.list), Detector: j.detector, Notes: j.notes(), Capabilities: []report.Capability{},
	}
	ids := map[string]bool{}
	for _, r := range j.rules() {
		sum.Checks = append(sum.Checks, j.apply(r))
		ids[r.id] = true
	}
	sum.Coverage = j.coverage(sum.Checks)
	sum.Milliseconds = time.Since(j.started).Milliseconds()
	sum.Weigh(j.Known, ids, j.started)
	causes := report.Causes{}
	switch {
	case len(j.list) == 0 && j.base == "":
		causes.Trouble = foreign.Say("there is nothing to judge: the recording has no request of the API")
	case len(j.list) == 0:
		causes.Trouble = foreign.Say("there is nothing to judge: the recording has no answer of the API below %s", j.base)
	case sum.Coverage.Percent < j.MinCoverage:
		causes.TooFew = foreign.Say("too little was judged: %d of %d rules, which is %d percent, and %d are asked for",
			sum.Coverage.Rules.Judged, sum.Coverage.Rules.All, sum.Coverage.Percent, j.MinCoverage)
	}
	sum.Conclude(causes)
	return sum
}

// coverage returns what was judged. A rule without an answer to look at was not.
func (j *judged) coverage(results []report.Result) *coverage.Coverage {
	rules := coverage.Count{All: len(results)}
	for _, result := range results {
		if result.Outcome == report.Pass || result.Outcome == report.Fail {
			rules.Judged++
		}
	}
	operations, strategies, statuses := map[string]bool{}, map[string]bool{}, map[string]bool{}
	name := j.Spec.Strategies[0].Shown.Role(credmock.RoleStrategy).Name
	for _, e := range j.list {
		statuses[e.operation.ID+" "+strconv.Itoa(e.Status)] = true
		if !e.succeeded() || !e.hasBody() {
			continue
		}
		operations[e.operation.ID] = true
		strategies[j.strategyOf(e)] = true
		sent, _ := jsonvalue.Decode(e.RequestBody)
		strategies[jsonvalue.Text(jsonvalue.Member(sent, name))] = true
	}
	all := coverage.NamesOf(j.Spec)
	return coverage.Of(rules, coverage.PartOf(all.Operations, operations), coverage.PartOf(all.Strategies, strategies),
		coverage.PartOf(all.Statuses, statuses))
}
