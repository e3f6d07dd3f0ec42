package contract

import (
	"strconv"

	"github.com/credmock/credmock"
)

// planDestinations plans the rule that a credential in use stays (docs/contract.md#credential-in-use), and its neighbours.
func planDestinations(p *planner) {
	if p.spec.Operation("destination", "create") == nil {
		return
	}
	add := func(id, rule string, basis credmock.Basis, judge func(*probe, *neighbourhood)) {
		p.add("destinations/"+id, rule, basis, func(q *probe) { judge(q, q.neighbour().need(q)) }, capabilityDestinations)
	}
	add("attach", "A credential can be attached to a destination of its environment.", documentedMust, judgeAttach)
	add("in-use/refused", "Deleting a credential that a destination uses is refused.", documentedMust, func(q *probe, n *neighbourhood) {
		q.expect(n.refusedDelete.refused(), n.refusedDelete, "", strconv.Itoa(n.refusedDelete.status), "a refusal with a 4xx")
	})
	add("in-use/credential", "A credential whose deletion was refused is still there.", documentedMust, func(q *probe, n *neighbourhood) {
		differ := differences(q.single(n.credential.answer), q.single(n.credentialAfter), q.described(n.credential.answer))
		q.expect(n.credentialAfter.success() && differ == "", n.credentialAfter, "/payload", strconv.Itoa(n.credentialAfter.status)+": "+orNothing(differ), "the credential as it was")
	})
	add("in-use/link", "A destination still uses a credential whose deletion was refused.", documentedMust, func(q *probe, n *neighbourhood) {
		expectLink(q, n.linkAfter, n.credential.id)
	})
	add("list/link", "The list of destinations shows the credential that one uses.", documentedMust, judgeListedLink)
	p.add("destinations/update/merge", "Renaming a destination leaves the credential that it uses.", inferredMust, judgeDestinationMerge, capabilityDestinations)
	add("detach", "null detaches a credential.", ruledShould, func(q *probe, n *neighbourhood) {
		q.expect(n.detach.success(), n.detach, "", strconv.Itoa(n.detach.status), "taken")
		expectLink(q, n.detach, "")
	})
	add("in-use/released", "A credential that no destination uses any more can be deleted.", inferredMust, judgeReleased)
	p.add("destinations/in-use/created", "Deleting a credential that a destination was created with is refused.", documentedMust, judgeInUseFromStart, capabilityDestinations)
	p.add("destinations/in-use/second", "Deleting a credential is refused as long as one of two destinations uses it.", documentedMust, judgeInUseTwice, capabilityDestinations)
	p.add("destinations/in-use/update", "A credential that a destination uses can be updated.", inferredMust, judgeInUseUpdate, capabilityDestinations)
	p.add("destinations/unknown-credential", "A credential that nothing has cannot be attached.", inferredShould, judgeAttachUnknown, capabilityDestinations)
	p.add("destinations/other-environment", "A credential of another environment cannot be attached.", inferredShould, judgeAttachElsewhere, capabilityDestinations, capabilitySecond)
	p.add("destinations/delete/credential", "Deleting a destination leaves the credential that it used.", inferredMust, judgeDestinationDeleted, capabilityDestinations)
}

// expectLink wants a destination to use the credential with that id; the empty id wants none.
func expectLink(p *probe, e *exchange, id string) {
	name := p.destinationProperty(credmock.RoleCredential)
	linked := textOf(destination(e)[name])
	p.expect(e.success() && linked == id, e, "/payload/"+e.operation.Member, shown(destination(e), name), "the link as it should be")
}

func judgeAttach(p *probe, n *neighbourhood) {
	p.expect(n.attach.success(), n.attach, "", strconv.Itoa(n.attach.status), "taken")
	expectLink(p, n.attach, n.credential.id)
	expectLink(p, n.get, n.credential.id)
}

func judgeListedLink(p *probe, n *neighbourhood) {
	name, id := p.destinationProperty(credmock.RoleCredential), roleIn(n.list.operation.Item, credmock.RoleID)
	for _, item := range items(n.list) {
		if textOf(member(item, id)) == n.id {
			listed, _ := item.(map[string]any)
			p.expect(textOf(listed[name]) == n.credential.id, n.list, "/payload/"+n.list.operation.Member, shown(listed, name), "the id of the credential")
			return
		}
	}
	p.fail(n.list, "/payload/"+n.list.operation.Member, "no such destination", "the destination that was created")
}

func judgeDestinationMerge(p *probe) {
	made, ids := inUse(p, 1)
	e := p.atDestination("update", ids[0], map[string]any{p.destinationProperty(credmock.RoleName): p.runName + " " + p.sample.Word()})
	p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken")
	expectLink(p, p.atDestination("get", ids[0], nil), made.id)
}

func judgeReleased(p *probe, n *neighbourhood) {
	if !n.detach.success() || textOf(destination(n.getDetached)[p.destinationProperty(credmock.RoleCredential)]) != "" {
		p.skip("null does not detach here")
	}
	if n.refusedDelete.success() {
		p.skip("the credential was deleted while it was in use")
	}
	p.expect(n.deleteDetached.success(), n.deleteDetached, "", strconv.Itoa(n.deleteDetached.status), "a success: nothing uses it")
}

func judgeNotAttached(p *probe, credentialID string) {
	made := p.createDestination(nil)
	id := p.destinationID(made)
	e := p.atDestination("update", id, map[string]any{p.destinationProperty(credmock.RoleCredential): credentialID})
	p.expect(e.refused(), e, "", strconv.Itoa(e.status), "a refusal")
	expectLink(p, p.atDestination("get", id, nil), "")
}

// inUse creates a credential, and destinations that use it from their creation on.
func inUse(p *probe, destinations int) (made *credential, ids []string) {
	standard := defaultStrategy(p.spec)
	made = p.given(standard, p.full(standard))
	for range destinations {
		e := p.createDestination(map[string]any{p.destinationProperty(credmock.RoleCredential): made.id})
		if !e.success() {
			p.skip("a destination cannot be created with a credential here")
		}
		ids = append(ids, p.destinationID(e))
	}
	return made, ids
}

// expectInUse wants deleting the credential to be refused, and to leave it.
func expectInUse(p *probe, made *credential) {
	e := p.remove(made.id)
	p.expect(e.refused(), e, "", strconv.Itoa(e.status), "a refusal with a 4xx: a destination uses it")
	p.expectUnchanged(made.answer, made.id)
}

func judgeInUseFromStart(p *probe) {
	made, _ := inUse(p, 1)
	expectInUse(p, made)
}

func judgeInUseTwice(p *probe) {
	made, ids := inUse(p, 2)
	p.atDestination("delete", ids[0], nil)
	expectInUse(p, made)
}

func judgeInUseUpdate(p *probe) {
	made, ids := inUse(p, 1)
	name := p.roleName(credmock.RoleName)
	changes := map[string]any{name: p.runName + " " + p.sample.Word()}
	e := p.update(made.strategy, made.id, made.change(changes))
	p.expect(e.success() && p.single(e)[name] == changes[name], e, "", strconv.Itoa(e.status), "a success with the new name")
	expectLink(p, p.atDestination("get", ids[0], nil), made.id)
}

func judgeAttachUnknown(p *probe) { judgeNotAttached(p, p.unknownID()) }

func judgeAttachElsewhere(p *probe) {
	standard := defaultStrategy(p.spec)
	there := p.given(standard, with(p.full(standard), map[string]any{p.roleName(credmock.RoleEnvironment): p.second}))
	judgeNotAttached(p, there.id)
}

func judgeDestinationDeleted(p *probe) {
	standard := defaultStrategy(p.spec)
	made := p.given(standard, p.full(standard))
	e := p.createDestination(map[string]any{p.destinationProperty(credmock.RoleCredential): made.id})
	if !e.success() {
		p.skip("a destination cannot be created with a credential here")
	}
	p.atDestination("delete", p.destinationID(e), nil)
	p.expectUnchanged(made.answer, made.id)
}

// aimAtNeighbour describes a request of an operation on a neighbour, as its owner would send it.
func aimAtNeighbour(p *probe, operation *credmock.Operation) request {
	r := request{resource: operation.Resource, action: operation.Action}
	switch {
	case operation.Resource == "environment":
		r.id = strconv.Itoa(p.organization)
	case operation.Action == "create" || operation.Action == "list":
		r.id = p.environment
	default:
		r.id = p.bystander()
	}
	if operation.MediaType != "" {
		r.body = map[string]any{p.destinationProperty(credmock.RoleName): p.runName + " " + p.sample.Word()}
	}
	return r
}
