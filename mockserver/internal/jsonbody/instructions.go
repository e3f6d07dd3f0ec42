package jsonbody

import (
	"cmp"
	"errors"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/internal/view"
)

// DecodeInto decodes JSON into a value whose type says what the text may hold. It refuses members that the type does not have.
func DecodeInto(text []byte, into any) *view.Violation {
	if err := strictjson.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		return explain(err, into, text)
	}
	if jsontext.Value(text).Kind() == 'n' { // to decode null changes nothing, and is no error
		return &view.Violation{Code: view.CodeType, Message: "The body must be an object."}
	}
	return nil
}

// misread says why a body is not what is asked for. The error's own text may hold what was sent.
func explain(err error, into any, text []byte) *view.Violation {
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return violation(view.CodeUnknownMember, UnknownMember(semantic.JSONPointer, MembersOf(into)))
	case errors.As(err, &semantic):
		return &view.Violation{Code: view.CodeType, Pointer: knownPrefix(semantic.JSONPointer, reflect.TypeOf(into)),
			Message: "The value here must be " + DescribeType(semantic.GoType) + "."}
	}
	return Malformed(err, text)
}

// UnknownMember says that a body has a member that is not known, and which one may have been meant.
func UnknownMember(at jsontext.Pointer, known []string) string {
	message := "The body has a member that is not known here"
	switch {
	case len(known) == 0:
		return message + "; it takes none."
	case strings.Count(string(at), "/") > 1:
		return message + "."
	}
	return message + cmp.Or(spelling.Hint(at.LastToken(), known), "; known are "+strings.Join(known, ", ")+".")
}

// knownPart returns the part of a pointer that names members of a type and places in its lists. What follows is a client's,
// and may be anything.
func knownPrefix(pointer jsontext.Pointer, of reflect.Type) string {
	known := ""
	for step := range pointer.Tokens() {
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch of.Kind() {
		case reflect.Struct:
			field, ok := fieldOf(of, step)
			if !ok {
				return known
			}
			of = field.Type
		case reflect.Slice, reflect.Array:
			of = of.Elem()
		default:
			return known
		}
		known += "/" + view.EscapePointer(step)
	}
	return known
}

// fieldOf returns the field of a struct that a member is read into.
func fieldOf(of reflect.Type, member string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name == member && name != "" {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// InWords says what a value must be that is read into a type.
func DescribeType(read reflect.Type) string {
	if read == nil {
		return "of another type"
	}
	switch read.Kind() {
	case reflect.Pointer:
		return DescribeType(read.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number that is not too large"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// MembersOf returns the names of the members that a body is read into: those of the struct that it points to.
func MembersOf(into any) []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(into).Elem()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}
