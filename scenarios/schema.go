package scenarios

import (
	"errors"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// visit validates an answer and returns each fault as a pointer and a rule, or the first one alone. What kin-openapi says of a
// fault holds the value, and is left out.
func visit(schema *openapi3.Schema, body any, all bool) []string {
	// Without a message of ours, each fault lays out the value that is at fault, and that of a deep one is far larger than it.
	message := openapi3.SetSchemaErrorMessageCustomizer(func(*openapi3.SchemaError) string { return "fault" })
	options := []openapi3.SchemaValidationOption{openapi3.VisitAsResponse(), message}
	if all {
		options = append(options, openapi3.MultiErrors())
	}
	err := schema.VisitJSON(body, options...)
	var faults []string
	flatten(err, nil, &faults)
	slices.Sort(faults)
	return slices.Compact(faults)
}

func flatten(err error, outer []string, faults *[]string) {
	switch err := err.(type) { //nolint:errorlint // a tree is walked, so each level matters
	case nil:
	case openapi3.MultiError:
		for _, each := range err {
			flatten(each, outer, faults)
		}
	case *openapi3.SchemaError:
		at := append(slices.Clone(outer), err.JSONPointer()...)
		if inner := tree(errors.Unwrap(err)); inner != nil {
			flatten(inner, at, faults)
			return
		}
		*faults = append(*faults, brief(orTop(pointerOf(at))).String()+": "+rule(err))
	default:
		*faults = append(*faults, brief(orTop(pointerOf(outer))).String()+": it does not have the form that the document describes")
	}
}

// tree returns what of a wrapped error can be walked further, or nil.
func tree(err error) error {
	for ; err != nil; err = errors.Unwrap(err) {
		switch err.(type) { //nolint:errorlint // see flatten
		case openapi3.MultiError, *openapi3.SchemaError:
			return err
		}
	}
	return nil
}

func pointerOf(tokens []string) string {
	var pointer strings.Builder
	for _, token := range tokens {
		pointer.WriteString("/" + escapeToken(token))
	}
	return pointer.String()
}

// rule says what a fault breaks, in the document's words alone.
func rule(err *openapi3.SchemaError) string {
	schema := err.Schema
	switch {
	case err.SchemaField == "required":
		return "it is missing"
	case err.SchemaField == "type" && schema.Type != nil:
		return "it must be of type " + strings.Join(schema.Type.Slice(), " or ")
	case err.SchemaField == "nullable":
		return "it must not be null"
	case err.SchemaField == "enum":
		return "it must be one of " + compactList(schema.Enum)
	case err.SchemaField == "pattern":
		return "it must match " + schema.Pattern
	case err.SchemaField == "format":
		return "it must have the format " + schema.Format
	}
	return "it breaks the rule " + err.SchemaField
}

func compactList(values []any) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i], _ = compact(value, longestShown)
	}
	return strings.Join(words, ", ")
}
