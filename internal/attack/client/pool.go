package client

import (
	"encoding/json"
	"regexp"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
)

// body is a sound body of an operation, and which of its members may hold a canary.
type body struct {
	members map[string]any
	secrets []string // names of members that are never shown
	texts   []string // names of members that are a string and nothing else
}

// pool is what requests are made of. It is only read.
type pool struct {
	bodies     map[string][]*body // by operation
	id         *regexp.Regexp     // finds the id in an answer
	assertions []string
	names      []string // of all operations
}

// bodiesOf is how many bodies of each form there are.
const bodiesOf = 12

func newPool(spec *credmock.Spec, seed int64, root string) (*pool, error) {
	made := &pool{bodies: map[string][]*body{}}
	source := sample.New(seed)
	idName := spec.Strategies[0].Shown.Role(credmock.RoleID).Name
	made.id = regexp.MustCompile(`"` + regexp.QuoteMeta(idName) + `":"([^"]+)"`)
	for _, operation := range spec.Operations {
		made.names = append(made.names, operation.ID)
		for range bodiesOf {
			if operation.Body != nil {
				made.add(operation, source, operation.Body, nil)
				continue
			}
			for _, strategy := range spec.Strategies {
				switch operation.Action {
				case "create":
					made.add(operation, source, strategy.Create, strategy)
				case "update":
					made.add(operation, source, strategy.Update, strategy)
				}
			}
		}
	}
	var err error
	made.assertions, err = signedAssertions(root + spec.Operation("token", "create").Path)
	return made, err
}

func (p *pool) add(operation *credmock.Operation, source *sample.Source, object *credmock.Object, strategy *credmock.Strategy) {
	if operation.MediaType == "" || object == nil {
		return
	}
	made := &body{members: map[string]any{}}
	for _, property := range object.Properties {
		_, required := object.Requires(property.Name)
		if property.ReadOnly || property.Immutable && operation.Action == "update" || !required && source.Number(0, 2) == 0 {
			continue
		}
		value, wanted := valueOf(property, source, strategy)
		if !wanted {
			continue
		}
		made.members[property.Name] = value
		types := property.Types()
		switch {
		case property.Secret:
			made.secrets = append(made.secrets, property.Name)
		case len(types) == 1 && types[0] == "string":
			made.texts = append(made.texts, property.Name)
		}
	}
	p.bodies[operation.ID] = append(p.bodies[operation.ID], made)
}

// environment is the first of the mock's own fixtures.
const environment = "a31a92e5-43b7-45df-8085-4ac5a746d105"

func valueOf(property *credmock.Property, source *sample.Source, strategy *credmock.Strategy) (value any, wanted bool) {
	switch property.Role {
	case credmock.RoleEnvironment:
		return environment, true
	case credmock.RoleOrganization:
		return 118, true
	case credmock.RoleStrategy:
		if strategy != nil {
			return strategy.Name, true
		}
	case credmock.RoleCredential, credmock.RoleID:
		return nil, false
	}
	return source.Value(property), true
}

// encoded encodes a body that holds what JSON can hold.
func encoded(members map[string]any) []byte {
	text, err := json.Marshal(members)
	if err != nil {
		return []byte("{}")
	}
	return text
}
