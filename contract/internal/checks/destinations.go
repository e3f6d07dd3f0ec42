package checks

import (
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
)

// planDestinations plans that a credential in use cannot be deleted (docs/contract.md#credential-in-use), and the rules of
// attaching.
func planDestinations(p *plan.Builder) {
	if p.Spec.Operation("destination", "create") == nil {
		return
	}
	add := func(id, rule string, basis credmock.Basis, judge func(*probe.Probe, *probe.Attachment)) {
		p.Add("destinations/"+id, rule, basis, func(q *probe.Probe) { judge(q, q.Attachment().Need(q)) }, probe.CapabilityDestinations)
	}
	add("attach", "A credential can be attached to a destination of its environment.", plan.DocumentedMust, judgeAttach)
	add("in-use/refused", "Deleting a credential that a destination uses is refused.", plan.DocumentedMust,
		func(q *probe.Probe, n *probe.Attachment) {
			q.ExpectStatus(n.RefusedDelete, "a refusal with a 4xx").Holds(n.RefusedDelete.Refused())
		})
	add("in-use/credential", "A credential whose deletion was refused is still there.", plan.DocumentedMust,
		func(q *probe.Probe, n *probe.Attachment) {
			differ := jsonvalue.Differences(q.CredentialIn(n.Credential.Answer), q.CredentialIn(n.CredentialAfter), q.Described(n.Credential.Answer))
			q.Expect(n.CredentialAfter, "/payload", strconv.Itoa(n.CredentialAfter.Status)+": "+probe.OrUnreadable(differ),
				"the credential as it was").Holds(n.CredentialAfter.Success() && differ == "")
		})
	add("in-use/link", "A destination still uses a credential whose deletion was refused.", plan.DocumentedMust,
		func(q *probe.Probe, n *probe.Attachment) {
			expectLink(q, n.LinkAfter, n.Credential.ID)
		})
	add("list/link", "The list of destinations shows the credential that one uses.", plan.DocumentedMust, judgeListedLink)
	p.Add("destinations/update/merge", "Renaming a destination leaves the credential that it uses.", plan.InferredMust, judgeDestinationMerge,
		probe.CapabilityDestinations)
	add("detach", "null detaches a credential.", plan.RuledShould, func(q *probe.Probe, n *probe.Attachment) {
		q.ExpectStatus(n.Detach, "taken").Holds(n.Detach.Success())
		expectLink(q, n.Detach, "")
	})
	add("in-use/released", "A credential that no destination uses any more can be deleted.", plan.InferredMust, judgeReleased)
	p.Add("destinations/in-use/created", "Deleting a credential that a destination was created with is refused.", plan.DocumentedMust,
		judgeInUseFromStart, probe.CapabilityDestinations)
	p.Add("destinations/in-use/second", "Deleting a credential is refused as long as one of two destinations uses it.", plan.DocumentedMust,
		judgeInUseTwice, probe.CapabilityDestinations)
	p.Add("destinations/in-use/update", "A credential that a destination uses can be updated.", plan.InferredMust, judgeInUseUpdate,
		probe.CapabilityDestinations)
	p.Add("destinations/unknown-credential", "A credential that nothing has cannot be attached.", plan.InferredShould, judgeAttachUnknown,
		probe.CapabilityDestinations)
	p.Add("destinations/other-environment", "A credential of another environment cannot be attached.", plan.InferredShould,
		judgeAttachElsewhere,
		probe.CapabilityDestinations, probe.CapabilitySecond)
	p.Add("destinations/other-environment/created", "A destination cannot be created with a credential of another environment.",
		plan.InferredShould,
		judgeCreatedElsewhere, probe.CapabilityDestinations, probe.CapabilitySecond)
	p.Add("destinations/delete/credential", "Deleting a destination leaves the credential that it used.", plan.InferredMust,
		judgeDestinationDeleted, probe.CapabilityDestinations)
	planDestinationBodies(p)
}

// expectLink expects a destination to use the credential with an id, or none if the id is empty.
func expectLink(p *probe.Probe, e *wire.Exchange, id string) {
	name := p.DestinationProperty(credmock.RoleCredential)
	linked := jsonvalue.Text(probe.Destination(e)[name])
	p.Expect(e, "/payload/"+e.Operation.Member, jsonvalue.Describe(probe.Destination(e), name), "the link as it should be").
		Holds(e.Success() && linked == id)
}

func judgeAttach(p *probe.Probe, n *probe.Attachment) {
	p.ExpectStatus(n.Attach, "taken").Holds(n.Attach.Success())
	expectLink(p, n.Attach, n.Credential.ID)
	expectLink(p, n.Get, n.Credential.ID)
}

func judgeListedLink(p *probe.Probe, n *probe.Attachment) {
	name, id := p.DestinationProperty(credmock.RoleCredential), rerun.RoleIn(n.List.Operation.Item, credmock.RoleID)
	for _, item := range probe.Items(n.List) {
		if jsonvalue.Text(jsonvalue.Member(item, id)) == n.ID {
			listed, _ := item.(map[string]any)
			p.Expect(n.List, "/payload/"+n.List.Operation.Member, jsonvalue.Describe(listed, name), "the id of the credential").
				Holds(jsonvalue.Text(listed[name]) == n.Credential.ID)
			return
		}
	}
	p.Fail(n.List, "/payload/"+n.List.Operation.Member, "no such destination", "the destination that was created")
}

func judgeDestinationMerge(p *probe.Probe) {
	made, ids := inUse(p, 1)
	e := p.AtDestination("update", ids[0], map[string]any{p.DestinationProperty(credmock.RoleName): p.RunName + " " + p.Sample.Word()})
	p.ExpectStatus(e, "taken").Holds(e.Success())
	expectLink(p, p.AtDestination("get", ids[0], nil), made.ID)
}

func judgeReleased(p *probe.Probe, n *probe.Attachment) {
	if !n.Detach.Success() || jsonvalue.Text(probe.Destination(n.GetDetached)[p.DestinationProperty(credmock.RoleCredential)]) != "" {
		p.Skip("null does not detach here")
	}
	if n.RefusedDelete.Success() {
		p.Skip("the credential was deleted while it was in use")
	}
	p.ExpectStatus(n.DeleteDetached, "a success: nothing uses it").Holds(n.DeleteDetached.Success())
}

func judgeNotAttached(p *probe.Probe, credentialID string) {
	made := p.CreateDestination(nil)
	id := p.DestinationID(made)
	e := p.AtDestination("update", id, map[string]any{p.DestinationProperty(credmock.RoleCredential): credentialID})
	p.ExpectStatus(e, "a refusal").Holds(e.Refused())
	expectLink(p, p.AtDestination("get", id, nil), "")
}

// inUse creates a credential, and destinations that use it from the beginning.
func inUse(p *probe.Probe, destinations int) (made *probe.Credential, ids []string) {
	standard := probe.DefaultStrategy(p.Spec)
	made = p.MustCreate(standard, p.Full(standard))
	for range destinations {
		e := p.CreateDestination(map[string]any{p.DestinationProperty(credmock.RoleCredential): made.ID})
		if !e.Success() {
			p.Skip("a destination cannot be created with a credential here")
		}
		ids = append(ids, p.DestinationID(e))
	}
	return made, ids
}

// expectInUse expects deleting the credential to be refused without effect.
func expectInUse(p *probe.Probe, made *probe.Credential) {
	e := p.Remove(made.ID)
	p.ExpectStatus(e, "a refusal with a 4xx: a destination uses it").Holds(e.Refused())
	p.ExpectUnchanged(made.Answer, made.ID)
}

func judgeInUseFromStart(p *probe.Probe) {
	made, _ := inUse(p, 1)
	expectInUse(p, made)
}

func judgeInUseTwice(p *probe.Probe) {
	made, ids := inUse(p, 2)
	p.AtDestination("delete", ids[0], nil)
	expectInUse(p, made)
}

func judgeInUseUpdate(p *probe.Probe) {
	made, ids := inUse(p, 1)
	name := p.RoleName(credmock.RoleName)
	changes := map[string]any{name: p.RunName + " " + p.Sample.Word()}
	e := p.Update(made.Strategy, made.ID, made.Change(changes))
	p.ExpectStatus(e, "a success with the new name").Holds(e.Success() && p.CredentialIn(e)[name] == changes[name])
	expectLink(p, p.AtDestination("get", ids[0], nil), made.ID)
}

func judgeAttachUnknown(p *probe.Probe) { judgeNotAttached(p, p.UnknownID()) }

func judgeAttachElsewhere(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	there := p.MustCreate(standard, probe.With(p.Full(standard), map[string]any{p.RoleName(credmock.RoleEnvironment): p.Second}))
	judgeNotAttached(p, there.ID)
}

// judgeCreatedElsewhere creates a destination with a credential of another environment.
func judgeCreatedElsewhere(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	there := p.MustCreate(standard, probe.With(p.Full(standard), map[string]any{p.RoleName(credmock.RoleEnvironment): p.Second}))
	e := p.CreateDestination(map[string]any{p.DestinationProperty(credmock.RoleCredential): there.ID})
	p.ExpectStatus(e, "a refusal").Holds(e.Refused())
}

func judgeDestinationDeleted(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	e := p.CreateDestination(map[string]any{p.DestinationProperty(credmock.RoleCredential): made.ID})
	if !e.Success() {
		p.Skip("a destination cannot be created with a credential here")
	}
	p.AtDestination("delete", p.DestinationID(e), nil)
	p.ExpectUnchanged(made.Answer, made.ID)
}

// requestOf returns a request for an operation on another resource than credentials, as its owner would send it.
func requestOf(p *probe.Probe, operation *credmock.Operation) probe.Request {
	r := probe.Request{Resource: operation.Resource, Action: operation.Action}
	switch {
	case operation.Resource == "environment":
		r.ID = strconv.Itoa(p.Organization)
	case operation.Action == "create" || operation.Action == "list":
		r.ID = p.Environment
	default:
		r.ID = p.SpareDestination()
	}
	if operation.MediaType != "" {
		r.Body = map[string]any{p.DestinationProperty(credmock.RoleName): p.RunName + " " + p.Sample.Word()}
	}
	return r
}
