package mockserver

import (
	"errors"
	"fmt"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// populate fills the mock with fixtures, each held to the document as a body would be. The error names every fault by the
// line of the item.
func (s *Server) populate(fixtures *fixtures) error {
	s.environments = map[string]*environment{}
	form := environmentForm(s.spec)
	var faults []error
	for _, listed := range fixtures.Organizations {
		owner := newOrganization(listed.ID)
		s.organizations = append(s.organizations, owner)
		for _, item := range listed.Environments {
			made, err := s.settle(form, owner, item.fixtureItem)
			faults = append(faults, err)
			if err != nil {
				continue
			}
			faults = append(faults, s.furnish(made, item.contents, resourceCredential), s.furnish(made, item.contents, "destination"))
		}
	}
	return errors.Join(faults...)
}

// environmentForm returns how the document shows an environment, or nil where it shows none.
func environmentForm(spec *credmock.Spec) *view.Form {
	if list := spec.Operation("environment", "list"); list != nil && list.Item != nil {
		return view.New("an environment", list.Item)
	}
	return nil
}

// settle makes an environment of a fixture.
func (s *Server) settle(form *view.Form, owner *organization, item fixtureItem) (*environment, error) {
	name := "id"
	if form != nil {
		if property := form.Role(credmock.RoleOrganization); property != nil {
			item.values[property.Name] = owner.reference(property)
		}
		if property := form.Role(credmock.RoleID); property != nil {
			name = property.Name
		}
		if found := form.Sent(item.values); len(found) > 0 {
			return nil, faultsOf(item, found)
		}
	}
	id, _ := item.values[name].(string)
	if id == "" || s.environments[id] != nil {
		return nil, fmt.Errorf("fixtures: line %d: an environment needs an id of its own", item.line)
	}
	made := &environment{id: id, organization: owner, values: item.values}
	s.environments[id] = made
	owner.environments = append(owner.environments, &record{
		resource: "environment", id: id, variant: &variant{shown: form}, environment: made, values: item.values,
	})
	return made, nil
}

// furnish puts what a fixture lists of one resource into an environment.
func (s *Server) furnish(in *environment, items []fixtureItem, resource string) error {
	kind := s.kinds[resource]
	var faults []error
	for _, item := range items {
		if item.resource != resource || kind == nil {
			continue
		}
		faults = append(faults, s.furnishOne(kind, in, item))
	}
	return errors.Join(faults...)
}

func (s *Server) furnishOne(kind *kind, in *environment, item fixtureItem) error {
	id := ""
	if property := kind.common.Role(credmock.RoleID); property != nil {
		id, _ = item.values[property.Name].(string)
		delete(item.values, property.Name)
	}
	if property := kind.common.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		item.values[property.Name] = in.reference(property)
	}
	made, found := s.draft(kind, item.values, in.organization, in)
	if len(found) > 0 {
		return faultsOf(item, found)
	}
	if id != "" {
		made.rename(id)
	}
	if s.store.get(kind.resource, made.id) != nil {
		return fmt.Errorf("fixtures: line %d: another %s has the same id", item.line, kind.resource)
	}
	return s.store.put(nil, made)
}

// rename gives a record that is not stored yet another id.
func (r *record) rename(id string) {
	r.id = id
	if property := r.variant.shown.Role(credmock.RoleID); property != nil {
		r.values[property.Name] = id
	}
}

func faultsOf(item fixtureItem, found []view.Violation) error {
	var faults []error
	for _, violation := range found {
		faults = append(faults, fmt.Errorf("fixtures: line %d: %s", item.line, violation.Message))
	}
	return errors.Join(faults...)
}
