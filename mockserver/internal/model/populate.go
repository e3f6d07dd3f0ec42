package model

import (
	"bytes"
	"strconv"

	"github.com/google/uuid"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// populate makes the organizations and environments of the fixtures and stores their records. It checks each like a
// body, and records every mistake.
func (m *Model) populate(into *store.Store, stamps Stamper, listed *fixtures.Fixtures) {
	m.Environments = map[string]*Environment{}
	numbered := map[string]int{}
	form, isDefault := EnvironmentForm(m.Spec), bytes.Equal(m.Config.Fixtures, fixtures.Default)
	for _, one := range listed.Organizations {
		owner := newOrganization(one.Number)
		m.Organizations = append(m.Organizations, owner)
		for _, item := range one.Environments {
			made := m.makeEnvironment(form, owner, item.Item, listed.Mistakes)
			filler := filler{m, into, stamps, made, listed.Mistakes, numbered, isDefault}
			filler.fill(item.Contents, store.ResourceCredential)
			filler.fill(item.Contents, store.ResourceDestination)
		}
	}
}

// EnvironmentForm returns the form of an environment, or nil if the document does not show environments.
func EnvironmentForm(spec *credmock.Spec) *view.Form {
	if list := spec.Operation("environment", "list"); list != nil && list.Item != nil {
		return view.New("an environment", list.Item)
	}
	return nil
}

// IDName returns the property that holds an environment's id, or "id" if the document has none.
func IDName(form *view.Form) string {
	if form != nil {
		if property := form.Role(credmock.RoleID); property != nil {
			return property.Name
		}
	}
	return "id"
}

// makeEnvironment adds an environment of the fixtures to its organization.
func (m *Model) makeEnvironment(form *view.Form, owner *Organization, item fixtures.Item, mistakes *fixtures.Mistakes) *Environment {
	name := IDName(form)
	if form != nil {
		if property := form.Role(credmock.RoleOrganization); property != nil {
			item.Values[property.Name] = owner.Reference(property)
		}
		mistakes.AddViolations(item, form.Sent(item.Values), PropertyNames(form))
	}
	id, _ := item.Values[name].(string)
	made := &Environment{ID: id, Organization: owner, Values: item.Values}
	switch described := form != nil && form.Property(name) != nil; {
	case m.Environments[id] != nil, id == "" && (!described || item.Values[name] == ""):
		mistakes.Add(item.Place.Find("/"+name), "an environment needs an id of its own")
		return made
	case id == "":
		return made // the document's violation says it better
	}
	m.Environments[id] = made
	owner.Environments = append(owner.Environments, &store.Record{
		Resource: store.ResourceEnvironment, ID: id, Environment: id, Values: item.Values,
	})
	return made
}

// filler stores the records that fixtures list in an environment.
type filler struct {
	model    *Model
	store    *store.Store
	stamps   Stamper
	in       *Environment
	mistakes *fixtures.Mistakes
	numbered map[string]int // number of ids tried for each name
	// isDefault tells that nobody wrote the fixtures for this document: a record that the document refuses is left out.
	isDefault bool
}

// fill stores the items of one resource.
func (f *filler) fill(items []fixtures.Item, resource string) {
	kind := f.model.Kinds[resource]
	for _, item := range items {
		if item.Resource == resource && kind != nil {
			f.add(kind, item)
		}
	}
}

func (f *filler) add(kind *Kind, item fixtures.Item) {
	id := f.takeID(kind, item)
	if property := kind.Common.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		item.Values[property.Name] = f.in.Reference(property)
	}
	made, found := f.model.Draft(f.store, f.stamps, kind, item.Values, f.in.Organization.Number, f.in)
	if len(found) > 0 {
		f.refuse(item, found, kind.memberNames(item.Values))
		return
	}
	form := f.model.VariantOf(made)
	if id == "" {
		id = StableID(f.store, made, form, f.numbered)
	}
	Rename(made, form, id)
	if _, violations := kind.View(made, form); len(violations) > 0 {
		f.refuse(item, violations, nil)
		return
	}
	f.model.AddSecrets(made)
	if f.store.Get(kind.Resource, made.ID) != nil {
		f.mistakes.Add(item.Place, "another "+kind.Resource+" has the same id")
	} else if err := f.store.Put(nil, made); err != nil {
		f.mistakes.Add(item.Place, err.Error())
	}
}

func (f *filler) refuse(item fixtures.Item, violations []view.Violation, names []string) {
	if !f.isDefault {
		f.mistakes.AddViolations(item, violations, names)
	}
}

// takeID removes the id from an item and returns it, or "".
func (f *filler) takeID(kind *Kind, item fixtures.Item) string {
	property := kind.Common.Role(credmock.RoleID)
	if property == nil {
		return ""
	}
	id, isString := item.Values[property.Name].(string)
	if item.Values[property.Name] != nil && !isString {
		f.mistakes.Add(item.Place.Find("/"+view.EscapePointer(property.Name)), property.Name+" must be a string")
	}
	delete(item.Values, property.Name)
	return id
}

// StableID returns the id of a record without one. It is the same each time the fixtures are read, so that a reload
// finds the record and ids that a client saved stay valid. The numbered map counts the ids for each name.
func StableID(in *store.Store, made *store.Record, form *Variant, numbered map[string]int) string {
	name := ""
	if property := form.Shown.Role(credmock.RoleName); property != nil {
		name, _ = made.Values[property.Name].(string)
	}
	key := made.Environment + "\x00" + made.Resource + "\x00" + name + "\x00"
	for {
		numbered[key]++
		if id := uuid.NewSHA1(uuid.Nil, []byte(key+strconv.Itoa(numbered[key]))).String(); in.Get(made.Resource, id) == nil {
			return id
		}
	}
}

// memberNames returns the names that the members of a body may have.
func (k *Kind) memberNames(body map[string]any) []string {
	form := k.Common
	if variant, _ := k.Choose(body); variant != nil {
		form = variant.Create
	}
	return append(PropertyNames(form), PropertyNames(k.Common)...)
}

// PropertyNames returns the names of a form's properties.
func PropertyNames(form *view.Form) []string {
	var names []string
	for _, property := range form.Properties() {
		names = append(names, property.Name)
	}
	return names
}

// AddSecrets adds the secrets of a record, and the texts that hold one, to the secrets to mask.
func (m *Model) AddSecrets(stored *store.Record) {
	censor := censor.Censor{Words: m.Words, Secrets: m.Secrets}
	censor.AddValues(stored.Values, m.VariantOf(stored).Secrets)
	for _, value := range stored.Values {
		if text, isText := value.(string); isText {
			censor.Hides(text)
		}
	}
}
