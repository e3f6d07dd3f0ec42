package view

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
)

// flatten converts an error of kin-openapi into violations. Only this file inspects such an error, and it reads only the rule
// and the path, since the text contains values. A value with several allowed forms has one violation and not one for each form.
func flatten(schema *openapi3.Schema, pointer, name string, err error) []Violation {
	var found []Violation
	seen := map[Violation]bool{}
	for _, leaf := range leaves(err, nil, false) {
		violation := describe(schema, pointer, name, leaf.err)
		if !seen[violation] {
			seen[violation] = true
			found = append(found, violation)
		}
	}
	return found
}

// leaf is one error of kin-openapi with the path to it. Without an error only the path is known.
type leaf struct {
	path []string
	err  *openapi3.SchemaError
}

// leaves returns the single errors in an error tree. It descends into the alternatives of a value only if alternatives is set.
func leaves(err error, outer []string, alternatives bool) []leaf {
	switch err := err.(type) { //nolint:errorlint // a tree is walked, so each level matters
	case openapi3.MultiError:
		var found []leaf
		for _, one := range err {
			found = append(found, leaves(one, outer, alternatives)...)
		}
		return found
	case *openapi3.SchemaError:
		path := append(slices.Clone(outer), err.JSONPointer()...)
		if inner := branch(errors.Unwrap(err)); alternatives && inner != nil {
			return leaves(inner, path, true)
		}
		return []leaf{{path, err}}
	}
	return []leaf{{outer, nil}}
}

// branch returns the first wrapped error that has a structure, or nil.
func branch(err error) error {
	for ; err != nil; err = errors.Unwrap(err) {
		switch err.(type) { //nolint:errorlint // see leaves
		case openapi3.MultiError, *openapi3.SchemaError:
			return err
		}
	}
	return nil
}

// Break is one place of an answer that breaks a schema.
type Break struct {
	Pointer string           // JSON pointer, with names that the server chose; empty for the whole answer
	Rule    string           // rule as named by kin-openapi, such as "required"; empty if unknown
	Schema  *openapi3.Schema // schema with the rule; nil if unknown
}

// Breaks returns each place in which an answer breaks a schema, in order and without duplicates. If an answer has several
// allowed forms, it includes the places of each form. If all is false, it stops at the first.
func Breaks(schema *openapi3.Schema, answer any, all bool) []Break {
	options := []openapi3.SchemaValidationOption{openapi3.VisitAsResponse(), openapi3.DisableSchemaErrorDetails()}
	if all {
		options = append(options, openapi3.MultiErrors())
	}
	err := schema.VisitJSON(answer, options...)
	if err == nil {
		return nil
	}
	var found []Break
	for _, leaf := range leaves(err, nil, true) {
		one, pointer := Break{}, jsontext.Pointer("")
		for _, step := range leaf.path {
			pointer = pointer.AppendToken(step)
		}
		if one.Pointer = string(pointer); leaf.err != nil {
			one.Rule, one.Schema = leaf.err.SchemaField, leaf.err.Schema
		}
		found = append(found, one)
	}
	return found
}

func describe(schema *openapi3.Schema, pointer, name string, leaf *openapi3.SchemaError) Violation {
	if leaf == nil {
		return Violation{Code: CodeType, Pointer: pointer, Message: name + " must be " + inWords(schema) + "."}
	}
	at, steps := follow(schema, leaf.JSONPointer())
	for _, step := range steps {
		pointer = string(jsontext.Pointer(pointer).AppendToken(step))
		name = strings.TrimPrefix(name+" item", " ")
		if _, err := strconv.Atoi(step); err != nil {
			name = step
		}
	}
	if name == "" {
		name = "The value"
	}
	code := codeOf(leaf.SchemaField)
	switch code {
	case "additional-properties", "properties":
		return Violation{Code: CodeUnknownMember, Pointer: pointer, Message: name + " has a member that is not known here."}
	case CodeRequired:
		return Violation{Code: code, Pointer: pointer, Message: name + " is required; send " + inWords(at) + "."}
	}
	return Violation{Code: code, Pointer: pointer, Message: name + " must be " + inWords(at) + "."}
}

// follow walks a path down a schema while the steps are properties of the schema or indexes; any other name was chosen by the
// client.
func follow(schema *openapi3.Schema, path []string) (*openapi3.Schema, []string) {
	for i, step := range path {
		next := schema.Properties[step]
		if next == nil && schema.Items != nil {
			next = schema.Items
		}
		if next == nil || next.Value == nil {
			return schema, path[:i]
		}
		schema = next.Value
	}
	return schema, path
}

// codeOf returns the violation code of a schema rule.
func codeOf(rule string) string {
	switch rule {
	case "", "nullable", "oneOf", "anyOf", "allOf", "not":
		return CodeType
	}
	var code strings.Builder
	for _, letter := range rule {
		if unicode.IsUpper(letter) {
			code.WriteByte('-')
		}
		code.WriteRune(unicode.ToLower(letter))
	}
	return code.String()
}
