// Package rerun writes requests and answers of a run in forms that work again: curl commands, scenario files and excerpts. None
// of them shows a secret, and no text of a target becomes a command.
package rerun

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// Setting is the place of a run: its document, organization and environments, and how it was started.
type Setting struct {
	Spec         *credmock.Spec
	Organization int
	Environment  string
	Second       string         // another environment of the organization; may be empty
	Environments *wire.Exchange // the answer with the environments; nil if not asked
	Accept       []string
	Seed         int64
	Planned      map[string]bool           // the ids of the checks of the run
	AskedBy      func(scope string) string // the id of a check that needs the requests of a scope; "" if that is unknown, or nil
	RunName      string                    // the beginning of the name of everything that the run creates

	Way    foreign.Own                 // flags of curl for the way to the target; may be empty
	Gates  []string                    // names of the headers that every request has besides
	Bearer func(wire.Principal) string // the token that a principal has now; may be nil
}

// RoleName returns the name of the credential property with a role, or "".
func (s *Setting) RoleName(role credmock.Role) string {
	return RoleIn(s.Spec.Strategies[0].Shown, role)
}

// Writer writes requests and answers of a run so that they mean the same in another run: variables replace what differs, and no
// secret is shown.
type Writer struct {
	*Setting
	Detector *leak.Detector
	Scope    string // secrets of this check are looked for
}

// RoleIn returns the name of the property of an object with a role, or "".
func RoleIn(object *credmock.Object, role credmock.Role) string {
	if object == nil {
		return ""
	}
	if property := object.Role(role); property != nil {
		return property.Name
	}
	return ""
}
