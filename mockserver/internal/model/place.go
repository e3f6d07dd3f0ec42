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
	Number       float64 // in JSON
	Text         string  // in a path
	Environments []*store.Record
}

// Environment holds credentials and destinations.
type Environment struct {
	ID           string
	Organization *Organization
	Values       map[string]any // by the document's names
}

func newOrganization(number float64) *Organization {
	return &Organization{Number: number, Text: strconv.FormatFloat(number, 'f', -1, 64)}
}

// Reference returns the value of a property that refers to the organization: its number, or an object that holds it.
func (o *Organization) Reference(property *credmock.Property) any {
	return reference(property.Schema, o.Number, nil)
}

// Reference returns the value of a property that refers to the environment: its id, or an object with some of its
// members.
func (e *Environment) Reference(property *credmock.Property) any {
	return reference(property.Schema, e.ID, e.Values)
}

// reference returns the value of a property that refers to something. An object takes its members from the values of
// the same names; if it has a single member without a value, that is the identifier.
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
