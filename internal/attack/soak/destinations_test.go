package soak

import (
	"slices"

	"github.com/credmock/credmock"
)

func (o *owner) oneDestination() *linked {
	if len(o.destinations) == 0 {
		return nil
	}
	return o.destinations[o.random.IntN(len(o.destinations))]
}

// destinationBody returns a body of an operation that creates or changes a destination, with a link to a credential or none.
func (o *owner) destinationBody(operation *credmock.Operation, name string, to *kept) map[string]any {
	body := map[string]any{}
	for _, property := range operation.Body.Properties {
		_, required := operation.Body.Requires(property.Name)
		switch {
		case property.Role == credmock.RoleName:
			body[property.Name] = name
		case property.Role == credmock.RoleCredential && to != nil:
			body[property.Name] = to.id
		case property.Role == credmock.RoleCredential && operation.Action == "update":
			body[property.Name] = nil
		case property.Role == "" && (required || operation.Action == "create"):
			body[property.Name] = o.source.Value(property)
		}
	}
	return body
}

// linkable returns one of its own credentials of that environment, or nil.
func (o *owner) linkable(environment string) *kept {
	one := o.oneOf()
	if one != nil && one.environment == environment {
		return one
	}
	return nil
}

func (o *owner) createDestination() {
	if len(o.destinations) >= mostDestinations {
		return
	}
	made := &linked{environment: environments[o.random.IntN(len(environments))], name: o.source.Name()}
	made.credential = o.linkable(made.environment)
	operation := o.destination("create")
	got := o.ask("", operation, o.destinationBody(operation, made.name, made.credential), made.environment)
	if !o.expect(got, "create of a destination", success...) {
		return
	}
	item, _ := got.payload[operation.Member].(map[string]any)
	made.id, _ = item[operation.Item.Role(credmock.RoleID).Name].(string)
	made.use(1)
	o.destinations = append(o.destinations, made)
	o.compareDestination("create of a destination", made, item)
}

func (l *linked) use(by int) {
	if l.credential != nil {
		l.credential.uses += by
	}
}

func (o *owner) changeDestination() {
	one := o.oneDestination()
	if one == nil {
		return
	}
	name, to := o.source.Name(), o.linkable(one.environment)
	operation := o.destination("update")
	got := o.ask("", operation, o.destinationBody(operation, name, to), one.id)
	if o.expect(got, "update of a destination", success...) {
		one.use(-1)
		one.name, one.credential = name, to
		one.use(1)
		item, _ := got.payload[operation.Member].(map[string]any)
		o.compareDestination("update of a destination", one, item)
	}
}

// readDestination returns a turn that gets, verifies or lists.
func (o *owner) readDestination(action string) func() {
	operation := o.destination(action)
	return func() {
		one := o.oneDestination()
		if one == nil {
			return
		}
		named := one.id
		if action == "list" {
			named = one.environment
		}
		got := o.ask("", operation, nil, named)
		if !o.expect(got, action+" of a destination", success...) {
			return
		}
		item, _ := got.payload[operation.Member].(map[string]any)
		if action == "list" {
			item = o.byID(got.payload[operation.Member])[one.id]
		}
		o.compareDestination(action+" of a destination", one, item)
	}
}

func (o *owner) removeDestination() {
	one := o.oneDestination()
	if one == nil {
		return
	}
	if o.expect(o.ask("", o.destination("delete"), nil, one.id), "delete of a destination", success...) {
		one.use(-1)
		o.destinations = slices.DeleteFunc(o.destinations, func(other *linked) bool { return other == one })
	}
}

func (w *world) compareDestination(what string, one *linked, shown map[string]any) {
	w.count("compared with the model")
	var link any
	if one.credential != nil {
		link = one.credential.id
	}
	item := w.destination("get").Item
	if shown[item.Role(credmock.RoleName).Name] != one.name || shown[item.Role(credmock.RoleCredential).Name] != link {
		w.problem("%s: it differs from what was acknowledged", what)
	}
}
