package rerun

import (
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// The variables that package scenarios sets in every scenario, and one that a scenario sets itself if needed.
const (
	environmentVariable  = "ENVIRONMENT"
	organizationVariable = "ORGANIZATION"
	secondVariable       = "otherEnvironment"
)

// findSecond captures the id of another environment, if one of the requests names it.
func (s *script) findSecond(steps []*wire.Exchange) {
	if s.Second == "" || !isNamed(s.Second, steps) || !s.Environments.Success() {
		return
	}
	s.line("request", textWord(s.Environments.Method), s.path(s.Environments))
	s.capture(secondVariable, s.pointerTo(s.Environments, s.Second))
	s.variables[s.Second] = secondVariable
}

// plainInPath matches a text that stands in a path as it is (RFC 3986, pchar). A variable has no escapes.
var plainInPath = lazy.Regexp(`^[A-Za-z0-9._~!$&'()*+,;=:@-]+$`)

// path returns the path of a request as a scenario writes it, with a variable for a parameter that differs on another server.
func (s *script) path(e *wire.Exchange) argument {
	if value, matches := pathtemplate.Match(e.Template, e.Path); matches && plainInPath().MatchString(value) {
		if variable := s.variableOf(parameterRole(e.Operation), value); variable != "" {
			return argument{}.withPath(e.Template, variable)
		}
		s.unwritable = s.unwritable || s.isEnvironmentOfTarget(value)
	}
	return textWord(e.Path)
}

// isEnvironmentOfTarget tells whether the target lists an environment with the id. Another server has others.
func (s *script) isEnvironmentOfTarget(id string) bool {
	return s.Environments != nil && s.Environments.Success() && s.pointerTo(s.Environments, id) != ""
}

// parameterRole returns the role of the parameter in an operation's path.
func parameterRole(operation *credmock.Operation) credmock.Role {
	switch {
	case operation.Resource == "environment":
		return credmock.RoleOrganization
	case operation.Action == "list" || operation.Action == "create":
		return credmock.RoleEnvironment
	}
	return credmock.RoleID
}

// variableOf returns the variable for a value, or "". The number of an organization and a short environment id could be anything,
// so they are replaced only in their own places.
func (s *script) variableOf(role credmock.Role, value string) string {
	switch {
	case role == credmock.RoleOrganization && value == strconv.Itoa(s.Organization):
		return organizationVariable
	case s.variables[value] != "":
		return s.variables[value]
	case value == s.Environment && (role == credmock.RoleEnvironment || len(value) >= longID):
		return environmentVariable
	}
	return ""
}

// longID is the length from which an id can be told from other text.
const longID = 8

// named returns a value of a body with variables for what differs in the next run. name is the member that has the value.
func (s *script) named(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(value))
		for name, inner := range value {
			copied[escapeDollars(name)] = s.named(name, inner)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, inner := range value {
			copied[i] = s.named(name, inner)
		}
		return copied
	case float64:
		if name == s.RoleName(credmock.RoleOrganization) && jsonvalue.Same(value, s.Organization) {
			return mark(organizationVariable) // a number, so it loses its quotes later
		}
	case string:
		if variable := s.variableOf(s.roleOf(name), value); variable != "" {
			return "$" + variable
		}
		return escapeDollars(value)
	}
	return value
}

// roleOf returns the role of a member of a body.
func (s *script) roleOf(name string) credmock.Role {
	for _, role := range []credmock.Role{credmock.RoleEnvironment, credmock.RoleOrganization} {
		if name != "" && name == s.RoleName(role) {
			return role
		}
	}
	return ""
}

// escapeDollars keeps a dollar sign from starting a variable.
func escapeDollars(text string) string { return strings.ReplaceAll(text, "$", "$$") }
