package mockserver

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// populate makes the organizations and environments of the fixtures, and puts their records into a store. Each is held to
// the document as a body would be. Every mistake is noted.
func (m *model) populate(into *store, stamps stamper, listed *fixtures) {
	m.environments = map[string]*environment{}
	numbered := map[string]int{}
	form := environmentForm(m.spec)
	for _, one := range listed.organizations {
		owner := newOrganization(one.number)
		m.organizations = append(m.organizations, owner)
		for _, item := range one.environments {
			made := m.makeEnvironment(form, owner, item.fixtureItem, listed.faults)
			filler := filler{m, into, stamps, made, listed.faults, numbered}
			filler.fill(item.contents, resourceCredential)
			filler.fill(item.contents, resourceDestination)
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

// idName returns the property that holds an environment's id, or "id" if the document has none.
func idName(form *view.Form) string {
	if form != nil {
		if property := form.Role(credmock.RoleID); property != nil {
			return property.Name
		}
	}
	return "id"
}

// makeEnvironment makes an environment of a fixture.
func (m *model) makeEnvironment(form *view.Form, owner *organization, item fixtureItem, faults *fixtureFaults) *environment {
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
	case m.environments[id] != nil, id == "" && (!told || item.values[name] == ""):
		faults.add(item.place.find("/"+name), "an environment needs an id of its own")
		return made
	case id == "":
		return made // which the document says better
	}
	m.environments[id] = made
	owner.environments = append(owner.environments, &record{
		resource: resourceEnvironment, id: id, environment: id, values: item.values,
	})
	return made
}

// filler puts what fixtures list into an environment.
type filler struct {
	model    *model
	store    *store
	stamps   stamper
	in       *environment
	faults   *fixtureFaults
	numbered map[string]int // how many ids were tried for each name
}

// fill puts what a fixture lists of one resource into the environment.
func (f *filler) fill(items []fixtureItem, resource string) {
	kind := f.model.kinds[resource]
	for _, item := range items {
		if item.resource == resource && kind != nil {
			f.one(kind, item)
		}
	}
}

func (f *filler) one(kind *kind, item fixtureItem) {
	id := f.takeID(kind, item)
	if property := kind.common.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		item.values[property.Name] = f.in.reference(property)
	}
	made, found := f.model.draft(f.store, f.stamps, kind, item.values, f.in.organization.number, f.in)
	if len(found) > 0 {
		f.faults.violations(item, found, kind.memberNames(item.values))
		return
	}
	form := f.model.variantOf(made)
	if id == "" {
		id = f.lastingID(made, form)
	}
	rename(made, form, id)
	if _, broken := kind.view(made, form); len(broken) > 0 {
		f.faults.violations(item, broken, nil)
		return
	}
	f.model.learn(made)
	if f.store.get(kind.resource, made.id) != nil {
		f.faults.add(item.place, "another "+kind.resource+" has the same id")
	} else if err := f.store.put(nil, made); err != nil {
		f.faults.add(item.place, err.Error())
	}
}

// takeID takes the id out of an item; empty where it has none.
func (f *filler) takeID(kind *kind, item fixtureItem) string {
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

// lastingID returns the id of an item that has none: the same whenever the same fixtures are read, so that reading them again finds
// it, and a client's notes stay right.
func (f *filler) lastingID(made *record, form *variant) string {
	name := ""
	if property := form.shown.Role(credmock.RoleName); property != nil {
		name, _ = made.values[property.Name].(string)
	}
	key := made.environment + "\x00" + made.resource + "\x00" + name + "\x00"
	for {
		f.numbered[key]++
		if id := uuid.NewSHA1(uuid.Nil, []byte(key+strconv.Itoa(f.numbered[key]))).String(); f.store.get(made.resource, id) == nil {
			return id
		}
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

// learn notes the secrets of a record, and whatever holds one.
func (m *model) learn(stored *record) {
	censor := censor{words: m.words, known: m.known}
	censor.meetValues(stored.values, m.variantOf(stored).secrets)
	for _, value := range stored.values {
		if text, isText := value.(string); isText {
			censor.hides(text)
		}
	}
}
