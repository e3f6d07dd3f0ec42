package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/source"
)

// The address and the token of a mock that was started without flags.
const (
	mockHost  = "http://127.0.0.1:4118"
	mockToken = "dev-token"
)

// collection is the examples of a document as requests, in an order in which each can be answered: what is used is deleted last.
type collection struct {
	title, version string
	variables      []variable
	calls          []*call
}

// variable is a value that the user may change.
type variable struct {
	name, value string
	isSecret    bool // the value is not one that works
}

// call is one request.
type call struct {
	*credmock.Operation
	name       string // unique, for programs
	label      string // for people
	tag        string
	path       string   // whole, with parameters in braces
	parameters []string // names in the path, in order
	variables  []string // of the parameters
	mediaType  string   // empty for no body
	body       *yaml.Node
	secrets    []string // members of the body whose values are variables
	statuses   []string // that say success, the mock's own first
	captures   string   // variable that the answer gives its value; may be empty
	pointer    string   // JSON pointer to that value in the answer
}

// newCollection returns the requests of a flat document. spec is the document of which it was made.
func newCollection(flat *yaml.Node, spec *credmock.Spec) *collection {
	made := &collection{title: word(get(flat, "info"), "title"), version: word(get(flat, "info"), "version")}
	var deletions []*call
	for _, operation := range spec.Operations {
		calls := made.callsOf(flat, spec, operation)
		if operation.Action == "delete" {
			deletions = append(calls, deletions...)
			continue
		}
		made.calls = append(made.calls, calls...)
	}
	made.calls = append(made.calls, deletions...)
	return made
}

// callsOf returns the requests of an operation: one for each example of its body.
func (c *collection) callsOf(flat *yaml.Node, spec *credmock.Spec, operation *credmock.Operation) []*call {
	path := operation.Prefix + operation.Path
	item := get(get(flat, "paths"), path)
	described := get(item, strings.ToLower(operation.Method))
	one := call{Operation: operation, name: operation.ID, label: operation.Summary, path: path, statuses: successes(described)}
	if one.tag = "Requests"; len(words(get(described, "tags"))) > 0 {
		one.tag = words(get(described, "tags"))[0]
	}
	for _, parameter := range slices.Concat(items(get(item, "parameters")), items(get(described, "parameters"))) {
		parameter = referred(flat, parameter)
		if name := word(parameter, "name"); word(parameter, "in") == "path" && strings.Contains(path, "{"+name+"}") {
			variable := variableOf(operation, name)
			one.parameters, one.variables = append(one.parameters, name), append(one.variables, variable)
			c.define(variable, exampleOf(parameter), false)
		}
	}
	var calls []*call
	for i, example := range c.bodiesOf(described, operation) {
		single := one
		single.mediaType, single.body, single.secrets = operation.MediaType, example.body, example.secrets
		if example.name != "" {
			single.name, single.label = one.name+"-"+example.name, one.label+": "+example.summary
		}
		if i == 0 {
			single.captures, single.pointer = idOf(spec, operation)
		}
		calls = append(calls, &single)
	}
	return calls
}

func (c *collection) define(name, value string, isSecret bool) {
	if value == "" {
		value = name // an empty one means something else to most tools
	}
	if !slices.ContainsFunc(c.variables, func(one variable) bool { return one.name == name }) {
		c.variables = append(c.variables, variable{name, value, isSecret})
	}
}

// variableOf names the variable of a path's parameter; a parameter named id is the id of what the operation is about.
func variableOf(operation *credmock.Operation, parameter string) string {
	if strings.EqualFold(parameter, "id") {
		return operation.Resource + "Id"
	}
	return identifier(parameter)
}

// example is one body of an operation.
type example struct {
	name, summary string
	body          *yaml.Node
	secrets       []string
}

// bodiesOf returns the examples of an operation's body, or one without a body.
func (c *collection) bodiesOf(described *yaml.Node, operation *credmock.Operation) []example {
	media := get(get(get(described, "requestBody"), "content"), operation.MediaType)
	var secrets []string
	if operation.Body != nil && operation.Resource == "token" {
		for _, property := range operation.Body.Properties {
			if property.Secret {
				secrets = append(secrets, property.Name)
				c.define(identifier(property.Name), word(get(media, "example"), property.Name), true)
			}
		}
	}
	var found []example
	members(get(media, "examples"), func(name string, one *yaml.Node) {
		found = append(found, example{name, word(one, "summary"), get(one, "value"), secrets})
	})
	if len(found) == 0 {
		found = append(found, example{"", "", get(media, "example"), secrets})
	}
	return found
}

// idOf returns the variable and the place of the id that the answer of an operation gives to what it created.
func idOf(spec *credmock.Spec, operation *credmock.Operation) (variable, pointer string) {
	reads := spec.Operation(operation.Resource, "get")
	item := operation.Item
	if operation.Resource == "credential" {
		item = spec.Strategies[0].Shown
	}
	if operation.Action != "create" || reads == nil || item == nil || item.Role(credmock.RoleID) == nil {
		return "", ""
	}
	_, parameter, found := strings.Cut(reads.Path, "{")
	parameter, _, closed := strings.Cut(parameter, "}")
	if !found || !closed {
		return "", ""
	}
	pointer = "/payload"
	if operation.Member != "" {
		pointer += "/" + operation.Member
	}
	return variableOf(reads, parameter), pointer + "/" + item.Role(credmock.RoleID).Name
}

func successes(described *yaml.Node) []string {
	var statuses []string
	members(get(described, "responses"), func(status string, _ *yaml.Node) {
		if number, err := strconv.Atoi(status); err == nil && number/100 == 2 {
			statuses = append(statuses, status)
		}
	})
	return statuses
}

// referred follows the reference to a component.
func referred(flat, node *yaml.Node) *yaml.Node {
	reference, isReference := strings.CutPrefix(word(node, "$ref"), "#/components/")
	if !isReference {
		return plain(node)
	}
	kind, name, _ := strings.Cut(reference, "/")
	return get(get(get(flat, "components"), kind), name)
}

func exampleOf(parameter *yaml.Node) string {
	for _, node := range []*yaml.Node{parameter, get(parameter, "schema")} {
		if one := word(node, "example"); one != "" {
			return one
		}
	}
	return ""
}

// filled returns the path with each parameter replaced by what insert makes of its variable.
func (c *call) filled(insert func(variable string) string) string {
	path := c.path
	for i, name := range c.parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", insert(c.variables[i]))
	}
	return path
}

// group is the heading under which a call stands.
func (c *call) group() string {
	if c.Action == "delete" {
		return "Clean up"
	}
	return c.tag
}

// jsonBody returns the body as JSON on many lines.
func (c *call) jsonBody() (string, error) {
	compact, err := source.JSON(c.body)
	if err != nil {
		return "", fmt.Errorf("the example of %s: %w", c.ID, err)
	}
	var indented bytes.Buffer
	err = json.Indent(&indented, compact, "", "  ")
	return indented.String(), err
}

// isForm tells whether the body is a form.
func (c *call) isForm() bool { return c.mediaType == "application/x-www-form-urlencoded" }
