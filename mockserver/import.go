package mockserver

import (
	"net/http"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// stateLimit is the size in bytes that a state may have: room for more credentials than the mock is meant for.
const stateLimit = 256 << 20

// adminImportState puts what an export says in the place of what the session holds, or names every fault and changes nothing.
func (s *Server) adminImportState(c *call) *reply {
	var given exportedState
	if refusal := c.instructions(&given, stateLimit); refusal != nil {
		return refusal
	}
	if given.Organizations == nil {
		return badRequest([]view.Violation{{Code: view.CodeRequired, Pointer: "/organizations", Message: "organizations is required; send what GET state answers, or POST reset to begin anew."}})
	}
	imported := importer{Server: s, made: newStore()}
	imported.organizations(given.Organizations)
	if len(imported.faults) > 0 {
		return badRequest(imported.faults)
	}
	s.store.restore(&imported.made.state)
	return document(http.StatusOK, s.export(false))
}

// importer makes a store of an export. Organizations and environments are those of the fixtures: an export cannot bring others.
type importer struct {
	*Server
	made   *store
	faults []view.Violation
}

func (i *importer) fault(pointer, code, message string) {
	i.faults = append(i.faults, view.Violation{Code: code, Pointer: pointer, Message: message})
}

func (i *importer) organizations(listed []exportedOrganization) {
	name := idName(environmentForm(i.spec))
	for at, one := range listed {
		for inner, values := range one.Environments {
			pointer := "/organizations/" + strconv.Itoa(at) + "/environments/" + strconv.Itoa(inner)
			id, _ := values[name].(string)
			found := i.environments[id]
			if found == nil || found.organization.number != one.ID {
				i.fault(pointer, "unknown-environment", "The mock has no environment with this id in an organization with this one; they come from the fixtures.")
				continue
			}
			for _, content := range contents {
				i.items(content.resource, found, values[content.member], pointer+"/"+content.member)
			}
		}
	}
}

// items imports what an environment lists of a resource.
func (i *importer) items(resource string, in *environment, listed any, pointer string) {
	items, isList := listed.([]any)
	if listed != nil && !isList {
		i.fault(pointer, view.CodeType, "This must be a list.")
	}
	for at, item := range items {
		pointer := pointer + "/" + strconv.Itoa(at)
		values, isObject := item.(map[string]any)
		if !isObject || i.kinds[resource] == nil {
			i.fault(pointer, view.CodeType, "This must be a "+resource+" as an export has it.")
			continue
		}
		before := len(i.faults)
		made := i.item(i.kinds[resource], in, values)
		for fault := before; fault < len(i.faults); fault++ {
			i.faults[fault].Pointer = pointer + i.faults[fault].Pointer
		}
		if len(i.faults) == before {
			i.put(made, pointer)
		}
	}
}

func (i *importer) put(made *record, pointer string) {
	i.learn(made)
	if i.made.get(made.resource, made.id) != nil {
		i.fault(pointer+"/id", "duplicate-id", "Another "+made.resource+" has the same id.")
	} else if i.made.put(nil, made) != nil {
		fault := made.brokenLink()
		i.fault(pointer+fault.Pointer, fault.Code, fault.Message)
	}
}

// item makes a record of what an export says of it, and notes what is wrong.
func (i *importer) item(kind *kind, in *environment, values map[string]any) *record {
	variant, faults := kind.choose(values)
	i.faults = append(i.faults, faults...)
	if variant == nil {
		return nil
	}
	made := &record{resource: kind.resource, variant: variant, environment: in}
	made.id, _ = values[variant.shown.Role(credmock.RoleID).Name].(string)
	if made.id == "" {
		i.fault("/"+variant.shown.Role(credmock.RoleID).Name, view.CodeRequired, "The id is required.")
	}
	sent := i.sent(made, values)
	i.faults = append(i.faults, variant.create.Sent(sent)...)
	made.values = variant.create.Merge(made.owned(i.now()), sent)
	if property := variant.create.Role(credmock.RoleCredential); property != nil {
		made.link, _ = sent[property.Name].(string)
	}
	for _, role := range []credmock.Role{credmock.RoleCreationTime, credmock.RoleUpdateTime} {
		if property := variant.shown.Role(role); property != nil && values[property.Name] != nil {
			made.values[property.Name] = values[property.Name]
		}
	}
	if len(i.faults) == 0 {
		i.faults = append(i.faults, variant.shown.Redact(made.values, nil).Check()...)
	}
	return made
}

// sent returns what a client would have sent to create the record. What an export masks is taken from the record of the
// same id that the session holds, so that an export can be edited and put back.
func (i *importer) sent(made *record, values map[string]any) map[string]any {
	var stored map[string]any
	if held := i.store.get(made.resource, made.id); held != nil && held.variant == made.variant {
		stored = held.values
	}
	sent := i.secrets(made, values, stored)
	for name, value := range values {
		property := made.variant.shown.Property(name)
		switch {
		case property != nil && (property.ReadOnly || property.Role == credmock.RoleOrganization || property.Role == credmock.RoleEnvironment):
		case value == string(withheldText) && stored[name] != nil:
			sent[name] = stored[name]
		default:
			sent[name] = value
		}
	}
	if property := made.variant.create.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		sent[property.Name] = made.environment.reference(property)
	}
	return sent
}

// secrets returns those secrets that an export without secrets does not hold, and that the stored record has.
func (i *importer) secrets(made *record, values, stored map[string]any) map[string]any {
	kept := map[string]any{}
	for _, name := range made.variant.secrets {
		flag := made.variant.create.Property(name).Flag
		if _, there := values[name]; there || flag != "" && values[flag] != true {
			continue
		}
		if stored[name] != nil {
			kept[name] = stored[name]
		} else if flag != "" {
			i.fault("/"+view.EscapePointer(flag), "secret-missing",
				flag+" is true, but the secret is not here, and no such "+made.resource+" has one; export with ?secrets=true.")
		}
	}
	return kept
}
