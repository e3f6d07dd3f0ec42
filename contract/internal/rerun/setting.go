// Package rerun writes requests and answers of a run so that they work in another run: as curl lines, scenario files and excerpts.
// None of them shows a secret, and no text of a target becomes a command.
package rerun

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/leak"
)

// Setting is where a run takes place: its document, its organization and environments, and what it was started with.
type Setting struct {
	Spec         *credmock.Spec
	Organization int
	Environment  string
	Second       string         // another environment of the organization; may be empty
	Environments *wire.Exchange // what the target answered when it was asked for the environments; nil when it was not
	Accept       []string
	Seed         int64
	Planned      map[string]bool // the ids of the checks of the run
	RunName      string          // begins the name of everything that the run creates
}

// RoleName returns what the document calls the property of a credential that has the role.
func (s *Setting) RoleName(role credmock.Role) string {
	return RoleIn(s.Spec.Strategies[0].Shown, role)
}

// Writer writes requests and answers of a run so that they mean the same in another run: what differs there has a variable, and no
// secret is shown.
type Writer struct {
	*Setting
	Detector *leak.Detector
	Scope    string // the secrets of this check are looked for
}

func RoleIn(object *credmock.Object, role credmock.Role) string {
	if object == nil {
		return ""
	}
	if property := object.Role(role); property != nil {
		return property.Name
	}
	return ""
}
