package source

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Each mistake has its line and holds nothing of the file.
func TestSyntax(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: [hunter2\n":      "line 1: this is not YAML: a bracket is not closed, or a comma is missing",
		"a: 1\nb: *hunter2\n":      "an alias here leads nowhere, to itself, or to too much",
		"a: hunter2\na: hunter2\n": "line 2: the key is there twice",
	} {
		var value map[string]any
		err := yaml.Unmarshal([]byte(text), &value)
		if err == nil {
			t.Fatalf("%q is YAML", text)
		}
		if got := Syntax(err)[0].Error(); got != want || strings.Contains(got, "hunter2") {
			t.Errorf("%q: %q: %q", text, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	tree, err := Read([]byte(`openapi: 3.0.3
paths:
  /v1/things:
    get:
      responses: {}
components:
  schemas:
    Thing: &thing
      type: text
    Other: *thing
`))
	if err != nil {
		t.Fatal(err)
	}
	for message, line := range map[string]int{
		`invalid paths: invalid path /v1/things: invalid operation GET: it has no answer`: 4,
		`invalid paths: operation GET /v1/things must define exactly all path parameters`: 4,
		`invalid components: schema "Thing": unsupported 'type' value "text"`:             9,
		`invalid components: schema "Other": unsupported 'type' value "text"`:             9,
		`invalid components: schema "Nothing": it is nowhere`:                             7,
		`nothing that is here`: 0,
	} {
		if got := Near(tree, message); got != line {
			t.Errorf("%s: line %d, want %d", message, got, line)
		}
	}
}

func TestJSON(t *testing.T) {
	for text, want := range map[string]string{
		"b: 1\na: [x, 2, null, 2026-11-26]": `{"b":1,"a":["x",2,null,"2026-11-26"]}`,
		"a: &one {b: 1}\nc: *one":           `{"a":{"b":1},"c":{"b":1}}`,
		"a: 1\na: 2":                        `line 2: the member "a" is here for the second time`,
		"<<: {a: 1}":                        "line 1: a merge key (<<) cannot stand in a document; use allOf or $ref",
		"[a]: 1":                            "line 1: a member's name must be plain text",
		"a: .inf":                           "line 1: .inf has no form in JSON",
		"a: &one [*one]":                    "line 1: the alias *one holds itself",
	} {
		tree, err := Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := JSON(tree)
		seen := strings.ReplaceAll(string(got), "\n", "")
		if err != nil {
			seen = err.Error()
		}
		if seen != want {
			t.Errorf("%q: %s: %s", text, seen, want)
		}
	}
}
