package model

import (
	"maps"
	"slices"
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

// reference returns the value of a property that refers to something. An object takes its members, described or only required, from the
// values of the same names. If it has a single member without a value, that is the identifier; if nothing has a value, the single one
// that is required.
func reference(schema *openapi3.Schema, identifier any, values map[string]any) any {
	names := slices.Concat(slices.Collect(maps.Keys(schema.Properties)), schema.Required)
	slices.Sort(names)
	names = slices.Compact(names)
	if !schema.Type.Is("object") && (schema.Type != nil || len(names) == 0) {
		return identifier
	}
	object := map[string]any{}
	for _, name := range names {
		isOnly := len(names) == 1 || values == nil && len(schema.Required) == 1 && name == schema.Required[0]
		if value, ok := values[name]; ok {
			object[name] = value
		} else if isOnly {
			object[name] = identifier
		}
	}
	return object
}
