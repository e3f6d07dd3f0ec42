package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/source"
)

const postmanSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

// asPostman writes the requests as a Postman collection. A request that creates something sets the variable of its id, so the
// collection can be run many times.
func asPostman(c *collection) ([]byte, error) {
	folders, byGroup := list(), map[string]*yaml.Node{}
	for _, call := range c.calls {
		item, err := postmanItem(call)
		if err != nil {
			return nil, err
		}
		into := byGroup[call.group()]
		if into == nil {
			into = list()
			byGroup[call.group()] = into
			folders.Content = append(folders.Content, mapping("name", call.group(), "item", into))
		}
		into.Content = append(into.Content, item)
	}
	variables := list(mapping("key", "host", "value", mockHost), mapping("key", "token", "value", mockToken))
	for _, variable := range c.variables {
		value := variable.value
		if variable.isSecret {
			value = ""
		}
		variables.Content = append(variables.Content, mapping("key", variable.name, "value", value))
	}
	bearer := list(mapping("key", "token", "value", "{{token}}", "type", "string"))
	return encodedJSON(mapping(
		"info", mapping("name", c.title, "version", c.version, "schema", postmanSchema),
		"auth", mapping("type", "bearer", "bearer", bearer),
		"variable", variables, "item", folders))
}

func postmanItem(call *call) (*yaml.Node, error) {
	path := call.filled(func(variable string) string { return "{{" + variable + "}}" })
	steps := list()
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		steps.Content = append(steps.Content, text(step))
	}
	headers := list(mapping("key", "Accept", "value", "application/json"))
	request := mapping("method", call.Method, "header", headers,
		"url", mapping("raw", "{{host}}"+path, "host", list(text("{{host}}")), "path", steps))
	if call.Public {
		set(request, "auth", mapping("type", "noauth"))
	}
	if call.body != nil {
		body, err := postmanBody(call)
		if err != nil {
			return nil, err
		}
		headers.Content = append(headers.Content, mapping("key", "Content-Type", "value", call.mediaType))
		set(request, "body", body)
	}
	return mapping("name", call.label, "event", postmanEvents(call), "request", request), nil
}

func postmanBody(call *call) (*yaml.Node, error) {
	if !call.isForm() {
		body, err := call.jsonBody()
		return mapping("mode", "raw", "raw", body), err
	}
	fields := list()
	members(call.body, func(name string, value *yaml.Node) {
		sent := value.Value
		if slices.Contains(call.secrets, name) {
			sent = "{{" + identifier(name) + "}}"
		}
		fields.Content = append(fields.Content, mapping("key", name, "value", sent))
	})
	return mapping("mode", "urlencoded", "urlencoded", fields), nil
}

// postmanEvents returns the scripts of a request: the status is judged, a new id is kept, and without a secret nothing is sent.
func postmanEvents(call *call) *yaml.Node {
	script := func(listen string, lines ...string) *yaml.Node {
		code := list()
		for _, line := range lines {
			code.Content = append(code.Content, text(line))
		}
		return mapping("listen", listen, "script", mapping("type", "text/javascript", "exec", code))
	}
	judge := fmt.Sprintf(`pm.test("status", () => pm.expect(pm.response.code).to.be.oneOf([%s]));`, strings.Join(call.statuses, ", "))
	lines := []string{judge}
	if call.captures != "" {
		value := "pm.response.json()"
		for step := range strings.SplitSeq(strings.TrimPrefix(call.pointer, "/"), "/") {
			value += "[" + quoted(step) + "]"
		}
		lines = append(lines, fmt.Sprintf("pm.collectionVariables.set(%s, %s);", quoted(call.captures), value))
	}
	events := list(script("test", lines...))
	for _, secret := range call.secrets {
		skip := fmt.Sprintf("if (!pm.variables.get(%s)) pm.execution.skipRequest();", quoted(identifier(secret)))
		events.Content = append(events.Content, script("prerequest", skip))
	}
	return events
}

// quoted returns a string of JavaScript.
func quoted(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(encoded)
}

// encodedJSON returns a node as JSON on many lines.
func encodedJSON(node *yaml.Node) ([]byte, error) {
	encoded, err := yaml.Marshal(node)
	if err != nil {
		return nil, err
	}
	return source.IndentedJSON(encoded)
}
