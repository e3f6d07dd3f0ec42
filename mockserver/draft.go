package mockserver

import (
	"maps"

	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// stamper gives a new record its id and its times: a session.
type stamper interface {
	freshID(resource string) string
	now() string // RFC 3339
}

// draft makes a record of a body for a store. The record belongs to an organization and is in an environment or, if that is
// nil, in the one that the body names.
func (m *model) draft(in *store, stamps stamper, kind *kind, body map[string]any, owner float64, place *environment) (*record, []view.Violation) {
	variant, faults := kind.choose(body)
	form := kind.common
	if variant != nil {
		form = variant.create
	}
	faults = append(faults, form.Sent(body)...)
	if place == nil {
		var misplaced []view.Violation
		place, misplaced = m.place(form, body, owner)
		faults = append(faults, misplaced...)
	}
	made := &record{resource: kind.resource}
	if variant != nil {
		made.strategy = variant.name
	}
	if place != nil {
		made.environment = place.id
	}
	faults = append(faults, attach(in, made, form, body)...)
	if len(faults) > 0 {
		return nil, faults
	}
	made.id = stamps.freshID(kind.resource)
	made.values = form.Merge(ownedValues(made, variant, place, stamps.now()), body)
	return made, nil
}

// change returns the record that a body makes of another of a form.
func change(in *store, stamps stamper, current *record, form *variant, body map[string]any) (*record, []view.Violation) {
	faults := form.update.Changes(body, current.values)
	next := *current
	next.values = form.update.Merge(current.values, body)
	for _, fault := range form.update.Kept(next.values) {
		samePlace := func(other view.Violation) bool { return other.Pointer == fault.Pointer }
		if !slices.ContainsFunc(faults, samePlace) {
			faults = append(faults, fault)
		}
	}
	faults = append(faults, attach(in, &next, form.update, body)...)
	touch(&next, form.shown, stamps.now())
	return &next, faults
}

// place finds the environment that a body names, and holds the organization that it names to it.
func (m *model) place(form *view.Form, body map[string]any, owner float64) (*environment, []view.Violation) {
	property := form.Role(credmock.RoleEnvironment)
	id, named := body[property.Name].(string)
	if !named {
		return nil, nil // which Sent has found already
	}
	found := m.environments[id]
	if !m.owns(owner, id) {
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

// attach notes the credential that a body links a record to. The store looks again when it puts the record.
func attach(in *store, linked *record, form *view.Form, body map[string]any) []view.Violation {
	property := form.Role(credmock.RoleCredential)
	if property == nil {
		return nil
	}
	value, there := body[property.Name]
	id, isString := value.(string)
	if !there || value != nil && !isString {
		return nil // nothing changes, or Sent has found what is wrong
	}
	linked.link = id
	if value == nil || linked.environment == "" || in.hasLink(linked) {
		return nil
	}
	return []view.Violation{brokenLink(form)}
}

// ownedValues returns what the server itself says of a new record, by the roles of its properties.
func ownedValues(r *record, by *variant, in *environment, now string) map[string]any {
	values := map[string]any{}
	for _, property := range by.shown.Properties() {
		switch property.Role {
		case credmock.RoleID:
			values[property.Name] = r.id
		case credmock.RoleCreationTime, credmock.RoleUpdateTime:
			values[property.Name] = now
		case credmock.RoleOrganization:
			values[property.Name] = in.organization.reference(property)
		case credmock.RoleEnvironment:
			values[property.Name] = in.reference(property)
		case credmock.RoleStrategy:
			values[property.Name] = by.name
		}
	}
	return values
}

// touch sets the time of the last change. A clock that was set back does not bring it before an earlier one.
func touch(r *record, form *view.Form, now string) {
	property := form.Role(credmock.RoleUpdateTime)
	if property == nil {
		return
	}
	if last, _ := r.values[property.Name].(string); last < now {
		r.values[property.Name] = now
	}
}

// brokenLink is the violation of a body that names a credential that cannot be used.
func brokenLink(form *view.Form) view.Violation {
	name := form.Role(credmock.RoleCredential).Name
	return view.Violation{Code: "unknown-credential", Pointer: "/" + view.EscapePointer(name),
		Message: name + " must be the id of a credential of the same environment, or null for none."}
}

// rename gives a record that is not stored yet another id.
func rename(r *record, form *variant, id string) {
	r.id = id
	if property := form.shown.Role(credmock.RoleID); property != nil {
		r.values[property.Name] = id
	}
}

func unlink(r *record, form *variant) {
	r.link = ""
	if property := form.create.Role(credmock.RoleCredential); property != nil {
		r.values = maps.Clone(r.values)
		delete(r.values, property.Name)
	}
}
