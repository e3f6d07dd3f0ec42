package document

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/source"
)

// Merger makes one schema of a schema and the parts of its allOf, at every depth. It merges each schema once.
type Merger struct {
	whole    map[*openapi3.Schema]*openapi3.Schema
	pairs    map[[2]*openapi3.Schema]*openapi3.Schema
	Mistakes []error // parts that contradict each other
}

// NewMerger returns a merger for one document. No schema may be made of itself through allOf, oneOf or anyOf.
func NewMerger() *Merger {
	return &Merger{map[*openapi3.Schema]*openapi3.Schema{}, map[[2]*openapi3.Schema]*openapi3.Schema{}, nil}
}

// Merge returns the schema without allOf, and the same for all schemas in it. Its alternatives are no alternatives themselves.
func (m *Merger) Merge(schema *openapi3.Schema) *openapi3.Schema {
	if known := m.whole[schema]; known != nil {
		return known
	}
	if schema.AllOf == nil && schema.OneOf == nil && schema.AnyOf == nil && schema.Properties == nil && schema.Items == nil &&
		schema.Discriminator == nil {
		m.whole[schema] = schema
		return schema
	}
	own := *schema
	m.whole[schema] = &own // a property may lead back here
	own.Discriminator = nil
	own.Properties = m.properties(schema.Properties)
	own.OneOf, own.AnyOf = m.alternatives(schema.OneOf, false), m.alternatives(schema.AnyOf, true)
	if own.Items != nil {
		own.Items = &openapi3.SchemaRef{Value: m.Merge(own.Items.Value), Origin: own.Items.Origin}
	}
	parts := own.AllOf
	own.AllOf = nil
	whole := &own
	for i := len(parts) - 1; i >= 0; i-- {
		whole = m.Both(m.Merge(parts[i].Value), whole)
	}
	if whole != &own {
		if schema.Nullable {
			copied := *whole
			copied.Nullable = true
			whole = &copied
		}
		own = *whole
	}
	own.Origin = schema.Origin
	return &own
}

func (m *Merger) properties(properties openapi3.Schemas) openapi3.Schemas {
	if properties == nil {
		return nil
	}
	merged := make(openapi3.Schemas, len(properties))
	for name, property := range properties {
		merged[name] = &openapi3.SchemaRef{Value: m.Merge(property.Value), Origin: property.Origin}
	}
	return merged
}

// alternatives merges each alternative. One that has alternatives itself, and says no more, gives way to them.
func (m *Merger) alternatives(list openapi3.SchemaRefs, anyOf bool) openapi3.SchemaRefs {
	var merged openapi3.SchemaRefs
	for _, one := range list {
		value := m.Merge(one.Value)
		inner := value.OneOf
		if anyOf {
			inner = value.AnyOf
		}
		if len(inner) > 0 && saysNoMore(value, anyOf) {
			merged = append(merged, inner...)
			continue
		}
		merged = append(merged, &openapi3.SchemaRef{Value: value, Origin: one.Origin})
	}
	return merged
}

// saysNoMore reports whether a schema has alternatives and no rules beside them.
func saysNoMore(schema *openapi3.Schema, anyOf bool) bool {
	rest := *schema
	if anyOf {
		rest.AnyOf = nil
	} else {
		rest.OneOf = nil
	}
	rest.Title, rest.Description, rest.Example, rest.Origin, rest.Extensions, rest.ExternalDocs = "", "", nil, nil, nil, nil
	return reflect.ValueOf(rest).IsZero()
}

// Both returns the schema of the values that are valid for two schemas without allOf. What the second says of a value goes before what
// the first says, where both describe it.
func (m *Merger) Both(first, second *openapi3.Schema) *openapi3.Schema {
	if first == second {
		return first
	}
	pair := [2]*openapi3.Schema{first, second}
	if known := m.pairs[pair]; known != nil {
		return known
	}
	made := *second
	m.pairs[pair] = &made
	made.Nullable = (first.Nullable || first.Type == nil) && (second.Nullable || second.Type == nil) && (first.Nullable || second.Nullable)
	made.ReadOnly, made.WriteOnly = first.ReadOnly || second.ReadOnly, first.WriteOnly || second.WriteOnly
	made.Deprecated, made.UniqueItems = first.Deprecated || second.Deprecated, first.UniqueItems || second.UniqueItems
	orElse(&made.Title, first.Title)
	orElse(&made.Description, first.Description)
	if made.Default == nil {
		made.Default = first.Default
	}
	if made.Example == nil {
		made.Example = first.Example
	}
	if len(first.Extensions) > 0 {
		made.Extensions = maps.Clone(first.Extensions)
		maps.Copy(made.Extensions, second.Extensions)
	}
	m.bothTypes(&made, first)
	m.bothBounds(&made, first)
	m.bothMembers(&made, first)
	m.bothAlternatives(&made, first)
	return &made
}

func orElse(into *string, other string) {
	if *into == "" {
		*into = other
	}
}

// bothTypes narrows type, enum, format and pattern.
func (m *Merger) bothTypes(made, first *openapi3.Schema) {
	switch {
	case made.Type == nil, made.Type.Is("number") && first.Type.Is("integer"):
		made.Type = cmpOr(first.Type, made.Type)
	case first.Type == nil, made.Type.Is("integer") && first.Type.Is("number"), reflect.DeepEqual(made.Type, first.Type):
	default:
		m.contradiction(made, "types", first.Type.Slice()[0], made.Type.Slice()[0])
	}
	switch {
	case made.Enum == nil:
		made.Enum = first.Enum
	case first.Enum != nil:
		made.Enum = slices.DeleteFunc(slices.Clone(made.Enum), func(value any) bool {
			return !slices.ContainsFunc(first.Enum, func(other any) bool { return reflect.DeepEqual(value, other) })
		})
		if len(made.Enum) == 0 {
			m.contradiction(made, "values under enum", "some", "others")
		}
	}
	if made.Format != "" && first.Format != "" && made.Format != first.Format ||
		made.Pattern != "" && first.Pattern != "" && made.Pattern != first.Pattern {
		made.AllOf = append(made.AllOf, openapi3.NewSchemaRef("", first)) // both are asked for
	}
	orElse(&made.Format, first.Format)
	orElse(&made.Pattern, first.Pattern)
}

func cmpOr[T any](first, second *T) *T {
	if first != nil {
		return first
	}
	return second
}

func (m *Merger) contradiction(at *openapi3.Schema, subject, first, second string) {
	mistake := &source.Mistake{Message: fmt.Sprintf("two parts of allOf name different %s, %s and %s, so that no value has both; "+
		"let them agree", subject, first, second)}
	if at.Origin != nil && at.Origin.Key != nil {
		mistake.Line, mistake.Place = at.Origin.Key.Line, at.Origin.Key.Name
	}
	m.Mistakes = append(m.Mistakes, mistake)
}

// bothBounds narrows the bounds of numbers, lengths and counts.
func (m *Merger) bothBounds(made, first *openapi3.Schema) {
	made.MinLength, made.MinItems = max(made.MinLength, first.MinLength), max(made.MinItems, first.MinItems)
	made.MinProps = max(made.MinProps, first.MinProps)
	made.MaxLength, made.MaxItems = smaller(made.MaxLength, first.MaxLength), smaller(made.MaxItems, first.MaxItems)
	made.MaxProps = smaller(made.MaxProps, first.MaxProps)
	if first.Min != nil && (made.Min == nil || *first.Min > *made.Min) {
		made.Min, made.ExclusiveMin = first.Min, first.ExclusiveMin
	}
	if first.Max != nil && (made.Max == nil || *first.Max < *made.Max) {
		made.Max, made.ExclusiveMax = first.Max, first.ExclusiveMax
	}
	made.MultipleOf = cmpOr(made.MultipleOf, first.MultipleOf)
}

func smaller(one, other *uint64) *uint64 {
	if one == nil || other != nil && *other < *one {
		return other
	}
	return one
}

// bothMembers joins the members of objects and the items of lists.
func (m *Merger) bothMembers(made, first *openapi3.Schema) {
	if len(first.Properties) > 0 {
		joined := maps.Clone(first.Properties)
		for name, property := range made.Properties {
			if earlier := joined[name]; earlier != nil {
				property = &openapi3.SchemaRef{Value: m.Both(earlier.Value, property.Value), Origin: earlier.Origin}
			}
			joined[name] = property
		}
		made.Properties = joined
	}
	if len(first.Required) > 0 {
		required := slices.Clone(first.Required)
		for _, name := range made.Required {
			if !slices.Contains(required, name) {
				required = append(required, name)
			}
		}
		made.Required = required
	}
	switch {
	case made.Items == nil:
		made.Items = first.Items
	case first.Items != nil:
		made.Items = &openapi3.SchemaRef{Value: m.Both(first.Items.Value, made.Items.Value), Origin: made.Items.Origin}
	}
	if made.AdditionalProperties.Has == nil && made.AdditionalProperties.Schema == nil {
		made.AdditionalProperties = first.AdditionalProperties
	}
	made.Not = cmpOr(made.Not, first.Not)
}

// bothAlternatives keeps the alternatives of both schemas.
func (m *Merger) bothAlternatives(made, first *openapi3.Schema) {
	switch {
	case len(first.OneOf)+len(first.AnyOf) == 0:
	case len(made.OneOf)+len(made.AnyOf) == 0:
		made.OneOf, made.AnyOf = first.OneOf, first.AnyOf
	default:
		made.AllOf = append(made.AllOf, openapi3.NewSchemaRef("", &openapi3.Schema{OneOf: first.OneOf, AnyOf: first.AnyOf}))
	}
}
