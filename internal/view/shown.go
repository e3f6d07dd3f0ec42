package view

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
)

// Shown is an object for an answer: its members in document order, without secrets.
type Shown struct {
	form    *Form
	members []member
}

type member struct {
	field *field
	value any
}

// Redact returns the members of a record that the form describes. Each secret is omitted and its flag set. Names in withheld
// are omitted too, even if the form has them; the set may be nil.
func (f *Form) Redact(record map[string]any, withheld map[string]bool) Shown {
	return f.RedactInto(Shown{}, record, withheld)
}

// RedactInto is like Redact, but reuses the memory of an object that is no longer needed.
func (f *Form) RedactInto(room Shown, record map[string]any, withheld map[string]bool) Shown {
	shown := Shown{form: f, members: room.members[:0]}
	if need := min(len(f.fields), len(record)+len(f.flags)); cap(shown.members) < need {
		shown.members = make([]member, 0, need)
	}
	for _, field := range f.fields {
		if value := field.shownOf(record, withheld); value != nil {
			shown.members = append(shown.members, member{field, value})
		}
	}
	return shown
}

// shownOf returns the value of a field in the answer that shows a record; nil if the answer omits it.
func (f *field) shownOf(record map[string]any, withheld map[string]bool) any {
	switch {
	case f.FlagOf != "":
		return isSet(record[f.FlagOf])
	case f.Secret || withheld[f.Name]:
		return nil
	}
	return record[f.Name]
}

// isSet reports whether a secret is stored; the empty string is not a secret.
func isSet(secret any) bool { return secret != nil && secret != "" }

// Check returns the violations of the document by the object.
func (s Shown) Check() []Violation {
	var found []Violation
	next := 0
	for _, field := range s.form.fields {
		var value any
		if next < len(s.members) && s.members[next].field == field {
			value = s.members[next].value
			next++
		}
		found = append(found, field.judgeShown(value)...)
	}
	return First(found)
}

// CheckShown returns what Check returns for the redacted record.
func (f *Form) CheckShown(record map[string]any, withheld map[string]bool) []Violation {
	var found []Violation
	for _, field := range f.fields {
		found = append(found, field.judgeShown(field.shownOf(record, withheld))...)
	}
	return First(found)
}

// judgeShown checks the value of a field in an answer. It is nil if the answer omits the field.
func (f *field) judgeShown(value any) []Violation {
	switch {
	case value != nil && f.Secret:
		return []Violation{f.violation(CodeSecretShown, f.Name+" is a secret and is never shown.")}
	case value != nil:
		return f.check(f, value)
	case f.required:
		return f.absent(false)
	}
	return nil
}

// Append appends the object as JSON.
func (s Shown) Append(text []byte) []byte {
	text = append(text, '{')
	for i, member := range s.members {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, member.field.quoted...)
		text = AppendValue(text, member.value)
	}
	return append(text, '}')
}

// Hide replaces every text that hides reports by mask, in the object itself.
func (s Shown) Hide(hides func(string) bool, mask any) {
	for i, member := range s.members {
		if shown, same := hide(member.value, hides, mask); !same {
			s.members[i].value = shown
		}
	}
}

// hide returns a copy of a value with each hidden text masked, or the value itself if it has none.
func hide(value any, hides func(string) bool, mask any) (shown any, same bool) {
	switch value := value.(type) {
	case string:
		if hides(value) {
			return mask, false
		}
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i], _ = hide(item, hides, mask)
		}
		return list, false
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, item := range value {
			object[name], _ = hide(item, hides, mask)
		}
		return object, false
	}
	return value, true
}

// Properties returns the properties of the object's form, in document order.
func (s Shown) Properties() []*credmock.Property { return s.form.Properties() }

// Members returns the members by name.
func (s Shown) Members() map[string]any {
	members := make(map[string]any, len(s.members))
	for _, member := range s.members {
		members[member.field.Name] = member.value
	}
	return members
}

// exact is the limit below which every integer is an exact float64 and JSON writes it without an exponent.
const exact = 1 << 53

// AppendValue appends a value that was decoded from JSON or the document, with the names of objects sorted.
func AppendValue(text []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		return appendString(text, value)
	case bool:
		return strconv.AppendBool(text, value)
	case float64:
		if whole := int64(value); float64(whole) == value && -exact < whole && whole < exact && (whole != 0 || !math.Signbit(value)) {
			return strconv.AppendInt(text, whole, 10)
		}
	case []any:
		text = append(text, '[')
		for i, item := range value {
			if i > 0 {
				text = append(text, ',')
			}
			text = AppendValue(text, item)
		}
		return append(text, ']')
	case map[string]any:
		return appendObject(text, value)
	}
	// Other numbers and null remain, which cannot fail.
	encoded, err := json.Marshal(value)
	if err != nil {
		return append(text, "null"...)
	}
	return append(text, encoded...)
}

func appendObject(text []byte, object map[string]any) []byte {
	text = append(text, '{')
	var room [16]string // most objects need no more, and no allocation
	names := slices.AppendSeq(room[:0], maps.Keys(object))
	slices.Sort(names)
	for i, name := range names {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(appendString(text, name), ':')
		text = AppendValue(text, object[name])
	}
	return append(text, '}')
}

// appendString encodes a text, and replaces bytes that are not UTF-8.
func appendString(text []byte, value string) []byte {
	encoded, err := jsontext.AppendQuote(text, value)
	if err != nil {
		return append(text, `""`...)
	}
	return encoded
}

// CheckAnswer returns the violations of a schema of the document by a whole answer.
func CheckAnswer(schema *openapi3.Schema, answer map[string]any) []Violation {
	return gather(schema, "", "", answer, openapi3.VisitAsResponse())
}
