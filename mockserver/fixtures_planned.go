package mockserver

import (
	"errors"

	"github.com/go-json-experiment/json"
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
