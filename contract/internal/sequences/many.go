package sequences

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// PlanMany plans lists of many things and of none (docs/contract.md#lists). It comes last, since other checks
// leave their credentials to it.
func PlanMany(p *plan.Builder) {
	if p.Spec.Operation("destination", "create") != nil {
		p.Add("many/destinations", "More than a hundred destinations can exist at once, and the list has each of them.", plan.InferredMust,
			judgeManyDestinations, probe.CapabilityDestinations)
	}
	p.Add("many/none", "An environment without credentials has an empty list.", plan.InferredMust, judgeNone, probe.CapabilitySecond)
	p.Add("many/organizations", "A refused request of another organization leaves nothing in a list.", plan.InferredMust, judgeOthersUnlisted,
		probe.CapabilityOther)
	p.Add(probe.CrowdCheck, "More than a hundred credentials can exist at once, and the list has each of them.", plan.InferredMust,
		judgeManyCredentials)
}

// expectAllListed expects a list to have each id once.
func expectAllListed(p *probe.Probe, list probe.Request, id string, ids []string) *wire.Exchange {
	count := func(e *wire.Exchange) (missing, twice int) {
		times := map[string]int{}
		for _, item := range probe.Items(e) {
			times[jsonvalue.Text(jsonvalue.Member(item, id))]++
		}
		for _, id := range ids {
			switch times[id] {
			case 0:
				missing++
			case 1:
			default:
				twice++
			}
		}
		return missing, twice
	}
	e := p.Eventually(func() *wire.Exchange { return p.Do(list) }, func(e *wire.Exchange) bool {
		missing, twice := count(e)
		return missing+twice == 0
	})
	missing, twice := count(e)
	p.Expect(e, "/payload/"+e.Operation.Member, fmt.Sprintf("%d of %d are missing, %d are there more than once", missing, len(ids), twice),
		"each of them once").Holds(e.Success() && missing+twice == 0)
	return e
}

// expectCreated expects each of many creates to have succeeded, and returns the ids.
func expectCreated(p *probe.Probe, answers []*wire.Exchange, before int, id func(*wire.Exchange) string) (ids []string) {
	for i, e := range answers {
		made := p.Expect(e, "", strconv.Itoa(e.Status)+" while there were about "+strconv.Itoa(before+i), "a success").Holds(e.Success())
		if made && id(e) != "" {
			ids = append(ids, id(e))
		}
	}
	return ids
}

func judgeManyCredentials(p *probe.Probe) {
	standard, name := probe.DefaultStrategy(p.Spec), p.RoleName(credmock.RoleName)
	ids, lasting := p.TakeCrowd(), p.Lasting("credential")
	var requests []probe.Request
	sent := map[string]any{}
	for i := len(ids) + len(lasting); i < probe.Many; i++ {
		body := probe.With(p.Minimal(standard), map[string]any{name: fmt.Sprintf("%s of many %d", p.RunName, i)})
		requests = append(requests, probe.Request{Action: "create", Body: body})
	}
	answers := p.SendInGroups(requests)
	made := expectCreated(p, answers, len(ids), func(e *wire.Exchange) string { return e.ID })
	for i, e := range answers {
		sent[e.ID] = requests[i].Body.(map[string]any)[name]
	}
	ids = append(ids, made...)
	list := expectAllListed(p, probe.Request{Action: "list", ID: p.Environment}, p.RoleName(credmock.RoleID), slices.Concat(ids, lasting))
	for _, id := range made {
		if item := p.Listed(list, id); item != nil {
			p.Expect(list, "/payload/"+list.Operation.Member, jsonvalue.Describe(item, name), "the name that was sent").
				Holds(jsonvalue.Same(item[name], sent[id]))
		}
	}
	if len(ids) > 0 {
		e := p.Get(ids[0])
		p.ExpectStatus(e, "the oldest credential, whatever came after it").Holds(e.Success())
	}
	var deletions []probe.Request
	for _, id := range ids {
		deletions = append(deletions, probe.Request{Action: "delete", ID: id})
	}
	p.SendInGroups(deletions)
}

func judgeManyDestinations(p *probe.Probe) {
	operation := p.Spec.Operation("destination", "create")
	name := p.DestinationProperty(credmock.RoleName)
	var requests []probe.Request
	lasting := p.Lasting("destination")
	for i := range probe.Many - len(lasting) {
		body := temptingDestination(operation.Body, i)
		body[name] = fmt.Sprintf("%s of many %d%v", p.RunName, i, body[name])
		requests = append(requests, probe.Request{Resource: "destination", Action: "create", ID: p.Environment, Body: body})
	}
	answers := p.SendInGroups(requests)
	for i, e := range answers {
		if e.Refused() { // the values may be none that the server takes
			requests[i].Body = map[string]any{name: fmt.Sprintf("%s of many %d", p.RunName, i)}
			answers[i] = p.Do(requests[i])
		}
	}
	id := rerun.RoleIn(operation.Item, credmock.RoleID)
	ids := expectCreated(p, answers, 0, p.DestinationID)
	list := expectAllListed(p, probe.Request{Resource: "destination", Action: "list", ID: p.Environment}, id, slices.Concat(ids, lasting))
	for i, e := range answers {
		sent := requests[i].Body.(map[string]any)
		differ := p.Differences(sent, probe.Destination(e), slices.Collect(maps.Keys(sent)))
		p.Expect(e, "/payload/"+e.Operation.Member, "changed on the way: "+differ, "what was sent, byte for byte").
			Holds(!e.Success() || differ == "")
		listed := probe.ItemWith(list, id, p.DestinationID(e))
		p.Expect(list, "/payload/"+list.Operation.Member, jsonvalue.Describe(listed, name), "the name that was sent").
			Holds(listed == nil || jsonvalue.Same(listed[name], sent[name]))
	}
	var deletions []probe.Request
	for _, id := range slices.Concat(ids[:min(1, len(ids))], ids) { // one of them twice, at the same time
		deletions = append(deletions, probe.Request{Resource: "destination", Action: "delete", ID: id})
	}
	if gone := p.SendInGroups(deletions); len(gone) > 1 {
		p.Expect(gone[1], "", "two deletions of one destination succeed", "one of them").
			Holds(!gone[0].Success() || !gone[1].Success() || p.Serial)
	}
}

// temptingDestination returns a value of every member of a destination that answers show, apart from the link to a credential. A server
// may be tempted to improve it.
func temptingDestination(shape *credmock.Object, turn int) map[string]any {
	values := map[string]any{}
	for _, property := range shape.Properties {
		if list := sample.Tempting(property); !property.ReadOnly && !property.Secret && property.Role != credmock.RoleCredential {
			values[property.Name] = list[turn%len(list)]
		}
	}
	return values
}

// judgeNone looks at the environments in which the run does little: their lists may be empty, and become so again.
func judgeNone(p *probe.Probe) {
	id := rerun.RoleIn(p.Environments.Operation.Item, credmock.RoleID)
	looked := 0
	for _, item := range probe.Items(p.Environments) {
		environment := jsonvalue.Text(jsonvalue.Member(item, id))
		if environment == p.Environment || environment == "" || looked == 2 {
			continue
		}
		v := p.Visit(environment)
		if v.Made.ID == "" {
			continue // the token may have no right there
		}
		looked++
		for _, e := range []*wire.Exchange{v.Before, v.After} {
			_, isList := e.Payload()[e.Operation.Member].([]any)
			p.Expect(e, "/payload/"+e.Operation.Member, strconv.Itoa(e.Status)+": "+jsonvalue.Describe(e.Payload(), e.Operation.Member),
				"an array, which is empty if there is nothing").Holds(e.Success() && isList)
		}
		p.Expect(v.After, "/payload/"+v.After.Operation.Member, "a deleted credential", "nothing of it").
			Holds(p.Listed(v.After, v.Made.ID) == nil || p.Serial)
		expectDestinationList(p, environment)
	}
	if looked == 0 {
		p.Skip("the token may write in one environment alone")
	}
}

// expectDestinationList expects the list of the destinations of an environment to be an array.
func expectDestinationList(p *probe.Probe, environment string) {
	if p.Spec.Operation("destination", "list") == nil || !p.Capabilities[probe.CapabilityDestinations].Present {
		return
	}
	e := p.Do(probe.Request{Resource: "destination", Action: "list", ID: environment})
	_, isList := e.Payload()[e.Operation.Member].([]any)
	p.Expect(e, "/payload/"+e.Operation.Member, strconv.Itoa(e.Status)+": "+jsonvalue.Describe(e.Payload(), e.Operation.Member),
		"an array, which is empty if there is nothing").Holds(e.Success() && isList)
}

// judgeOthersUnlisted looks at the lists from both sides: what another organization was refused is in none, and neither is what
// exists here in one that another organization gets.
func judgeOthersUnlisted(p *probe.Probe) {
	standard, name := probe.DefaultStrategy(p.Spec), p.RoleName(credmock.RoleName)
	made := p.Standing(standard)
	var titles []string
	for _, left := range []string{"", p.RoleName(credmock.RoleOrganization)} {
		body := probe.Without(p.Minimal(standard), left)
		titles = append(titles, jsonvalue.Text(body[name]))
		e := p.Do(probe.Request{Action: "create", Body: body, Principal: wire.Other})
		p.ExpectStatus(e, "a refusal: the environment is another organization's").Holds(e.Refused())
	}
	theirs := p.Do(probe.Request{Action: "list", ID: p.Environment, Principal: wire.Other})
	p.Expect(theirs, "/payload", "a credential of the organization", "nothing of it").
		Holds(!theirs.Success() || p.Listed(theirs, made.ID) == nil)
	if p.Capabilities[probe.CapabilitySecond].Present { // every environment is the organization's
		requests := []probe.Request{{Action: "list", ID: p.Second, Principal: wire.Other}}
		if p.Spec.Operation("destination", "list") != nil && p.Capabilities[probe.CapabilityDestinations].Present {
			requests = append(requests, probe.Request{Resource: "destination", Action: "list", ID: p.Second, Principal: wire.Other})
		}
		for _, r := range requests {
			p.ExpectRefused(p.Do(r), probe.GoneStatuses...)
		}
	}
	ours := p.List()
	for _, item := range probe.Items(ours) {
		listed := jsonvalue.Text(jsonvalue.Member(item, name))
		p.Expect(ours, "/payload/"+ours.Operation.Member, "what another organization was refused", "nothing of it").
			Holds(listed == "" || listed != titles[0] && listed != titles[1])
	}
	if p.Capabilities[probe.CapabilityEnvironments].Present {
		e := p.Do(probe.Request{Resource: "environment", Action: "list", ID: strconv.Itoa(p.Organization + 1)})
		p.Expect(e, "/payload/"+e.Operation.Member, "environments of another organization", "none").
			Holds(!e.Success() || len(probe.Items(e)) == 0)
	}
}
