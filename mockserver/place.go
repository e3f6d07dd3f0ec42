package mockserver

import (
	"maps"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
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

func newOrganization(number float64) *organization {
	return &organization{number: number, text: strconv.FormatFloat(number, 'f', -1, 64)}
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
