package mockserver

import (
	"net/http"

	"github.com/credmock/credmock"
)

// exportedState is all that a session holds, in the document's words: every organization with its environments, and in each
// of these, beside its own members, the credentials and destinations.
type exportedState struct {
	Organizations []exportedOrganization `json:"organizations"`
}

type exportedOrganization struct {
	ID           float64          `json:"id"`
	Environments []map[string]any `json:"environments"`
}

// contents are the members under which an environment of an export lists what it holds. Credentials come first: the others
// link to them.
var contents = [...]struct{ member, resource string }{{"credentials", resourceCredential}, {"destinations", resourceDestination}}

// adminExportState answers with the state. A secret is shown as its flag, as the API shows it, unless it is asked for.
func (s *Server) adminExportState(c *call) *reply {
	secrets := c.query.Get("secrets")
	if secrets != "" && secrets != "true" && secrets != "false" {
		return invalidParameter("secrets", "true or false")
	}
	return document(http.StatusOK, s.export(secrets == "true"))
}

func (s *Server) export(secrets bool) exportedState {
	exported := exportedState{}
	for _, organization := range s.organizations {
		one := exportedOrganization{ID: organization.number, Environments: []map[string]any{}}
		for _, environment := range organization.environments {
			shown := environmentMembers(environment)
			for _, content := range contents {
				if s.kinds[content.resource] != nil {
					shown[content.member] = s.exportAll(content.resource, environment.environment, secrets)
				}
			}
			one.Environments = append(one.Environments, shown)
		}
		exported.Organizations = append(exported.Organizations, one)
	}
	return exported
}

// environmentMembers returns what there is to say of an environment, apart from the organization in which it stands.
func environmentMembers(environment *record) map[string]any {
	members := map[string]any{"id": environment.id}
	form := environment.variant.shown
	for name, value := range environment.values {
		if form != nil && form.Role(credmock.RoleOrganization) != nil && form.Role(credmock.RoleOrganization).Name == name {
			continue
		}
		members[name] = value
	}
	return members
}

func (s *Server) exportAll(resource string, in *environment, secrets bool) []any {
	list := []any{}
	for _, stored := range s.store.list(resource, in) {
		list = append(list, s.exportOne(stored, secrets))
	}
	return list
}

// exportOne returns a record as the API shows it, and with its secrets where they are asked for.
func (s *Server) exportOne(stored *record, secrets bool) map[string]any {
	shown := stored.variant.shown.Redact(stored.values, nil).Members()
	if !secrets {
		censor := censor{words: s.words, known: s.known}
		censor.meetRecord(stored)
		for name, value := range shown {
			if text, isText := value.(string); isText && censor.hides(text) {
				shown[name] = withheldText
			}
		}
		return shown
	}
	for _, property := range stored.variant.create.Properties() {
		if value, there := stored.values[property.Name]; there && property.Secret {
			shown[property.Name] = value
		}
	}
	return shown
}
