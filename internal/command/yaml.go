package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"gopkg.in/yaml.v3"
)

// toJSON writes a YAML document as JSON with its members in their order, for the order of properties means something.
func toJSON(document []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	if len(root.Content) != 1 {
		return nil, errors.New("it is not one document")
	}
	var compact, indented bytes.Buffer
	if err := writeNode(&compact, root.Content[0]); err != nil {
		return nil, err
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

func writeNode(out *bytes.Buffer, node *yaml.Node) error {
	switch node.Kind {
	case yaml.MappingNode:
		return writeMapping(out, node.Content)
	case yaml.SequenceNode:
		return writeSequence(out, node.Content)
	case yaml.AliasNode:
		return writeNode(out, node.Alias)
	case yaml.ScalarNode:
		return writeScalar(out, node)
	}
	return fmt.Errorf("line %d: what stands here has no form in JSON", node.Line)
}

func writeMapping(out *bytes.Buffer, content []*yaml.Node) error {
	out.WriteByte('{')
	for i := 0; i+1 < len(content); i += 2 {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeJSON(out, content[i].Value); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := writeNode(out, content[i+1]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func writeSequence(out *bytes.Buffer, content []*yaml.Node) error {
	out.WriteByte('[')
	for i, item := range content {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeNode(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

func writeScalar(out *bytes.Buffer, node *yaml.Node) error {
	if node.ShortTag() == "!!timestamp" {
		return writeJSON(out, node.Value) // JSON has no dates
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	return writeJSON(out, value)
}

func writeJSON(out *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value) // the line feed at its end vanishes when the whole is indented
}
