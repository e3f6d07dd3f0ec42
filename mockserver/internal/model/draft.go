package model

import (
	"maps"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Stamper returns the ids and times of new records. A session is one.
type Stamper interface {
	FreshID(resource string) string
	Now() string // RFC 3339
}

// Draft makes a record from a body. The record is in an environment of the owner's organization: in place or, if that
// is nil, in the environment named in the body. The record is nil if there are violations. Draft does not store it.
func (m *Model) Draft(in *store.Store, stamps Stamper, kind *Kind, body map[string]any, owner float64, place *Environment) (*store.Record,
	[]view.Violation) {
	variant, violations := kind.Choose(body)
	form := kind.Common
	if variant != nil {
		form = variant.Create
	}
	violations = append(violations, form.Sent(body)...)
	if place == nil {
		var misplaced []view.Violation
		place, misplaced = m.findEnvironment(form, body, owner)
		violations = append(violations, misplaced...)
	}
	made := &store.Record{Resource: kind.Resource}
	if variant != nil {
		made.Strategy = variant.Name
	}
	if place != nil {
		made.Environment = place.ID
	}
	violations = append(violations, setLink(in, made, form, body)...)
	if len(violations) > 0 {
		return nil, violations
	}
	made.ID = stamps.FreshID(kind.Resource)
	made.Values = form.Merge(OwnedValues(made, variant, place, stamps.Now()), body)
	return made, nil
}

// Item makes a record from values as fixtures have them, in an environment of the first organization: an id and an
// environment may be left out. The record is nil if there are violations. Item does not store it.
func (m *Model) Item(in *store.Store, stamps Stamper, kind *Kind, values map[string]any) (*store.Record, []view.Violation) {
	if len(m.Organizations) == 0 || len(m.Organizations[0].Environments) == 0 {
		return nil, []view.Violation{{Code: "unknown-environment", Message: "The first organization has no environment."}}
	}
	owner := m.Organizations[0]
	place := m.Environments[owner.Environments[0].ID]
	if property := kind.Common.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		if values[property.Name] == nil {
			values[property.Name] = place.Reference(property)
		}
		place = nil
	}
	id, isText := "", false
	if property := kind.Common.Role(credmock.RoleID); property != nil && values[property.Name] != nil {
		if id, isText = values[property.Name].(string); !isText || id == "" {
			return nil, []view.Violation{{Code: view.CodeType, Pointer: "/" + view.EscapePointer(property.Name),
				Message: property.Name + " must be a string that is not empty."}}
		}
		delete(values, property.Name)
	}
	made, violations := m.Draft(in, stamps, kind, values, owner.Number, place)
	if made == nil {
		return nil, violations
	}
	form := m.VariantOf(made)
	if id != "" {
		Rename(made, form, id)
	}
	if _, violations = kind.View(made, form); len(violations) > 0 {
		return nil, violations
	}
	return made, nil
}

// Change returns an updated copy of a record and the violations of the body. It does not store the copy.
func Change(in *store.Store, stamps Stamper, current *store.Record, form *Variant, body map[string]any) (*store.Record, []view.Violation) {
	violations := form.Update.Changes(body, current.Values)
	next := current.Copy()
	next.Values = form.Update.Merge(current.Values, body)
	for _, violation := range form.Update.Kept(next.Values) {
		samePlace := func(other view.Violation) bool { return other.Pointer == violation.Pointer }
		if !slices.ContainsFunc(violations, samePlace) {
			violations = append(violations, violation)
		}
	}
	violations = append(violations, setLink(in, next, form.Update, body)...)
	touch(next, form.Shown, stamps.Now())
	return next, violations
}

// findEnvironment returns the environment named in a body, and checks that it and the named organization are the
// owner's.
func (m *Model) findEnvironment(form *view.Form, body map[string]any, owner float64) (*Environment, []view.Violation) {
	property := form.Role(credmock.RoleEnvironment)
	id, named := body[property.Name].(string)
	if !named {
		return nil, nil // Sent reports this
	}
	found := m.Environments[id]
	if !m.Owns(owner, id) {
		return nil, []view.Violation{{Code: "unknown-environment", Pointer: "/" + view.EscapePointer(property.Name),
			Message: property.Name + " must be the id of an environment of your organization."}}
	}
	property = form.Role(credmock.RoleOrganization)
	if property == nil {
		return found, nil
	}
	if number, named := body[property.Name].(float64); named && number != owner {
		return found, []view.Violation{{Code: "wrong-organization", Pointer: "/" + view.EscapePointer(property.Name),
			Message: property.Name + " must be that of the environment, or be left out."}}
	}
	return found, nil
}

// setLink sets the link of a record to the credential named in a body. The store checks the link again.
func setLink(in *store.Store, linked *store.Record, form *view.Form, body map[string]any) []view.Violation {
	property := form.Role(credmock.RoleCredential)
	if property == nil {
		return nil
	}
	value, ok := body[property.Name]
	id, isString := value.(string)
	if !ok || value != nil && !isString {
		return nil // unchanged, or reported by Sent
	}
	linked.Link = id
	if value == nil || linked.Environment == "" || in.LinkExists(linked) {
		return nil
	}
	return []view.Violation{BrokenLink(form)}
}

// OwnedValues returns the values that the server sets in a new record, by the roles of its properties.
func OwnedValues(r *store.Record, by *Variant, in *Environment, now string) map[string]any {
	values := map[string]any{}
	for _, property := range by.Shown.Properties() {
		switch property.Role {
		case credmock.RoleID:
			values[property.Name] = r.ID
		case credmock.RoleCreationTime, credmock.RoleUpdateTime:
			values[property.Name] = now
		case credmock.RoleOrganization:
			values[property.Name] = in.Organization.Reference(property)
		case credmock.RoleEnvironment:
			values[property.Name] = in.Reference(property)
		case credmock.RoleStrategy:
			values[property.Name] = by.Name
		}
	}
	return values
}

// touch sets the time of the last change. The time never decreases, even if the clock was set back.
func touch(r *store.Record, form *view.Form, now string) {
	property := form.Role(credmock.RoleUpdateTime)
	if property == nil {
		return
	}
	if last, _ := r.Values[property.Name].(string); last < now {
		r.Values[property.Name] = now
	}
}

// BrokenLink returns the violation of a body that names a credential that does not exist in the environment.
func BrokenLink(form *view.Form) view.Violation {
	name := form.Role(credmock.RoleCredential).Name
	return view.Violation{Code: "unknown-credential", Pointer: "/" + view.EscapePointer(name),
		Message: name + " must be the id of a credential of the same environment, or null for none."}
}

// Rename changes the id of a record that is not stored yet.
func Rename(r *store.Record, form *Variant, id string) {
	r.ID = id
	if property := form.Shown.Role(credmock.RoleID); property != nil {
		r.Values[property.Name] = id
	}
}

func unlink(r *store.Record, form *Variant) {
	r.Link = ""
	if property := form.Create.Role(credmock.RoleCredential); property != nil {
		r.Values = maps.Clone(r.Values)
		delete(r.Values, property.Name)
	}
}
