package contract

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/leak"
)

// setting is where a run takes place: its document, its organization and environments, and what it was started with.
type setting struct {
	spec         *credmock.Spec
	organization int
	environment  string
	second       string    // another environment of the organization; may be empty
	environments *exchange // what the target answered when it was asked for the environments; nil when it was not
	accept       []string
	seed         int64
	planned      map[string]bool // the ids of the checks of the run
	runName      string          // begins the name of everything that the run creates
}

// roleName returns what the document calls the property of a credential that has the role.
func (s *setting) roleName(role credmock.Role) string {
	return roleIn(s.spec.Strategies[0].Shown, role)
}

// writer writes requests and answers of a run so that they mean the same in another run: what differs there has a variable, and no
// secret is shown.
type writer struct {
	*setting
	detector *leak.Detector
	scope    string // the secrets of this check are looked for
}

func roleIn(object *credmock.Object, role credmock.Role) string {
	if object == nil {
		return ""
	}
	if property := object.Role(role); property != nil {
		return property.Name
	}
	return ""
}
