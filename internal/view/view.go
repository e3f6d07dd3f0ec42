// Package view knows three views of an object of the document: the body that is sent, the record that is stored, the answer that is shown.
//
// A [Form] is an object of the document, compiled once. It checks a body, merges it into a stored record, and redacts a record
// for an answer. It reports [Violation] values: a code, a pointer and a message in the document's own words. A violation never
// contains anything that a client sent, since any part of a body may be a secret, even a name.
package view

import (
	"reflect"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
)

// Violation is one way in which a value breaks the document.
type Violation struct {
	Code    string // stable, kebab-case, for programs
	Pointer string // JSON pointer of the member at fault; empty where that is the whole value or a name that is not the document's
	Message string // a sentence: the violation and its remedy
}

// The codes of the violations that this package reports itself.
const (
	CodeRequired      = "required"
	CodeType          = "type"
	CodeEnum          = "enum"
	CodeReadOnly      = "read-only"
	CodeImmutable     = "immutable"
	CodeUnknownMember = "unknown-member"
	CodeSecretShown   = "secret-shown"
	CodeFurther       = "further-mistakes"
)

// Form is a compiled object of the document. It is immutable and safe for concurrent use.
type Form struct {
	title     string // its name in messages, such as a strategy's name; may be empty
	fields    []*field
	byName    map[string]*field
	byRole    map[credmock.Role]*credmock.Property
	mandatory []*field            // required fields
	kept      []*field            // fields that must stay stored
	flags     []*field            // flags of secrets
	strict    bool                // unknown members are violations
	elsewhere map[string][]string // titles of other forms by the names that they know
}

// field is one compiled property.
type field struct {
	*credmock.Property
	index    int    // index in the list of fields
	pointer  string // "/" and the escaped name
	quoted   []byte // encoded name and a colon
	required bool
	kept     bool   // of a body that changes something: the record must keep it
	words    string // the expected value, in words
	check    check
}

// New compiles an object of the document. The title names the object in messages; it may be empty.
func New(title string, object *credmock.Object) *Form {
	form := newForm(title, object.Properties, object.Required)
	form.strict = object.UnknownMembersRefused
	return form
}

// NewUpdate compiles the object of a body that changes a record made by create. A member that create requires cannot be cleared.
func NewUpdate(title string, update, create *credmock.Object) *Form {
	form := New(title, update)
	for _, requirement := range create.Required {
		if field := form.byName[requirement.Name]; field != nil {
			field.kept = true
			form.kept = append(form.kept, field)
		}
	}
	return form
}

func newForm(title string, properties []*credmock.Property, required []credmock.Requirement) *Form {
	form := &Form{title: title, byName: make(map[string]*field, len(properties)), byRole: map[credmock.Role]*credmock.Property{}}
	for _, property := range properties {
		compiled := newField(property)
		compiled.index = len(form.fields)
		form.fields = append(form.fields, compiled)
		form.byName[property.Name] = compiled
		if form.byRole[property.Role] == nil {
			form.byRole[property.Role] = property
		}
		if property.FlagOf != "" {
			form.flags = append(form.flags, compiled)
		}
	}
	for _, requirement := range required {
		if compiled := form.byName[requirement.Name]; compiled != nil {
			compiled.required = true
			form.mandatory = append(form.mandatory, compiled)
		}
	}
	return form
}

func newField(property *credmock.Property) *field {
	return &field{
		Property: property,
		pointer:  string(jsontext.Pointer("").AppendToken(property.Name)),
		quoted:   append(appendString(nil, property.Name), ':'),
		words:    inWords(property.Schema),
		check:    compile(property.Schema),
	}
}

// Common compiles the common part of several objects: the properties that all describe, required if all require them, with
// further members allowed. It checks a body before its object is known.
func Common(objects []*credmock.Object) *Form {
	var properties []*credmock.Property
	var required []credmock.Requirement
	for _, property := range objects[0].Properties {
		everywhere, requiredEverywhere := true, true
		for _, object := range objects {
			everywhere = everywhere && object.Property(property.Name) != nil
			_, requires := object.Requires(property.Name)
			requiredEverywhere = requiredEverywhere && requires
		}
		if !everywhere || property.Role == credmock.RoleStrategy {
			continue
		}
		properties = append(properties, property)
		if requiredEverywhere {
			required = append(required, credmock.Requirement{Name: property.Name})
		}
	}
	return newForm("", properties, required)
}

// Beyond returns a form with the fields that an object may break although it keeps all the others; nil for no field.
func (f *Form) Beyond(others ...*Form) *Form {
	beyond := &Form{title: f.title, byName: map[string]*field{}}
	for _, one := range f.fields {
		if slices.ContainsFunc(others, func(other *Form) bool { return !other.ensures(one) }) {
			beyond.fields = append(beyond.fields, one)
			beyond.byName[one.Name] = one
			if one.FlagOf != "" {
				beyond.flags = append(beyond.flags, one)
			}
		}
	}
	if beyond.fields == nil {
		return nil
	}
	return beyond
}

// ensures reports whether every object that is valid for the form satisfies another form's field.
func (f *Form) ensures(one *field) bool {
	own := f.byName[one.Name]
	return own != nil && (own.required || !one.required) && narrower(own.Schema, one.Schema)
}

// narrower reports whether every value that is valid for the first schema is valid for the second. It may return false if it
// cannot tell.
func narrower(first, second *openapi3.Schema) bool {
	anyString := isPlain(second) && second.Type.Is("string") && second.Enum == nil && second.Format == ""
	return anyString && isPlain(first) && first.Type.Is("string") && (second.Nullable || !first.Nullable) || reflect.DeepEqual(first, second)
}

// KnowOthers adds the names of other forms, so that a member of one of them is recognised. Call it before use.
func (f *Form) KnowOthers(others ...*Form) {
	f.elsewhere = map[string][]string{}
	for _, other := range others {
		for _, field := range other.fields {
			if f.byName[field.Name] == nil && !field.ReadOnly {
				f.elsewhere[field.Name] = append(f.elsewhere[field.Name], other.title)
			}
		}
	}
}

// Strict reports whether the form rejects members that it does not describe.
func (f *Form) Strict() bool { return f.strict }

// Role returns the property with the role, or nil.
func (f *Form) Role(role credmock.Role) *credmock.Property { return f.byRole[role] }

// Properties returns the properties in document order.
func (f *Form) Properties() []*credmock.Property {
	properties := make([]*credmock.Property, len(f.fields))
	for i, field := range f.fields {
		properties[i] = field.Property
	}
	return properties
}

// EscapePointer escapes a name for use in a JSON pointer (RFC 6901). See [jsontext.Pointer] for whole pointers.
func EscapePointer(name string) string { return string(jsontext.Pointer("").AppendToken(name))[1:] }

// Property returns the property with the name, or nil.
func (f *Form) Property(name string) *credmock.Property {
	if field := f.byName[name]; field != nil {
		return field.Property
	}
	return nil
}
