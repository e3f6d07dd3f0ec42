package credmock

import (
	"cmp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// fold makes one object of a schema and its allOf parts: a part's properties come before the schema's own, and a
// later description of a property narrows an earlier one.
func fold(schema *openapi3.Schema) *Object {
	object := &Object{Schema: openapi3.NewObjectSchema(), byName: map[string]*Property{}}
	object.take(schema, Basis{Ruled, Should})
	object.pairFlags()
	return object
}

func (o *Object) take(schema *openapi3.Schema, outer Basis) {
	basis := basisOf(schema.Extensions, outer)
	for _, part := range schema.AllOf {
		o.take(part.Value, basis)
	}
	for _, name := range inDocumentOrder(schema.Properties) {
		o.takeProperty(name, schema.Properties[name].Value, basis)
	}
	for _, name := range schema.Required {
		if _, there := o.Requires(name); !there {
			o.Required = append(o.Required, Requirement{Name: name, Basis: basis})
			o.Schema.Required = append(o.Schema.Required, name)
		}
	}
	if text(schema.Extensions, extensionUnknownMembers) == unknownMembersRefused {
		o.UnknownMembersRefused = true
	}
}

func (o *Object) takeProperty(name string, schema *openapi3.Schema, basis Basis) {
	property := &Property{
		Name: name, Schema: schema, Basis: basisOf(schema.Extensions, basis),
		Role:   Role(text(schema.Extensions, extensionRole)),
		Secret: schema.WriteOnly, ReadOnly: schema.ReadOnly, Nullable: schema.PermitsNull(),
		Immutable: truth(schema.Extensions, extensionImmutable), Unlisted: truth(schema.Extensions, extensionUnlisted),
	}
	o.Schema.Properties[name] = openapi3.NewSchemaRef("", schema)
	if earlier := o.byName[name]; earlier != nil {
		if property.Role == "" {
			property.Role = earlier.Role
		}
		property.Immutable = property.Immutable || earlier.Immutable
		*earlier = *property
		return
	}
	o.byName[name] = property
	o.Properties = append(o.Properties, property)
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
		originA, originB := properties[a].Origin, properties[b].Origin
		return cmp.Or(cmp.Compare(line(originA), line(originB)), cmp.Compare(column(originA), column(originB)), cmp.Compare(a, b))
	})
	return names
}

func column(origin *openapi3.Origin) int {
	if origin == nil || origin.Key == nil {
		return 0
	}
	return origin.Key.Column
}

// schemaTypes returns the JSON types that a schema allows, those of its alternatives included.
func schemaTypes(schema *openapi3.Schema) []string {
	if schema.Type != nil {
		return schema.Type.Slice()
	}
	var types []string
	for _, alternative := range alternatives(schema) {
		types = append(types, schemaTypes(alternative.Value)...)
	}
	return types
}
