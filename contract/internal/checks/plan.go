// Package checks holds the checks that need one request or a few, with a file for each family, and plans them from the document.
// It names no field of the API, and reaches a target only through a probe.
package checks

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/sequences"
)

// Plan returns every check that follows from the document, family by family.
func Plan(spec *credmock.Spec, accept []string) []*plan.Check {
	p := &plan.Builder{Spec: spec, Accept: accept}
	for _, family := range []func(*plan.Builder){
		planEnvelope, planRedaction, planFlags, planRequired, planTypes, planFields, planValues, planLifecycle, planNames, planUpdate,
		planStrategies, planAuthentication, planCallers, planDestinations, planErrors, planRoutes, planCrashes, sequences.PlanConcurrency,
		sequences.PlanModel,
		sequences.PlanLists,
		sequences.PlanMany,
	} {
		family(p)
	}
	return p.Checks
}
