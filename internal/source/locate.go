package source

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// Locate sets the origin of each operation and schema to its place in the text. The order of properties and the line of a
// mistake come from it. kin-openapi can set all origins itself, but that takes longer than the rest of loading.
func Locate(doc *openapi3.T, tree *yaml.Node) {
	if doc.Components != nil {
		_, components := Member(tree, "components")
		_, schemas := Member(components, "schemas")
		locateSchemas(doc.Components.Schemas, schemas)
		_, bodies := Member(components, "requestBodies")
		for name, body := range doc.Components.RequestBodies {
			_, node := Member(bodies, name)
			locateBody(body, node)
		}
		_, responses := Member(components, "responses")
		for name, response := range doc.Components.Responses {
			_, node := Member(responses, name)
			locateResponse(response, node)
		}
	}
	_, paths := Member(tree, "paths")
	for path, item := range doc.Paths.Map() {
		_, node := Member(paths, path)
		for method, operation := range item.Operations() {
			key, source := Member(node, strings.ToLower(method))
			locateOperation(operation, key, source)
		}
	}
}

func locateOperation(operation *openapi3.Operation, key, node *yaml.Node) {
	operation.Origin = originOf(key)
	_, body := Member(node, "requestBody")
	locateBody(operation.RequestBody, body)
	_, responses := Member(node, "responses")
	for status, response := range operation.Responses.Map() {
		_, source := Member(responses, status)
		locateResponse(response, source)
	}
}

func locateBody(reference *openapi3.RequestBodyRef, node *yaml.Node) {
	if reference != nil && reference.Ref == "" && reference.Value != nil {
		locateContent(reference.Value.Content, node)
	}
}

func locateResponse(reference *openapi3.ResponseRef, node *yaml.Node) {
	if reference != nil && reference.Ref == "" && reference.Value != nil {
		locateContent(reference.Value.Content, node)
	}
}

func locateContent(content openapi3.Content, node *yaml.Node) {
	_, node = Member(node, "content")
	for mediaType, media := range content {
		if media != nil {
			_, source := Member(node, mediaType)
			locateMember(media.Schema, source, "schema")
		}
	}
}

func locateSchemas(schemas openapi3.Schemas, node *yaml.Node) {
	for name, reference := range schemas {
		locateMember(reference, node, name)
	}
}

// locateMember locates the schema that stands in a mapping under a name.
func locateMember(reference *openapi3.SchemaRef, parent *yaml.Node, name string) {
	key, node := Member(parent, name)
	locateSchema(reference, key, node)
}

// locateSchema locates a schema that begins at a node. What it refers to is located where that stands.
func locateSchema(reference *openapi3.SchemaRef, at, node *yaml.Node) {
	if reference == nil || node == nil {
		return
	}
	reference.Origin = originOf(at)
	if reference.Ref != "" || reference.Value == nil {
		return
	}
	schema := reference.Value
	schema.Origin = reference.Origin
	_, properties := Member(node, "properties")
	locateSchemas(schema.Properties, properties)
	for word, parts := range map[string]openapi3.SchemaRefs{"allOf": schema.AllOf, "oneOf": schema.OneOf, "anyOf": schema.AnyOf} {
		_, sources := Member(node, word)
		for i, part := range parts {
			if sources != nil && i < len(sources.Content) {
				locateSchema(part, sources.Content[i], sources.Content[i])
			}
		}
	}
	locateMember(schema.Items, node, "items")
	locateMember(schema.Not, node, "not")
	locateMember(schema.AdditionalProperties.Schema, node, "additionalProperties")
}

func originOf(node *yaml.Node) *openapi3.Origin {
	if node == nil {
		return nil
	}
	return &openapi3.Origin{Key: &openapi3.Location{Line: node.Line, Column: node.Column, Name: node.Value}}
}
