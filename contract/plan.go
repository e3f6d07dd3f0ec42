package contract

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

// check is one rule and the function that judges it. It is data: the same table serves Judge, Run and Plan.
type check struct {
	id    string // path-like words; stable, never used again for another rule
	rule  string // one sentence
	basis credmock.Basis
	needs []capability
	// judge is called once. It sends requests through the probe and tells it of each finding.
	judge func(*probe)
	// review is called when all else is done, to look at everything that was received. May be nil.
	review func(*probe)
}

// result is the check as a report shows it, before it is judged.
func (c *check) result() report.Result {
	return report.Result{ID: c.id, Rule: c.rule, Level: c.basis.Level, Source: c.basis.Evidence}
}

// The bases of rules that the document does not carry itself; docs/contract.md has them all.
var (
	documentedMust   = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Must}
	documentedShould = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Should}
	inferredMust     = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Must}
	inferredShould   = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Should}
	ruledMust        = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Must}
	ruledShould      = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Should}
)

// planner gathers the checks that follow from the document.
type planner struct {
	spec   *credmock.Spec
	accept []string
	checks []*check
}

// plan returns every check that follows from the document, family by family.
func plan(spec *credmock.Spec, accept []string) []*check {
	p := &planner{spec: spec, accept: accept}
	for _, family := range []func(*planner){
		planEnvelope, planRedaction, planFlags, planRequired, planTypes, planFields, planLifecycle, planUpdate,
		planStrategies, planAuthentication, planDestinations, planErrors, planConcurrency, planModel,
	} {
		family(p)
	}
	return p.checks
}

func (p *planner) add(id, rule string, basis credmock.Basis, judge func(*probe), needs ...capability) {
	p.checks = append(p.checks, &check{id: id, rule: rule, basis: basis, judge: judge, needs: needs})
}

// addReview adds a check that makes sure of its exchanges first, and judges every answer of the run at its end.
func (p *planner) addReview(id, rule string, basis credmock.Basis, judge, review func(*probe), needs ...capability) {
	p.checks = append(p.checks, &check{id: id, rule: rule, basis: basis, judge: judge, review: review, needs: needs})
}

func (p *planner) accepts(alternative string) bool { return slices.Contains(p.accept, alternative) }

// of ends an id with the strategy that it is about, but for the default one.
func (p *planner) of(strategy *credmock.Strategy, id string) string {
	if strategy == defaultStrategy(p.spec) {
		return id
	}
	return id + "/" + strategy.Name
}
