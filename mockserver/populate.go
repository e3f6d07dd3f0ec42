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
	settled := map[string]int{}
	form := environmentForm(s.spec)
	for _, one := range listed.organizations {
		owner := newOrganization(one.number)
		s.organizations = append(s.organizations, owner)
		for _, item := range one.environments {
			made := s.settle(form, owner, item.fixtureItem, listed.faults)
			furnisher := furnisher{s, made, listed.faults, settled}
			furnisher.furnish(item.contents, resourceCredential)
			furnisher.furnish(item.contents, resourceDestination)
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

// furnisher puts what fixtures list into an environment.
type furnisher struct {
	*Server
	in      *environment
	faults  *fixtureFaults
	settled map[string]int // how many ids were looked at for each name
}

// furnish puts what a fixture lists of one resource into the environment.
func (f *furnisher) furnish(items []fixtureItem, resource string) {
	kind := f.kinds[resource]
	for _, item := range items {
		if item.resource == resource && kind != nil {
			f.one(kind, item)
		}
	}
}

func (f *furnisher) one(kind *kind, item fixtureItem) {
	id := f.takeID(kind, item)
	if property := kind.common.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		item.values[property.Name] = f.in.reference(property)
	}
	made, found := f.draft(kind, item.values, f.in.organization, f.in)
	if len(found) > 0 {
		f.faults.violations(item, found, kind.memberNames(item.values))
		return
	}
	if id == "" {
		id = f.settledID(made)
	}
	made.rename(id)
	if _, broken := kind.view(made); len(broken) > 0 {
		f.faults.violations(item, broken, nil)
		return
	}
	f.learn(made)
	if f.store.get(kind.resource, made.id) != nil {
		f.faults.add(item.place, "another "+kind.resource+" has the same id")
	} else if err := f.store.put(nil, made); err != nil {
		f.faults.add(item.place, err.Error())
	}
}

// takeID takes the id out of an item; empty where it has none.
func (f *furnisher) takeID(kind *kind, item fixtureItem) string {
	property := kind.common.Role(credmock.RoleID)
	if property == nil {
		return ""
	}
	id, isString := item.values[property.Name].(string)
	if item.values[property.Name] != nil && !isString {
		f.faults.add(item.place.find("/"+view.EscapePointer(property.Name)), property.Name+" must be a string")
	}
	delete(item.values, property.Name)
	return id
}

// settledID returns the id of an item that has none: the same whenever the same fixtures are read, so that reading them again finds
// it, and a client's notes stay right.
func (f *furnisher) settledID(made *record) string {
	name := ""
	if property := made.variant.shown.Role(credmock.RoleName); property != nil {
		name, _ = made.values[property.Name].(string)
	}
	key := made.environment.id + "\x00" + made.resource + "\x00" + name + "\x00"
	for {
		f.settled[key]++
		if id := uuid.NewSHA1(uuid.Nil, []byte(key+strconv.Itoa(f.settled[key]))).String(); f.store.get(made.resource, id) == nil {
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
