package command

import (
	"bytes"
	"errors"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
	"github.com/credmock/credmock/mockserver"
)

// sampleFixtures returns the fixtures that a mock has anyway, with credentials in the environments of the first organization.
func sampleFixtures(spec *credmock.Spec, count int, seed int64) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(mockserver.DefaultFixtures(), &document); err != nil {
		return nil, err
	}
	environments := child(child(child(document.Content[0], "organizations"), ""), "environments")
	if environments == nil || len(environments.Content) == 0 {
		return nil, errors.New("the default fixtures have no environment")
	}
	source := sample.New(seed)
	for i := range count {
		into := environments.Content[i%len(environments.Content)]
		list := child(into, "credentials")
		if list == nil {
			list = &yaml.Node{Kind: yaml.SequenceNode}
			into.Content = append(into.Content, text("credentials"), list)
		}
		strategy := spec.Strategies[i%len(spec.Strategies)]
		credential, err := sampleCredential(source, strategy)
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, credential)
	}
	out := bytes.NewBufferString("# Written by credmock fixtures --sample. No secret in it is a real one.\n\n")
	encoder := yaml.NewEncoder(out)
	encoder.SetIndent(2)
	err := errors.Join(encoder.Encode(&document), encoder.Close())
	return out.Bytes(), err
}

// child returns a member of a mapping, or the first item of a list; nil where there is none.
func child(node *yaml.Node, name string) *yaml.Node {
	if node == nil {
		return nil
	}
	if node.Kind == yaml.SequenceNode && len(node.Content) > 0 {
		return node.Content[0]
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// sampleCredential makes a credential with what the strategy requires and about half of what it takes beyond that.
func sampleCredential(source *sample.Source, strategy *credmock.Strategy) (*yaml.Node, error) {
	made := &yaml.Node{Kind: yaml.MappingNode}
	for _, property := range strategy.Create.Properties {
		_, required := strategy.Create.Requires(property.Name)
		var value any
		switch {
		case property.Role == credmock.RoleID:
			value = source.UUID()
		case property.Role == credmock.RoleName:
			value = source.Label()
		case property.Role == credmock.RoleStrategy:
			value = strategy.Name
		case property.Role != "", property.ReadOnly:
			continue // the place in the file says it, or the server does
		case required, source.Bool():
			value = source.Plausible(property)
		default:
			continue
		}
		encoded := &yaml.Node{}
		if err := encoded.Encode(value); err != nil {
			return nil, err
		}
		made.Content = append(made.Content, text(property.Name), encoded)
	}
	return made, nil
}
