package mockserver

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// The actions. Each returns a value; see finish for what becomes of it. None knows a field's name: a property's role in the
// document tells what it is for.

func listStrategies(c *call) *reply {
	return &reply{status: http.StatusOK, payload: c.model.strategies}
}

func listEnvironments(c *call) *reply {
	return &reply{status: http.StatusOK, member: c.route.Member, many: true, records: c.target.organization.environments}
}

func listRecords(c *call) *reply {
	kind := c.route.kind
	records := c.session.store.list(kind.resource, c.target.environment.id)
	return &reply{status: http.StatusOK, form: kind.item, member: kind.listMember, many: true, records: records}
}

func getRecord(c *call) *reply {
	return c.route.kind.one(http.StatusOK, c.target.record)
}

func createRecord(c *call) *reply {
	made, faults := c.model.draft(c.session, c.route.kind, c.body, c.principal.organization, c.target.environment)
	if len(faults) > 0 {
		return badRequest(faults)
	}
	form := c.variantOf(made)
	answer, broken := c.route.kind.present(http.StatusCreated, made, form)
	if len(broken) > 0 {
		return breaks(broken)
	}
	if err := c.session.store.put(nil, made); err != nil {
		return badRequest([]view.Violation{brokenLink(form.create)})
	}
	return answer
}

// updateRecord merges a body into a record. It works on a snapshot and tries again when another request was faster, so the
// store is never locked for as long as a check takes, and no change is lost.
func updateRecord(c *call) *reply {
	for current := c.target.record; current != nil; current = c.session.store.get(current.resource, current.id) {
		form := c.variantOf(current)
		next, faults := change(c.session, current, form, c.body)
		if len(faults) > 0 {
			return badRequest(faults)
		}
		answer, broken := c.route.kind.present(http.StatusOK, next, form)
		if len(broken) > 0 {
			return breaks(broken)
		}
		switch err := c.session.store.put(current, next); {
		case err == nil:
			return answer
		case errors.Is(err, errNoCredential):
			return badRequest([]view.Violation{brokenLink(form.update)})
		}
	}
	return notFound(c.route.kind.resource)
}

func deleteRecord(c *call) *reply {
	switch err := c.session.store.remove(c.target.record); {
	case errors.Is(err, errInUse):
		return refuse(http.StatusConflict, "in-use", "A destination uses this "+c.target.record.resource+"; detach it first.")
	case err != nil:
		return notFound(c.target.record.resource)
	}
	return &reply{status: http.StatusOK, payload: map[string]any{c.route.Member: "The " + c.target.record.resource + " is deleted."}}
}

// draft makes a record of a body for a session. The record belongs to an organization and is in an environment or, if that is
// nil, in the one that the body names.
func (m *model) draft(s *session, kind *kind, body map[string]any, owner float64, in *environment) (*record, []view.Violation) {
	variant, faults := kind.choose(body)
	form := kind.common
	if variant != nil {
		form = variant.create
	}
	faults = append(faults, form.Sent(body)...)
	if in == nil {
		var misplaced []view.Violation
		in, misplaced = m.place(form, body, owner)
		faults = append(faults, misplaced...)
	}
	made := &record{resource: kind.resource}
	if variant != nil {
		made.strategy = variant.name
	}
	if in != nil {
		made.environment = in.id
	}
	faults = append(faults, attach(s.store, made, form, body)...)
	if len(faults) > 0 {
		return nil, faults
	}
	made.id = s.freshID(kind)
	made.values = form.Merge(made.owned(variant, in, s.now()), body)
	return made, nil
}

// freshID returns an id that no record of the kind has. Ids from a seed can meet those of records that were there before.
func (s *session) freshID(kind *kind) string {
	id := s.ids.next()
	for s.store.get(kind.resource, id) != nil {
		id = s.ids.next()
	}
	return id
}

// change returns the record that a body makes of another of a form.
func change(s *session, current *record, form *variant, body map[string]any) (*record, []view.Violation) {
	faults := form.update.Changes(body, current.values)
	next := *current
	next.values = form.update.Merge(current.values, body)
	for _, fault := range form.update.Kept(next.values) {
		samePlace := func(other view.Violation) bool { return other.Pointer == fault.Pointer }
		if !slices.ContainsFunc(faults, samePlace) {
			faults = append(faults, fault)
		}
	}
	faults = append(faults, attach(s.store, &next, form.update, body)...)
	next.touch(form.shown, s.now())
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

// now returns the time as records tell it: RFC 3339 in UTC, with milliseconds.
func (s *session) now() string {
	now := s.clock.now().UTC()
	text := now.AppendFormat(make([]byte, 0, len("2006-01-02T15:04:05.000Z")), time.RFC3339)
	seconds := len(text) - len("Z")
	milliseconds := now.Nanosecond() / int(time.Millisecond)
	text = append(text[:seconds], '.', byte('0'+milliseconds/100), byte('0'+milliseconds/10%10), byte('0'+milliseconds%10), 'Z')
	return string(text)
}
