package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	// MostFound is the maximum number of violations listed for one body or file. Further ones are counted.
	MostFound = 100
	// mostInField is the maximum number of violations listed for one field.
	mostInField = 20
	// mostTogether is the maximum number of nested values for which all violations are searched at once, since kin-openapi
	// allocates an error for each.
	mostTogether = 1000
)

// gather returns the violations of a value, at most [mostInField] and one that counts the rest. Its cost depends on the size of the
// value, and not on the number of violations.
func gather(schema *openapi3.Schema, pointer, name string, value any, options ...openapi3.SchemaValidationOption) []Violation {
	options = slices.Clip(append(options, openapi3.DisableSchemaErrorDetails()))
	if schema.VisitJSON(value, append(options, openapi3.FailFast())...) == nil {
		return nil
	}
	items, isArray := value.([]any)
	switch {
	case isSmall(value, mostTogether):
		err := schema.VisitJSON(value, append(options, openapi3.MultiErrors())...)
		return firstOf(flatten(schema, pointer, name, err), mostInField, 0, pointer)
	case isArray && schema.Items != nil && schema.Items.Value != nil && !hasAlternatives(schema):
		return gatherItems(schema, pointer, name, items, options)
	}
	return flatten(schema, pointer, name, schema.VisitJSON(value, options...)) // only the first one
}

// gatherItems returns the violations of a long array.
func gatherItems(schema *openapi3.Schema, pointer, name string, items []any, options []openapi3.SchemaValidationOption) []Violation {
	var found []Violation
	array := *schema
	array.Items = nil
	if err := array.VisitJSON(items, append(options, openapi3.MultiErrors())...); err != nil {
		found = flatten(schema, pointer, name, err)
	}
	name = strings.TrimPrefix(name+" item", " ")
	accepts, more := acceptor(schema.Items.Value, options), 0
	for i, item := range items {
		switch {
		case accepts(item):
		case len(found) < mostInField:
			found = append(found, gather(schema.Items.Value, pointer+"/"+strconv.Itoa(i), name, item, options...)...)
		default:
			more++
		}
	}
	return firstOf(found, mostInField, more, pointer)
}

// acceptor returns a function that reports whether a value is valid, without allocating an error.
func acceptor(schema *openapi3.Schema, options []openapi3.SchemaValidationOption) func(any) bool {
	if accepts := plain(schema); accepts != nil {
		return accepts
	}
	quick := append(slices.Clone(options), openapi3.FailFast())
	return func(value any) bool { return schema.VisitJSON(value, quick...) == nil }
}

func hasAlternatives(schema *openapi3.Schema) bool {
	return len(schema.OneOf)+len(schema.AnyOf)+len(schema.AllOf) > 0 || schema.Not != nil
}

// isSmall reports whether a value contains at most that many values. It visits no more than that.
func isSmall(value any, most int) bool { return countDown(value, most) >= 0 }

// countDown subtracts the number of values within a value from left, and stops below zero.
func countDown(value any, left int) int {
	left--
	switch value := value.(type) {
	case []any:
		for i := 0; i < len(value) && left >= 0; i++ {
			left = countDown(value[i], left)
		}
	case map[string]any:
		for _, item := range value {
			if left = countDown(item, left); left < 0 {
				break
			}
		}
	}
	return left
}

// First returns at most [MostFound] violations, and one with an empty pointer that counts the rest.
func First(found []Violation) []Violation { return firstOf(found, MostFound, 0, "") }

// firstOf returns the first violations, and one that counts the rest and more.
func firstOf(found []Violation, most, more int, pointer string) []Violation {
	if more += len(found) - most; more <= 0 {
		return found
	}
	return append(found[:most:most], further(most, more, pointer))
}

// further is the violation that counts the violations that are not listed.
func further(listed, more int, pointer string) Violation {
	return Violation{Code: CodeFurther, Pointer: pointer,
		Message: fmt.Sprintf("Only the first %d mistakes are listed here; there are %d more.", listed, more)}
}
