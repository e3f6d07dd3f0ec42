package contract

import (
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/contract/report/coverage"
)

// coverage returns what of the contract was judged: rules with a pass or a failure, and operations, strategies and described
// answers that were seen in an answer that could be judged.
func (r *run) coverage() *coverage.Coverage {
	rules := coverage.Count{All: len(r.all)}
	for _, result := range r.results {
		if result.Outcome == report.Pass || result.Outcome == report.Fail {
			rules.Judged++
		}
	}
	seen := &seen{operations: map[string]bool{}, strategies: map[string]bool{}, statuses: map[string]bool{}}
	if rules.Judged > 0 {
		for _, e := range r.All() {
			seen.note(e, r.RoleName(credmock.RoleStrategy))
		}
	}
	return seen.of(r.target.Spec, rules)
}

// seen are the names of what was seen in answers that could be judged.
type seen struct{ operations, strategies, statuses map[string]bool }

func (s *seen) note(e *wire.Exchange, strategyName string) {
	if e.Failure != nil || e.Operation == nil || e.Status == 0 {
		return
	}
	s.statuses[statusName(e.Operation, e.Status)] = true
	if !e.Success() {
		return
	}
	s.operations[e.Operation.ID] = true
	if e.Operation.Resource != "credential" {
		return
	}
	// An answer need not name the strategy; then the body of the request says it.
	sent, _ := jsonvalue.Decode(e.Sent)
	s.strategies[jsonvalue.Text(jsonvalue.Member(sent, strategyName))] = true
	s.strategies[jsonvalue.Text(jsonvalue.Member(e.Value, "payload", strategyName))] = true
}

func statusName(operation *credmock.Operation, status int) string {
	return operation.ID + " " + strconv.Itoa(status)
}

// of returns the coverage of a document.
func (s *seen) of(spec *credmock.Spec, rules coverage.Count) *coverage.Coverage {
	all := coverage.NamesOf(spec)
	return coverage.Of(rules, coverage.PartOf(all.Operations, s.operations), coverage.PartOf(all.Strategies, s.strategies),
		coverage.PartOf(all.Statuses, s.statuses))
}
