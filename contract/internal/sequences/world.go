package sequences

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// credentialModel is the state that one credential should have.
type credentialModel struct {
	strategy    *credmock.Strategy
	id          string
	environment string
	fields      map[string]any // nil as value of one that should not be there
	flags       map[string]bool
	required    map[string]any // what every update must repeat
}

// placeModel is a destination and the credential that it should use.
type placeModel struct {
	id    string
	shown map[string]any   // its other members
	uses  *credentialModel // nil if none
	free  bool             // it may use what is gone: not compared
}

// world is the state that a sequence should have left.
type world struct {
	prefix       string // of its names
	environments []string
	visited      map[string]bool // the environments that it has created something in
	thorough     bool            // lists and neighbours are read after each step, too
	credentials  [slots]*credentialModel
	places       [places]*placeModel
	gone         []*credentialModel
	used         map[string]bool // the names that were ever sent
	subject      *credentialModel
	step         int
	touched      bool // the last move may have changed something
}

func newWorld(p *probe.Probe, replay int) *world {
	w := &world{
		prefix: fmt.Sprintf("%s %s %d", p.RunName, strings.ReplaceAll(p.Scope, "/", " "), replay),
		used:   map[string]bool{}, visited: map[string]bool{}, environments: []string{p.Environment},
	}
	if p.Second != "" && p.Visit(p.Second).Made.ID != "" { // else the token may only read there
		w.environments = append(w.environments, p.Second)
	}
	return w
}

// name returns a name, and whether a server may refuse it because it has been used.
func (w *world) name(index int) (name string, mayRefuse bool) {
	name = fmt.Sprintf("%s.%d", w.prefix, index)
	mayRefuse = w.used[name]
	w.used[name] = true
	return name, mayRefuse
}

// live returns the credentials that should exist.
func (w *world) live() []*credentialModel {
	return slices.DeleteFunc(slices.Clone(w.credentials[:]), func(one *credentialModel) bool { return one == nil })
}

// isUsed tells whether a destination should use a credential.
func (w *world) isUsed(one *credentialModel) bool {
	return slices.ContainsFunc(w.places[:], func(place *placeModel) bool { return place != nil && place.uses == one })
}

// reading is a read and what should be in its answer.
type reading struct {
	request probe.Request
	differ  func(*wire.Exchange) string
}

// compare reads the state and describes the first difference from the model. After most steps it reads the subject of the step and,
// if it is thorough, a list and one neighbour in turn; fully, it reads all.
func (w *world) compare(p *probe.Probe, fully bool) (failure string, at *wire.Exchange) {
	readings := w.readings(p, fully)
	requests := make([]probe.Request, len(readings))
	for i, one := range readings {
		requests[i] = one.request
	}
	p.Eventually(func() *wire.Exchange {
		failure, at = "", nil
		for i, e := range p.SendTogether(requests) {
			if differ := readings[i].differ(e); differ != "" && failure == "" {
				failure, at = differ, e
			}
		}
		return at
	}, func(*wire.Exchange) bool { return failure == "" })
	return failure, at
}

func (w *world) readings(p *probe.Probe, fully bool) (list []reading) {
	get := func(id string, differ func(*wire.Exchange) string) {
		list = append(list, reading{probe.Request{Action: "get", ID: id}, differ})
	}
	for i, environment := range w.environments {
		if w.visited[environment] && w.isDue(fully, i, len(w.visited)) {
			list = append(list, reading{probe.Request{Action: "list", ID: environment},
				func(e *wire.Exchange) string { return w.differsInList(p, e, environment) }})
		}
	}
	live := w.live()
	for i, one := range live {
		if one == w.subject || w.isDue(fully, i, len(live)) {
			get(one.id, func(e *wire.Exchange) string { return against(p, e, one) })
		}
	}
	for i, one := range w.gone {
		if w.isDue(fully, i, len(w.gone)) {
			get(one.id, func(e *wire.Exchange) string { return w.isBack(p, e, one) })
		}
	}
	for _, place := range w.places {
		if place != nil {
			list = append(list, reading{probe.Request{Resource: "destination", Action: "get", ID: place.id},
				func(e *wire.Exchange) string { return differsInPlace(p, e, place) }})
		}
	}
	return list
}

// isDue tells whether one of a number of things is read now.
func (w *world) isDue(fully bool, index, number int) bool {
	return fully || w.thorough && index == w.step%number
}

// differsInList describes how a list differs from the credentials that should be in it.
func (w *world) differsInList(p *probe.Probe, e *wire.Exchange, environment string) string {
	if !e.Success() {
		return fmt.Sprintf("list answered %d", e.Status)
	}
	id, name := p.RoleName(credmock.RoleID), p.RoleName(credmock.RoleName)
	listed := map[string]int{}
	for _, item := range probe.Items(e) {
		itemID, title := jsonvalue.Text(jsonvalue.Member(item, id)), jsonvalue.Text(jsonvalue.Member(item, name))
		listed[itemID]++
		known := slices.ContainsFunc(w.live(), func(one *credentialModel) bool { return one.id == itemID })
		if !known && (w.used[title] || w.wasDeleted(itemID) && !p.Serial) {
			return "list has a credential of this sequence that should not be there"
		}
	}
	for _, one := range w.live() {
		item := p.Listed(e, one.id)
		switch here := one.environment == environment; {
		case here && (item == nil || !jsonvalue.Same(item[name], one.fields[name])):
			return "list has not the credential with its " + name
		case here && listed[one.id] != 1:
			return fmt.Sprintf("list has a credential %d times", listed[one.id])
		case !here && item != nil:
			return "list has a credential of another environment"
		}
	}
	return ""
}

func (w *world) wasDeleted(id string) bool {
	return slices.ContainsFunc(w.gone, func(one *credentialModel) bool { return one.id == id })
}

// isBack tells whether an answer shows a deleted credential. A server may give its id to another one.
func (w *world) isBack(p *probe.Probe, e *wire.Exchange, one *credentialModel) string {
	name := p.RoleName(credmock.RoleName)
	reused := slices.ContainsFunc(w.live(), func(other *credentialModel) bool { return other.id == one.id })
	if e.Success() && !reused && (!p.Serial || jsonvalue.Same(p.CredentialIn(e)[name], one.fields[name])) {
		return "get answered a deleted credential"
	}
	return ""
}

// differsInPlace describes how a destination differs from its model.
func differsInPlace(p *probe.Probe, e *wire.Exchange, place *placeModel) string {
	linked, want := linkIn(p, e), ""
	if place.uses != nil {
		want = place.uses.id
	}
	switch {
	case !e.Success():
		return fmt.Sprintf("get of a destination answered %d", e.Status)
	case linked != want && !place.free:
		return "a destination has " + jsonvalue.Describe(probe.Destination(e), p.DestinationProperty(credmock.RoleCredential)) +
			", not the credential that it was given"
	}
	for _, name := range slices.Sorted(maps.Keys(place.shown)) {
		if !jsonvalue.Same(probe.Destination(e)[name], place.shown[name]) {
			return "a destination has another value of " + name
		}
	}
	return ""
}

// linkIn returns the id of the credential of the destination in an answer, or "".
func linkIn(p *probe.Probe, e *wire.Exchange) string {
	return jsonvalue.Text(probe.Destination(e)[p.DestinationProperty(credmock.RoleCredential)])
}

// apply changes the model as a body should change a credential.
func (one *credentialModel) apply(body map[string]any, name string) {
	if value, there := body[name]; there {
		one.fields[name] = value
	}
	for _, field := range one.strategy.Fields {
		value, there := body[field.Name]
		switch {
		case field.Secret && there:
			one.flags[field.Flag] = true
		case there:
			one.fields[field.Name] = value
		}
		if _, required := one.strategy.Update.Requires(field.Name); required && there {
			one.required[field.Name] = value
		}
	}
}

// adoptUnset notes what create left unset: it should stay so until a request sets it.
func (one *credentialModel) adoptUnset(credential map[string]any) {
	for _, field := range one.strategy.Fields {
		if field.Secret {
			one.flags[field.Flag] = one.flags[field.Flag] || false
			continue
		}
		if _, sent := one.fields[field.Name]; !sent && jsonvalue.IsMissing(credential, field.Name) {
			one.fields[field.Name] = nil
		}
	}
}

// against describes how an answer differs from the model, or returns "".
func against(p *probe.Probe, e *wire.Exchange, one *credentialModel) string {
	credential := p.CredentialIn(e)
	if !e.Success() || jsonvalue.Text(credential[p.RoleName(credmock.RoleID)]) != one.id {
		return fmt.Sprintf("%s answered %d without the credential", e.Operation.Action, e.Status)
	}
	for _, name := range slices.Sorted(maps.Keys(one.fields)) {
		if !jsonvalue.Same(credential[name], one.fields[name]) {
			return e.Operation.Action + " answered another value of " + name
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(one.flags)) {
		if credential[flag] != one.flags[flag] {
			return e.Operation.Action + " answered " + jsonvalue.Describe(credential, flag) + fmt.Sprintf(", not %t", one.flags[flag])
		}
	}
	return ""
}
