package view

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Sent checks a body that creates a record. It returns every violation, in document order.
func (f *Form) Sent(body map[string]any) []Violation {
	return f.judge(body, func(field *field, value any) []Violation {
		switch {
		case field.ReadOnly:
			return []Violation{field.violation(CodeReadOnly, field.Name+" belongs to the server; leave it out.")}
		case field.empty(value):
			return field.absent(value == nil)
		}
		return field.check(field, value)
	})
}

// Changes checks a body that updates a record. It returns every violation of the body itself, in document order. Kept checks
// the result.
func (f *Form) Changes(body, stored map[string]any) []Violation {
	return f.judge(body, func(field *field, value any) []Violation {
		switch {
		case field.Immutable:
			return field.repeats(value, stored[field.Name])
		case value == nil && !field.ReadOnly:
			return field.absent(true)
		}
		return field.check(field, value)
	})
}

// judge checks each member of a body, then the missing ones. Its cost depends on the size of the body, since a form has many
// more members than most bodies.
func (f *Form) judge(body map[string]any, one func(*field, any) []Violation) []Violation {
	var found []Violation
	known := 0
	for name, value := range body {
		if field := f.byName[name]; field != nil {
			known++
			found = append(found, one(field, value)...)
		}
	}
	for _, field := range f.mandatory {
		if _, there := body[field.Name]; !there {
			found = append(found, field.absent(false)...)
		}
	}
	slices.SortStableFunc(found, func(a, b Violation) int { return f.place(a) - f.place(b) })
	return append(found, f.unknown(body, known)...)
}

// place returns the index of the field of a violation.
func (f *Form) place(violation Violation) int {
	return slices.IndexFunc(f.fields, func(field *field) bool {
		return violation.Pointer == field.pointer || strings.HasPrefix(violation.Pointer, field.pointer+"/")
	})
}

// Kept checks that a body leaves every member stored that create requires.
func (f *Form) Kept(record map[string]any) []Violation {
	var found []Violation
	for _, field := range f.kept {
		if field.empty(record[field.Name]) {
			found = append(found, field.violation(CodeRequired, field.Name+" is required and cannot be cleared; send "+field.words+"."))
		}
	}
	return found
}

// empty reports whether a value is absent: null, missing, or the empty string of a secret.
func (f *field) empty(value any) bool {
	return value == nil || f.Secret && value == ""
}

// absent checks a member that is missing or null.
func (f *field) absent(null bool) []Violation {
	switch {
	case f.required:
		return []Violation{f.violation(CodeRequired, f.Name+" is required; send "+f.words+".")}
	case null && !f.Nullable && !f.kept: // Kept finds the others
		return []Violation{f.violation(CodeType, f.Name+" cannot be null; send "+f.words+" or leave it out.")}
	}
	return nil
}

// repeats checks a member that is fixed at creation: only the stored value is valid.
func (f *field) repeats(value, stored any) []Violation {
	if reflect.DeepEqual(value, stored) {
		return nil
	}
	if found := f.check(f, value); len(found) > 0 && found[0].Code == CodeType {
		return found
	}
	return []Violation{f.violation(CodeImmutable, f.Name+" is fixed at creation; leave it out, or repeat the stored value.")}
}

func (f *field) violation(code, message string) Violation {
	return Violation{Code: code, Pointer: f.pointer, Message: message}
}

// Merge returns the record after a body without violations: a member that is left out keeps its value, null
// clears it, and so does the empty string for a secret. What the server owns and what is fixed at creation stays. Neither argument is
// changed.
func (f *Form) Merge(stored, body map[string]any) map[string]any {
	merged := maps.Clone(stored)
	for name, value := range body {
		field := f.byName[name]
		switch {
		case field == nil || field.ReadOnly:
		case field.Immutable && stored[name] != nil:
		case field.empty(value):
			delete(merged, name)
		default:
			merged[name] = value
		}
	}
	return merged
}
