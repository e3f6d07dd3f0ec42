package mockserver

import (
	"reflect"
	"slices"

	"github.com/credmock/credmock/internal/view"
)

// admitFaults makes faults of those that the fixtures plan.
func (m *model) admitFaults(listed *fixtures) {
	mutant := ""
	for _, one := range listed.planned {
		made, found := m.readFault(&one.faultPlan)
		if one.broken { // what is left may be nothing, and that is told of already
			found = slices.DeleteFunc(found, func(violation view.Violation) bool { return violation.Pointer == "" })
		}
		listed.faults.violations(fixtureItem{place: one.place}, found, planMembers)
		if made.mutant != "" && mutant != "" {
			listed.faults.add(one.place.find("/mutant"), "one broken server stands before the mock already")
		}
		mutant += made.mutant
		made.planned = true
		m.planned = append(m.planned, made)
	}
}

// comparePlans says whether fixtures plan other faults than those before.
func comparePlans(before, after []*fault) []string {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	return []string{"fixtures: other faults"}
}

// readFault makes a fault of a plan, and says everything that is wrong with it.
func (m *model) readFault(given *faultPlan) (*fault, []view.Violation) {
	return readFault(given, m.operationIDs(), m.config.mutants)
}
