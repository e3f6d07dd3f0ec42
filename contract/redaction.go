package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
)

// planRedaction plans docs/contract.md#no-secret-in-any-answer: no secret in any answer, whole, in part or encoded. Every answer of
// the run is searched as it comes in; these checks make sure that there are answers, and say whose secret was found.
func planRedaction(p *planner) {
	for _, strategy := range p.spec.Strategies {
		if len(strategy.Secrets) == 0 {
			continue
		}
		for _, action := range actions {
			p.addReview(p.of(strategy, "redaction/"+action+"/echo"),
				"No success of "+action+" shows a secret of "+strategy.Name+", whole, in part, encoded or digested.",
				inferredMust, judgeJourney(strategy, action), reviewLeaks(strategy, action, (*exchange).success, true))
			p.addReview(p.of(strategy, "redaction/"+action+"/trace"),
				"No answer of "+action+" shows an unusual encoding or digest of a secret of "+strategy.Name+".",
				ruledShould, judgeJourney(strategy, action), reviewLeaks(strategy, action, func(*exchange) bool { return true }, false))
		}
		for _, action := range []string{"create", "update"} {
			p.addReview(p.of(strategy, "redaction/"+action+"/error"),
				"No error of "+action+" shows a secret of "+strategy.Name+" that was sent with the faulty body.",
				inferredMust, judgeErrors(strategy, action), reviewLeaks(strategy, action, isError, true))
		}
	}
	for _, action := range []string{"create", "get", "list", "update"} {
		for _, name := range secretNames(p.spec) {
			p.addReview("redaction/"+action+"/key/"+name, "No success of "+action+" has a member "+name+", be it null, empty or masked.",
				inferredMust, func(q *probe) { q.travelAll() }, reviewKey(action, name))
		}
	}
	p.planSecrecy()
	p.addReview("redaction/elsewhere", "No answer to any other request shows a secret.", inferredMust, judgeElsewhere, reviewElsewhere)
	p.addReview("redaction/destination", "No answer shows the verification token of a destination.", documentedMust,
		func(q *probe) { q.neighbour().need(q) }, reviewDestination, capabilityDestinations)
	p.addReview("redaction/token", "No answer shows the bearer token of a request.", ruledMust,
		func(q *probe) {
			if !tellable(q.tokens[engineer]) {
				q.skip("the token is a word, and cannot be told from other text")
			}
			q.travelAll()
		}, reviewToken)
}

func isError(e *exchange) bool { return !e.success() }

// judgeJourney makes sure that the action has answered for the strategy, with every secret sent before.
func judgeJourney(strategy *credmock.Strategy, action string) func(*probe) {
	return func(p *probe) { p.showing(strategy, action) }
}

// judgeErrors sends faulty bodies that hold every secret, and wants them refused by whatever status.
func judgeErrors(strategy *credmock.Strategy, action string) func(*probe) {
	return func(p *probe) {
		id := ""
		if action == "update" {
			id = p.given(strategy, p.full(strategy)).id
		}
		for _, faulty := range faultyBodies(p, strategy) {
			r := request{action: action, id: id, raw: faulty.raw, body: faulty.body, mediaType: faulty.mediaType, principal: faulty.principal}
			p.mayAsk(r)
			p.try(r)
		}
	}
}

// faulty is a body with a fault beside its secrets.
type faulty struct {
	body      any
	raw       []byte
	mediaType string
	principal principal
}

func faultyBodies(p *probe, strategy *credmock.Strategy) []faulty {
	full := func() map[string]any { return p.full(strategy) }
	list := []faulty{
		{body: with(full(), map[string]any{p.roleName(credmock.RoleEnvironment): p.sample.Word()})},
		{body: with(full(), map[string]any{p.roleName(credmock.RoleStrategy): p.sample.Word()})},
		{body: with(full(), map[string]any{p.roleName(credmock.RoleName): 4711})},
		{body: with(full(), map[string]any{p.sample.Word(): p.sample.Word()})},
		{body: full(), principal: nobody},
		{body: full(), mediaType: "text/plain"},
		{body: []any{full()}},
	}
	if p.tokens[viewer] != "" {
		list = append(list, faulty{body: full(), principal: viewer})
	}
	for _, requirement := range strategy.Update.Required {
		list = append(list, faulty{body: without(full(), requirement.Name)}, faulty{body: with(full(), map[string]any{requirement.Name: 4711})})
	}
	for _, secret := range strategy.Secrets {
		if p.takes(strategy, secret) {
			list = append(list, faultySecrets(p, full(), secret.Name)...)
		}
	}
	return list
}

// faultySecrets puts a secret where it is at fault itself: in a list, an object, under a misspelt name, in broken JSON.
func faultySecrets(p *probe, body map[string]any, name string) []faulty {
	value := body[name]
	broken := []byte(canonical(body))
	return []faulty{
		{body: with(body, map[string]any{name: []any{value}})},
		{body: with(without(body, name), map[string]any{name + "s": value})},
		{raw: broken[:len(broken)-1]},
		{raw: append([]byte(`{"`+name+`":`), broken[1:]...)},
		{raw: []byte(strings.Replace(string(broken), canonical(value), "'"+textOf(value)+"'", 1))},
	}
}

// reviewLeaks finds the secrets of a strategy in the answers of an action.
func reviewLeaks(strategy *credmock.Strategy, action string, wanted func(*exchange) bool, certain bool) func(*probe) {
	return func(p *probe) {
		for _, e := range p.everything() {
			if e.operation == nil || nameOf(e.operation) != action || !wanted(e) && !e.isUnread() {
				continue
			}
			if e.failure != nil && e.scope == p.scope {
				p.unjudged(e.failure) // nothing was seen of the one answer that it asked for
			}
			p.canJudge(e)
			for _, found := range e.leaks {
				if strings.HasPrefix(found.Secret.Label, strategy.Name+"/") && found.Certain == certain {
					p.failLeak(e, found)
				}
			}
		}
	}
}

// judgeElsewhere asks everything that is not about a credential, right after one was stored.
func judgeElsewhere(p *probe) {
	p.travelAll()
	standard := defaultStrategy(p.spec)
	made := p.given(standard, p.full(standard))
	p.do(request{action: "strategies"})
	if p.capabilities[capabilityEnvironments].Present {
		p.do(request{resource: "environment", action: "list", id: strconv.Itoa(p.organization)})
	}
	if p.capabilities[capabilityDestinations].Present {
		p.neighbour()
		using := p.createDestination(map[string]any{p.destinationProperty(credmock.RoleCredential): made.id})
		p.atDestination("get", p.destinationID(using), nil)
		p.do(request{resource: "destination", action: "list", id: p.environment})
		p.remove(made.id) // refused, for a destination uses it
	}
	p.listOf(p.unknownEnvironment())
	p.get(p.unknownID())
	p.do(request{action: "get", id: made.id, principal: nobody})
}

// reviewElsewhere finds secrets of credentials in answers that no other check of this family looks at.
func reviewElsewhere(p *probe) {
	for _, e := range p.everything() {
		p.canJudge(e)
		looked := e.operation != nil && slices.Contains(actions, nameOf(e.operation)) &&
			(e.success() || nameOf(e.operation) == "create" || nameOf(e.operation) == "update")
		for _, found := range e.leaks {
			isCredential := found.Secret.Label != bearerLabel && !strings.HasPrefix(found.Secret.Label, destinationLabel)
			if !looked && isCredential && found.Certain {
				p.failLeak(e, found)
			}
		}
	}
}

func reviewDestination(p *probe) {
	for _, e := range p.everything() {
		p.canJudge(e)
		for _, found := range e.leaks {
			if strings.HasPrefix(found.Secret.Label, destinationLabel) {
				p.failLeak(e, found)
			}
		}
	}
}

func reviewToken(p *probe) {
	for _, e := range p.everything() {
		p.canJudge(e)
		for _, found := range e.leaks {
			if found.Secret.Label == bearerLabel {
				p.failLeak(e, found)
			}
		}
	}
}

// reviewKey finds members that have a secret's own name.
func reviewKey(action, name string) func(*probe) {
	return func(p *probe) {
		for _, e := range p.everything() {
			if e.operation == nil || nameOf(e.operation) != action || !p.canJudge(e) || !e.success() {
				continue
			}
			for _, found := range e.secretMembers {
				if found.name == name {
					p.fail(e, p.safePointer(found.pointer), found.told(), "no member "+name+" at all")
				}
			}
		}
	}
}
