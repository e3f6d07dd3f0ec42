package document

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

func schemaTable() table[openapi3.Schema] {
	known := table[openapi3.Schema]{
		"type":         func(r *reader, schema *openapi3.Schema, at *spot) { schema.Type = r.types(at) },
		"title":        func(r *reader, schema *openapi3.Schema, at *spot) { schema.Title = r.text(at) },
		"format":       func(r *reader, schema *openapi3.Schema, at *spot) { schema.Format = r.text(at) },
		"description":  func(r *reader, schema *openapi3.Schema, at *spot) { schema.Description = r.text(at) },
		"pattern":      func(r *reader, schema *openapi3.Schema, at *spot) { schema.Pattern = r.text(at) },
		"default":      func(r *reader, schema *openapi3.Schema, at *spot) { schema.Default = r.value(at) },
		"example":      func(r *reader, schema *openapi3.Schema, at *spot) { schema.Example = r.value(at) },
		"enum":         func(r *reader, schema *openapi3.Schema, at *spot) { schema.Enum = r.values(at) },
		"externalDocs": func(r *reader, schema *openapi3.Schema, at *spot) { schema.ExternalDocs = r.externalDocs(at) },
		"nullable": func(r *reader, schema *openapi3.Schema, at *spot) {
			schema.Nullable = r.truth(at) && !r.modern // it is no keyword of JSON Schema
		},
		"readOnly":         func(r *reader, schema *openapi3.Schema, at *spot) { schema.ReadOnly = r.truth(at) },
		"writeOnly":        func(r *reader, schema *openapi3.Schema, at *spot) { schema.WriteOnly = r.truth(at) },
		"deprecated":       func(r *reader, schema *openapi3.Schema, at *spot) { schema.Deprecated = r.truth(at) },
		"uniqueItems":      func(r *reader, schema *openapi3.Schema, at *spot) { schema.UniqueItems = r.truth(at) },
		"allowEmptyValue":  skipped[openapi3.Schema],
		"xml":              skipped[openapi3.Schema],
		"minimum":          func(r *reader, schema *openapi3.Schema, at *spot) { schema.Min = r.number(at) },
		"maximum":          func(r *reader, schema *openapi3.Schema, at *spot) { schema.Max = r.number(at) },
		"exclusiveMinimum": func(r *reader, schema *openapi3.Schema, at *spot) { schema.ExclusiveMin = r.exclusive(at) },
		"exclusiveMaximum": func(r *reader, schema *openapi3.Schema, at *spot) { schema.ExclusiveMax = r.exclusive(at) },
		"multipleOf":       func(r *reader, schema *openapi3.Schema, at *spot) { schema.MultipleOf = r.number(at) },
		"minLength":        func(r *reader, schema *openapi3.Schema, at *spot) { schema.MinLength = *r.count(at) },
		"maxLength":        func(r *reader, schema *openapi3.Schema, at *spot) { schema.MaxLength = r.count(at) },
		"minItems":         func(r *reader, schema *openapi3.Schema, at *spot) { schema.MinItems = *r.count(at) },
		"maxItems":         func(r *reader, schema *openapi3.Schema, at *spot) { schema.MaxItems = r.count(at) },
		"minProperties":    func(r *reader, schema *openapi3.Schema, at *spot) { schema.MinProps = *r.count(at) },
		"maxProperties":    func(r *reader, schema *openapi3.Schema, at *spot) { schema.MaxProps = r.count(at) },
	}
	addNested(known)
	addModern(known)
	return known
}

// addNested adds the members that hold schemas.
func addNested(known table[openapi3.Schema]) {
	known["allOf"] = func(r *reader, schema *openapi3.Schema, at *spot) {
		schema.AllOf = append(r.schemaList(at), schema.AllOf...)
	}
	known["oneOf"] = func(r *reader, schema *openapi3.Schema, at *spot) { schema.OneOf = r.schemaList(at) }
	known["anyOf"] = func(r *reader, schema *openapi3.Schema, at *spot) { schema.AnyOf = r.schemaList(at) }
	known["not"] = func(r *reader, schema *openapi3.Schema, at *spot) { schema.Not = r.schema(at) }
	known["items"] = func(r *reader, schema *openapi3.Schema, at *spot) { schema.Items = r.schema(at) }
	known["required"] = func(r *reader, schema *openapi3.Schema, at *spot) {
		for _, name := range r.texts(at) {
			if !slices.Contains(schema.Required, name) {
				schema.Required = append(schema.Required, name)
			}
		}
	}
	known["properties"] = func(r *reader, schema *openapi3.Schema, at *spot) {
		schema.Properties = openapi3.Schemas{}
		r.entries(at, func(name string, member *spot) { schema.Properties[name] = r.schema(member) })
	}
	known["additionalProperties"] = func(r *reader, schema *openapi3.Schema, at *spot) {
		if at.isBoolean() {
			allowed := r.truth(at)
			schema.AdditionalProperties.Has = &allowed
			return
		}
		schema.AdditionalProperties.Schema = r.schema(at)
	}
	known["discriminator"] = func(r *reader, schema *openapi3.Schema, at *spot) {
		schema.Discriminator = &openapi3.Discriminator{}
		schema.Discriminator.Extensions = members(r, at, r.tables.discriminator, schema.Discriminator)
	}
}

func discriminatorTable() table[openapi3.Discriminator] {
	return table[openapi3.Discriminator]{
		"propertyName":   func(r *reader, one *openapi3.Discriminator, at *spot) { one.PropertyName = r.text(at) },
		"defaultMapping": skipped[openapi3.Discriminator],
		"mapping": func(r *reader, one *openapi3.Discriminator, at *spot) {
			one.Mapping = map[string]openapi3.MappingRef{}
			r.entries(at, func(name string, member *spot) { one.Mapping[name] = openapi3.MappingRef{Ref: r.mapped(member)} })
		},
	}
}

// mapped reads the schema that a discriminator names: a reference, or the name of a component.
func (r *reader) mapped(at *spot) string {
	before := len(r.mistakes)
	text := r.text(at)
	if len(r.mistakes) > before {
		return ""
	}
	if text != "" && !strings.ContainsAny(text, "/#") {
		text = schemasAt + text
	}
	r.find(at, text)
	return text
}

// schemasAt begins the references to schemas that have a name.
const schemasAt = "#/components/schemas/"

// schemaList reads a list of schemas.
func (r *reader) schemaList(at *spot) openapi3.SchemaRefs {
	var list openapi3.SchemaRefs
	for _, item := range r.list(at) {
		list = append(list, r.schema(item))
	}
	if len(list) == 0 && at.node.Kind == yaml.SequenceNode {
		r.mistake(at, "the list is empty; name a schema, or take it out")
	}
	return list
}

func (r *reader) values(at *spot) []any {
	values := []any{}
	for _, item := range at.items() {
		values = append(values, r.value(item))
	}
	if len(values) == 0 {
		r.mistake(at, "this must be a list of values, and is %s", at.kindOrEmpty())
	}
	return values
}

func (s *spot) kindOrEmpty() string {
	if s.node.Kind == yaml.SequenceNode {
		return "empty"
	}
	return s.kind()
}

// schema reads a schema. Its reference is kept if it names a component, so that a schema may hold itself.
func (r *reader) schema(at *spot) *openapi3.SchemaRef {
	made := &openapi3.SchemaRef{Value: &openapi3.Schema{}, Origin: at.origin()}
	if at.node.Kind == yaml.MappingNode && at.member(reference) != nil {
		target, ref := r.follow(at)
		if target == nil {
			return made
		}
		if made.Ref = named(ref, "schemas"); made.Ref == "" && slices.Contains(r.open, target.node) {
			r.mistake(at, "a schema that holds itself needs a name under components/schemas")
			return made
		}
		made.Value = r.schemaOf(target)
		r.beside(at, made)
		return made
	}
	made.Value = r.schemaOf(at)
	return made
}

// schemaOf reads the schema that stands at a spot, once.
func (r *reader) schemaOf(at *spot) *openapi3.Schema {
	if known := r.schemas[at.node]; known != nil {
		return known
	}
	made := &openapi3.Schema{Origin: at.origin()}
	r.schemas[at.node] = made
	if r.modern && at.isBoolean() {
		if !r.truth(at) {
			made.Not = openapi3.NewSchemaRef("", &openapi3.Schema{})
		}
		return made
	}
	r.open = append(r.open, at.node)
	defer r.leave()
	made.Extensions = membersBut(r, at, r.tables.schema, made, reference, r.modern)
	r.settle(at, made)
	return made
}

// ignoredBeside are the members that may stand beside a reference in OpenAPI 3.0, which ignores them: they change no value.
var ignoredBeside = []string{"description", "summary", "title", "example", "deprecated", "externalDocs", "default"}

// beside reads what stands beside a reference. OpenAPI 3.1 adds it to the target; OpenAPI 3.0 ignores it, which is refused if somebody
// could have meant it.
func (r *reader) beside(at *spot, made *openapi3.SchemaRef) {
	own := false
	at.each(func(name string, member *spot) {
		switch {
		case name == reference, member.isNull():
		case r.modern:
			own = true
		case !slices.Contains(ignoredBeside, name):
			r.mistake(member, "OpenAPI 3.0 ignores what stands beside $ref; put the $ref under allOf")
		}
	})
	if own {
		target := &openapi3.SchemaRef{Ref: made.Ref, Value: made.Value, Origin: made.Origin}
		*made = openapi3.SchemaRef{Value: r.schemaOf(at), Origin: made.Origin}
		if !slices.Contains(made.Value.AllOf, target) {
			made.Value.AllOf = append(openapi3.SchemaRefs{target}, made.Value.AllOf...)
		}
	}
}

var typeNames = []string{"string", "number", "integer", "boolean", "array", "object"}

// types reads one type, or the list of OpenAPI 3.1.
func (r *reader) types(at *spot) *openapi3.Types {
	if at.node.Kind != yaml.SequenceNode {
		return &openapi3.Types{r.typeName(at)}
	}
	if !r.modern {
		r.mistake(at, "a list of types is OpenAPI 3.1; write one type, and nullable: true if null is allowed")
		return nil
	}
	types := openapi3.Types{}
	for _, item := range r.list(at) {
		if name := r.typeName(item); !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	if len(types) == 0 {
		r.mistake(at, "no type stands in the list")
	}
	return &types
}

func (r *reader) typeName(at *spot) string {
	name := r.text(at)
	if name != "" && !slices.Contains(typeNames, name) && (name != "null" || !r.modern) {
		r.mistake(at, "there is no such type; a type is string, number, integer, boolean, array or object")
	}
	return name
}
