package sequences

import (
	"fmt"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// make makes one move. A move whose subject is not there does nothing.
func (w *world) make(p *probe.Probe, m move) (failure string, e *wire.Exchange) {
	one := w.credentials[m.slot]
	w.subject, w.touched = one, true
	switch {
	case m.kind == "create" || m.kind == "create bare":
		return w.create(p, m)
	case m.kind == "refused create":
		return w.refuseCreate(p, m)
	case slices.Contains([]string{"place", "attach", "attach gone", "detach", "rename", "remove"}, m.kind):
		return w.makeAtPlace(p, m)
	case one == nil:
		w.touched = false
		return "", nil
	}
	switch m.kind {
	case "update", "update all":
		return w.update(p, m)
	case "clear":
		return w.clear(p, one)
	case "refused update":
		name, _ := w.name(m.name)
		body := p.Full(one.strategy)
		body[p.RoleName(credmock.RoleName)] = []any{name}
		return refusedTwice(p, probe.Request{Action: "update", ID: one.id, Body: p.ForUpdate(body)})
	case "incomplete update":
		return w.updateIncompletely(p, m)
	case "intrude":
		return w.intrude(p, m)
	}
	return w.remove(p, m.slot)
}

// refusedTwice sends a request twice. If it was refused once, it should be refused again.
func refusedTwice(p *probe.Probe, r probe.Request) (string, *wire.Exchange) {
	first := p.Do(r)
	again := p.Do(r)
	if first.Refused() && again.Success() {
		return fmt.Sprintf("%s was refused, and the same request was taken a moment later", r.Action), again
	}
	return "", again
}

func (w *world) create(p *probe.Probe, m move) (string, *wire.Exchange) {
	if w.credentials[m.slot] != nil {
		w.touched = false
		return "", nil
	}
	body := p.Full(m.strategy)
	if m.kind == "create bare" {
		body = p.Minimal(m.strategy)
	}
	environment := p.Environment
	if m.elsewhere {
		environment = w.environments[len(w.environments)-1]
	}
	name, mayRefuse := w.name(m.name)
	body[p.RoleName(credmock.RoleName)], body[p.RoleName(credmock.RoleEnvironment)] = name, environment
	e := p.Create(m.strategy, body)
	switch {
	case mayRefuse && e.Refused():
		return "", e
	case !e.Success() || e.ID == "":
		return fmt.Sprintf("create answered %d, or without an id", e.Status), e
	case slices.ContainsFunc(w.live(), func(other *credentialModel) bool { return other.id == e.ID }):
		return "create answered the id of another credential", e
	}
	one := &credentialModel{
		strategy: m.strategy, id: e.ID, environment: environment,
		fields: map[string]any{}, flags: map[string]bool{}, required: map[string]any{},
	}
	one.apply(body, p.RoleName(credmock.RoleName))
	one.adoptUnset(p.CredentialIn(e))
	w.credentials[m.slot], w.subject, w.visited[environment] = one, one, true
	return against(p, e, one), e
}

// refuseCreate sends a create without a field that is required.
func (w *world) refuseCreate(p *probe.Probe, m move) (string, *wire.Exchange) {
	standard := probe.DefaultStrategy(p.Spec)
	name, _ := w.name(m.name)
	body := probe.With(p.Full(standard), map[string]any{p.RoleName(credmock.RoleName): name})
	for _, requirement := range standard.Update.Required {
		body = probe.Without(body, requirement.Name)
	}
	first := p.Create(standard, body)
	again := p.Create(standard, body)
	if first.Refused() && again.Success() {
		return "create was refused, and the same request was taken a moment later", again
	}
	if first.Success() || again.Success() {
		w.used[name] = false // another check judges that
	}
	return "", again
}

// updateBody returns a body that renames a credential, and changes all fields or some.
func (w *world) updateBody(p *probe.Probe, one *credentialModel, m move) (body map[string]any, mayRefuse bool) {
	name, mayRefuse := w.name(m.name)
	body = map[string]any{p.RoleName(credmock.RoleName): name}
	for field, value := range one.required {
		body[field] = value
	}
	for _, field := range one.strategy.Fields {
		if p.Takes(one.strategy, field) && (m.kind == "update all" || p.Sample.Number(0, 3) == 0) {
			body[field.Name] = p.Sample.Value(field)
		}
	}
	return body, mayRefuse
}

func (w *world) update(p *probe.Probe, m move) (string, *wire.Exchange) {
	one := w.credentials[m.slot]
	body, mayRefuse := w.updateBody(p, one, m)
	e := p.Update(one.strategy, one.id, body)
	switch {
	case mayRefuse && e.Refused():
		return "", e
	case !e.Success():
		return fmt.Sprintf("update answered %d", e.Status), e
	}
	one.apply(body, p.RoleName(credmock.RoleName))
	return against(p, e, one), e
}

// clear sends null for one optional field. Whether that clears it is another check's; the others should stay.
func (w *world) clear(p *probe.Probe, one *credentialModel) (string, *wire.Exchange) {
	var set []*credmock.Property
	for _, field := range one.strategy.Fields {
		_, required := one.strategy.Create.Requires(field.Name)
		if !required && (one.fields[field.Name] != nil || field.Secret && one.flags[field.Flag]) {
			set = append(set, field)
		}
	}
	if len(set) == 0 {
		w.touched = false
		return "", nil
	}
	field := set[p.Sample.Number(0, len(set)-1)]
	e := p.Update(one.strategy, one.id, probe.With(one.required, map[string]any{field.Name: nil}))
	if !e.Success() {
		return "", e
	}
	delete(one.fields, field.Name)
	if field.Secret {
		delete(one.flags, field.Flag)
	}
	return against(p, e, one), e
}

// updateIncompletely sends an update without the fields that every update must repeat.
func (w *world) updateIncompletely(p *probe.Probe, m move) (string, *wire.Exchange) {
	one := w.credentials[m.slot]
	if len(one.required) == 0 || slices.Contains(p.Accept, "partial-update") {
		w.touched = false
		return "", nil
	}
	body, _ := w.updateBody(p, one, m)
	for name := range one.required {
		delete(body, name)
	}
	return refusedTwice(p, probe.Request{Action: "update", ID: one.id, Body: body})
}

// intrude lets somebody update and delete a credential who may not.
func (w *world) intrude(p *probe.Probe, m move) (string, *wire.Exchange) {
	one := w.credentials[m.slot]
	body, _ := w.updateBody(p, one, m)
	who := wire.Nobody
	for _, candidate := range []wire.Principal{wire.Viewer, wire.Other} {
		if p.Has(candidate) && p.Sample.Bool() {
			who = candidate
		}
	}
	for _, r := range []probe.Request{{Action: "update", ID: one.id, Body: body}, {Action: "delete", ID: one.id}} {
		r.Principal = who
		if failure, e := refusedTwice(p, r); failure != "" {
			return failure + " (by " + string(who) + ")", e
		}
	}
	return "", nil
}

func (w *world) remove(p *probe.Probe, slot int) (string, *wire.Exchange) {
	one := w.credentials[slot]
	if w.isUsed(one) {
		failure, e := refusedTwice(p, probe.Request{Action: "delete", ID: one.id})
		if failure == "" && e.Success() {
			failure = "delete of a credential in use was taken"
		}
		return failure, e
	}
	e := p.Remove(one.id)
	if !e.Success() {
		return fmt.Sprintf("delete of a credential that no destination uses answered %d", e.Status), e
	}
	w.credentials[slot] = nil
	w.gone = append(w.gone, one)
	return "", e
}

// makeAtPlace makes a move of a destination.
func (w *world) makeAtPlace(p *probe.Probe, m move) (string, *wire.Exchange) {
	one, place, link := w.credentials[m.slot], w.places[m.place], p.DestinationProperty(credmock.RoleCredential)
	if m.kind == "place" {
		return w.createPlace(p, m)
	}
	if place == nil || m.kind == "attach" && (one == nil || one.environment != p.Environment) {
		w.touched = false
		return "", nil
	}
	switch m.kind {
	case "attach":
		e := p.AtDestination("update", place.id, map[string]any{link: one.id})
		if !e.Success() {
			return fmt.Sprintf("attaching a credential answered %d", e.Status), e
		}
		place.uses, place.free = one, false
		return differsInPlace(p, e, place), e
	case "attach gone":
		return w.attachGone(p, place, link)
	case "detach":
		e := p.AtDestination("update", place.id, map[string]any{link: nil})
		if e.Success() && linkIn(p, e) == "" {
			place.uses, place.free = nil, false
		}
		return "", e
	case "rename":
		name := p.DestinationProperty(credmock.RoleName)
		e := p.AtDestination("update", place.id, map[string]any{name: w.prefix + " renamed"})
		if e.Success() {
			place.shown[name] = probe.Destination(e)[name]
		}
		return "", e
	}
	e := p.AtDestination("delete", place.id, nil)
	if e.Success() {
		w.places[m.place] = nil
	}
	return "", e
}

func (w *world) createPlace(p *probe.Probe, m move) (string, *wire.Exchange) {
	one, link := w.credentials[m.slot], p.DestinationProperty(credmock.RoleCredential)
	if w.places[m.place] != nil || one == nil || one.environment != p.Environment {
		w.touched = false
		return "", nil
	}
	e := p.CreateDestination(map[string]any{link: one.id})
	if !e.Success() { // a credential may have to be attached later
		e, one = p.CreateDestination(nil), nil
	}
	id := p.DestinationID(e)
	if !e.Success() || id == "" {
		p.Abandon("it needs a destination, and create answered %d", e.Status)
	}
	w.places[m.place] = &placeModel{id: id, uses: one, shown: p.ShownOfDestination(probe.Destination(e))}
	return differsInPlace(p, e, w.places[m.place]), e
}

// attachGone attaches a deleted credential. If that is refused, the destination should keep what it has.
func (w *world) attachGone(p *probe.Probe, place *placeModel, link string) (string, *wire.Exchange) {
	if len(w.gone) == 0 || slices.ContainsFunc(w.live(), func(one *credentialModel) bool { return one.id == w.gone[0].id }) {
		w.touched = false
		return "", nil
	}
	e := p.AtDestination("update", place.id, map[string]any{link: w.gone[0].id})
	if e.Success() && !jsonvalue.Same(linkIn(p, e), "") { // another check judges that
		place.uses, place.free = nil, true
	}
	return "", e
}
