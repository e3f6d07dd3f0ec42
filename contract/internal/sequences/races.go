package sequences

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// Races are judged by what the requests could have left in some order (docs/contract.md#races).

// inTurns returns the requests of pairs in one list. Every second pair begins with its second request.
func inTurns(first, second []probe.Request) (list []probe.Request, at func(pair int) (first, second int)) {
	for i := range first {
		if i%2 == 0 {
			list = append(list, first[i], second[i])
		} else {
			list = append(list, second[i], first[i])
		}
	}
	return list, func(pair int) (int, int) { return 2*pair + pair%2, 2*pair + 1 - pair%2 }
}

// createTogether creates credentials, or ends the check.
func createTogether(p *probe.Probe, number int) (made []*wire.Exchange, bodies []map[string]any) {
	standard := probe.DefaultStrategy(p.Spec)
	var requests []probe.Request
	for range number {
		bodies = append(bodies, p.Full(standard))
		requests = append(requests, probe.Request{Action: "create", Body: bodies[len(bodies)-1]})
	}
	made = p.SendTogether(requests)
	for _, e := range made {
		if !e.Success() || e.ID == "" {
			p.Abandon("it needs a credential, and create answered %d", e.Status)
		}
	}
	return made, bodies
}

// someIDs returns the ids of credentials that nothing else uses: some that other checks are done with, and new ones for the rest.
func someIDs(p *probe.Probe, number int) []string {
	ids := p.TakeIdle(number)
	if missing := number - len(ids); missing > 0 {
		made, _ := createTogether(p, missing)
		for _, e := range made {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// each returns a request for an action on each credential.
func each(action string, ids []string) (requests []probe.Request) {
	for _, id := range ids {
		requests = append(requests, probe.Request{Action: action, ID: id})
	}
	return requests
}

// isSent tells whether an answer shows a body as it was sent.
func isSent(p *probe.Probe, e *wire.Exchange, body map[string]any) bool {
	names := []string{p.RoleName(credmock.RoleName)}
	for _, field := range probe.Public(probe.DefaultStrategy(p.Spec)) {
		names = append(names, field.Name)
	}
	return e.Success() && p.Differences(body, p.CredentialIn(e), sentNames(p, body, names)) == ""
}

func judgeReadBesideUpdate(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	before := made.Sent
	p.Eventually(func() *wire.Exchange { return p.Get(made.ID) }, func(e *wire.Exchange) bool { return isSent(p, e, before) })
	for range rounds {
		after := probe.With(before, p.ForUpdate(p.Full(standard)))
		requests := []probe.Request{{Action: "get", ID: made.ID}, {Action: "update", ID: made.ID, Body: p.ForUpdate(after)}}
		for range pairs - 1 {
			requests = append(requests, probe.Request{Action: "get", ID: made.ID})
		}
		answers := p.SendTogether(requests)
		if !answers[1].Success() {
			p.Abandon("it needs an update, and update answered %d", answers[1].Status)
		}
		for i, e := range answers {
			p.Expect(e, "/payload", strconv.Itoa(e.Status)+" with neither the old credential nor the new one", "one of the two, whole").
				Holds(isSent(p, e, after) || i != 1 && isSent(p, e, before))
		}
		before = after
	}
}

func judgeDeleteBesideUpdate(p *probe.Probe) {
	for range rounds {
		if len(p.Findings) == 0 {
			raceDeletions(p, someIDs(p, pairs))
		}
	}
}

func raceDeletions(p *probe.Probe, made []string) {
	updates := each("update", made)
	for i := range updates {
		updates[i].Body = p.ForUpdate(p.Full(probe.DefaultStrategy(p.Spec)))
	}
	requests, at := inTurns(updates, each("delete", made))
	requests = append(requests, each("delete", made[:1])...)
	answers := p.SendTogether(requests)
	deleted := map[string]int{}
	for i, e := range answers {
		p.ExpectStatus(e, "a success or a refusal").Holds(e.Success() || e.Refused())
		if requests[i].Action == "delete" && e.Success() {
			deleted[requests[i].ID]++
		}
	}
	_, first := at(0)
	p.Expect(answers[first], "", "two deletions of one credential succeed", "one of them").Holds(deleted[made[0]] < 2 || p.Serial)
	list := p.Eventually(p.List, func(e *wire.Exchange) bool {
		return !slices.ContainsFunc(made, func(id string) bool { return deleted[id] > 0 && p.Listed(e, id) != nil })
	})
	for i, e := range p.SendTogether(each("get", made)) {
		if deleted[made[i]] == 0 {
			p.ExpectStatus(e, "a credential that was not deleted").Holds(e.Success())
			continue
		}
		if e.Success() { // it may lag
			e = p.Eventually(func() *wire.Exchange { return p.Get(made[i]) }, func(e *wire.Exchange) bool { return !e.Success() })
		}
		p.ExpectStatus(e, "nothing: it was deleted").Holds(!e.Success() || p.Serial)
		p.Expect(list, "/payload/"+list.Operation.Member, "a deleted credential", "nothing of it").
			Holds(p.Listed(list, made[i]) == nil || p.Serial)
	}
}

func judgeListBesideWrites(p *probe.Probe) {
	kept := someIDs(p, 2)
	p.Eventually(p.List, func(e *wire.Exchange) bool { return p.Listed(e, kept[0]) != nil && p.Listed(e, kept[1]) != nil })
	for range rounds {
		if len(p.Findings) == 0 {
			raceLists(p, kept)
		}
	}
}

func raceLists(p *probe.Probe, kept []string) {
	standard, name := probe.DefaultStrategy(p.Spec), p.RoleName(credmock.RoleName)
	leaving := someIDs(p, 3)
	before, names := listedNames(p), map[string]any{}
	for _, id := range leaving {
		if title, listed := before[id]; listed {
			names[id] = title
		}
	}
	var requests []probe.Request
	for i, id := range leaving {
		list, body := probe.Request{Action: "list", ID: p.Environment}, p.Minimal(standard)
		requests = append(requests, list, probe.Request{Action: "create", Body: body})
		if !p.Serial && i > 0 {
			requests = append(requests, probe.Request{Action: "delete", ID: id})
		}
	}
	requests = append(requests, probe.Request{Action: "list", ID: p.Environment})
	answers := p.SendTogether(requests)
	for i, r := range requests {
		if body, isObject := r.Body.(map[string]any); isObject && answers[i].ID != "" {
			names[answers[i].ID] = body[name]
		}
	}
	after, lasting := listedNames(p), map[string]bool{}
	for id := range before {
		_, there := after[id]
		lasting[id] = there && !p.Serial // a target that reuses ids may list another credential
	}
	for _, id := range kept {
		lasting[id] = true
	}
	for i, r := range requests {
		if r.Action == "list" {
			expectWholeList(p, answers[i], lasting, names)
		}
	}
}

// listedNames returns the names of the credentials in the list, by id.
func listedNames(p *probe.Probe) map[string]any {
	names := map[string]any{}
	for _, item := range probe.Items(p.List()) {
		if id := jsonvalue.Text(jsonvalue.Member(item, p.RoleName(credmock.RoleID))); id != "" {
			names[id] = jsonvalue.Member(item, p.RoleName(credmock.RoleName))
		}
	}
	return names
}

// expectWholeList expects a list to have each lasting credential once, and each that comes or goes at most once, with its name.
func expectWholeList(p *probe.Probe, e *wire.Exchange, lasting map[string]bool, names map[string]any) {
	place, name, times := "/payload/"+e.Operation.Member, p.RoleName(credmock.RoleName), map[string]int{}
	p.ExpectStatus(e, "the list").Holds(e.Success())
	for _, item := range probe.Items(e) {
		if item == nil {
			continue // one of others, which is not kept
		}
		id := jsonvalue.Text(jsonvalue.Member(item, p.RoleName(credmock.RoleID)))
		times[id]++
		p.Expect(e, place, "an item without id", "whole items").Holds(id != "")
		sent, ours := names[id]
		p.Expect(e, place, "a credential with another name than was sent", "its name").
			Holds(!ours || jsonvalue.Same(jsonvalue.Member(item, name), sent))
	}
	for id := range names {
		p.Expect(e, place, "a credential more than once", "once").Holds(times[id] < 2)
	}
	for id, lasts := range lasting {
		number := times[id]
		p.Expect(e, place, strconv.Itoa(number)+" items of a credential that nothing deleted", "one").
			Holds(!lasts || number == 1 || number == 0 && p.Lag > 0)
	}
}

// placesFor creates destinations, or ends the check.
func placesFor(p *probe.Probe, number int) (ids []string) {
	for range number {
		e := p.CreateDestination(nil)
		if ids = append(ids, p.DestinationID(e)); !e.Success() || ids[len(ids)-1] == "" {
			p.Abandon("it needs a destination, and create answered %d", e.Status)
		}
	}
	return ids
}

// attachments returns a request for each destination that attaches a credential.
func attachments(p *probe.Probe, destinations, credentials []string) (requests []probe.Request) {
	for i, id := range destinations {
		requests = append(requests, probe.Request{Resource: "destination", Action: "update", ID: id,
			Body: map[string]any{p.DestinationProperty(credmock.RoleCredential): credentials[i]}})
	}
	return requests
}

// links returns the credential that each destination uses, and the answers that say so.
func links(p *probe.Probe, destinations []string) (ids []string, answers []*wire.Exchange) {
	var requests []probe.Request
	for _, id := range destinations {
		requests = append(requests, probe.Request{Resource: "destination", Action: "get", ID: id})
	}
	answers = p.SendTogether(requests)
	for _, e := range answers {
		ids = append(ids, linkIn(p, e))
	}
	return ids, answers
}

func judgeAttachBesideDelete(p *probe.Probe) {
	destinations := placesFor(p, pairs)
	unknown := p.UnknownID()
	p.AtDestination("update", destinations[0], map[string]any{p.DestinationProperty(credmock.RoleCredential): unknown})
	if linked, _ := links(p, destinations[:1]); linked[0] == unknown {
		p.Skip("the target attaches what is gone without any race")
	}
	for range rounds + 1 {
		if len(p.Findings) > 0 {
			return
		}
		made := someIDs(p, pairs)
		requests, _ := inTurns(attachments(p, destinations, made), each("delete", made))
		for _, e := range p.SendTogether(requests) {
			p.ExpectStatus(e, "a success or a refusal").Holds(e.Success() || e.Refused())
		}
		linked, answers := links(p, destinations)
		for i, e := range answers {
			if linked[i] != made[i] {
				continue
			}
			used := p.Eventually(func() *wire.Exchange { return p.Get(made[i]) }, (*wire.Exchange).Success)
			p.Expect(e, "/payload/"+e.Operation.Member, "a destination that uses a credential which get answers with "+strconv.Itoa(used.Status),
				"a credential that is there, or none").Holds(used.Success())
		}
	}
}

func judgeTwoAttachments(p *probe.Probe) {
	destinations := placesFor(p, pairs/2)
	for range rounds {
		if len(p.Findings) == 0 {
			raceAttachments(p, destinations)
		}
	}
}

func raceAttachments(p *probe.Probe, destinations []string) {
	one, two := someIDs(p, len(destinations)), someIDs(p, len(destinations))
	requests, _ := inTurns(attachments(p, destinations, one), attachments(p, destinations, two))
	for _, e := range p.SendTogether(requests) {
		p.ExpectStatus(e, "a success, or a conflict that says so").Holds(e.Success() || e.Refused(409, 412, 423))
	}
	linked, answers := links(p, destinations)
	for i, e := range answers {
		both := []string{one[i], two[i]}
		if !p.Expect(e, "/payload/"+e.Operation.Member, "neither of two credentials", "one of them").Holds(slices.Contains(both, linked[i])) {
			continue
		}
		for _, id := range both {
			removed := p.Remove(id)
			p.Expect(removed, "", strconv.Itoa(removed.Status), "a success for the credential that is not in use, a refusal for the other").
				Holds(removed.Success() != (id == linked[i]))
		}
	}
}
