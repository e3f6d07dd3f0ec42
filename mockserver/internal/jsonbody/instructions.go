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

// DecodeInto decodes JSON into a pointer to a struct. It refuses members that the struct does not have. The violation
// is nil on success.
func DecodeInto(text []byte, into any) *view.Violation {
	if err := strictjson.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		return explain(err, into, text)
	}
	if jsontext.Value(text).Kind() == 'n' { // decoding null changes nothing and returns no error
		return &view.Violation{Code: view.CodeType, Message: "The body must be an object."}
	}
	return nil
}

// explain returns the violation for a decoding error. The error's own text may repeat the client's text.
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

// UnknownMember returns the message for an unknown member, with the known name that was probably meant.
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

// knownPrefix returns the part of a pointer that names members of a type and positions in its lists. The rest comes
// from the client and may hold anything.
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

// fieldOf returns the field of a struct for a JSON member.
func fieldOf(of reflect.Type, member string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name == member && name != "" {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// DescribeType returns a phrase for the JSON values that decode into a type.
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

// MembersOf returns the names of the JSON members of a struct, given a pointer to it.
func MembersOf(into any) []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(into).Elem()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}
