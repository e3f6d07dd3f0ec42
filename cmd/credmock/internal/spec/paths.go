package spec

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
)

// paths returns the operations under their whole paths.
func (f *flattener) paths(spec *credmock.Spec) *yaml.Node {
	made := mapping()
	for _, operation := range spec.Operations {
		item := f.target(get(get(f.root, "paths"), operation.Path))
		path := operation.Prefix + operation.Path
		into := get(made, path)
		if into == nil {
			into = mapping()
			if parameters := get(item, "parameters"); parameters != nil {
				set(into, "parameters", f.parameters(parameters))
			}
			set(made, path, into)
		}
		method := strings.ToLower(operation.Method)
		set(into, method, f.operation(get(item, method), operation))
	}
	return made
}

func (f *flattener) operation(node *yaml.Node, operation *credmock.Operation) *yaml.Node {
	made := mapping()
	members(node, func(name string, value *yaml.Node) {
		switch {
		case name == "parameters":
			set(made, name, f.parameters(value))
		case name == "requestBody":
			mode := sent
			if operation.Action == "update" {
				mode = changed
			}
			set(made, name, f.withContent(f.target(value), mode, inCapitals(operation.ID)))
		case name == "responses":
			set(made, name, f.responses(value, inCapitals(operation.ID)))
		case name != "servers" && !strings.HasPrefix(name, "x-"):
			set(made, name, cleaned(value, name))
		}
	})
	return made
}

func (f *flattener) responses(node *yaml.Node, base string) *yaml.Node {
	made := mapping()
	members(node, func(status string, response *yaml.Node) {
		if strings.HasPrefix(status, "x-") {
			return
		}
		if reference := word(response, "$ref"); strings.HasPrefix(reference, "#/components/responses/") {
			set(made, status, mapping("$ref", reference))
			return
		}
		set(made, status, f.withContent(f.target(response), shown, base))
	})
	for i := 0; i < len(made.Content); i += 2 {
		made.Content[i].Style = yaml.SingleQuotedStyle // a status is a text
	}
	return made
}

func (f *flattener) parameters(node *yaml.Node) *yaml.Node {
	made := list()
	for _, parameter := range items(node) {
		made.Content = append(made.Content, f.parameter(plain(parameter)))
	}
	return made
}

func (f *flattener) parameter(node *yaml.Node) *yaml.Node {
	if reference := word(node, "$ref"); strings.HasPrefix(reference, "#/components/") {
		return mapping("$ref", reference)
	}
	return f.withSchema(f.target(node), shown, "")
}

// withSchema returns an object of the document with its schema made flat.
func (f *flattener) withSchema(node *yaml.Node, mode mode, base string) *yaml.Node {
	made := mapping()
	members(node, func(name string, value *yaml.Node) {
		switch {
		case name == "schema" && word(value, "$ref") == "":
			set(made, name, f.fold(value, mode, base))
		case name == "schema":
			set(made, name, f.schema(value, mode))
		case !strings.HasPrefix(name, "x-"):
			set(made, name, cleaned(value, name))
		}
	})
	return made
}

// withContent returns a body or an answer with its schemas made flat.
func (f *flattener) withContent(node *yaml.Node, mode mode, base string) *yaml.Node {
	made := mapping()
	members(node, func(name string, value *yaml.Node) {
		switch {
		case name == "content":
			content := mapping()
			members(value, func(mediaType string, media *yaml.Node) { set(content, mediaType, f.withSchema(media, mode, base)) })
			set(made, name, content)
		case name == "headers":
			headers := mapping()
			members(value, func(header string, described *yaml.Node) { set(headers, header, f.parameter(described)) })
			set(made, name, headers)
		case !strings.HasPrefix(name, "x-"):
			set(made, name, cleaned(value, name))
		}
	})
	return made
}

// components returns the components with the schemas that the rest refers to.
func (f *flattener) components() *yaml.Node {
	made := mapping()
	members(get(f.root, "components"), func(kind string, all *yaml.Node) {
		into := mapping()
		members(all, func(name string, value *yaml.Node) {
			switch kind {
			case "schemas", "requestBodies", "pathItems", "callbacks":
				return // made where they are used
			case "responses":
				set(into, name, f.withContent(f.target(value), shown, name))
			case "parameters", "headers":
				set(into, name, f.parameter(value))
			default:
				set(into, name, cleaned(value, ""))
			}
		})
		if len(into.Content) > 0 && !strings.HasPrefix(kind, "x-") {
			set(made, kind, into)
		}
	})
	set(made, "schemas", f.schemas())
	return made
}
