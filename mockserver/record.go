package mockserver

import (
	"maps"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// organization owns environments.
type organization struct {
	number       float64 // as JSON has it
	text         string  // as a path has it
	environments []*record
}

// environment holds credentials and destinations.
type environment struct {
	id           string
	organization *organization
	values       map[string]any // in the document's words
}

// record is something stored. It is immutable once it is in the store: a change puts another in its place, so whoever
// reads one needs no lock and no copy.
type record struct {
	resource    string
	id          string
	sequence    int64          // the place in the order of creation
	strategy    string         // the name of its variant; empty for a resource that has only one
	environment string         // the id
	link        string         // the id of the credential in use; empty for none
	values      map[string]any // everything that is stored, secrets included, by the document's names
}

func newOrganization(number float64) *organization {
	return &organization{number: number, text: strconv.FormatFloat(number, 'f', -1, 64)}
}

// owned returns what the server itself says of a new record, by the roles of its properties.
func (r *record) owned(by *variant, in *environment, now string) map[string]any {
	values := map[string]any{}
	for _, property := range by.shown.Properties() {
		switch property.Role {
		case credmock.RoleID:
			values[property.Name] = r.id
		case credmock.RoleCreationTime, credmock.RoleUpdateTime:
			values[property.Name] = now
		case credmock.RoleOrganization:
			values[property.Name] = in.organization.reference(property)
		case credmock.RoleEnvironment:
			values[property.Name] = in.reference(property)
		case credmock.RoleStrategy:
			values[property.Name] = by.name
		}
	}
	return values
}

// touch sets the time of the last change. A clock that was set back does not bring it before an earlier one.
func (r *record) touch(form *view.Form, now string) {
	property := form.Role(credmock.RoleUpdateTime)
	if property == nil {
		return
	}
	if last, _ := r.values[property.Name].(string); last < now {
		r.values[property.Name] = now
	}
}

// brokenLink is the violation of a body that names a credential that cannot be used.
func brokenLink(form *view.Form) view.Violation {
	name := form.Role(credmock.RoleCredential).Name
	return view.Violation{Code: "unknown-credential", Pointer: "/" + view.EscapePointer(name),
		Message: name + " must be the id of a credential of the same environment, or null for none."}
}

// reference returns how a property refers to the organization: by its number, or by an object that holds it.
func (o *organization) reference(property *credmock.Property) any {
	return reference(property.Schema, o.number, nil)
}

// reference returns how a property refers to the environment: by its id, or by an object with some of its members.
func (e *environment) reference(property *credmock.Property) any {
	return reference(property.Schema, e.id, e.values)
}

// reference builds the value of a property that stands for another thing. An object takes its members from the thing's
// own of the same names; one that the thing does not have is its identifier.
func reference(schema *openapi3.Schema, identifier any, values map[string]any) any {
	if !schema.Type.Is("object") {
		return identifier
	}
	object := map[string]any{}
	for name := range maps.Keys(schema.Properties) {
		if value, there := values[name]; there {
			object[name] = value
		} else if len(schema.Properties) == 1 {
			object[name] = identifier
		}
	}
	return object
}
