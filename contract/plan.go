package contract

import (
	"slices"

	"github.com/credmock/credmock"
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
