package mockserver

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed fixtures.yaml
var defaultFixtures []byte

// fixtures are what a mock holds when it starts, as the YAML has it.
type fixtures struct {
	Organizations []fixtureOrganization `yaml:"organizations"`
	Principals    fixturePrincipals     `yaml:"principals"`
	Clients       []fixtureClient       `yaml:"clients"`
}

type fixtureOrganization struct {
	ID           float64              `yaml:"id"`
	Environments []fixtureEnvironment `yaml:"environments"`
}

// fixtureEnvironment has the members of an environment and, beside them, what it holds.
type fixtureEnvironment struct {
	fixtureItem
	contents []fixtureItem
}

// fixtureItem is something that the document describes, in its words.
type fixtureItem struct {
	line     int
	resource string
	values   map[string]any
}

// fixturePrincipals say whose the tokens of the options are. Where one is left out, the engineer and the viewer are of the first
// organization, and the other is of the second.
type fixturePrincipals struct {
	Engineer *fixturePrincipal `yaml:"engineer"`
	Viewer   *fixturePrincipal `yaml:"viewer"`
	Other    *fixturePrincipal `yaml:"other"`
}

type fixturePrincipal struct {
	Organization float64 `yaml:"organization"`
	Engineer     bool    `yaml:"engineer"`
}

// fixtureClient is a client of the token endpoint.
type fixtureClient struct {
	ID              string         `yaml:"id"`
	Organization    float64        `yaml:"organization"`
	Engineer        bool           `yaml:"engineer"`
	Keys            map[string]any `yaml:"keys"`            // a JWK set of public keys
	DevelopmentKeys bool           `yaml:"developmentKeys"` // those that come with this package instead
}

// holds maps what an environment of the fixtures holds to the resource.
var holds = map[string]string{"credentials": resourceCredential, "destinations": "destination"}

// parseFixtures reads fixtures and refuses what it does not know. An error names lines and no value: fixtures may hold secrets.
func parseFixtures(text []byte) (*fixtures, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	parsed := &fixtures{}
	if err := decoder.Decode(parsed); err != nil && !errors.Is(err, io.EOF) {
		return nil, withoutValues(err)
	}
	if err := decoder.Decode(&fixtures{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("fixtures: there is a second document; put everything in one")
	}
	if len(parsed.Organizations) == 0 {
		return nil, errors.New("fixtures: organizations is required; list at least one")
	}
	return parsed, nil
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// withoutValues says where YAML goes wrong. The text of the error itself may hold what stands there.
func withoutValues(err error) error {
	reasons := []string{err.Error()}
	var many *yaml.TypeError
	if errors.As(err, &many) {
		reasons = many.Errors
	}
	var found []error
	for _, reason := range reasons {
		where := "fixtures"
		if match := lineOf.FindStringSubmatch(reason); match != nil {
			where += ": line " + match[1]
		}
		switch {
		case strings.Contains(reason, "not found in type"):
			found = append(found, fmt.Errorf("%s: the key is not known here; see the default fixtures for those that are", where))
		case strings.Contains(reason, "already defined") || strings.Contains(reason, "already set"):
			found = append(found, fmt.Errorf("%s: the key stands there twice", where))
		case strings.Contains(reason, "cannot unmarshal"):
			found = append(found, fmt.Errorf("%s: the value has the wrong type", where))
		default:
			found = append(found, fmt.Errorf("%s: this is not YAML", where))
		}
	}
	return errors.Join(found...)
}

// UnmarshalYAML reads an environment: what it holds is taken out, all else is the document's.
func (e *fixtureEnvironment) UnmarshalYAML(node *yaml.Node) error {
	if err := e.fixtureItem.UnmarshalYAML(node); err != nil {
		return err
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		resource := holds[node.Content[i].Value]
		if resource == "" {
			continue
		}
		delete(e.values, node.Content[i].Value)
		var items []fixtureItem
		if err := node.Content[i+1].Decode(&items); err != nil {
			return err
		}
		for _, item := range items {
			item.resource = resource
			e.contents = append(e.contents, item)
		}
	}
	return nil
}

// UnmarshalYAML reads the members of something and notes where it stands.
func (i *fixtureItem) UnmarshalYAML(node *yaml.Node) error {
	var values map[string]any
	if err := node.Decode(&values); err != nil {
		return err
	}
	i.line, i.values = node.Line, values
	for name, value := range values {
		i.values[name] = asJSON(value)
	}
	return nil
}

// asJSON turns a value of YAML into what decoding JSON would have given: every number is a float64.
func asJSON(value any) any {
	switch value := value.(type) {
	case int:
		return float64(value)
	case []any:
		for i, item := range value {
			value[i] = asJSON(item)
		}
	case map[string]any:
		for name, item := range value {
			value[name] = asJSON(item)
		}
	}
	return value
}

// principals returns the engineer, the viewer and the engineer of another organization.
func (f *fixtures) principals(organizations []*organization) (engineer, viewer, other principal) {
	elsewhere := newOrganization(0)
	if len(organizations) > 1 {
		elsewhere = organizations[1]
	}
	resolve := func(given *fixturePrincipal, home *organization, engineer bool) principal {
		if given == nil {
			return principal{organization: home, engineer: engineer}
		}
		return principal{organization: organizationOf(organizations, given.Organization), engineer: given.Engineer}
	}
	return resolve(f.Principals.Engineer, organizations[0], true),
		resolve(f.Principals.Viewer, organizations[0], false),
		resolve(f.Principals.Other, elsewhere, true)
}

// organizationOf returns the organization of that number; one that the fixtures do not list has nothing.
func organizationOf(organizations []*organization, number float64) *organization {
	for _, organization := range organizations {
		if organization.number == number {
			return organization
		}
	}
	return newOrganization(number)
}
