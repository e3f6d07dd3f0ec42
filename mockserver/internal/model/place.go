package model

import (
	"maps"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Organization owns environments.
type Organization struct {
	Number       float64 // as JSON has it
	Text         string  // as a path has it
	Environments []*store.Record
}

// Environment holds credentials and destinations.
type Environment struct {
	ID           string
	Organization *Organization
	Values       map[string]any // in the document's words
}

func newOrganization(number float64) *Organization {
	return &Organization{Number: number, Text: strconv.FormatFloat(number, 'f', -1, 64)}
}

// Reference returns how a property refers to the organization: by its number, or by an object that holds it.
func (o *Organization) Reference(property *credmock.Property) any {
	return reference(property.Schema, o.Number, nil)
}

// Reference returns how a property refers to the environment: by its id, or by an object with some of its members.
func (e *Environment) Reference(property *credmock.Property) any {
	return reference(property.Schema, e.ID, e.Values)
}

// reference builds the value of a property that stands for another thing. An object takes its members from the thing's
// own of the same names; one that the thing does not have is its identifier.
func reference(schema *openapi3.Schema, identifier any, values map[string]any) any {
	if !schema.Type.Is("object") {
		return identifier
	}
	object := map[string]any{}
	for name := range maps.Keys(schema.Properties) {
		if value, ok := values[name]; ok {
			object[name] = value
		} else if len(schema.Properties) == 1 {
			object[name] = identifier
		}
	}
	return object
}
