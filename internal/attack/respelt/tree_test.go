package respelt

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/source"
)

// get returns what stands below a node at the names, or nil.
func get(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		_, node = source.Member(node, name)
	}
	return node
}

// put sets a member of a mapping, at the end if it is new.
func put(node *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, parse("'"+name+"'"), value)
}

// take removes a member of a mapping and returns it, or nil.
func take(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			value := node.Content[i+1]
			node.Content = slices.Delete(slices.Clone(node.Content), i, i+2)
			return value
		}
	}
	return nil
}

// rename changes the name of a member.
func rename(node *yaml.Node, from, to string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == from {
			node.Content[i] = parse("'" + to + "'")
		}
	}
}

// parse returns the node of a text in YAML.
func parse(text string) *yaml.Node {
	node, err := source.Read([]byte(text))
	if err != nil {
		panic(err)
	}
	return node
}

// nothing returns the value of a member without one.
func nothing() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"} }

// mapping returns a mapping with one member.
func mapping(name string, value *yaml.Node) *yaml.Node {
	made := parse("{x: y}")
	made.Content = nil
	put(made, name, value)
	return made
}

func list(items ...*yaml.Node) *yaml.Node {
	made := parse("[x]")
	made.Content = items
	return made
}

// each visits every mapping, the inner ones first.
func each(node *yaml.Node, visit func(node *yaml.Node)) {
	for _, inner := range slices.Clone(node.Content) {
		each(inner, visit)
	}
	if node.Kind == yaml.MappingNode {
		visit(node)
	}
}

// eachSchema visits every mapping that can be a schema: it has a word that only schemas have.
func eachSchema(tree *yaml.Node, visit func(node *yaml.Node)) {
	each(tree, func(node *yaml.Node) {
		for _, word := range []string{"type", "allOf", "oneOf", "anyOf", "properties"} {
			if found := get(node, word); found != nil && get(node, "scheme") == nil && !isExample(found) {
				visit(node)
				return
			}
		}
	})
}

// isExample tells the members called type of another object from the word of a schema.
func isExample(node *yaml.Node) bool {
	return node.Kind == yaml.MappingNode && get(node, "type") != nil && get(node, "properties") == nil
}

// eachRef visits every reference to a kind of component.
func eachRef(tree *yaml.Node, kind string, visit func(node, target *yaml.Node, name string)) {
	each(tree, func(node *yaml.Node) {
		if ref := get(node, "$ref"); ref != nil {
			if name, found := strings.CutPrefix(ref.Value, "#/components/"+kind+"/"); found {
				visit(node, get(tree, "components", kind, name), name)
			}
		}
	})
}

// inline replaces every reference to a kind of component by what it refers to.
func inline(kinds ...string) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		for range 6 { // components refer to components
			for _, kind := range kinds {
				eachRef(tree, kind, func(node, target *yaml.Node, _ string) { *node = *target })
			}
		}
	}
}

// replaced returns an edit of the text of the document.
func replaced(pairs ...string) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		text, err := yaml.Marshal(tree)
		if err != nil {
			panic(err)
		}
		edited := strings.NewReplacer(pairs...).Replace(string(text))
		if edited == string(text) {
			panic("the document has nothing to edit any more: " + pairs[0])
		}
		*tree = *parse(edited)
	}
}

// withoutExamples takes out every example, for edits that no example fits.
func withoutExamples(tree *yaml.Node) {
	each(tree, func(node *yaml.Node) {
		take(node, "example")
		take(node, "examples")
	})
}

// modern makes a document of OpenAPI 3.1, in which a type that may be null is a list.
func modern(tree *yaml.Node) {
	put(tree, "openapi", parse("3.1.0"))
	eachSchema(tree, func(node *yaml.Node) {
		if take(node, "nullable") != nil {
			put(node, "type", list(get(node, "type"), parse("'null'")))
		}
	})
}

// all makes one edit of several.
func all(edits ...func(*yaml.Node)) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		for _, edit := range edits {
			edit(tree)
		}
	}
}

// spellOut puts schemas that have a name of their own into the places that refer to them, without discriminators, for edits to find them.
func spellOut(tree *yaml.Node) {
	for _, name := range []string{"NewCredential", "CredentialChange", "Credential", "StrategiesEnvelope", "CredentialListEnvelope",
		"EnvironmentListEnvelope", "DestinationListEnvelope", "MessageEnvelope"} {
		schema := get(tree, "components", "schemas", name)
		take(schema, "discriminator")
		replaceRefs(tree, "#/components/schemas/"+name, schema)
		take(get(tree, "components", "schemas"), name)
	}
}

// replaceRefs puts a schema into the place of each reference to it.
func replaceRefs(node *yaml.Node, reference string, schema *yaml.Node) {
	if found := get(node, "$ref"); found != nil && found.Value == reference {
		*node = *schema
		return
	}
	for _, child := range node.Content {
		replaceRefs(child, reference, schema)
	}
}
