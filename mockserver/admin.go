package mockserver

import (
	"cmp"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
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
	return func(s *Server, c *call) *reply {
		if refusal := c.instructions(&struct{}{}); refusal != nil {
			return refusal
		}
		return act(s, c)
	}
}

// misread says why a body is not what is asked for. The error's own text may hold what was sent.
func misread(err error, into any, text []byte) *reply {
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return refuse(http.StatusBadRequest, view.CodeUnknownMember, unknownMember(semantic.JSONPointer, membersOf(into)))
	case errors.As(err, &semantic):
		return badRequest([]view.Violation{{Code: view.CodeType, Pointer: ownSteps(semantic.JSONPointer, membersOf(into)),
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

// ownSteps returns a pointer as far as its steps are known names or positions. Other names are the client's.
func ownSteps(pointer jsontext.Pointer, known []string) string {
	own := ""
	for step := range pointer.Tokens() {
		if _, err := strconv.ParseUint(step, 10, 32); err != nil && !slices.Contains(known, step) {
			break
		}
		own += "/" + view.EscapePointer(step)
	}
	return own
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

// invalidParameter refuses a parameter of a query.
func invalidParameter(name, wanted string) *reply {
	return refuse(http.StatusBadRequest, "invalid-parameter", "The parameter "+name+" must be "+wanted+".")
}

// number reads a parameter of the query that is a whole number from 0 up; without it the default counts.
func (c *call) number(name string, otherwise int64) (int64, *reply) {
	text := c.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return 0, invalidParameter(name, "a whole number, 0 or more")
	}
	return number, nil
}
