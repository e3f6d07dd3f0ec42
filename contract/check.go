package contract

import (
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
