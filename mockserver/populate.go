package mockserver

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// populate fills the mock with fixtures, each held to the document as a body would be. What is wrong is noted, and the rest
// goes on being checked.
func (s *Server) populate(listed *fixtures) {
	s.environments = map[string]*environment{}
	form := environmentForm(s.spec)
	for _, one := range listed.organizations {
		owner := newOrganization(one.number)
		s.organizations = append(s.organizations, owner)
		for _, item := range one.environments {
			made := s.settle(form, owner, item.fixtureItem, listed.faults)
			s.furnish(made, item.contents, resourceCredential, listed.faults)
			s.furnish(made, item.contents, "destination", listed.faults)
		}
	}
}

// environmentForm returns how the document shows an environment, or nil where it shows none.
func environmentForm(spec *credmock.Spec) *view.Form {
	if list := spec.Operation("environment", "list"); list != nil && list.Item != nil {
		return view.New("an environment", list.Item)
	}
	return nil
}

// idName returns what the document calls the id of an environment; fixtures say id where it calls it nothing.
func idName(form *view.Form) string {
	if form != nil {
		if property := form.Role(credmock.RoleID); property != nil {
			return property.Name
		}
	}
	return "id"
}

// settle makes an environment of a fixture.
func (s *Server) settle(form *view.Form, owner *organization, item fixtureItem, faults *fixtureFaults) *environment {
	name := idName(form)
	if form != nil {
		if property := form.Role(credmock.RoleOrganization); property != nil {
			item.values[property.Name] = owner.reference(property)
		}
		faults.violations(item, form.Sent(item.values), propertyNames(form))
	}
	id, _ := item.values[name].(string)
	made := &environment{id: id, organization: owner, values: item.values}
	switch told := form != nil && form.Property(name) != nil; {
	case s.environments[id] != nil, id == "" && (!told || item.values[name] == ""):
		faults.add(item.place.find("/"+name), "an environment needs an id of its own")
		return made
	case id == "":
		return made // which the document says better
	}
	s.environments[id] = made
	owner.environments = append(owner.environments, &record{
		resource: "environment", id: id, variant: &variant{shown: form}, environment: made, values: item.values,
	})
	return made
}

// furnish puts what a fixture lists of one resource into an environment.
func (s *Server) furnish(in *environment, items []fixtureItem, resource string, faults *fixtureFaults) {
	kind := s.kinds[resource]
	for _, item := range items {
		if item.resource == resource && kind != nil {
			s.furnishOne(kind, in, item, faults)
		}
	}
}

func (s *Server) furnishOne(kind *kind, in *environment, item fixtureItem, faults *fixtureFaults) {
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
		faults.violations(item, found, kind.memberNames(item.values))
		return
	}
	if id == "" {
		id = s.settledID(made)
	}
	made.rename(id)
	s.learn(made)
	if s.store.get(kind.resource, made.id) != nil {
		faults.add(item.place, "another "+kind.resource+" has the same id")
	} else if err := s.store.put(nil, made); err != nil {
		faults.add(item.place, err.Error())
	}
}

// settledID returns the id of an item that has none: the same whenever the same fixtures are read, so that reading them again finds
// it, and a client's notes stay right.
func (s *Server) settledID(made *record) string {
	name := ""
	if property := made.variant.shown.Role(credmock.RoleName); property != nil {
		name, _ = made.values[property.Name].(string)
	}
	for count := 1; ; count++ {
		seed := made.environment.id + "\x00" + made.resource + "\x00" + name + "\x00" + strconv.Itoa(count)
		if id := uuid.NewSHA1(uuid.Nil, []byte(seed)).String(); s.store.get(made.resource, id) == nil {
			return id
		}
	}
}

// rename gives a record that is not stored yet another id.
func (r *record) rename(id string) {
	r.id = id
	if property := r.variant.shown.Role(credmock.RoleID); property != nil {
		r.values[property.Name] = id
	}
}

// memberNames returns the names that a body may have.
func (k *kind) memberNames(body map[string]any) []string {
	form := k.common
	if variant, _ := k.choose(body); variant != nil {
		form = variant.create
	}
	return append(propertyNames(form), propertyNames(k.common)...)
}

func propertyNames(form *view.Form) []string {
	var names []string
	for _, property := range form.Properties() {
		names = append(names, property.Name)
	}
	return names
}
