package mockserver

import (
	"errors"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock/internal/view"
)

// plannedFault is a fault that a mock begins with, as the fixtures have it.
type plannedFault struct {
	place  fixturePlace
	broken bool // something of it could not be read
	faultPlan
}

// planMembers are the names that a planned fault may have.
var planMembers = membersOf(&faultPlan{})

// readPlanned reads one of the faults that a mock begins with. What it says is judged when there is a mock to go wrong.
func (f *fixtures) readPlanned(at fixturePlace) {
	if f.faults.mapping(at, planMembers...) == nil {
		return
	}
	planned := plannedFault{place: at}
	for name, value := range f.faults.item(at).values { // one by one: each may be wrong
		text, err := json.Marshal(map[string]any{name: value})
		if err == nil {
			err = json.Unmarshal(text, &planned.faultPlan)
		}
		var semantic *json.SemanticError
		if errors.As(err, &semantic) {
			f.faults.add(at.find(string(semantic.JSONPointer)), "the value must be "+inWords(semantic.GoType))
		}
		planned.broken = planned.broken || err != nil
	}
	f.planned = append(f.planned, planned)
}

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

// plan injects the faults of the fixtures into a session, each as if it had met no request yet.
func (s *Server) plan(in *session) {
	for _, one := range in.planned {
		made := *one
		_ = s.breakBy(in, &made) // the fixtures plan no more than there may be; in a reload those of clients come first
	}
}

// replan replaces the faults that the fixtures planned for a session.
func (s *Server) replan(in *session, planned []*fault) {
	in.planned = planned
	in.faults.removeThose(func(one *fault) bool { return one.planned })
	s.plan(in)
}

// comparePlans says whether fixtures plan other faults than those before.
func comparePlans(before, after []*fault) []string {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	return []string{"fixtures: other faults"}
}
