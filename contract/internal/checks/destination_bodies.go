package checks

import (
	"slices"

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
					}
				}), probe.CapabilityDestinations)
		}
	}
	p.Add("destinations/write-back", "A destination as get answered it can be written back with a change.", plan.RuledShould,
		judgeDestinationWrittenBack, probe.CapabilityDestinations)
}

// destinationBody returns a body with a new value of every member that a client may write, apart from the link to a credential.
func destinationBody(p *probe.Probe, operation *credmock.Operation) map[string]any {
	body := map[string]any{}
	for _, property := range operation.Body.Properties {
		switch {
		case property.ReadOnly, property.Role == credmock.RoleCredential:
		case property.Role == credmock.RoleName:
			body[property.Name] = p.RunName + " " + p.Sample.Word()
		default:
			body[property.Name] = p.Sample.Value(property)
			if secret, isText := body[property.Name].(string); isText && property.Secret {
				p.LookFor(probe.DestinationLabel+property.Name, p.Scope, secret)
			}
		}
	}
	return body
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
	}
	return bodies
}

func malformedDestinations(_ *probe.Probe, _ *credmock.Operation, good map[string]any) []string {
	var bodies []string
	for _, bad := range badBodies {
		if slices.Equal(bad.statuses, probe.InvalidStatuses) {
			forms := bad.raw(jsonvalue.Canonical(good))
			bodies = append(bodies, forms[:min(2, len(forms))]...)
		}
	}
	return bodies
}

// judgeRefusedDestination sends bad bodies at the same time. It expects them to be refused, and nothing created or changed.
func judgeRefusedDestination(operation *credmock.Operation,
	bodies func(*probe.Probe, *credmock.Operation, map[string]any) []string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		good := destinationBody(p, operation)
		r := probe.Request{Resource: "destination", Action: operation.Action, ID: p.Environment, MediaType: operation.MediaType}
		var before *wire.Exchange
		if operation.Action == "update" {
			before = p.CreateDestination(nil)
			if r.ID = p.DestinationID(before); r.ID == "" {
				p.Abandon("create of a destination answered %d without an id", before.Status)
			}
			before = p.AtDestination("get", r.ID, nil)
		}
		var requests []probe.Request
		for _, text := range bodies(p, operation, good) {
			r.Raw = []byte(text)
			requests = append(requests, r)
		}
		for _, e := range p.WriteTogether(requests) {
			p.ExpectRefused(e, probe.InvalidStatuses...)
		}
		if operation.Action == "update" {
			after := p.AtDestination("get", r.ID, nil)
			differ := differentMembers(before, after)
			p.Expect(after, "/payload", "changed although the update was refused: "+differ, "the destination as before").
				Holds(len(p.Findings) > 0 || after.Success() && differ == "")
			return
		}
		list := p.Do(probe.Request{Resource: "destination", Action: "list", ID: p.Environment})
		name := rerun.RoleIn(operation.Body, credmock.RoleName)
		for _, item := range probe.Items(list) {
			p.Expect(list, "/payload/"+list.Operation.Member, "a destination whose creation was refused", "nothing of a refused create").
				Holds(len(p.Findings) > 0 || jsonvalue.Member(item, name) != good[name])
		}
	}
}

// differentMembers returns the described members of a destination that differ in two answers.
func differentMembers(before, after *wire.Exchange) string {
	var names []string
	for _, property := range before.Operation.Item.Properties {
		names = append(names, property.Name)
	}
	return jsonvalue.Differences(probe.Destination(before), probe.Destination(after), names)
}

func judgeDestinationWrittenBack(p *probe.Probe) {
	operation := p.Spec.Operation("destination", "update")
	made, ids := inUse(p, 1)
	before := p.AtDestination("get", ids[0], nil)
	body := map[string]any{}
	for _, property := range operation.Body.Properties {
		if value, there := probe.Destination(before)[property.Name]; there {
			body[property.Name] = value
		}
	}
	name := p.DestinationProperty(credmock.RoleName)
	body[name] = p.RunName + " " + p.Sample.Word()
	e := p.AtDestination("update", ids[0], body)
	p.ExpectStatus(e, "taken: read, edit, write back works").Holds(e.Success())
	after := p.AtDestination("get", ids[0], nil)
	expectLink(p, after, made.ID)
	p.Expect(after, "/payload", jsonvalue.Describe(probe.Destination(after), name), "the edit").
		Holds(!e.Success() || probe.Destination(after)[name] == body[name])
}
