package contract

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
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

// planSecrecy plans the circumstances under which a secret that is well kept otherwise may slip out. What comes back
// is searched as every answer is; each check here makes one circumstance and looks at what it brought.
func (p *planner) planSecrecy() {
	for _, strategy := range p.spec.Strategies {
		if len(strategy.Secrets) == 0 {
			continue
		}
		add := func(id, rule string, provoke func(*probe)) {
			judge := func(q *probe) {
				if len(q.takenSecrets(strategy)) == 0 {
					q.skip("the target lists no secret for %s", foreign.Own(strategy.Name))
				}
				provoke(q)
			}
			p.addReview(p.of(strategy, "redaction/"+id), rule+" ("+strategy.Name+")", inferredMust, judge, reviewOwn)
		}
		for _, name := range slices.Sorted(maps.Keys(awkwardSecrets)) {
			form := awkwardSecrets[name]
			add("awkward/"+name, "A secret with "+form.means+" is not shown either.", func(q *probe) { provokeAwkward(q, strategy, form.make) })
		}
		add("rotated", "A secret that was replaced is not shown afterwards.", func(q *probe) { provokeRotation(q, strategy) })
		add("negotiated", "Asking for another media type, or for more in the query, shows no secret.", func(q *probe) { provokeNegotiation(q, strategy) })
		add("foreign", "A secret of another strategy that was sent along is not shown.", func(q *probe) { provokeForeign(q, strategy) })
		add("cleared", "A secret that was cleared is not shown afterwards.", func(q *probe) { provokeClearing(q, strategy) })
	}
}

// awkwardSecrets make secrets that a redaction by pattern or length may miss.
var awkwardSecrets = map[string]struct {
	means string
	make  func(canary string) string
}{
	"blanks":  {"blanks at both ends", func(canary string) string { return "  " + canary + "  " }},
	"quotes":  {"quotes, backslashes and markup", func(canary string) string { return `"'\<&>` + canary + `"'\<&>` }},
	"unicode": {"letters beyond ASCII, and line ends", func(canary string) string { return "ключ🔑\n" + canary + "\r\n鍵" }},
	"long":    {"four kibibytes", func(canary string) string { return strings.Repeat(canary, 4096/len(canary)+1) }},
	"short":   {"few characters", func(canary string) string { return canary[:7] }},
}

// reviewOwn finds every secret in what this check received.
func reviewOwn(p *probe) {
	for _, e := range p.everything() {
		if e.scope != p.scope {
			continue
		}
		p.canJudge(e)
		for _, found := range e.leaks {
			if found.Certain && found.Secret.Label != bearerLabel {
				p.failLeak(e, found)
			}
		}
	}
}

// readBack reads a credential in every way.
func readBack(p *probe, e *exchange) {
	if id := e.id; id != "" {
		p.get(id)
	}
	p.list()
}

func provokeAwkward(p *probe, strategy *credmock.Strategy, form func(string) string) {
	secrets := map[string]any{}
	for _, secret := range p.takenSecrets(strategy) {
		secrets[secret.Name] = form(p.sample.Canary())
	}
	e := p.create(strategy, with(p.minimal(strategy), secrets))
	if !e.success() {
		return
	}
	p.get(e.id)
	for _, secret := range p.takenSecrets(strategy) {
		expectFlag(p, e, secret.Flag, true, "for the secret was taken")
	}
	made := &credential{strategy: strategy, id: e.id, sent: with(p.minimal(strategy), secrets)}
	name := p.takenSecrets(strategy)[0].Name
	p.update(strategy, made.id, made.change(map[string]any{name: form(p.sample.Canary())}))
	p.update(strategy, made.id, with(made.change(nil), map[string]any{p.roleName(credmock.RoleName): 4711, name: form(p.sample.Canary())}))
}

func provokeRotation(p *probe, strategy *credmock.Strategy) {
	made := p.given(strategy, p.full(strategy))
	for range 3 {
		changes := map[string]any{}
		for _, secret := range p.takenSecrets(strategy) {
			changes[secret.Name] = p.sample.Canary()
		}
		p.updated(made, changes)
	}
	readBack(p, made.answer)
	p.update(strategy, made.id, made.change(nil))
	p.remove(made.id)
}

func provokeClearing(p *probe, strategy *credmock.Strategy) {
	made := p.given(strategy, p.full(strategy))
	for _, secret := range p.takenSecrets(strategy) {
		p.update(strategy, made.id, made.change(map[string]any{secret.Name: nil}))
		p.update(strategy, made.id, made.change(map[string]any{secret.Name: ""}))
	}
	readBack(p, made.answer)
}

func provokeNegotiation(p *probe, strategy *credmock.Strategy) {
	made := p.given(strategy, p.full(strategy))
	edits := []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Accept", "text/html") },
		func(r *http.Request) { r.Header.Set("Accept", "application/xml") },
		func(r *http.Request) { r.Header.Del("Accept") },
		func(r *http.Request) { r.URL.RawQuery = "include=secrets&expand=all&verbose=true&debug=true&fields=*" },
		func(r *http.Request) { r.Header.Set("X-Debug", "true") },
	}
	p.try(request{action: "list", id: p.environment, edit: edits[0]})
	p.try(request{action: "list", id: p.environment, edit: edits[3]})
	for _, edit := range edits {
		p.try(request{action: "get", id: made.id, edit: edit})
	}
}

func provokeForeign(p *probe, strategy *credmock.Strategy) {
	foreign := map[string]any{}
	for _, another := range p.spec.Strategies {
		for _, secret := range another.Secrets {
			if strategy.Create.Property(secret.Name) == nil {
				canary := p.sample.Canary()
				foreign[secret.Name] = canary
				p.remember(labelOf(another, secret), p.scope, canary)
			}
		}
	}
	readBack(p, p.create(strategy, with(p.full(strategy), foreign)))
	made := p.given(strategy, p.full(strategy))
	readBack(p, p.update(strategy, made.id, with(made.change(nil), foreign)))
}
