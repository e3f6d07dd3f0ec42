package spec

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// asHTTP writes the requests as a file for the HTTP clients of editors. All values of the document are examples of it, which are
// checked to be on one line.
func asHTTP(c *collection) ([]byte, error) {
	out := &bytes.Buffer{}
	fmt.Fprintf(out, "# %s %s: the examples of the document. The values below are those of a fresh `credmock serve`.\n"+
		"# The requests at the end delete what the others use.\n\n@host = %s\n@token = %s\n",
		oneLine(c.title), oneLine(c.version), mockHost, mockToken)
	for _, variable := range c.variables {
		fmt.Fprintf(out, "@%s = %s\n", variable.name, oneLine(variable.value))
	}
	for _, call := range c.calls {
		path := call.filled(func(variable string) string { return "{{" + variable + "}}" })
		fmt.Fprintf(out, "\n### %s\n# @name %s\n%s {{host}}%s\nAccept: application/json\n",
			oneLine(call.label), identifier(call.name), call.Method, path)
		if !call.Public {
			fmt.Fprintln(out, "Authorization: Bearer {{token}}")
		}
		if call.body == nil {
			continue
		}
		body, err := call.jsonBody()
		if call.isForm() {
			body = formOf(call)
		}
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "Content-Type: %s\n\n%s\n", call.mediaType, body)
	}
	return out.Bytes(), nil
}

// formOf returns the body of a form, with variables for its secrets.
func formOf(call *call) string {
	var pairs []string
	members(call.body, func(name string, value *yaml.Node) {
		text := url.QueryEscape(value.Value)
		if slices.Contains(call.secrets, name) {
			text = "{{" + identifier(name) + "}}"
		}
		pairs = append(pairs, url.QueryEscape(name)+"="+text)
	})
	return strings.Join(pairs, "&")
}

// identifier returns a name with letters, digits and underscores alone.
func identifier(name string) string {
	return strings.Map(func(letter rune) rune {
		if letter == '_' || '0' <= letter && letter <= '9' || 'A' <= letter && letter <= 'Z' || 'a' <= letter && letter <= 'z' {
			return letter
		}
		return '_'
	}, name)
}

// oneLine returns a text without the line breaks that would begin something else.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
