package view

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// flatten turns what kin-openapi found about a value into violations. It is the only place that looks into such an
// error, and it reads no more than the rule's name and the path: the text holds values. Where a value may have
// one of several forms, the finding is that it has none, without the noise of each form.
func flatten(schema *openapi3.Schema, pointer, name string, err error) []Violation {
	var found []Violation
	seen := map[Violation]bool{}
	for _, leaf := range leaves(err) {
		violation := describe(schema, pointer, name, leaf)
		if !seen[violation] {
			seen[violation] = true
			found = append(found, violation)
		}
	}
	return found
}

// leaves returns the single findings of an error that may be a tree of them; nil stands for one that says nothing.
func leaves(err error) []*openapi3.SchemaError {
	switch err := err.(type) { //nolint:errorlint // errors.As would step into the alternatives of a oneOf, which are noise
	case openapi3.MultiError:
		var found []*openapi3.SchemaError
		for _, one := range err {
			found = append(found, leaves(one)...)
		}
		return found
	case *openapi3.SchemaError:
		return []*openapi3.SchemaError{err}
	}
	return []*openapi3.SchemaError{nil}
}

func describe(schema *openapi3.Schema, pointer, name string, leaf *openapi3.SchemaError) Violation {
	if leaf == nil {
		return Violation{Code: CodeType, Pointer: pointer, Message: name + " must be " + inWords(schema) + "."}
	}
	at, steps := follow(schema, leaf.JSONPointer())
	for _, step := range steps {
		pointer += "/" + EscapePointer(step)
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

// follow walks a path down a schema as far as the schema names the steps or they are positions: other names are the client's.
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

// codeOf returns the violation's code for the name of a schema rule.
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
