package credmock

import (
	"cmp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// fold makes one object of a schema and its allOf parts: a part's properties come before the schema's own, and what is said of a
// property in several parts holds together.
func (c *compiler) fold(schema *openapi3.Schema) *Object {
	if folded := c.folded[schema]; folded != nil {
		return folded
	}
	object := &Object{Schema: openapi3.NewObjectSchema(), byName: map[string]*Property{}, requiredBy: map[string]*openapi3.Origin{}}
	object.Schema.Origin = schema.Origin
	c.folded[schema] = object
	c.take(object, schema, Basis{Ruled, Should})
	object.pairFlags()
	for _, part := range object.closed {
		c.close(object, part)
	}
	return object
}

// close makes an object refuse unknown members if a part of it does, and that part knows all members.
func (c *compiler) close(object *Object, part *openapi3.Schema) {
	object.UnknownMembersRefused = true
	for _, property := range object.Properties {
		if part.Properties[property.Name] == nil {
			c.merger.Mistakes = append(c.merger.Mistakes, mistake(part.Origin, property.Name, "additionalProperties: false in one part of "+
				"allOf refuses the members of the others; write x-unknown-members: refused beside allOf"))
			return
		}
	}
}

func (c *compiler) take(object *Object, schema *openapi3.Schema, outer Basis) {
	basis := basisOf(schema.Extensions, outer)
	for _, part := range schema.AllOf {
		c.take(object, part.Value, basis)
	}
	for _, name := range inDocumentOrder(schema.Properties) {
		c.takeProperty(object, name, schema.Properties[name].Value, basis)
	}
	for _, name := range schema.Required {
		i := slices.IndexFunc(object.Required, func(one Requirement) bool { return one.Name == name })
		if i >= 0 {
			object.Required[i].Basis = stronger(object.Required[i].Basis, basis)
			continue
		}
		object.Required = append(object.Required, Requirement{Name: name, Basis: basis})
		object.requiredBy[name] = schema.Origin
		object.Schema.Required = append(object.Schema.Required, name)
	}
	if text(schema.Extensions, extensionUnknownMembers) == unknownMembersRefused {
		object.UnknownMembersRefused = true
	}
	if allowed := schema.AdditionalProperties.Has; allowed != nil && !*allowed {
		object.closed = append(object.closed, schema)
	}
}

func (c *compiler) takeProperty(object *Object, name string, described *openapi3.Schema, basis Basis) {
	schema, earlier := c.merger.Merge(described), object.byName[name]
	if earlier != nil {
		schema = c.merger.Both(earlier.Schema, schema)
	}
	property := &Property{
		Name: name, Schema: schema, Basis: basisOf(schema.Extensions, basis),
		Role: Role(text(schema.Extensions, extensionRole)), RequestRole: text(schema.Extensions, extensionRequestRole),
		Secret: schema.WriteOnly, ReadOnly: schema.ReadOnly, Nullable: permitsNull(schema),
		Immutable: truth(schema.Extensions, extensionImmutable), Unlisted: truth(schema.Extensions, extensionUnlisted),
	}
	object.Schema.Properties[name] = openapi3.NewSchemaRef("", schema)
	if earlier != nil {
		if stronger(earlier.Basis, property.Basis) == property.Basis {
			property.Basis = earlier.Basis
		}
		*earlier = *property
		return
	}
	object.byName[name] = property
	object.Properties = append(object.Properties, property)
}

// stronger returns the basis that holds more: a rule that two parts state stands on the better evidence. A property that two parts
// describe is as sure as the weaker one, since it must be as both say.
func stronger(one, other Basis) Basis {
	rank := func(basis Basis) int {
		rank := slices.Index([]Evidence{Ruled, Inferred, Documented}, basis.Evidence)
		if basis.Level == Must {
			rank += 3
		}
		return rank
	}
	if rank(other) > rank(one) {
		return other
	}
	return one
}

func readOnly(property *Property) bool  { return property.ReadOnly }
func writeOnly(property *Property) bool { return property.Secret }

// without returns the object without the requirements of some properties. As OpenAPI has it, a readOnly property is required in
// answers alone, and a writeOnly one in bodies alone.
func (o *Object) without(optional func(*Property) bool) *Object {
	isOptional := func(name string) bool { return o.byName[name] != nil && optional(o.byName[name]) }
	if !slices.ContainsFunc(o.Schema.Required, isOptional) {
		return o
	}
	less, schema := *o, *o.Schema
	less.Required = slices.DeleteFunc(slices.Clone(o.Required), func(one Requirement) bool { return isOptional(one.Name) })
	schema.Required = slices.DeleteFunc(slices.Clone(schema.Required), isOptional)
	less.Schema = &schema
	return &less
}

// permitsNull reports whether a schema, or an alternative of it, allows null.
func permitsNull(schema *openapi3.Schema) bool {
	return schema.Nullable || slices.ContainsFunc(alternatives(schema), func(one *openapi3.SchemaRef) bool { return permitsNull(one.Value) })
}

// pairFlags finds for each secret the read-only boolean that is shown in its place.
func (o *Object) pairFlags() {
	for _, property := range o.Properties {
		flag := o.byName[FlagName(property.Name)]
		if property.Secret && flag != nil && flag.ReadOnly && flag.Schema.Type.Is("boolean") {
			property.Flag, flag.FlagOf = flag.Name, property.Name
		}
	}
}

// inDocumentOrder returns the names of properties by the line on which they stand.
func inDocumentOrder(properties openapi3.Schemas) []string {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(compareOrigins(properties[a].Origin, properties[b].Origin), cmp.Compare(a, b))
	})
	return names
}

// schemaTypes returns the JSON types that a schema allows, those of its alternatives included. Without a type the values of enum tell.
func schemaTypes(schema *openapi3.Schema) []string {
	if schema.Type != nil {
		return schema.Type.Slice()
	}
	var types []string
	for _, value := range schema.Enum {
		if name := typeOf(value); name != "" && !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	for _, alternative := range alternatives(schema) {
		types = append(types, schemaTypes(alternative.Value)...)
	}
	return types
}

// typeOf returns the JSON type of a value other than null.
func typeOf(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return ""
}
