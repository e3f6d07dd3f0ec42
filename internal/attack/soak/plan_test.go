package soak

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/mockserver"
)

// organization is the one of the mock's default token.
const organization = 118

// environments are those of the fixtures; the last one has no credential at the start.
var environments = []string{"soak-environment-1", "soak-environment-2", "soak-environment-3"}

// plan is what the document says of what there is to ask.
type plan struct {
	spec *credmock.Spec
	// The properties of credentials that have a role.
	id, name, environment, strategy string
}

func newPlan(spec *credmock.Spec) *plan {
	made := &plan{spec: spec}
	shown := spec.Strategies[0].Shown
	made.id, made.name = shown.Role(credmock.RoleID).Name, shown.Role(credmock.RoleName).Name
	made.environment, made.strategy = shown.Role(credmock.RoleEnvironment).Name, shown.Role(credmock.RoleStrategy).Name
	return made
}

func (p *plan) credential(action string) *credmock.Operation {
	return p.spec.Operation("credential", action)
}
func (p *plan) destination(action string) *credmock.Operation {
	return p.spec.Operation("destination", action)
}

// body returns what creates a credential: every required field, and of the others those that are wanted.
func (p *plan) body(source *sample.Source, strategy *credmock.Strategy, environment string, wanted func() bool) map[string]any {
	body := map[string]any{p.name: source.Name(), p.environment: environment, p.strategy: strategy.Name}
	for _, field := range strategy.Fields {
		if _, required := strategy.Create.Requires(field.Name); required || wanted() {
			body[field.Name] = source.Value(field)
		}
	}
	return body
}

// changeable returns the fields of a strategy that an update may change.
func changeable(strategy *credmock.Strategy) []*credmock.Property {
	var list []*credmock.Property
	for _, property := range strategy.Update.Properties {
		if !property.ReadOnly && !property.Immutable && (property.Role == "" || property.Role == credmock.RoleName) {
			list = append(list, property)
		}
	}
	return list
}

// plainField returns a field of the strategy that may hold any text, is shown and may change.
func plainField(strategy *credmock.Strategy) string {
	for _, property := range changeable(strategy) {
		schema := property.Schema
		if property.Role == "" && !property.Secret && schema.Type.Is("string") && schema.Enum == nil && schema.Pattern == "" &&
			schema.Format == "" {
			return property.Name
		}
	}
	return ""
}

// document returns the document with another version, so that a reload changes each answer.
func document(t testing.TB, version string) *credmock.Spec {
	t.Helper()
	var tree map[string]any
	whole, err := source.IndentedJSON(credmock.Document())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(whole, &tree); err != nil {
		t.Fatal(err)
	}
	tree["info"].(map[string]any)["version"] = version
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := credmock.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// fixtures returns fixtures with the environments, the client of the token endpoint, and so many credentials in the first environment.
func (p *plan) fixtures(t testing.TB, credentials int) []byte {
	t.Helper()
	var list []any
	for i, id := range environments {
		item := p.environmentItem(id)
		if i == 0 {
			item["credentials"] = p.fixedCredentials(credentials)
		}
		list = append(list, item)
	}
	text, err := json.Marshal(map[string]any{
		"organizations": []any{map[string]any{"id": organization, "environments": list}},
		"principals": map[string]any{mockserver.DevelopmentClient: map[string]any{"organization": organization, "role": "engineer",
			"developmentKeys": true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (p *plan) environmentItem(id string) map[string]any {
	source, item := sample.New(1), map[string]any{}
	for _, property := range p.spec.Operation("environment", "list").Item.Properties {
		switch property.Role {
		case credmock.RoleID, credmock.RoleName:
			item[property.Name] = id
		case "":
			item[property.Name] = source.Value(property)
		}
	}
	return item
}

// fixedCredentials returns so many credentials. The names of all say how many there are.
func (p *plan) fixedCredentials(count int) []any {
	source := sample.New(2)
	var list []any
	for i := range count {
		body := p.body(source, p.spec.Strategies[i%len(p.spec.Strategies)], "", func() bool { return true })
		delete(body, p.environment)
		body[p.id], body[p.name] = fixedID(i), fmt.Sprintf("one of %d", count)
		list = append(list, body)
	}
	return list
}

func fixedID(i int) string { return fmt.Sprintf("soak-fixture-%d", i) }
