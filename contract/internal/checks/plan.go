// Package checks holds the checks: a file for each family, and the plan that follows from the document. It names no field of the API
// and asks nothing of a target but through a probe.
package checks

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/report"
)

// Check is one rule and the function that judges it.
type Check struct {
	ID    string // path-like words; never reused for another rule
	rule  string // one sentence
	basis credmock.Basis
	Needs []probe.Capability
	// Judge is called once. It sends requests through the probe and reports findings to it.
	Judge func(*probe.Probe)
	// Review is called at the end of the run, to look at everything that was received. May be nil.
	Review func(*probe.Probe)
}

// Result returns the check as an unjudged result of a report.
func (c *Check) Result() report.Result {
	return report.Result{ID: c.ID, Rule: c.rule, Level: c.basis.Level, Source: c.basis.Evidence}
}

// The bases of rules that are not in the document; docs/contract.md has them all.
var (
	documentedMust   = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Must}
	documentedShould = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Should}
	inferredMust     = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Must}
	inferredShould   = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Should}
	ruledMust        = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Must}
	ruledShould      = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Should}
)

// planner collects the checks.
type planner struct {
	spec   *credmock.Spec
	accept []string
	checks []*Check
}

// Plan returns every check that follows from the document, family by family.
func Plan(spec *credmock.Spec, accept []string) []*Check {
	p := &planner{spec: spec, accept: accept}
	for _, family := range []func(*planner){
		planEnvelope, planRedaction, planFlags, planRequired, planTypes, planFields, planLifecycle, planUpdate,
		planStrategies, planAuthentication, planCallers, planDestinations, planErrors, planRoutes, planCrashes, planConcurrency, planModel,
	} {
		family(p)
	}
	return p.checks
}

func (p *planner) Add(id, rule string, basis credmock.Basis, judge func(*probe.Probe), needs ...probe.Capability) {
	p.checks = append(p.checks, &Check{ID: id, rule: rule, basis: basis, Judge: judge, Needs: needs})
}

// addReview adds a check that requests its exchanges in judge, and reviews every answer of the run in review.
func (p *planner) addReview(id, rule string, basis credmock.Basis, judge, review func(*probe.Probe), needs ...probe.Capability) {
	p.checks = append(p.checks, &Check{ID: id, rule: rule, basis: basis, Judge: judge, Review: review, Needs: needs})
}

func (p *planner) Accepts(alternative string) bool { return slices.Contains(p.accept, alternative) }

// of appends the strategy to an id, except for the default strategy.
func (p *planner) of(strategy *credmock.Strategy, id string) string {
	if strategy == probe.DefaultStrategy(p.spec) {
		return id
	}
	return id + "/" + strategy.Name
}
