package mockserver

import (
	"cmp"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/view"
)

// instructions reads the body of a request to the mock's own surface into a value whose type says what it may hold. Without a
// body the value stays as it is. No content type is asked for, so that a short curl line does.
func (c *call) instructions(into any) *reply {
	read := borrow()
	defer read.giveBack()
	if refusal := read.fill(c, bodyLimit); refusal != nil || len(read.text) == 0 {
		return refusal
	}
	if jsonbound.TooDeep(read.text) {
		return tooDeep()
	}
	if err := json.Unmarshal(read.text, into, json.RejectUnknownMembers(true)); err != nil {
		return misread(err, into, read.text)
	}
	if jsontext.Value(read.text).Kind() == 'n' { // to decode null changes nothing, and is no error
		return badRequest([]view.Violation{{Code: view.CodeType, Message: "The body must be an object."}})
	}
	return nil
}

// withoutBody makes an action that refuses a body with members, of which it would do nothing.
func withoutBody(act action) action {
	return func(c *call) *reply {
		if refusal := c.instructions(&struct{}{}); refusal != nil {
			return refusal
		}
		return act(c)
	}
}

// misread says why a body is not what is asked for. The error's own text may hold what was sent.
func misread(err error, into any, text []byte) *reply {
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return refuse(http.StatusBadRequest, view.CodeUnknownMember, unknownMember(semantic.JSONPointer, membersOf(into)))
	case errors.As(err, &semantic):
		return badRequest([]view.Violation{{Code: view.CodeType, Pointer: knownPart(semantic.JSONPointer, reflect.TypeOf(into)),
			Message: "The value here must be " + inWords(semantic.GoType) + "."}})
	}
	return malformed(err, text)
}

// unknownMember says that a body has a member that is not known, and which one may have been meant.
func unknownMember(at jsontext.Pointer, known []string) string {
	message := "The body has a member that is not known here"
	switch {
	case len(known) == 0:
		return message + "; it takes none."
	case strings.Count(string(at), "/") > 1:
		return message + "."
	}
	return message + cmp.Or(didYouMean(at.LastToken(), known), "; known are "+strings.Join(known, ", ")+".")
}

// knownPart returns the part of a pointer that names members of a type and places in its lists. What follows is a client's,
// and may be anything.
func knownPart(pointer jsontext.Pointer, of reflect.Type) string {
	known := ""
	for step := range pointer.Tokens() {
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch of.Kind() {
		case reflect.Struct:
			field, there := fieldOf(of, step)
			if !there {
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

// inWords says what a value must be that is read into a type.
func inWords(read reflect.Type) string {
	if read == nil {
		return "of another type"
	}
	switch read.Kind() {
	case reflect.Pointer:
		return inWords(read.Elem())
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

// membersOf returns the names of the members that a body is read into: those of the struct that it points to.
func membersOf(into any) []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(into).Elem()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// document returns an answer of the mock's own surface: a value as JSON, for people to read too.
func document(status int, value any) *reply {
	text, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false), jsontext.WithIndent("  "))
	if err != nil {
		return failure()
	}
	return &reply{status: status, text: append(text, '\n')}
}

// indented lays out a text of JSON for people.
func indented(text []byte) string {
	value := jsontext.Value(text)
	if value.Indent(jsontext.WithIndent("  ")) != nil {
		return string(text)
	}
	return string(value)
}
