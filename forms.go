package credmock

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// mostForms bounds the combinations of alternatives in one schema.
const mostForms = 100

// form is one of the forms that a value may have: a schema without alternatives.
type form struct {
	schema *openapi3.Schema
	ref    string // by which the document names it; may be empty
}

// forms returns the forms of a schema, whose alternatives may stand at any depth of allOf, oneOf and anyOf.
func (c *compiler) forms(reference *openapi3.SchemaRef) []form {
	schema := reference.Value
	combined := [][]form{nil}
	for _, part := range schema.AllOf {
		combined = combine(combined, c.forms(part))
	}
	split := len(combined) > 1
	if choices := alternatives(schema); len(choices) > 0 {
		var all []form
		for _, choice := range choices {
			all = append(all, c.forms(choice)...)
		}
		combined, split = combine(combined, all), true
	}
	if !split {
		return []form{{schema, reference.Ref}}
	}
	own := *schema
	own.AllOf, own.OneOf, own.AnyOf, own.Discriminator = nil, nil, nil, nil
	isBare := own.Properties == nil && own.Required == nil && own.Extensions == nil
	var found []form
	for _, parts := range combined {
		last := parts[len(parts)-1]
		if isBare && len(parts) == 1 {
			found = append(found, last)
			continue
		}
		whole := own
		whole.Origin = last.schema.Origin
		for _, part := range parts {
			whole.AllOf = append(whole.AllOf, &openapi3.SchemaRef{Ref: part.ref, Value: part.schema, Origin: part.schema.Origin})
		}
		found = append(found, form{&whole, last.ref})
	}
	return found
}

// combine returns every combination of parts so far with one more part, and stops when there are too many.
func combine(combined [][]form, choices []form) [][]form {
	var all [][]form
	for _, parts := range combined {
		for _, choice := range choices {
			if len(all) <= mostForms {
				all = append(all, append(slices.Clip(parts), choice))
			}
		}
	}
	return all
}

// alternatives returns the schemas of which a value has one.
func alternatives(schema *openapi3.Schema) openapi3.SchemaRefs {
	return append(slices.Clone(schema.OneOf), schema.AnyOf...)
}

// memberOf returns all that a schema and its parts say of a member, or nil.
func memberOf(schema *openapi3.Schema, name string) *openapi3.SchemaRef {
	var said openapi3.SchemaRefs
	var collect func(*openapi3.Schema)
	collect = func(schema *openapi3.Schema) {
		for _, part := range schema.AllOf {
			collect(part.Value)
		}
		if property := schema.Properties[name]; property != nil && !slices.Contains(said, property) {
			said = append(said, property)
		}
	}
	collect(schema)
	switch len(said) {
	case 0:
		return nil
	case 1:
		return said[0]
	}
	last := said[len(said)-1]
	return openapi3.NewSchemaRef("", &openapi3.Schema{AllOf: said, Origin: last.Origin})
}

// payload reads the payload of the operation's success.
func (c *compiler) payload(operation *Operation) {
	if operation.Resource == "token" || operation.Status == 0 {
		return
	}
	response := operation.Answer(operation.Status)
	media := response.Content.Get(mediaTypeJSON)
	if media == nil || media.Schema == nil {
		return
	}
	for _, envelope := range c.forms(media.Schema) {
		if payload := memberOf(envelope.schema, "payload"); payload != nil && len(operation.payloads) <= mostForms {
			operation.payloads = append(operation.payloads, c.forms(payload)...)
		}
	}
	if len(operation.payloads) > mostForms {
		c.merger.Mistakes = append(c.merger.Mistakes, mistake(operation.Source.Origin, operation.Method+" "+operation.Path,
			"its answer has more than %d forms", mostForms))
	}
	if len(operation.payloads) != 1 || c.namesStrategy(operation.payloads[0].schema) {
		return
	}
	whole := operation.payloads[0].schema
	if object := c.fold(whole); isOne(operation) && object.Role(RoleID) != nil {
		operation.Item = object.without(writeOnly)
		return
	}
	if operation.Member = c.wrapper(operation.Action, whole); operation.Member != "" {
		operation.Item = c.itemIn(operation.Action, memberOf(whole, operation.Member))
	}
}

// itemIn returns the one form of what the member of a payload holds, or of an item of it, or nil.
func (c *compiler) itemIn(action string, inner *openapi3.SchemaRef) *Object {
	if action == "list" {
		inner = c.itemsOf(inner.Value)
	}
	if inner == nil {
		return nil
	}
	if forms := c.forms(inner); len(forms) == 1 && c.isObject(forms[0].schema) {
		return c.fold(forms[0].schema).without(writeOnly)
	}
	return nil
}

// wrapper returns the member of a payload that holds what an action answers, or "" if none or several could.
func (c *compiler) wrapper(action string, payload *openapi3.Schema) string {
	var fitting, required []string
	object := c.fold(payload)
	for _, property := range object.Properties {
		fits := c.isObject(property.Schema)
		switch action {
		case "list":
			fits = property.Schema.Type.Is("array")
		case "delete":
			fits = property.Schema.Type.Is("string")
		}
		if !fits {
			continue
		}
		fitting = append(fitting, property.Name)
		if _, needed := object.Requires(property.Name); needed {
			required = append(required, property.Name)
		}
	}
	if len(fitting) > 1 {
		fitting = required
	}
	if len(fitting) != 1 {
		return ""
	}
	return fitting[0]
}

func (c *compiler) isObject(schema *openapi3.Schema) bool {
	merged := c.merger.Merge(schema)
	return merged.Type.Is("object") ||
		merged.Type == nil && (merged.Properties != nil || merged.AdditionalProperties.Schema != nil || len(alternatives(merged)) > 0)
}

// itemsOf returns what a schema and its parts say of the items of a list, or nil.
func (c *compiler) itemsOf(schema *openapi3.Schema) *openapi3.SchemaRef {
	var said openapi3.SchemaRefs
	var collect func(*openapi3.Schema)
	collect = func(schema *openapi3.Schema) {
		for _, part := range schema.AllOf {
			collect(part.Value)
		}
		if schema.Items != nil && !slices.Contains(said, schema.Items) {
			said = append(said, schema.Items)
		}
	}
	collect(schema)
	if len(said) < 2 {
		return append(said, nil)[0]
	}
	return openapi3.NewSchemaRef("", &openapi3.Schema{AllOf: said, Origin: said[0].Origin})
}
