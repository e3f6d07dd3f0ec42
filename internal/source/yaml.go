// Package source reads the YAML or JSON of an OpenAPI document and keeps the place of everything in it.
package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/lazy"
)

// maxExpanded bounds the size of a document with its aliases expanded, in bytes of JSON.
const maxExpanded = 16 << 20

// markup is the beginning of HTML and XML.
var markup = lazy.Regexp(`^(\xef\xbb\xbf|\x{feff})?\s*<[!?a-zA-Z]`)

// Read parses YAML or JSON into nodes, which know their lines.
func Read(data []byte) (*yaml.Node, error) {
	if markup().Match(data) {
		return nil, &Mistake{Line: 1, Message: "this is HTML or XML, such as a page that shows the document; save the YAML or JSON itself"}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) != 1:
		return nil, errors.New("nothing stands in it")
	case err != nil:
		return nil, Syntax(err)[0]
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, &Mistake{Line: second.Line, Message: "a second document begins here, and one is read; put it into a file of its own"}
	case !errors.Is(err, io.EOF):
		return nil, Syntax(err)[0]
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, errors.New("nothing stands in it")
	}
	return root, nil
}

// Member returns the key and the value of a mapping's member, or nil for both if there is none. It follows aliases.
func Member(node *yaml.Node, name string) (key, value *yaml.Node) {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node == nil || node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}

// IndentedJSON returns a document in YAML or JSON as JSON on many lines, its members in their order.
func IndentedJSON(document []byte) ([]byte, error) {
	tree, err := Read(document)
	if err != nil {
		return nil, err
	}
	compact, err := JSON(tree)
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	err = json.Indent(&indented, compact, "", "  ")
	indented.WriteByte('\n')
	return indented.Bytes(), err
}

// jsonWriter writes a tree as JSON. It keeps the order of members, because the order of properties means something.
type jsonWriter struct {
	bytes.Buffer
	within map[*yaml.Node]bool // the aliased nodes around the current one
}

// JSON returns a tree as compact JSON, its members in their order. The error names the line of what JSON cannot say.
func JSON(root *yaml.Node) ([]byte, error) {
	writer := jsonWriter{within: map[*yaml.Node]bool{}}
	err := writer.node(root)
	return writer.Bytes(), err
}

func (w *jsonWriter) node(node *yaml.Node) error {
	switch {
	case w.Len() > maxExpanded:
		return fmt.Errorf("line %d: its aliases make it too large", node.Line)
	case node.Kind == yaml.MappingNode:
		return w.mapping(node)
	case node.Kind == yaml.SequenceNode:
		return w.sequence(node.Content)
	case node.Kind == yaml.AliasNode:
		return w.alias(node)
	}
	return w.scalar(node)
}

func (w *jsonWriter) mapping(node *yaml.Node) error {
	seen := map[string]bool{}
	w.WriteByte('{')
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			return fmt.Errorf("line %d: a member's name must be plain text", key.Line)
		case key.ShortTag() == "!!merge":
			return fmt.Errorf("line %d: a merge key (<<) cannot stand in a document; use allOf or $ref", key.Line)
		case seen[key.Value]:
			return fmt.Errorf("line %d: the member %q is here for the second time", key.Line, key.Value)
		}
		seen[key.Value] = true
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.value(key.Value); err != nil {
			return err
		}
		w.WriteByte(':')
		if err := w.node(node.Content[i+1]); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

func (w *jsonWriter) sequence(items []*yaml.Node) error {
	w.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.node(item); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}

func (w *jsonWriter) alias(node *yaml.Node) error {
	if w.within[node.Alias] {
		return fmt.Errorf("line %d: the alias *%s holds itself", node.Line, node.Value)
	}
	w.within[node.Alias] = true
	defer delete(w.within, node.Alias)
	return w.node(node.Alias)
}

func (w *jsonWriter) scalar(node *yaml.Node) error {
	if tag := node.ShortTag(); tag == "!!str" || tag == "!!timestamp" { // JSON has no dates
		return w.value(node.Value)
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	if err := w.value(value); err != nil {
		return fmt.Errorf("line %d: %s has no form in JSON", node.Line, node.Value)
	}
	return nil
}

func (w *jsonWriter) value(value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
