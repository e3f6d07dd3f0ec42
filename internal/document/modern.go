package document

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// unread are the keywords of JSON Schema that change which values are valid, and that credmock does not know.
var unread = []string{
	"if", "then", "else", "dependentSchemas", "dependentRequired", "patternProperties", "propertyNames", "contains", "minContains",
	"maxContains", "prefixItems", "unevaluatedItems", "$dynamicRef",
}

// addModern adds the members that a schema has in OpenAPI 3.1 alone.
func addModern(known table[openapi3.Schema]) {
	modern := func(name, remedy string, read func(r *reader, schema *openapi3.Schema, at *spot)) {
		known[name] = func(r *reader, schema *openapi3.Schema, at *spot) {
			if !r.modern {
				r.mistake(at, "%s is a keyword of OpenAPI 3.1, and this document says that it is 3.0; %s", name, remedy)
				return
			}
			read(r, schema, at)
		}
	}
	modern("const", "write enum with one value", func(r *reader, schema *openapi3.Schema, at *spot) {
		schema.Enum = []any{r.value(at)}
	})
	modern("examples", "write example", func(r *reader, schema *openapi3.Schema, at *spot) {
		if values := r.values(at); len(values) > 0 && schema.Example == nil {
			schema.Example = values[0]
		}
	})
	modern("$defs", "put the schemas under components", func(r *reader, _ *openapi3.Schema, at *spot) {
		r.entries(at, func(_ string, member *spot) { r.schema(member) })
	})
	modern("unevaluatedProperties", "write additionalProperties", func(r *reader, schema *openapi3.Schema, at *spot) {
		if !at.isBoolean() {
			r.mistake(at, "this is read as true or false alone")
			return
		}
		if !r.truth(at) {
			schema.UnevaluatedProperties.Has = new(bool)
		}
	})
	for _, name := range unread {
		modern(name, "take it out", func(r *reader, _ *openapi3.Schema, at *spot) {
			r.mistake(at, "%s is not read here; describe the values without it", name)
		})
	}
	for _, name := range []string{"$schema", "$id", "$anchor", "$comment", "$dynamicAnchor", "contentMediaType", "contentEncoding",
		"contentSchema"} {
		modern(name, "take it out", skipped[openapi3.Schema])
	}
}

// exclusive reads an exclusive bound: a flag in OpenAPI 3.0, and a number in 3.1.
func (r *reader) exclusive(at *spot) openapi3.ExclusiveBound {
	if r.modern {
		return openapi3.ExclusiveBound{Value: r.number(at)}
	}
	flag := r.truth(at)
	return openapi3.ExclusiveBound{Bool: &flag}
}

// settle gives a schema the one spelling that everybody else reads: OpenAPI 3.0, no alternatives of which there is one, and none that
// is null.
func (r *reader) settle(at *spot, schema *openapi3.Schema) {
	settleBound(&schema.Min, &schema.ExclusiveMin, func(own, exclusive float64) bool { return own > exclusive })
	settleBound(&schema.Max, &schema.ExclusiveMax, func(own, exclusive float64) bool { return own < exclusive })
	if refused := schema.UnevaluatedProperties.Has; refused != nil {
		schema.UnevaluatedProperties.Has = nil
		schema.Extensions = maps.Clone(schema.Extensions)
		if schema.Extensions == nil {
			schema.Extensions = map[string]any{}
		}
		schema.Extensions["x-unknown-members"] = "refused"
	}
	settleTypes(schema)
	schema.OneOf = settleAlternatives(schema, schema.OneOf)
	schema.AnyOf = settleAlternatives(schema, schema.AnyOf)
	settleDiscriminator(schema)
	if schema.Type.Is("array") && schema.Items == nil {
		if r.modern {
			schema.Items = openapi3.NewSchemaRef("", &openapi3.Schema{})
		} else if at.member("items") == nil || at.member("items").isNull() {
			r.mistake(at, "an array needs items, which describes each of them")
		}
	}
	if schema.ReadOnly && schema.WriteOnly {
		r.mistake(at, "it is readOnly and writeOnly, so nobody could ever use it; take one out")
	}
}

// settleBound makes a bound with a flag of an exclusive bound of its own.
func settleBound(bound **float64, exclusive *openapi3.ExclusiveBound, tighter func(own, exclusive float64) bool) {
	value := exclusive.Value
	if value == nil {
		return
	}
	if exclusive.Value = nil; *bound != nil && tighter(**bound, *value) {
		return
	}
	isExclusive := true
	*bound, exclusive.Bool = value, &isExclusive
}

// settleTypes makes nullable of the type null, and alternatives of several types.
func settleTypes(schema *openapi3.Schema) {
	if schema.Type == nil {
		return
	}
	var types openapi3.Types
	for _, name := range *schema.Type {
		if name == "null" {
			schema.Nullable = true
			continue
		}
		types = append(types, name)
	}
	switch len(types) {
	case 0:
		schema.Type, schema.Enum = nil, []any{nil}
	case 1:
		schema.Type = &types
	default:
		var alternatives openapi3.SchemaRefs
		for _, name := range types {
			alternatives = append(alternatives, openapi3.NewSchemaRef("", ofType(schema, name)))
		}
		*schema = openapi3.Schema{
			Title: schema.Title, Description: schema.Description, Example: schema.Example, Extensions: schema.Extensions, Origin: schema.Origin,
			Nullable: schema.Nullable, ReadOnly: schema.ReadOnly, WriteOnly: schema.WriteOnly, Deprecated: schema.Deprecated,
			Default: schema.Default, OneOf: schema.OneOf, AnyOf: schema.AnyOf,
			AllOf: append(schema.AllOf, openapi3.NewSchemaRef("", &openapi3.Schema{AnyOf: alternatives, Origin: schema.Origin})),
		}
		if len(schema.OneOf)+len(schema.AnyOf)+len(schema.AllOf) == 1 {
			schema.AnyOf, schema.AllOf = alternatives, nil
		}
	}
}

// ofType returns what a schema of several types says of one of them.
func ofType(schema *openapi3.Schema, name string) *openapi3.Schema {
	one := *schema
	one.Type = &openapi3.Types{name}
	one.OneOf, one.AnyOf, one.AllOf, one.Extensions, one.Nullable, one.Example = nil, nil, nil, nil, false, nil
	one.Title, one.Description, one.Default, one.ReadOnly, one.WriteOnly = "", "", nil, false, false
	if name != "array" {
		one.Items = nil
	}
	return &one
}

// settleAlternatives makes nullable of an alternative that is null alone, and a part of allOf of a single alternative.
func settleAlternatives(schema *openapi3.Schema, alternatives openapi3.SchemaRefs) openapi3.SchemaRefs {
	var rest openapi3.SchemaRefs
	for _, one := range alternatives {
		if isNull(one.Value) {
			schema.Nullable = true
			continue
		}
		rest = append(rest, one)
	}
	if len(rest) != 1 {
		return rest
	}
	schema.AllOf = append(schema.AllOf, rest[0])
	return nil
}

// settleDiscriminator drops a discriminator that does not name every alternative: it would refuse the others, which their own
// properties tell apart.
func settleDiscriminator(schema *openapi3.Schema) {
	if schema.Discriminator == nil || len(schema.Discriminator.Mapping) == 0 {
		return
	}
	named := map[string]bool{}
	for _, mapped := range schema.Discriminator.Mapping {
		named[mapped.Ref] = true
	}
	isLeftOut := func(one *openapi3.SchemaRef) bool { return !named[one.Ref] }
	if slices.ContainsFunc(schema.OneOf, isLeftOut) || slices.ContainsFunc(schema.AnyOf, isLeftOut) {
		schema.Discriminator = nil
	}
}

// isNull reports whether null is the only value of a schema.
func isNull(schema *openapi3.Schema) bool {
	return schema.Type == nil && schema.Nullable && len(schema.Enum) == 1 && schema.Enum[0] == nil
}
