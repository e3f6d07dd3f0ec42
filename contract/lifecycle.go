package contract

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// planLifecycle plans the life of a credential from its creation to its end.
func planLifecycle(p *planner) {
	for _, strategy := range p.spec.Strategies {
		basis := documentedMust
		add := func(id, rule string, judge func(*probe)) {
			p.add(p.of(strategy, "lifecycle/"+id), rule+" ("+strategy.Name+")", basis, judge)
		}
		add("create", "A complete body creates a credential.", judgeStep(strategy, func(j *journey) []*exchange { return []*exchange{j.create, j.createBare} }))
		add("get", "A created credential can be read.", judgeStep(strategy, func(j *journey) []*exchange { return []*exchange{j.get, j.getBare} }))
		add("list", "A created credential stands in the list, once.", judgeListed(strategy))
		add("update", "A created credential can be updated.", judgeStep(strategy, func(j *journey) []*exchange { return []*exchange{j.update, j.getUpdated} }))
		add("delete", "A created credential can be deleted.", judgeStep(strategy, func(j *journey) []*exchange { return []*exchange{j.remove} }))
		add("delete/get", "A deleted credential cannot be read.", judgeGone(strategy))
		add("delete/list", "A deleted credential does not stand in the list.", judgeUnlisted(strategy))
		add("delete/twice", "A deleted credential cannot be deleted again.", judgeDeletedTwice(strategy))
		add("read/twice", "get and list answer the same when nothing changed between.", judgeReadTwice(strategy))
		add("distinct", "Two credentials have different ids.", judgeDistinct(strategy))
	}
	p.add("lifecycle/create/read-only", "create does not take what the server owns from a body: it ignores it or refuses.", ruledMust, judgeReadOnly)
	for _, action := range []string{"get", "update", "delete"} {
		p.add("lifecycle/"+action+"/unknown", action+" with an id that nothing has is refused.", documentedMust, judgeUnknown(action))
	}
	p.add("lifecycle/list/unknown", "list of an environment that nothing has is refused.", ruledShould, judgeUnknownEnvironment)
	p.add("lifecycle/list/other", "A credential does not stand in the list of another environment.", inferredMust, judgeOtherEnvironment, capabilitySecond)
	p.add("lifecycle/list/fields", "A list item holds metadata, and no field of a strategy.", documentedShould, judgeListFields)
	p.add("lifecycle/delete/neighbour", "Deleting one credential leaves another as it was.", inferredMust, judgeNeighbour(func(q *probe, made *credential) { q.remove(made.id) }))
	p.add("lifecycle/update/neighbour", "Updating one credential leaves another as it was.", inferredMust, judgeNeighbour(func(q *probe, made *credential) {
		q.update(made.strategy, made.id, q.forUpdate(q.full(made.strategy)))
	}))
	p.addReview("lifecycle/bystanders", "What was there before the run, and is not ours, is there afterwards as it was.", inferredShould,
		(*probe).travelAll, reviewBystanders)
	for _, action := range actions {
		p.addReview("lifecycle/"+action+"/status", "A success of "+action+" has the usual status.", ruledShould, (*probe).travelAll, reviewStatus(action))
	}
}

// judgeStep wants steps of a journey to succeed.
func judgeStep(strategy *credmock.Strategy, steps func(*journey) []*exchange) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		for _, e := range steps(j) {
			if e == nil {
				p.reached(j, nil, "the step")
			}
			if e.status == 401 || e.status == 403 || e.status == 429 || e.status == 503 {
				p.abandon("%s %s answered %d", foreign.Own(e.method), foreign.Own(e.template), e.status)
			}
			p.expect(e.success(), e, "", strconv.Itoa(e.status), "200, or 201 where it creates")
			p.expect(e.operation.Action != "create" || !e.success() || e.id != "", e, "/payload", "no id", "the id of the new credential")
		}
	}
}

func judgeReadOnly(p *probe) {
	standard := defaultStrategy(p.spec)
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
	e := p.create(standard, with(p.full(standard), forged))
	p.pass()
	for name, value := range forged {
		p.expect(!e.success() || p.single(e)[name] != value, e, "/payload/"+name, "the value that the body gave", "the server's own")
	}
}

func judgeListed(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		e := p.reached(j, j.list, "list")
		times := 0
		for _, item := range items(e) {
			if textOf(member(item, p.roleName(credmock.RoleID))) == j.id {
				times++
			}
		}
		p.expect(times == 1, e, "/payload/"+e.operation.Member, strconv.Itoa(times)+" items with the id", "one")
	}
}

func judgeGone(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		p.reached(j, j.remove, "delete")
		e := j.getRemoved
		if e == nil {
			p.reached(j, nil, "get of a deleted one")
		}
		if e.success() && !p.ours(j, e) {
			p.pass()
			return
		}
		p.expectRefused(e, gone...)
	}
}

func judgeUnlisted(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		p.reached(j, j.remove, "delete")
		e := p.reached(j, j.listRemoved, "list")
		item := p.listed(e, j.id)
		name := p.roleName(credmock.RoleName)
		p.expect(item == nil || item[name] != j.changed[name] && item[name] != j.sent[name], e, "/payload/"+e.operation.Member, "the deleted credential", "nothing of it")
	}
}

func judgeDeletedTwice(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		p.reached(j, j.remove, "delete")
		if j.reremove == nil && p.serial {
			p.skip("the target gives ids again: a second delete could hit somebody else's credential")
		}
		if j.reremove == nil {
			p.reached(j, nil, "a second delete")
		}
		p.expectRefused(j.reremove, gone...)
	}
}

func judgeReadTwice(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		first, second := p.reached(j, j.get, "get"), p.reached(j, j.getAgain, "a second get")
		differ := differences(p.single(first), p.single(second), p.described(first))
		p.expect(differ == "", second, "/payload", "another answer than a moment ago: "+differ, "the same answer")
		list, again := p.reached(j, j.list, "list"), p.reached(j, j.listAgain, "a second list")
		one, two := p.listed(list, j.id), p.listed(again, j.id)
		differ = differences(one, two, p.metadata)
		p.expect(differ == "", again, "/payload", "another item than a moment ago: "+differ, "the same item")
	}
}

func judgeDistinct(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		p.reached(j, j.createBare, "a second create")
		p.expect(j.id != j.bareID, j.createBare, "/payload", "the id of another credential that is still there", "an id of its own")
	}
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func judgeUnknown(action string) func(*probe) {
	return func(p *probe) {
		ids := []string{p.unknownID()}
		if uuidForm.MatchString(ids[0]) {
			ids = append(ids, p.sample.UUID()) // one that never was: of this form it can be nobody else's
		}
		for _, id := range ids {
			r := request{action: action, id: id}
			if action == "update" {
				r.body = p.forUpdate(p.full(defaultStrategy(p.spec)))
			}
			p.expectRefused(p.do(r), gone...)
		}
	}
}

func judgeUnknownEnvironment(p *probe) {
	p.expectRefused(p.listOf(p.unknownEnvironment()), 404, 403, 400)
}

func judgeOtherEnvironment(p *probe) {
	strategy := defaultStrategy(p.spec)
	made := p.given(strategy, p.minimal(strategy))
	e := p.listOf(p.second)
	if !e.success() {
		p.abandon("the list of another environment answered %d", e.status)
	}
	p.expect(p.listed(e, made.id) == nil, e, "/payload/"+e.operation.Member, "a credential of another environment", "those of the environment alone")
	there := p.given(strategy, with(p.minimal(strategy), map[string]any{p.roleName(credmock.RoleEnvironment): p.second}))
	e = p.settle(func() *exchange { return p.listOf(p.second) }, func(e *exchange) bool { return p.listed(e, there.id) != nil })
	p.expect(p.listed(e, there.id) != nil, e, "/payload/"+e.operation.Member, "no such credential", "the credential that was created in it")
}

func judgeListFields(p *probe) {
	names := p.metadata
	credentialsIn(p, "list", func(e *exchange, item map[string]any) {
		for _, strategy := range p.spec.Strategies {
			for _, field := range strategy.Fields {
				p.expect(missing(item, field.Name) || slices.Contains(names, field.Name), e, "/payload/"+e.operation.Member, shown(item, field.Name), "metadata alone")
			}
		}
	})
}

func judgeNeighbour(act func(*probe, *credential)) func(*probe) {
	return func(p *probe) {
		strategies := p.spec.Strategies
		for _, strategy := range []*credmock.Strategy{defaultStrategy(p.spec), strategies[len(strategies)-1]} {
			one, two := p.given(strategy, p.full(strategy)), p.given(strategy, p.full(strategy))
			act(p, one)
			p.expectUnchanged(two.answer, two.id)
		}
	}
}

func reviewStatus(action string) func(*probe) {
	return func(p *probe) {
		for _, e := range p.everything() {
			if e.operation != nil && nameOf(e.operation) == action && p.canJudge(e) && e.success() {
				p.expect(e.status == 200 || action == "create" && e.status == 201, e, "", strconv.Itoa(e.status), "200, or 201 on create")
			}
		}
	}
}
