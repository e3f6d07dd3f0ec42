// Package plan holds the form of a check and collects the checks that the families plan. It plans only the checks of required
// capabilities itself.
package plan

import (
	"slices"
	"strings"

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
	return report.Result{ID: c.ID, Rule: c.rule, Level: c.basis.Level, Source: c.basis.Evidence, Cites: cited(c.ID)}
}

// The bases of rules that are not in the document; docs/contract.md has them all.
var (
	DocumentedMust   = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Must}
	DocumentedShould = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Should}
	InferredMust     = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Must}
	InferredShould   = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Should}
	RuledMust        = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Must}
	RuledShould      = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Should}
)

// Builder collects the checks.
type Builder struct {
	Spec   *credmock.Spec
	Accept []string
	Checks []*Check
}

// Add adds a check that requests its own exchanges and judges them. Its needs are capabilities without which it is skipped.
func (p *Builder) Add(id, rule string, basis credmock.Basis, judge func(*probe.Probe), needs ...probe.Capability) {
	p.Checks = append(p.Checks, &Check{ID: id, rule: rule, basis: basis, Judge: judge, Needs: p.needsOf(id, needs)})
}

// needsOf adds the strategy that an id names to the needs of its check.
func (p *Builder) needsOf(id string, needs []probe.Capability) []probe.Capability {
	for _, segment := range strings.Split(id, "/") {
		if strategy := p.Spec.Strategy(segment); strategy != nil && strategy != probe.DefaultStrategy(p.Spec) {
			return append([]probe.Capability{probe.CapabilityOf(strategy)}, needs...)
		}
	}
	return needs
}

// Required plans a check for each capability that a run requires: a capability that has vanished is a failure.
func Required(required []probe.Capability) []*Check {
	var list []*Check
	for _, name := range required {
		list = append(list, &Check{
			ID: "capabilities/" + strings.ReplaceAll(string(name), " ", "-"), basis: RuledMust,
			rule: "The target has " + string(name) + ", which this run requires.",
			Judge: func(p *probe.Probe) {
				have := p.Capabilities[name]
				p.Expect(nil, "", "the target lacks "+string(name)+": "+have.Provenance, "what the run requires").Holds(have.Present)
			},
		})
	}
	return list
}

// AddReview adds a check that requests its exchanges in judge, and reviews every answer of the run in review.
func (p *Builder) AddReview(id, rule string, basis credmock.Basis, judge, review func(*probe.Probe), needs ...probe.Capability) {
	p.Checks = append(p.Checks, &Check{ID: id, rule: rule, basis: basis, Judge: judge, Review: review, Needs: p.needsOf(id, needs)})
}

// Accepts reports whether a run accepts a named alternative to a rule.
func (p *Builder) Accepts(alternative string) bool { return slices.Contains(p.Accept, alternative) }

// Of appends the strategy to an id, except for the default strategy.
func (p *Builder) Of(strategy *credmock.Strategy, id string) string {
	if strategy == probe.DefaultStrategy(p.Spec) {
		return id
	}
	return id + "/" + strategy.Name
}
