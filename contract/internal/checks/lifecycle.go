package checks

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
)

// planLifecycle plans the life of a credential from creation to deletion.
func planLifecycle(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		basis := plan.DocumentedMust
		add := func(id, rule string, judge func(*probe.Probe)) {
			p.Add(p.Of(strategy, "lifecycle/"+id), rule+" ("+strategy.Name+")", basis, judge)
		}
		add("create", "A complete body creates a credential.",
			judgeStep(strategy, func(j *probe.Journey) []*wire.Exchange { return []*wire.Exchange{j.Create, j.CreateBare} }))
		add("get", "A created credential can be read.",
			judgeStep(strategy, func(j *probe.Journey) []*wire.Exchange { return []*wire.Exchange{j.Get, j.GetBare} }))
		add("list", "A created credential stands in the list, once.", judgeListed(strategy))
		add("update", "A created credential can be updated.",
			judgeStep(strategy, func(j *probe.Journey) []*wire.Exchange { return []*wire.Exchange{j.Update, j.GetUpdated} }))
		add("delete", "A created credential can be deleted.",
			judgeStep(strategy, func(j *probe.Journey) []*wire.Exchange { return []*wire.Exchange{j.Remove} }))
		add("delete/get", "A deleted credential cannot be read.", judgeGone(strategy))
		add("delete/list", "A deleted credential does not stand in the list.", judgeUnlisted(strategy))
		add("delete/twice", "A deleted credential cannot be deleted again.", judgeDeletedTwice(strategy))
		add("read/twice", "get and list answer the same when nothing changed between.", judgeReadTwice(strategy))
		add("list/same", "An item of the list shows what get shows.", judgeListedSame(strategy))
		add("distinct", "Two credentials have different ids.", judgeDistinct(strategy))
	}
	p.Add("lifecycle/create/read-only", "create does not take what the server owns from a body: it ignores it or refuses.", plan.RuledMust,
		judgeReadOnly)
	for _, action := range []string{"get", "update", "delete"} {
		p.Add("lifecycle/"+action+"/unknown", action+" with an id that nothing has is refused.", plan.DocumentedMust, judgeUnknown(action))
	}
	p.Add("lifecycle/list/unknown", "list of an environment that nothing has is refused.", plan.RuledShould, judgeUnknownEnvironment)
	p.Add("lifecycle/list/other", "A credential does not stand in the list of another environment.", plan.InferredMust, judgeOtherEnvironment,
		probe.CapabilitySecond)
	p.Add("lifecycle/list/fields", "A list item holds metadata, and no field of a strategy.", plan.DocumentedShould, judgeListFields)
	p.Add("lifecycle/delete/neighbour", "Deleting one credential leaves another as it was.", plan.InferredMust,
		judgeOtherKept(func(n neighbours) *wire.Exchange { return n.afterDelete }))
	p.Add("lifecycle/update/neighbour", "Updating one credential leaves another as it was.", plan.InferredMust,
		judgeOtherKept(func(n neighbours) *wire.Exchange { return n.afterUpdate }))
	p.AddReview("lifecycle/bystanders", "What was there before the run, and is not ours, is there afterwards as it was.", plan.InferredShould,
		(*probe.Probe).RunJourneys, probe.ReviewBystanders)
	for _, action := range probe.Actions {
		p.AddReview("lifecycle/"+action+"/status", "A success of "+action+" has the usual status.", plan.RuledShould, (*probe.Probe).
			RunJourneys, reviewStatus(action))
	}
}

// judgeStep expects steps of a journey to succeed.
func judgeStep(strategy *credmock.Strategy, steps func(*probe.Journey) []*wire.Exchange) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		for _, e := range steps(j) {
			if e == nil {
				p.Reached(j, nil, "the step")
			}
			if e.Status == 401 || e.Status == 403 || e.Status == 429 || e.Status == 503 {
				p.Abandon("%s %s answered %d", foreign.Own(e.Method), foreign.Own(e.Template), e.Status)
			}
			p.ExpectStatus(e, "200, or 201 where it creates").Holds(e.Success())
			p.Expect(e, "/payload", "no id", "the id of the new credential").Holds(e.Operation.Action != "create" || !e.Success() || e.ID != "")
		}
	}
}

func judgeReadOnly(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	forged := map[string]any{}
	for _, property := range standard.Create.Properties {
		switch {
		case !property.ReadOnly || property.FlagOf != "":
		case property.Schema.Format == "date-time":
			forged[property.Name] = "2001-02-03T04:05:06.789Z"
		default:
			forged[property.Name] = "00000000-0000-4000-8000-" + "000000000118"
		}
	}
	e := p.Create(standard, probe.With(p.Full(standard), forged))
	p.Pass()
	for name, value := range forged {
		p.Expect(e, "/payload/"+name, "the value that the body gave", "the server's own").Holds(!e.Success() || p.CredentialIn(e)[name] != value)
	}
}

func judgeListed(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		e := p.Reached(j, j.List, "list")
		times := 0
		for _, item := range probe.Items(e) {
			if jsonvalue.Text(jsonvalue.Member(item, p.RoleName(credmock.RoleID))) == j.ID {
				times++
			}
		}
		p.Expect(e, "/payload/"+e.Operation.Member, strconv.Itoa(times)+" items with the id", "one").Holds(times == 1)
	}
}

func judgeGone(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		p.Reached(j, j.Remove, "delete")
		e := j.GetRemoved
		if e == nil {
			p.Reached(j, nil, "get of a deleted one")
		}
		if e.Success() && !p.IsOwn(j, e) {
			p.Pass()
			return
		}
		p.ExpectRefused(e, probe.GoneStatuses...)
	}
}

func judgeUnlisted(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		p.Reached(j, j.Remove, "delete")
		e := p.Reached(j, j.ListRemoved, "list")
		item := p.Listed(e, j.ID)
		name := p.RoleName(credmock.RoleName)
		p.Expect(e, "/payload/"+e.Operation.Member, "the deleted credential", "nothing of it").
			Holds(item == nil || item[name] != j.Changed[name] && item[name] != j.Sent[name])
	}
}

func judgeDeletedTwice(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		p.Reached(j, j.Remove, "delete")
		if j.Reremove == nil && p.Serial {
			p.Skip("the target gives ids again: a second delete could hit somebody else's credential")
		}
		if j.Reremove == nil {
			p.Reached(j, nil, "a second delete")
		}
		p.ExpectRefused(j.Reremove, probe.GoneStatuses...)
	}
}

func judgeReadTwice(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		first, second := p.Reached(j, j.Get, "get"), p.Reached(j, j.GetAgain, "a second get")
		differ := jsonvalue.Differences(p.CredentialIn(first), p.CredentialIn(second), p.Described(first))
		p.Expect(second, "/payload", "another answer than a moment ago: "+differ, "the same answer").
			Beside(p.CredentialIn(first), p.CredentialIn(second), p.Described(first)...).Holds(differ == "")
		list, again := p.Reached(j, j.List, "list"), p.Reached(j, j.ListAgain, "a second list")
		one, two := p.Listed(list, j.ID), p.Listed(again, j.ID)
		differ = jsonvalue.Differences(one, two, p.Metadata)
		p.Expect(again, "/payload", "another item than a moment ago: "+differ, "the same item").
			Beside(one, two, p.Metadata...).Holds(differ == "")
	}
}

// judgeListedSame compares items of the list with answers of get. Times may be written in other forms.
func judgeListedSame(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		compare := func(get, list *wire.Exchange) {
			shown, item := p.CredentialIn(get), p.Listed(list, j.ID)
			names := slices.DeleteFunc(slices.Clone(p.Metadata), func(name string) bool {
				return jsonvalue.IsMissing(item, name) || jsonvalue.IsMissing(shown, name)
			})
			differ := p.Differences(shown, item, names)
			p.Expect(list, "/payload/"+list.Operation.Member, "another value than get answered: "+differ, "what get answers").
				Beside(shown, item, names...).Holds(differ == "")
		}
		compare(p.Reached(j, j.GetAgain, "a second get"), p.Reached(j, j.ListAgain, "a second list"))
		compare(p.Reached(j, j.GetUpdated, "get"), p.Reached(j, j.ListUpdated, "list"))
	}
}

func judgeDistinct(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		p.Reached(j, j.CreateBare, "a second create")
		p.Expect(j.CreateBare, "/payload", "the id of another credential that is still there", "an id of its own").Holds(j.ID != j.BareID)
	}
}

var uuidForm = lazy.Regexp(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func judgeUnknown(action string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		ids := []string{p.UnknownID()}
		if action != "get" { // a target may refuse a write of what another check writes at the same time
			ids[0] = p.GoneID()
		}
		if uuidForm().MatchString(ids[0]) {
			ids = append(ids, p.Sample.UUID()) // a random id of this form belongs to nobody
		}
		for _, id := range ids {
			r := probe.Request{Action: action, ID: id}
			if action == "update" {
				r.Body = p.ForUpdate(p.Full(probe.DefaultStrategy(p.Spec)))
			}
			p.ExpectRefused(p.Do(r), probe.GoneStatuses...)
		}
	}
}

func judgeUnknownEnvironment(p *probe.Probe) {
	p.ExpectRefused(p.ListOf(p.UnknownEnvironment()), 404, 403, 400)
}

func judgeOtherEnvironment(p *probe.Probe) {
	here := p.Standing(probe.DefaultStrategy(p.Spec))
	v := p.Visit(p.Second)
	if !v.Before.Success() {
		p.Abandon("the list of another environment answered %d", v.Before.Status)
	}
	place := "/payload/" + v.Before.Operation.Member
	p.Expect(v.Before, place, "a credential of another environment", "those of the environment alone").
		Holds(p.Listed(v.Before, here.ID) == nil)
	switch {
	case v.Made.Answer.Refused(401, 403, 404):
		p.Skip("the token may not write in another environment: create answered %d", v.Made.Answer.Status)
	case v.Made.ID == "":
		p.Abandon("it needs a credential in another environment, and create answered %d", v.Made.Answer.Status)
	}
	item, environment := p.Listed(v.With, v.Made.ID), p.RoleName(credmock.RoleEnvironment)
	p.Expect(v.With, place, "no such credential", "the credential that was created in it").Holds(item != nil)
	p.Expect(v.With, place, jsonvalue.Describe(item, environment), "the environment that was asked for").
		Holds(item == nil || jsonvalue.IsMissing(item, environment) || jsonvalue.Same(item[environment], p.Second))
	p.ExpectUnchanged(here.Answer, here.ID) // although its namesake was deleted
}

func judgeListFields(p *probe.Probe) {
	names := p.Metadata
	credentialsIn(p, "list", func(e *wire.Exchange, item map[string]any) {
		for _, strategy := range p.Spec.Strategies {
			for _, field := range strategy.Fields {
				p.Expect(e, "/payload/"+e.Operation.Member, jsonvalue.Describe(item, field.Name), "metadata alone").
					Holds(jsonvalue.IsMissing(item, field.Name) || slices.Contains(names, field.Name))
			}
		}
	})
}

// neighbours is a credential, and what get answers of it after another one was updated, and deleted.
type neighbours struct {
	kept                     *probe.Credential
	afterUpdate, afterDelete *wire.Exchange
}

func playNeighbours(p *probe.Probe, strategy *credmock.Strategy) neighbours {
	return probe.Once(p, "neighbours/"+strategy.Name, func(q *probe.Probe) neighbours {
		defer q.DeleteOwn()
		one, n := q.MustCreate(strategy, q.Full(strategy)), neighbours{}
		n.kept = q.MustCreate(strategy, q.Full(strategy))
		q.Update(strategy, one.ID, q.ForUpdate(q.Full(strategy)))
		n.afterUpdate = q.Get(n.kept.ID)
		q.Remove(one.ID)
		n.afterDelete = q.Get(n.kept.ID)
		return n
	})
}

func judgeOtherKept(after func(neighbours) *wire.Exchange) func(*probe.Probe) {
	return func(p *probe.Probe) {
		strategies := p.Spec.Strategies
		for _, strategy := range []*credmock.Strategy{probe.DefaultStrategy(p.Spec), strategies[len(strategies)-1]} {
			n := playNeighbours(p, strategy)
			p.ExpectSame(n.kept.Answer, after(n))
		}
	}
}

func reviewStatus(action string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range p.All() {
			if e.Operation != nil && probe.NameOf(e.Operation) == action && p.CanJudge(e) && e.Success() {
				isDescribed := e.Status == e.Operation.Status // such as 204 for a delete
				p.ExpectStatus(e, "200, or 201 on create").Holds(e.Status == 200 || action == "create" && e.Status == 201 || isDescribed)
			}
		}
	}
}
