package checks

import (
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

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
			before, after := q.CredentialIn(n.Credential.Answer), q.CredentialIn(n.CredentialAfter)
			differ := q.Differences(before, after, q.Described(n.Credential.Answer))
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
	p.Add("destinations/delete/credential", "Deleting a destination leaves the credential that it used.", plan.InferredMust,
		judgeDestinationDeleted, probe.CapabilityDestinations)
	p.Add("destinations/delete/released", "A credential whose destinations are deleted can be deleted.", plan.InferredMust,
		judgeReleasedByDeletion, probe.CapabilityDestinations)
	planAttempts(p)
	planShown(p, add)
	planDestinationBodies(p)
}

// planAttempts plans which credentials can be attached.
func planAttempts(p *plan.Builder) {
	p.Add("destinations/unknown-credential", "A credential that nothing has cannot be attached.", plan.InferredShould,
		judgeAttempt(func(all attempts) attempt { return all.unknown }),
		probe.CapabilityDestinations)
	p.Add("destinations/other-environment", "A credential of another environment cannot be attached.", plan.InferredShould,
		judgeAttempt(func(all attempts) attempt { return all.elsewhere }),
		probe.CapabilityDestinations, probe.CapabilitySecond)
	p.Add("destinations/other-environment/created", "A destination cannot be created with a credential of another environment.",
		plan.InferredShould,
		judgeAttempt(func(all attempts) attempt { return all.createdElsewhere }), probe.CapabilityDestinations, probe.CapabilitySecond)
	p.Add("destinations/attach/second", "A credential of another environment can be attached to a destination there.", plan.InferredMust,
		judgeAttachedElsewhere, probe.CapabilityDestinations, probe.CapabilitySecond)
}

// planShown plans what answers show of a destination.
func planShown(p *plan.Builder, add func(id, rule string, basis credmock.Basis, judge func(*probe.Probe, *probe.Attachment))) {
	for _, action := range []string{"create", "list", "get", "update", "verify"} {
		operation := p.Spec.Operation("destination", action)
		if operation != nil && operation.Item != nil {
			add("shown/"+action, operation.ID+" shows the destination that it is about, with described types and values.", plan.DocumentedMust,
				judgeShown(action))
		}
	}
}

// judgeShown looks at the destination in answers. Null is as good as nothing.
func judgeShown(action string) func(*probe.Probe, *probe.Attachment) {
	return func(p *probe.Probe, n *probe.Attachment) {
		for _, e := range n.Answers(action) {
			if action == "verify" && e != nil && e.Refused() {
				p.Skip("the target refuses to verify a destination that nothing is behind")
			}
			if e == nil || !e.Success() {
				continue
			}
			shown, id := probe.Destination(e), rerun.RoleIn(e.Operation.Item, credmock.RoleID)
			if action == "list" {
				shown = probe.ItemWith(e, id, n.ID)
				differ := differentMembers(n.Get, probe.With(probe.Destination(n.Get), shown)) // it may show fewer
				p.Expect(e, "/payload/"+e.Operation.Member, "another value than get answered: "+differ, "what get answers").
					Holds(shown == nil || !n.Get.Success() || differ == "")
			} else {
				p.Expect(e, "/payload/"+e.Operation.Member, jsonvalue.Describe(shown, id), "the id of the destination").
					Holds(jsonvalue.Text(shown[id]) == n.ID)
			}
			expectDescribed(p, e, shown)
		}
	}
}

// expectDescribed expects a destination to have described values, and no member for a secret.
func expectDescribed(p *probe.Probe, e *wire.Exchange, shown map[string]any) {
	place := "/payload/" + e.Operation.Member
	for _, property := range p.Spec.Operation("destination", "create").Body.Properties {
		_, there := shown[property.Name]
		p.Expect(e, place, jsonvalue.Describe(shown, property.Name), "no member for what is never shown").Holds(!there || !property.Secret)
	}
	for _, property := range e.Operation.Item.Properties {
		misfit := misfitIn(property.Schema, "/"+property.Name, shown[property.Name])
		p.Expect(e, place+misfit, "a value of another type, or none of the described ones", "what the document describes").
			Holds(misfit == "")
	}
}

// misfitIn returns the pointer to a value that does not have its described type, or is not one of the described values; "" if all
// fit.
func misfitIn(schema *openapi3.Schema, at string, value any) string {
	same := func(one any) bool { return jsonvalue.Same(one, value) }
	switch {
	case value == nil || schema == nil:
		return ""
	case schema.Type != nil && !jsonvalue.Has(schema.Type.Slice(), value), len(schema.Enum) > 0 && !slices.ContainsFunc(schema.Enum, same):
		return at
	}
	members, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if misfit := misfitIn(schema.Properties[name].Value, at+"/"+name, members[name]); misfit != "" {
			return misfit
		}
	}
	return ""
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
	listed := probe.ItemWith(n.List, id, n.ID)
	if listed == nil {
		p.Fail(n.List, "/payload/"+n.List.Operation.Member, "no such destination", "the destination that was created")
		return
	}
	p.Expect(n.List, "/payload/"+n.List.Operation.Member, jsonvalue.Describe(listed, name), "the id of the credential").
		Holds(jsonvalue.Text(listed[name]) == n.Credential.ID)
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

// use is a credential that destinations use from their beginning, and what befalls it. The steps after the first delete are nil if
// that was taken.
type use struct {
	made                      *probe.Credential
	refused, kept             *wire.Exchange // delete, and the get behind it
	update, linked            *wire.Exchange // update of the credential, and the get of the destination
	rename, renamed           *wire.Exchange // update of the destination, and the get
	body                      map[string]any // of the write back
	back, after               *wire.Exchange
	refusedSecond, keptSecond *wire.Exchange // delete while a second destination uses it, and the get
	left, released            *wire.Exchange // get and delete after no destination is left
	changes                   map[string]any // of the update
}

// playUse sends the requests. A run does so once, and each check judges a part.
func playUse(p *probe.Probe) use {
	return probe.Once(p, "use", func(q *probe.Probe) use {
		defer q.DeleteOwn()
		standard, title := probe.DefaultStrategy(q.Spec), q.DestinationProperty(credmock.RoleName)
		u := use{made: q.MustCreate(standard, q.Full(standard))}
		id, first := u.made.ID, createUsing(q, u.made.ID)
		u.refused, u.kept = q.Remove(id), q.Get(id)
		if u.refused.Success() {
			return u
		}
		u.changes = map[string]any{q.RoleName(credmock.RoleName): q.RunName + " " + q.Sample.Word()}
		u.update = q.Update(standard, id, u.made.Change(u.changes))
		u.linked = q.AtDestination("get", first, nil)
		u.rename = q.AtDestination("update", first, map[string]any{title: q.RunName + " " + q.Sample.Word()})
		u.renamed = q.AtDestination("get", first, nil)
		u.body = readDestination(q, u.renamed)
		u.back, u.after = q.AtDestination("update", first, u.body), q.AtDestination("get", first, nil)
		second := createUsing(q, id)
		q.AtDestination("delete", first, nil)
		u.refusedSecond, u.keptSecond = q.Remove(id), q.Get(id)
		if !u.refusedSecond.Success() {
			q.AtDestination("delete", second, nil)
			u.left, u.released = q.Get(id), q.Remove(id)
		}
		return u
	})
}

// createUsing creates a destination that uses a credential, or ends the check.
func createUsing(p *probe.Probe, credential string) (id string) {
	e := p.CreateDestination(map[string]any{p.DestinationProperty(credmock.RoleCredential): credential})
	if !e.Success() {
		p.Skip("a destination cannot be created with a credential here")
	}
	return p.DestinationID(e)
}

// needUse is playUse for a check that needs the credential after its deletion was refused.
func needUse(p *probe.Probe) use {
	u := playUse(p)
	if u.refused.Success() {
		p.Abandon("the credential was deleted while it was in use")
	}
	return u
}

// expectInUse expects deleting a credential to be refused without effect.
func expectInUse(p *probe.Probe, before, e, after *wire.Exchange) {
	p.ExpectStatus(e, "a refusal with a 4xx: a destination uses it").Holds(e.Refused())
	p.ExpectSame(before, after)
}

func judgeInUseFromStart(p *probe.Probe) {
	u := playUse(p)
	expectInUse(p, u.made.Answer, u.refused, u.kept)
}

// latest returns the answer that shows the credential as it is after its update.
func (u use) latest() *wire.Exchange {
	if u.update.Success() {
		return u.update
	}
	return u.made.Answer
}

func judgeInUseTwice(p *probe.Probe) {
	u := needUse(p)
	expectInUse(p, u.latest(), u.refusedSecond, u.keptSecond)
}

func judgeInUseUpdate(p *probe.Probe) {
	u, name := needUse(p), p.RoleName(credmock.RoleName)
	p.ExpectStatus(u.update, "a success with the new name").Holds(u.update.Success() && p.CredentialIn(u.update)[name] == u.changes[name])
	expectLink(p, u.linked, u.made.ID)
}

func judgeDestinationMerge(p *probe.Probe) {
	u := needUse(p)
	p.ExpectStatus(u.rename, "taken").Holds(u.rename.Success())
	expectLink(p, u.renamed, u.made.ID)
}

func judgeDestinationDeleted(p *probe.Probe) {
	u := needUse(p)
	if u.left == nil {
		p.Abandon("the credential was deleted while it was in use")
	}
	p.ExpectSame(u.latest(), u.left)
}

func judgeReleasedByDeletion(p *probe.Probe) {
	u := needUse(p)
	if u.released == nil {
		p.Abandon("the credential was deleted while it was in use")
	}
	p.ExpectStatus(u.released, "a success: the destinations that used it are deleted").Holds(u.released.Success())
}

// attempts are attachments that must be refused, each with the get behind it; nil for what the target cannot be asked.
type attempts struct {
	unknown, elsewhere, createdElsewhere attempt
	there                                *wire.Exchange // create of a destination with a credential, both in another environment
	credential                           string         // the id of that credential
}

// attempt is one attachment. The get is nil for a destination that is created with a credential.
type attempt struct{ e, after *wire.Exchange }

// playAttempts sends the attachments. A run does so once.
func playAttempts(p *probe.Probe) attempts {
	return probe.Once(p, "attempts", func(q *probe.Probe) (all attempts) {
		defer q.DeleteOwn()
		link, id := q.DestinationProperty(credmock.RoleCredential), ""
		try := func(credential string) attempt {
			if id == "" {
				id = q.DestinationID(q.CreateDestination(nil))
			}
			one := attempt{q.AtDestination("update", id, map[string]any{link: credential}), q.AtDestination("get", id, nil)}
			if !one.after.Success() || jsonvalue.Text(probe.Destination(one.after)[link]) != "" {
				id = "" // the next one begins anew
			}
			return one
		}
		all.unknown = try(q.UnknownID())
		if q.Capabilities[probe.CapabilitySecond].Present && q.Visit(q.Second).Made.ID != "" {
			standard := probe.DefaultStrategy(q.Spec)
			there := q.MustCreate(standard, probe.With(q.Full(standard), map[string]any{q.RoleName(credmock.RoleEnvironment): q.Second}))
			all.elsewhere = try(there.ID)
			all.createdElsewhere.e = q.CreateDestination(map[string]any{link: there.ID})
			all.credential = there.ID
			all.there = q.CreateDestinationIn(q.Second, map[string]any{link: there.ID})
		}
		return all
	})
}

// judgeAttachedElsewhere expects a destination to use a credential of its environment, if one can be created with a credential.
func judgeAttachedElsewhere(p *probe.Probe) {
	all := playAttempts(p)
	if needUse(p); all.there == nil {
		p.Skip("the token may not write in another environment")
	}
	if p.ExpectStatus(all.there, "taken").Holds(all.there.Success()) {
		expectLink(p, all.there, all.credential)
	}
}

// judgeAttempt expects an attachment to be refused, and nothing attached.
func judgeAttempt(of func(attempts) attempt) func(*probe.Probe) {
	return func(p *probe.Probe) {
		one := of(playAttempts(p))
		if one.e == nil {
			p.Skip("the token may not write in another environment")
		}
		p.ExpectStatus(one.e, "a refusal").Holds(one.e.Refused())
		if one.after != nil {
			expectLink(p, one.after, "")
		}
	}
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
