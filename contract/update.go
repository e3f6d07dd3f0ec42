package contract

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// planUpdate plans what an update changes, and what it leaves (docs/contract.md#update).
func planUpdate(p *planner) {
	for _, strategy := range p.spec.Strategies {
		add := func(id, rule string, basis credmock.Basis, judge func(*probe)) {
			p.add(p.of(strategy, "update/"+id), rule+" ("+strategy.Name+")", basis, judge)
		}
		add("answer", "The answer of an update is what the next get answers.", documentedMust, judgeUpdateAnswer(strategy))
		add("merge", "A field that an update leaves out keeps its value.", inferredMust, judgeMerge(strategy))
		if len(optional(strategy)) > 0 {
			add("null", "null clears an optional field.", ruledShould, judgeNull(strategy))
		}
		p.addReview(p.of(strategy, "update/write-back"), "A body as get answered it can be written back with a change. ("+strategy.Name+")", ruledShould,
			func(q *probe) { q.alone(p.of(strategy, "update/written-back"), judgeWrittenBack(strategy)) }, reviewWriteBack(p.of(strategy, "update/written-back")))
		add("written-back", "Writing a read body back changes nothing else, and no secret.", ruledMust, judgeWrittenBack(strategy))
	}
	for _, property := range defaultStrategy(p.spec).Shown.Properties {
		if !property.Immutable {
			continue
		}
		name := property.Name
		p.add("update/stable/"+name, name+" is the same after an update that does not speak of it.", inferredMust, judgeStable(name))
		p.add("update/fixed/"+name, "An update that would change "+name+" is refused, and changes nothing.", ruledShould, judgeFixed(property))
		p.add("update/repeat/"+name, "An update may repeat the stored "+name+".", ruledShould, judgeRepeat(name))
	}
	updated := roleIn(defaultStrategy(p.spec).Shown, credmock.RoleUpdateTime)
	p.add("update/time/"+updated, updated+" does not go back.", inferredShould, judgeUpdateTime)
}

func judgeUpdateAnswer(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		update, get := p.reached(j, j.update, "update"), p.reached(j, j.getUpdated, "get")
		differ := differences(p.single(update), p.single(get), p.described(update))
		p.expect(differ == "", get, "/payload", "differs from the answer of the update: "+differ, "the same credential")
	}
}

func judgeMerge(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		before := p.get(made.id)
		name := p.roleName(credmock.RoleName)
		e := p.updated(made, map[string]any{name: p.runName + " " + p.sample.Word()})
		kept := without(p.single(before), name, p.roleName(credmock.RoleUpdateTime))
		for _, answer := range []*exchange{e, p.get(made.id)} {
			differ := differences(kept, without(p.single(answer), name, p.roleName(credmock.RoleUpdateTime)), p.describedIn(kept))
			p.expect(differ == "", answer, "/payload", "changed although the update left it out: "+differ, "the values that were stored")
		}
	}
}

func judgeNull(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		changes := map[string]any{}
		for _, field := range public(strategy) {
			if _, sent := made.sent[field.Name]; sent && field.Nullable {
				changes[field.Name] = nil
			}
		}
		e := p.update(strategy, made.id, made.change(changes))
		if !p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken: null clears an optional field") {
			return
		}
		for _, answer := range []*exchange{e, p.get(made.id)} {
			for name := range changes {
				p.expect(missing(p.single(answer), name), answer, "/payload/"+name, shown(p.single(answer), name), "absent or null")
			}
		}
	}
}

// readBody returns a credential as get answers it, with a new name.
func readBody(p *probe, made *credential) (before *exchange, body map[string]any) {
	before = p.get(made.id)
	body = maps.Clone(p.single(before))
	if body == nil {
		p.abandon("get has no credential in its payload")
	}
	if before.condensed || before.size > mebibyte {
		p.abandon("what get answered is too large to be written back")
	}
	body[p.roleName(credmock.RoleName)] = p.runName + " " + p.sample.Word()
	return before, body
}

// reviewWriteBack looks at what came of the check that writes back.
func reviewWriteBack(id string) func(*probe) {
	return func(p *probe) {
		for _, e := range p.everything() {
			if e.scope == id && e.operation.Action == "update" && p.canJudge(e) {
				p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken: read, edit, write back works")
			}
		}
	}
}

func judgeWrittenBack(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		before, body := readBody(p, made)
		e := p.update(strategy, made.id, body)
		name, time := p.roleName(credmock.RoleName), p.roleName(credmock.RoleUpdateTime)
		kept := without(p.single(before), name, time)
		after := p.get(made.id)
		differ := differences(kept, without(p.single(after), name, time), p.describedIn(kept))
		p.expect(differ == "", after, "/payload", "changed by writing back what was read: "+differ, "everything but the edit as before")
		p.expect(!e.success() || p.single(after)[name] == body[name], after, "/payload/"+name, "not the name that was written", "the edit")
	}
}

func judgeStable(name string) func(*probe) {
	return func(p *probe) {
		for _, strategy := range p.spec.Strategies {
			j := p.journey(strategy)
			created := p.reached(j, j.create, "create")
			p.reached(j, j.update, "update")
			for _, e := range []*exchange{j.update, j.getUpdated} {
				p.expect(same(p.single(e)[name], p.single(created)[name]), e, "/payload/"+name, "another "+name+" than after create", "the same")
			}
		}
	}
}

// otherValue returns a value that an immutable property of a credential does not have, of its type.
func otherValue(p *probe, property *credmock.Property, own *credmock.Strategy) any {
	switch property.Role { //nolint:exhaustive // the rest is any text
	case credmock.RoleStrategy:
		for _, strategy := range p.spec.Strategies {
			if strategy != own {
				return strategy.Name
			}
		}
	case credmock.RoleEnvironment:
		if p.second != "" {
			return p.second
		}
		return p.unknownEnvironment()
	case credmock.RoleOrganization:
		return p.organization + 1
	case credmock.RoleCreationTime:
		return "2001-02-03T04:05:06.789Z"
	}
	return p.unknownID()
}

func judgeFixed(property *credmock.Property) func(*probe) {
	return func(p *probe) {
		value := otherValue(p, property, defaultStrategy(p.spec))
		p.attack(defaultStrategy(p.spec), func(made *credential) *exchange {
			e := p.update(made.strategy, made.id, made.change(map[string]any{property.Name: value}))
			p.expect(e.refused(), e, "", strconv.Itoa(e.status), "a refusal: "+property.Name+" does not change")
			return e
		})
	}
}

func judgeRepeat(name string) func(*probe) {
	return func(p *probe) {
		p.trusting = true
		p.attack(defaultStrategy(p.spec), func(made *credential) *exchange {
			value, there := p.single(p.get(made.id))[name]
			if !there {
				p.skip("get does not answer %s", foreign.Own(name))
			}
			e := p.update(made.strategy, made.id, made.change(map[string]any{name: value}))
			p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken: it repeats the stored value")
			return e
		})
	}
}

func judgeUpdateTime(p *probe) {
	name := p.roleName(credmock.RoleUpdateTime)
	for _, strategy := range p.spec.Strategies {
		j := p.journey(strategy)
		before, after := p.reached(j, j.create, "create"), p.reached(j, j.update, "update")
		first, errFirst := time.Parse(time.RFC3339Nano, fmt.Sprint(p.single(before)[name]))
		second, errSecond := time.Parse(time.RFC3339Nano, fmt.Sprint(p.single(after)[name]))
		if errFirst != nil || errSecond != nil {
			p.pass() // the family types has it
			continue
		}
		p.expect(!second.Before(first), after, "/payload/"+name, "earlier than before the update", "the same or later")
	}
}
