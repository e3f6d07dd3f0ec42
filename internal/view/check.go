package view

import (
	"math"
	"reflect"

	"github.com/getkin/kin-openapi/openapi3"
)

// check validates the value of a field. Simple schemas have a short closure, since a check runs for every member of every
// request and answer; kin-openapi validates all others. A fuzz test compares the two.
type check func(field *field, value any) []Violation

// compile returns the check of a schema.
func compile(schema *openapi3.Schema) check {
	accepts := plain(schema)
	if accepts == nil {
		return visit
	}
	return func(field *field, value any) []Violation {
		if accepts(value) {
			return nil
		}
		return visit(field, value)
	}
}

// plain returns a closure that accepts exactly the values of the schema, or nil if the schema is not plain.
func plain(schema *openapi3.Schema) func(any) bool {
	if !isPlain(schema) {
		return nil
	}
	var accepts func(any) bool
	switch {
	case schema.Type.Is("string"):
		accepts = plainString(schema)
	case schema.Type.Is("boolean") && schema.Enum == nil:
		accepts = isBoolean
	case schema.Type.Is("number") && schema.Enum == nil && schema.Format == "":
		accepts = isNumber
	case schema.Type.Is("integer") && schema.Enum == nil && schema.Format == "":
		accepts = isInteger
	}
	if accepts == nil || !schema.Nullable {
		return accepts
	}
	return func(value any) bool { return value == nil || accepts(value) }
}

// isPlain tells whether a schema has only a type, an enum, a format, and descriptions.
func isPlain(schema *openapi3.Schema) bool {
	rest := *schema
	rest.Type, rest.Enum, rest.Format, rest.Nullable = nil, nil, "", false
	rest.ReadOnly, rest.WriteOnly, rest.Deprecated = false, false, false
	rest.Title, rest.Description, rest.Example, rest.ExternalDocs = "", "", nil, nil
	rest.Extensions, rest.Origin = nil, nil
	return schema.Type != nil && reflect.ValueOf(rest).IsZero()
}

func plainString(schema *openapi3.Schema) func(any) bool {
	switch {
	case schema.Enum == nil && schema.Format == "":
		return isString
	case schema.Enum == nil && schema.Format == "date-time":
		return func(value any) bool {
			text, ok := value.(string)
			return ok && isDateTime(text)
		}
	case len(schema.Enum) == 1 && schema.Format == "":
		only, ok := schema.Enum[0].(string)
		if !ok {
			return nil
		}
		return func(value any) bool { return value == only }
	}
	return nil
}

func isString(value any) bool  { _, ok := value.(string); return ok }
func isBoolean(value any) bool { _, ok := value.(bool); return ok }
func isNumber(value any) bool  { _, ok := value.(float64); return ok }
func isInteger(value any) bool {
	number, ok := value.(float64)
	return ok && number == math.Trunc(number)
}

// visit asks kin-openapi, and flattens its findings.
func visit(field *field, value any) []Violation {
	return gather(field.Schema, field.pointer, field.Name, value)
}
