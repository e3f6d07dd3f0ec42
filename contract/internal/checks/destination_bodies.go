package checks

import (
	"maps"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// planDestinationBodies plans that a wrong body of a destination is refused and changes nothing, as one of a credential
// (docs/contract.md#statuses).
func planDestinationBodies(p *plan.Builder) {
	for _, action := range []string{"create", "update"} {
		operation := p.Spec.Operation("destination", action)
		if operation == nil || operation.Body == nil {
			continue
		}
		p.Add("destinations/"+action+"/types", action+" of a destination with a wrong type of a member is refused, and changes nothing.",
			plan.DocumentedMust, judgeRefusedDestination(operation, wrongDestinationTypes), probe.CapabilityDestinations)
		p.Add("destinations/"+action+"/malformed", action+" of a destination with a body that is no JSON object is refused, and changes nothing.",
			plan.RuledMust, judgeRefusedDestination(operation, malformedDestinations), probe.CapabilityDestinations)
		for _, requirement := range operation.Body.Required {
			p.Add("destinations/"+action+"/"+requirement.Name, action+" of a destination without "+requirement.Name+", or with null, is refused.",
				requirement.Basis, judgeRefusedDestination(operation, func(_ *probe.Probe, _ *credmock.Operation, good map[string]any) []string {
					return []string{
						jsonvalue.Canonical(probe.Without(good, requirement.Name)),
						jsonvalue.Canonical(probe.With(good, map[string]any{requirement.Name: nil})),
						jsonvalue.Canonical(probe.With(probe.Without(good, requirement.Name),
							map[string]any{swapCase(requirement.Name): good[requirement.Name]})),
					}
				}), probe.CapabilityDestinations)
		}
	}
	p.Add("destinations/update/as-sent", "update of a destination keeps each value as it was sent, and everything that it leaves out.",
		plan.InferredMust, judgeDestinationAsSent, probe.CapabilityDestinations)
	p.Add("destinations/write-back", "A destination as get answered it can be written back with a change.", plan.RuledShould,
		judgeDestinationWrittenBack, probe.CapabilityDestinations)
}

// wrongDestinationTypes returns a body for each wrong type of each member.
func wrongDestinationTypes(p *probe.Probe, operation *credmock.Operation, good map[string]any) []string {
	var bodies []string
	plain := sample.New(1)
	for i, property := range operation.Body.Properties {
		if property.ReadOnly {
			continue
		}
		for _, fault := range wrongTypes(plain, property, i, every) {
			bodies = append(bodies, jsonvalue.Canonical(fault(p, good)))
		}
		if _, required := operation.Body.Requires(property.Name); !required && !property.Nullable { // else another check sends null
			bodies = append(bodies, jsonvalue.Canonical(probe.With(good, map[string]any{property.Name: nil})))
		}
	}
	return bodies
}

func malformedDestinations(p *probe.Probe, operation *credmock.Operation, good map[string]any) []string {
	var bodies []string
	for _, bad := range badBodies {
		if slices.Equal(bad.statuses, probe.InvalidStatuses) {
			forms := bad.raw(p, operation.Action, jsonvalue.Canonical(good))
			some := 2
			if operation.Action == "update" { // to save requests
				some = 1
			}
			bodies = append(bodies, forms[:min(some, len(forms))]...)
		}
	}
	return bodies
}

// judgeDestinationAsSent updates a destination that uses a credential with values that tempt a server to improve them.
func judgeDestinationAsSent(p *probe.Probe) {
	link := p.Standing(probe.DefaultStrategy(p.Spec)).ID
	id := createUsing(p, link)
	state := p.ShownOfDestination(probe.Destination(p.AtDestination("get", id, nil)))
	expect := func(e *wire.Exchange) {
		expectLink(p, e, link)
		expectDestination(p, p.Spec.Operation("destination", "update"), e, state)
	}
	var last *wire.Exchange
	for turn := range turns {
		values := temptingDestination(p, turn)
		nearly(p, state, values, turn)
		for _, one := range halves(values, func(some map[string]any) keeping {
			return keeping{values: some, answer: p.AtDestination("update", id, some)}
		}) {
			maps.Copy(state, one.values)
			last = one.answer
			expect(last)
		}
	}
	if last == nil {
		p.Abandon("it needs an update of a destination, and none is taken")
	}
	expect(p.AtDestination("get", id, nil))
}

// temptingDestination returns values of a destination for a turn: of all members, of the name alone, of all but the name, and null.
func temptingDestination(p *probe.Probe, turn int) map[string]any {
	values := map[string]any{}
	for _, property := range p.Spec.Operation("destination", "update").Body.Properties {
		switch list := sample.Tempting(property); {
		case property.ReadOnly, property.Secret, property.Role == credmock.RoleCredential:
		case property.Role == credmock.RoleName:
			if turn != 3 && turn != 6 {
				values[property.Name] = temptingName(p, turn)
			}
		case turn == 5:
		case turn == 6 && property.Nullable:
			values[property.Name] = nil
		default:
			values[property.Name] = list[turn%len(list)]
		}
	}
	return values
}

// nearly puts values that nearly equal those of a destination into the values of two turns: in one it has an endpoint, and in the other it
// has a name.
func nearly(p *probe.Probe, state, values map[string]any, turn int) {
	name := p.DestinationProperty(credmock.RoleName)
	for member := range values {
		text, isText := state[member].(string)
		switch {
		case !isText || text == "":
		case turn == 4 && member != name:
			values[member] = nearText(text, 1)
		case turn == turns-1 && member == name:
			values[member] = nearName(p, text, 0)
		}
	}
}

// target is a destination that refused updates must not change. Its checks use it one at a time.
type target struct {
	mutex sync.Mutex
	last  *wire.Exchange // the last get; nil if there is no destination
}

// renew makes sure that there is a destination, or ends the check. It belongs to the run: the check must not delete it at its end.
func (d *target) renew(p *probe.Probe) {
	if d.last != nil && d.last.Success() {
		return
	}
	owner := p.Probe("target")
	if trouble := owner.Guard(func() {
		made := owner.CreateDestination(nil)
		id := owner.DestinationID(made)
		if id == "" {
			owner.Abandon("create of a destination answered %d without an id", made.Status)
		}
		d.last = owner.AtDestination("get", id, nil)
	}); !trouble.IsEmpty() {
		p.Abandon("%s", trouble)
	}
}

// judgeRefusedDestination sends bad bodies at the same time. It expects them to be refused, and nothing created or changed.
func judgeRefusedDestination(operation *credmock.Operation,
	bodies func(*probe.Probe, *credmock.Operation, map[string]any) []string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		good := p.DestinationBody(operation.Body)
		send := func(id string) {
			var requests []probe.Request
			for _, text := range bodies(p, operation, good) {
				requests = append(requests, probe.Request{Resource: "destination", Action: operation.Action, ID: id,
					MediaType: operation.MediaType, Raw: []byte(text)})
			}
			for _, e := range p.WriteTogether(requests) {
				p.ExpectRefused(e, probe.InvalidStatuses...)
			}
		}
		if operation.Action == "update" {
			expectNoUpdate(p, send)
			return
		}
		send(p.Environment)
		list := p.Do(probe.Request{Resource: "destination", Action: "list", ID: p.Environment})
		name := rerun.RoleIn(operation.Body, credmock.RoleName)
		for _, item := range probe.Items(list) {
			p.Expect(list, "/payload/"+list.Operation.Member, "a destination whose creation was refused", "nothing of a refused create").
				Holds(len(p.Findings) > 0 || jsonvalue.Member(item, name) != good[name])
		}
	}
}

// expectNoUpdate sends updates that must be refused, and expects the destination as before.
func expectNoUpdate(p *probe.Probe, send func(id string)) {
	d := probe.Once(p, "target", func(*probe.Probe) *target { return &target{} })
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.renew(p)
	before := d.last
	id := p.DestinationID(before)
	send(id)
	// The answer belongs to the run: it is kept for the next check.
	d.last = p.Answered(p.Probe("target").Try(probe.Request{Resource: "destination", Action: "get", ID: id}))
	differ := differentMembers(before, probe.Destination(d.last))
	p.Expect(d.last, "/payload", "changed although the update was refused: "+differ, "the destination as before").
		Holds(len(p.Findings) > 0 || d.last.Success() && differ == "")
}

// differentMembers returns the described members of a destination that differ from those in an answer.
func differentMembers(before *wire.Exchange, after map[string]any) string {
	var names []string
	one, other := map[string]any{}, map[string]any{}
	for _, property := range before.Operation.Item.Properties {
		names = append(names, property.Name)
		one[property.Name] = describedPart(property.Schema, probe.Destination(before)[property.Name])
		other[property.Name] = describedPart(property.Schema, after[property.Name])
	}
	return jsonvalue.Differences(one, other, names)
}

// describedPart returns a value without what its schema does not describe: extras may change at any time.
func describedPart(schema *openapi3.Schema, value any) any {
	members, isObject := value.(map[string]any)
	if !isObject || len(schema.Properties) == 0 {
		return value
	}
	part := map[string]any{}
	for name, property := range schema.Properties {
		if inner, there := members[name]; there && property.Value != nil {
			part[name] = describedPart(property.Value, inner)
		}
	}
	return part
}

// readDestination returns a body that writes a destination back as get answered it, with a new name.
func readDestination(p *probe.Probe, read *wire.Exchange) map[string]any {
	body := map[string]any{}
	for _, property := range p.Spec.Operation("destination", "update").Body.Properties {
		if value, there := probe.Destination(read)[property.Name]; there {
			body[property.Name] = value
		}
	}
	body[p.DestinationProperty(credmock.RoleName)] = p.RunName + " " + p.Sample.Word()
	return body
}

func judgeDestinationWrittenBack(p *probe.Probe) {
	u, name := needUse(p), p.DestinationProperty(credmock.RoleName)
	p.ExpectStatus(u.back, "taken: read, edit, write back works").Holds(u.back.Success())
	expectLink(p, u.after, u.made.ID)
	p.Expect(u.after, "/payload", jsonvalue.Describe(probe.Destination(u.after), name), "the edit").
		Holds(!u.back.Success() || probe.Destination(u.after)[name] == u.body[name])
}
