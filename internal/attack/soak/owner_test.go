package soak

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
)

// success are the statuses of what was done.
var success = []int{200, 201, 204}

// kept is one credential as its owner knows it.
type kept struct {
	id          string
	strategy    *credmock.Strategy
	environment string
	sent        map[string]any // the latest value of each property that the client may send, secrets too
	uses        int            // how many destinations use it
}

// linked is one destination as its owner knows it.
type linked struct {
	id, environment, name string
	credential            *kept // nil for none
}

// owner is a client with credentials and destinations of its own. Nobody else changes them, so it knows what they are.
type owner struct {
	*world
	random       *rand.Rand
	source       *sample.Source
	credentials  []*kept
	destinations []*linked
	gone         []string // ids of the latest that it deleted
}

const (
	mostCredentials  = 6
	mostDestinations = 2
	mostGone         = 10
)

func newOwner(w *world, number int) *owner {
	seed := w.seed*1000 + uint64(number)
	return &owner{world: w, random: rand.New(rand.NewPCG(seed, 0)), source: sample.New(int64(seed))}
}

// run asks for each operation once, and then for any.
func (o *owner) run() {
	get, verify, list := o.readDestination("get"), o.readDestination("verify"), o.readDestination("list")
	opening := []func(){
		o.create, o.read, o.update, o.list, o.createDestination, o.changeDestination, get, verify, list, o.removeDestination,
		o.askStrategies, o.askEnvironments, o.askToken, o.beRefused, o.askForFault, o.remove,
	}
	for _, turn := range opening {
		turn()
	}
	turns := []func(){
		o.create, o.create, o.create, o.update, o.update, o.update, o.update, o.update, o.update, o.read, o.read, o.read, o.read, o.read,
		o.remove, o.remove, o.createDestination, o.changeDestination, get, verify, list, o.removeDestination,
		o.list, o.list, o.askStrategies, o.askEnvironments, o.askToken, o.beRefused, o.askForFault,
	}
	for turn := 0; o.more(turn); turn++ {
		turns[o.random.IntN(len(turns))]()
	}
}

func (o *owner) oneOf() *kept {
	if len(o.credentials) == 0 {
		return nil
	}
	return o.credentials[o.random.IntN(len(o.credentials))]
}

func (o *owner) create() {
	if len(o.credentials) >= mostCredentials {
		return
	}
	strategy := o.spec.Strategies[o.random.IntN(len(o.spec.Strategies))]
	environment := environments[o.random.IntN(len(environments))]
	sent := o.body(o.source, strategy, environment, func() bool { return o.random.IntN(2) == 0 })
	got := o.ask("", o.credential("create"), sent, "")
	if !o.expect(got, "create", success...) {
		return
	}
	made := &kept{strategy: strategy, environment: environment, sent: sent}
	made.id, _ = got.payload[o.id].(string)
	if made.id == "" {
		o.problem("create: there is no id: %.300s", got.text)
		return
	}
	o.credentials = append(o.credentials, made)
	o.compare("create", made, got.payload, got.text)
}

// update changes one field to another value, or clears it.
func (o *owner) update() {
	one := o.oneOf()
	if one == nil {
		return
	}
	next := maps.Clone(one.sent)
	body := map[string]any{}
	for _, requirement := range one.strategy.Update.Required {
		body[requirement.Name] = one.sent[requirement.Name]
	}
	fields := changeable(one.strategy)
	field := fields[o.random.IntN(len(fields))]
	_, required := one.strategy.Update.Requires(field.Name)
	if clears := field.Nullable && !required && o.random.IntN(4) == 0; clears {
		body[field.Name] = nil
		delete(next, field.Name)
	} else {
		body[field.Name] = o.source.Value(field)
		next[field.Name] = body[field.Name]
	}
	got := o.ask("", o.credential("update"), body, one.id)
	if o.expect(got, "update", success...) {
		one.sent = next
		o.compare("update", one, got.payload, got.text)
	}
}

func (o *owner) read() {
	if len(o.gone) > 0 && o.random.IntN(4) == 0 {
		o.expect(o.ask("", o.credential("get"), nil, o.gone[o.random.IntN(len(o.gone))]), "get of what is deleted", 404)
		return
	}
	if one := o.oneOf(); one != nil {
		if got := o.ask("", o.credential("get"), nil, one.id); o.expect(got, "get", success...) {
			o.compare("get", one, got.payload, got.text)
		}
	}
}

func (o *owner) remove() {
	one := o.oneOf()
	if one == nil {
		return
	}
	got := o.ask("", o.credential("delete"), nil, one.id)
	if one.uses > 0 {
		o.expect(got, "delete of what a destination uses", 409)
		return
	}
	if o.expect(got, "delete", success...) {
		o.credentials = slices.DeleteFunc(o.credentials, func(other *kept) bool { return other == one })
		if o.gone = append(o.gone, one.id); len(o.gone) > mostGone {
			o.gone = o.gone[1:]
		}
	}
}

// list expects all of its own in an environment, and nothing that it deleted.
func (o *owner) list() {
	environment := environments[o.random.IntN(len(environments))]
	operation := o.credential("list")
	got := o.ask("", operation, nil, environment)
	if !o.expect(got, "list", success...) {
		return
	}
	shown := o.byID(got.payload[operation.Member])
	for _, one := range o.credentials {
		if one.environment == environment {
			o.compareListed(operation, one, shown[one.id])
		}
	}
	for _, id := range o.gone {
		if shown[id] != nil {
			o.problem("list: what was deleted is listed")
		}
	}
}

func (o *owner) askStrategies() {
	o.expect(o.ask("", o.credential("strategies"), nil, ""), "strategies", success...)
}

func (o *owner) askEnvironments() {
	o.expect(o.ask("", o.spec.Operation("environment", "list"), nil, strconv.Itoa(organization)), "environments", success...)
}

// beRefused sends a body that the mock must refuse whole.
func (o *owner) beRefused() {
	if one := o.oneOf(); one != nil {
		body := maps.Clone(one.sent)
		body[o.source.Word()] = true
		o.expect(o.ask("", o.credential("update"), body, one.id), "an unknown member", 400)
	}
}

// askForFault asks that a delete goes wrong. Nothing may be deleted.
func (o *owner) askForFault() {
	if one := o.oneOf(); one != nil {
		if got := o.ask("", o.credential("delete"), nil, one.id, "code=503"); o.expect(got, "a delete that was to go wrong") {
			o.problem("a fault that was asked for did not come")
		}
	}
}

// compare holds what the mock shows of a credential against what its owner knows, and looks for its secrets in the whole answer.
func (w *world) compare(what string, one *kept, shown map[string]any, text []byte) {
	w.count("compared with the model")
	for name, want := range w.expected(one) {
		if got := shown[name]; !reflect.DeepEqual(got, want) {
			w.problem("%s of %s: %s differs from what was acknowledged", what, one.strategy.Name, name)
		}
	}
	for _, secret := range one.strategy.Secrets {
		value, isText := one.sent[secret.Name].(string)
		if isText && value != "" && bytes.Contains(text, []byte(value)) {
			w.problem("%s of %s: the secret %s is in the answer", what, one.strategy.Name, secret.Name)
		}
	}
}

// compareListed holds an item of a list against the model. It may show less than an answer of get.
func (w *world) compareListed(operation *credmock.Operation, one *kept, shown map[string]any) {
	w.count("compared with the model")
	for name, want := range w.expected(one) {
		if (operation.Item == nil || operation.Item.Property(name) != nil) && !reflect.DeepEqual(shown[name], want) {
			w.problem("list: %s of a credential of %s differs from what was acknowledged", name, one.strategy.Name)
		}
	}
}

// expected returns what an answer shows of a credential; nil stands for a member that is not there.
func (w *world) expected(one *kept) map[string]any {
	wanted := map[string]any{}
	for _, property := range one.strategy.Shown.Properties {
		switch {
		case property.Secret:
			wanted[property.Name] = nil
		case property.FlagOf != "":
			wanted[property.Name] = one.sent[property.FlagOf] != nil
		case property.Role == credmock.RoleID:
			wanted[property.Name] = one.id
		case property.Role == credmock.RoleEnvironment:
			wanted[property.Name] = one.environment
		case property.Role == credmock.RoleStrategy:
			wanted[property.Name] = one.strategy.Name
		case property.Role == "" && !property.ReadOnly, property.Role == credmock.RoleName:
			wanted[property.Name] = decoded(one.sent[property.Name])
		}
	}
	return wanted
}

// byID maps the items of a list by their id.
func (w *world) byID(list any) map[string]map[string]any {
	items, _ := list.([]any)
	mapped := map[string]map[string]any{}
	for _, item := range items {
		if shown, isObject := item.(map[string]any); isObject {
			id, _ := shown[w.id].(string)
			mapped[id] = shown
		}
	}
	return mapped
}

// decoded returns a value as it looks when it comes back.
func decoded(value any) any {
	var back any
	_ = json.Unmarshal(encode(value), &back) // it was encoded just now
	return back
}
