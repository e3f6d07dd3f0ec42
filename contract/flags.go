package contract

import (
	"fmt"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// planFlags plans docs/contract.md#flags: a boolean in place of each secret, and the right one.
func planFlags(p *planner) {
	for _, strategy := range p.spec.Strategies {
		for _, secret := range strategy.Secrets {
			p.planFlag(strategy, secret)
		}
	}
}

func (p *planner) planFlag(strategy *credmock.Strategy, secret *credmock.Property) {
	flag, basis := secret.Flag, documentedMust
	add := func(id, rule string, basis credmock.Basis, judge func(*probe)) {
		p.add(p.of(strategy, id), fmt.Sprintf(rule, flag), basis, func(q *probe) {
			if !q.takes(strategy, secret) {
				q.skip("the target does not list %s for %s", foreign.Own(secret.Name), foreign.Own(strategy.Name))
			}
			judge(q)
		})
	}
	_, required := strategy.Create.Requires(secret.Name)
	for _, action := range []string{"create", "get", "update"} {
		add("flags/"+action+"/"+flag, "%s is true in the answer of "+action+" while a secret is stored.", basis, judgeFlagSet(strategy, action, flag))
		if action != "update" && !required {
			add("flags/"+action+"/"+flag+"/unset", "%s is there, and false, in the answer of "+action+" while no secret is stored.", basis, judgeFlagUnset(strategy, action, flag))
		}
	}
	add("flags/list/"+flag, "%s does not stand in a list item.", basis, judgeFlagUnlisted(strategy, flag))
	add("flags/update/"+flag+"/kept", "%s stays true when an update leaves the secret out.", inferredMust, judgeFlagKept(strategy, secret))
	add("flags/update/"+flag+"/forged", "%s does not change because a body says so.", ruledMust, judgeFlagForgedOnUpdate(strategy, secret))
	add("flags/update/"+flag+"/rotated", "%s stays true when the secret is replaced.", basis, judgeFlagRotated(strategy, secret))
	if required {
		return
	}
	add("flags/create/"+flag+"/alone", "%s and no other flag is true when its secret alone is sent.", basis, judgeFlagAlone(strategy, secret))
	add("flags/create/"+flag+"/others", "%s alone is false when every other secret is sent.", basis, judgeFlagOthers(strategy, secret))
	add("flags/create/"+flag+"/empty", "%s is false after the empty string, where that is taken.", ruledMust, judgeFlagEmpty(strategy, secret))
	add("flags/create/"+flag+"/blank", "%s is true for a secret of blanks alone: nothing is trimmed.", ruledShould, judgeFlagBlank(strategy, secret))
	add("flags/create/"+flag+"/forged", "%s does not become true because a body says so.", ruledMust, judgeFlagForged(strategy, secret))
	add("flags/create/"+flag+"/null", "%s is false after null, where that is taken.", ruledMust, judgeFlagNull(strategy, secret))
	add("flags/update/"+flag+"/set", "%s becomes true when an update brings the secret.", inferredMust, judgeFlagBecomesSet(strategy, secret))
	add("flags/update/"+flag+"/empty", "%s is false after an update with the empty string, where that is taken.", ruledMust, judgeFlagEmptied(strategy, secret))
	add("flags/update/"+flag+"/cleared", "%s becomes false when an update clears the secret with null.", ruledShould, judgeFlagCleared(strategy, secret))
}

// expectFlag wants the flag in an answer to be a boolean of that value.
func expectFlag(p *probe, e *exchange, flag string, value bool, when string) {
	p.expect(p.single(e)[flag] == value, e, "/payload/"+flag, shown(p.single(e), flag), fmt.Sprintf("%t, %s", value, when))
}

// expectFlagKept wants the flag to be value in the answer and in the next get, which it returns.
func expectFlagKept(p *probe, e *exchange, id, flag string, value bool, when string) (next *exchange) {
	expectFlag(p, e, flag, value, when)
	next = p.settle(func() *exchange { return p.get(id) }, func(e *exchange) bool { return p.single(e)[flag] == value })
	expectFlag(p, next, flag, value, when)
	return next
}

func judgeFlagSet(strategy *credmock.Strategy, action, flag string) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		e := map[string]*exchange{"create": j.create, "get": j.get, "update": j.update}[action]
		expectFlag(p, p.reached(j, e, action), flag, true, "for the secret was sent")
		if action == "update" {
			expectFlag(p, p.reached(j, j.getUpdated, "get"), flag, true, "for the secret was sent")
		}
	}
}

func judgeFlagUnset(strategy *credmock.Strategy, action, flag string) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		e := map[string]*exchange{"create": j.createBare, "get": j.getBare}[action]
		expectFlag(p, p.reached(j, e, action), flag, false, "for no secret was sent")
	}
}

func judgeFlagUnlisted(strategy *credmock.Strategy, flag string) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		e := p.reached(j, j.list, "list")
		item := p.listed(e, j.id)
		if item == nil {
			p.abandon("the list does not have the credential")
		}
		_, there := item[flag]
		p.expect(!there, e, "/payload/"+e.operation.Member, shown(item, flag), "metadata alone in a list item")
	}
}

func judgeFlagKept(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		expectFlagKept(p, p.updated(made, map[string]any{p.roleName(credmock.RoleName): p.runName + " " + p.sample.Word()}), made.id, secret.Flag, true, "for the update left the secret out")
	}
}

func judgeFlagRotated(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		next := expectFlagKept(p, p.updated(made, map[string]any{secret.Name: p.sample.Canary()}), made.id, secret.Flag, true, "for the update brought a new secret")
		expectOthersKept(p, next, made, secret)
	}
}

// expectOthersKept wants the flags of all other secrets to be true still in an answer.
func expectOthersKept(p *probe, e *exchange, made *credential, secret *credmock.Property) {
	for _, another := range made.strategy.Secrets {
		if _, sent := made.sent[another.Name]; sent && another != secret {
			expectFlag(p, e, another.Flag, true, "for the update was about "+secret.Name+" alone")
		}
	}
}

func judgeFlagBecomesSet(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.minimal(strategy))
		next := expectFlagKept(p, p.updated(made, map[string]any{secret.Name: p.sample.Canary()}), made.id, secret.Flag, true, "for the update brought the secret")
		for _, another := range strategy.Secrets {
			if _, required := strategy.Create.Requires(another.Name); another != secret && !required {
				expectFlag(p, next, another.Flag, false, "for no such secret was sent")
			}
		}
	}
}

func judgeFlagCleared(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		e := p.update(strategy, made.id, made.change(map[string]any{secret.Name: nil}))
		if p.expect(e.success(), e, "", "refused", "taken: null clears an optional field") {
			next := expectFlagKept(p, e, made.id, secret.Flag, false, "for null cleared the secret")
			expectOthersKept(p, next, made, secret)
		}
	}
}

func judgeFlagEmptied(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		e := p.update(strategy, made.id, made.change(map[string]any{secret.Name: ""}))
		stored := !e.success() // a refusal leaves what was stored
		next := p.settle(func() *exchange { return p.get(made.id) }, func(e *exchange) bool { return p.single(e)[secret.Flag] == stored })
		expectFlag(p, next, secret.Flag, stored, "for the empty string is no secret, and a refusal changes nothing")
	}
}

func judgeFlagEmpty(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return judgeFlagAfter(strategy, secret.Flag, map[string]any{secret.Name: ""}, "for the empty string is no secret")
}

func judgeFlagNull(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return judgeFlagAfter(strategy, secret.Flag, map[string]any{secret.Name: nil}, "for null is no secret")
}

func judgeFlagForged(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return judgeFlagAfter(strategy, secret.Flag, map[string]any{secret.Flag: true}, "for no secret was sent")
}

// judgeFlagAfter creates a credential whose body gives no secret, and wants the flag false, or the body refused.
func judgeFlagAfter(strategy *credmock.Strategy, flag string, changes map[string]any, when string) func(*probe) {
	return func(p *probe) {
		e := p.create(strategy, with(p.minimal(strategy), changes))
		p.pass()
		if e.success() {
			expectFlagKept(p, e, e.id, flag, false, when)
		}
	}
}

func judgeFlagBlank(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		e := p.create(strategy, with(p.minimal(strategy), map[string]any{secret.Name: "   "}))
		if p.expect(e.success(), e, "", "refused", "taken: a secret is any string") {
			expectFlagKept(p, e, e.id, secret.Flag, true, "for the secret was sent")
		}
	}
}

func judgeFlagAlone(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, with(p.minimal(strategy), map[string]any{secret.Name: p.sample.Canary()}))
		expectFlagKept(p, made.answer, made.id, secret.Flag, true, "for this secret was sent")
		for _, another := range strategy.Secrets {
			if _, required := strategy.Create.Requires(another.Name); another != secret && !required {
				expectFlag(p, made.answer, another.Flag, false, "for only "+secret.Name+" was sent")
			}
		}
	}
}

func judgeFlagOthers(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, without(p.full(strategy), secret.Name))
		expectFlagKept(p, made.answer, made.id, secret.Flag, false, "for this secret alone was not sent")
	}
}

func judgeFlagForgedOnUpdate(strategy *credmock.Strategy, secret *credmock.Property) func(*probe) {
	return func(p *probe) {
		made := p.given(strategy, p.full(strategy))
		p.update(strategy, made.id, made.change(map[string]any{secret.Flag: false}))
		expectFlag(p, p.get(made.id), secret.Flag, true, "for a secret is stored, whatever a body says")
		if _, required := strategy.Create.Requires(secret.Name); required {
			return
		}
		bare := p.given(strategy, p.minimal(strategy))
		p.update(strategy, bare.id, bare.change(map[string]any{secret.Flag: true}))
		expectFlag(p, p.get(bare.id), secret.Flag, false, "for no secret is stored, whatever a body says")
	}
}
