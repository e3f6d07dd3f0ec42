package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/source"
)

// get returns the value of a mapping's member, or nil. It follows aliases.
func get(node *yaml.Node, name string) *yaml.Node {
	_, value := source.Member(node, name)
	return plain(value)
}

// plain follows aliases.
func plain(node *yaml.Node) *yaml.Node {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// word returns the text of a mapping's member, or "".
func word(node *yaml.Node, name string) string {
	if value := get(node, name); value != nil && value.Kind == yaml.ScalarNode {
		return value.Value
	}
	return ""
}

// members calls each for every member of a mapping, in order.
func members(node *yaml.Node, each func(name string, value *yaml.Node)) {
	if node = plain(node); node == nil || node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		each(node.Content[i].Value, plain(node.Content[i+1]))
	}
}

// items returns the items of a sequence.
func items(node *yaml.Node) []*yaml.Node {
	if node = plain(node); node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

func text(value string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(value)
	return node
}

func list(content ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: content}
}

// mapping returns a mapping of names and values in turn. A nil value leaves its member out.
func mapping(content ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(content); i += 2 {
		switch value := content[i+1].(type) {
		case string:
			set(node, content[i].(string), text(value))
		case *yaml.Node:
			if value != nil {
				set(node, content[i].(string), value)
			}
		}
	}
	return node
}

// set changes a member of a mapping, or adds it at the end.
func set(node *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, text(name), value)
}

// texts returns a sequence of texts on one line, or nil for none.
func texts(values []string) *yaml.Node {
	if len(values) == 0 {
		return nil
	}
	node := list()
	node.Style = yaml.FlowStyle
	for _, value := range values {
		node.Content = append(node.Content, text(value))
	}
	return node
}

// words returns the texts of a sequence.
func words(node *yaml.Node) []string {
	var values []string
	for _, item := range items(node) {
		values = append(values, plain(item).Value)
	}
	return values
}

// copied returns a deep copy without comments and aliases.
func copied(node *yaml.Node) *yaml.Node {
	node = plain(node)
	made := &yaml.Node{Kind: node.Kind, Style: node.Style, Tag: node.Tag, Value: node.Value}
	for _, child := range node.Content {
		made.Content = append(made.Content, copied(child))
	}
	return made
}

// verbatim are the members whose values are data of the API, in which nothing is a keyword of OpenAPI.
var verbatim = []string{"example", "examples", "default", "enum", "const", "value"}

// named are the members whose values are mappings by names that the document's author chose.
var named = []string{"properties", "patternProperties", "headers", "responses", "requestBodies", "parameters", "securitySchemes", "schemas",
	"content", "mapping", "scopes", "variables", "links", "callbacks"}

// cleaned returns a copy without extensions. within is the name of the member that has the value.
func cleaned(node *yaml.Node, within string) *yaml.Node {
	node = plain(node)
	if slices.Contains(verbatim, within) || node.Kind == yaml.ScalarNode {
		return copied(node)
	}
	made := &yaml.Node{Kind: node.Kind, Style: node.Style, Tag: node.Tag}
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			made.Content = append(made.Content, cleaned(item, ""))
		}
		return made
	}
	isNames := slices.Contains(named, within)
	members(node, func(name string, value *yaml.Node) {
		switch {
		case isNames:
			set(made, name, cleaned(value, ""))
		case !strings.HasPrefix(name, "x-"):
			set(made, name, cleaned(value, name))
		}
	})
	return made
}
