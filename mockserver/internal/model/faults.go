package model

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
)

// addPlannedFaults adds the faults that the fixtures plan.
func (m *Model) addPlannedFaults(listed *fixtures.Fixtures) {
	mutant := ""
	for _, one := range listed.Planned {
		made, found := m.ReadFault(&one.Plan)
		if one.Incomplete { // the rest may be empty, and the mistake is recorded already
			found = slices.DeleteFunc(found, func(violation view.Violation) bool { return violation.Pointer == "" })
		}
		listed.Mistakes.AddViolations(fixtures.Item{Place: one.Place}, found, fixtures.PlanMembers)
		if made.Mutant != "" && mutant != "" {
			listed.Mistakes.Add(one.Place.Find("/mutant"), "one broken server stands before the mock already")
		}
		mutant += made.Mutant
		if by := m.World().Shadow(made, m.Planned); by != nil && len(found) == 0 && !one.Incomplete {
			var names []string
			for _, earlier := range by {
				names = append(names, "the fault of line "+strconv.Itoa(listed.Planned[slices.Index(m.Planned, earlier)].Place.Line("")))
			}
			listed.Mistakes.Add(one.Place, faults.Shadowing(names))
		}
		made.Planned = true
		m.Planned = append(m.Planned, made)
	}
}

// ComparePlans returns a sentence if two fixtures plan different faults, and nil otherwise.
func ComparePlans(before, after []*faults.Fault) []string {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	return []string{"fixtures: other faults"}
}

// ReadFault returns the fault of a plan and all violations in the plan.
func (m *Model) ReadFault(given *faults.Plan) (*faults.Fault, []view.Violation) {
	return faults.Read(given, *m.World())
}

// World returns the names that a fault may use.
func (m *Model) World() *faults.World {
	return &faults.World{Operations: m.Spec.Operations, Mutants: m.Config.Mutants, Callers: m.PrincipalNames()}
}
