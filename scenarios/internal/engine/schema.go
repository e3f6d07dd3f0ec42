package engine

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// visit returns the violations of a schema by an answer, each as a pointer and a rule; if all is false, only the first.
func visit(schema *openapi3.Schema, body any, all bool) []string {
	var violations []string
	for _, broken := range view.Breaks(schema, body, all) {
		violations = append(violations, bound.Brief(ordered.OrTop(broken.Pointer)).String()+": "+rule(broken))
	}
	slices.Sort(violations)
	return slices.Compact(violations)
}

// rule describes a violation in the document's words.
func rule(broken view.Break) string {
	schema := broken.Schema
	switch {
	case schema == nil:
		return "it does not have the form that the document describes"
	case broken.Rule == "required":
		return "it is missing"
	case broken.Rule == "type" && schema.Type != nil:
		return "it must be of type " + strings.Join(schema.Type.Slice(), " or ")
	case broken.Rule == "nullable":
		return "it must not be null"
	case broken.Rule == "enum":
		return "it must be one of " + compactList(schema.Enum)
	case broken.Rule == "pattern":
		return "it must match " + schema.Pattern
	case broken.Rule == "format":
		return "it must have the format " + schema.Format
	}
	return "it breaks the rule " + broken.Rule
}

func compactList(values []any) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i], _ = ordered.Compact(value, bound.LongestShown)
	}
	return strings.Join(words, ", ")
}
