package checks

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// planRedaction plans docs/contract.md#no-secret-in-any-answer. The client searches every answer for every secret; these checks
// make sure that there are answers, and report which secret was found.
func planRedaction(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		if len(strategy.Secrets) == 0 {
			continue
		}
		for _, action := range probe.Actions {
			p.AddReview(p.Of(strategy, "redaction/"+action+"/echo"),
				"No success of "+action+" shows a secret of "+strategy.Name+", whole, in part, encoded or digested.",
				plan.InferredMust, judgeJourney(strategy, action), reviewLeaks(strategy, action, (*wire.Exchange).Success, true))
			p.AddReview(p.Of(strategy, "redaction/"+action+"/trace"),
				"No answer of "+action+" shows an unusual encoding or digest of a secret of "+strategy.Name+".",
				plan.RuledShould, judgeJourney(strategy, action), reviewLeaks(strategy, action, func(*wire.Exchange) bool { return true }, false))
		}
		of := func(id string) string { return p.Of(strategy, id) }
		for _, action := range []string{"create", "update"} {
			p.AddReview(of("redaction/"+action+"/error"),
				"No error of "+action+" shows a secret of "+strategy.Name+" that was sent with the faulty body.",
				plan.InferredMust, judgeErrors(strategy, action, of), reviewLeaks(strategy, action, isError, true))
		}
	}
	for _, action := range []string{"create", "get", "list", "update"} {
		for _, name := range probe.SecretNames(p.Spec) {
			p.AddReview("redaction/"+action+"/key/"+name, "No success of "+action+" has a member "+name+", be it null, empty or masked.",
				plan.InferredMust, func(q *probe.Probe) { q.RunJourneys() }, reviewKey(action, name))
		}
	}
	planSecrecy(p)
	p.AddReview("redaction/elsewhere", "No answer to any other request shows a secret.", plan.InferredMust, judgeElsewhere, reviewElsewhere)
	p.AddReview("redaction/destination", "No answer shows the verification token of a destination.", plan.DocumentedMust,
		func(q *probe.Probe) { q.Attachment().Need(q) }, reviewDestination, probe.CapabilityDestinations)
	p.AddReview("redaction/token", "No answer shows the bearer token of a request.", plan.RuledShould,
		func(q *probe.Probe) {
			if !wire.IsDistinct(q.Token(wire.Engineer)) {
				q.Skip("the token is a word, and cannot be told from other text")
			}
			q.RunJourneys()
		}, reviewToken)
}

func isError(e *wire.Exchange) bool { return !e.Success() }

// judgeJourney makes sure that the action has answered for the strategy after every secret was sent.
func judgeJourney(strategy *credmock.Strategy, action string) func(*probe.Probe) {
	return func(p *probe.Probe) { p.Showing(strategy, action) }
}

// judgeErrors sends invalid bodies with every secret, which may be refused with any status. of adds the strategy to the id of a check.
func judgeErrors(strategy *credmock.Strategy, action string, of func(id string) string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		id := ""
		if action == "update" {
			id = p.MustCreate(strategy, p.Full(strategy)).ID
		}
		for i, faulty := range faultyBodies(p, strategy) {
			if shared := strategy != probe.DefaultStrategy(p.Spec); shared && (i%2 == 0) != (action == "create") {
				continue // the default strategy shows all; the others share them between create and update, to save requests
			}
			if faulty.sentBy != "" && p.Planned[of(fmt.Sprintf(faulty.sentBy, action))] {
				continue
			}
			r := probe.Request{Action: action, ID: id, Raw: faulty.raw, Body: faulty.body, MediaType: faulty.mediaType, Principal: faulty.principal}
			p.RequireVisible(r)
			p.Try(r)
		}
	}
}

// faulty is an invalid body that also has the secrets. A run sends it only if it plans no check that sends such a body anyway: the
// review looks at every answer of the run.
type faulty struct {
	sentBy    string // the id of that check without the strategy, with a verb for the action; may be empty
	body      any
	raw       []byte
	mediaType string
	principal wire.Principal
}

func faultyBodies(p *probe.Probe, strategy *credmock.Strategy) []faulty {
	full := func() map[string]any { return p.Full(strategy) }
	list := []faulty{
		{body: probe.With(full(), map[string]any{p.RoleName(credmock.RoleEnvironment): p.Sample.Word()})},
		{body: probe.With(full(), map[string]any{p.RoleName(credmock.RoleStrategy): p.Sample.Word()})},
		{
			body:   probe.With(full(), map[string]any{p.RoleName(credmock.RoleName): 4711}),
			sentBy: "types/body/" + p.RoleName(credmock.RoleName) + "/%s",
		},
		{body: probe.With(full(), map[string]any{p.Sample.Word(): p.Sample.Word()})},
		{body: full(), principal: wire.Nobody, sentBy: "auth/%s/none"},
		{body: full(), mediaType: "text/plain", sentBy: "errors/%s/media-type"},
		{body: []any{full()}, sentBy: "errors/%s/array"},
		{raw: []byte(strings.TrimSuffix(jsonvalue.Canonical(full()), "}")), sentBy: "errors/%s/malformed"},
	}
	if p.Has(wire.Viewer) {
		list = append(list, faulty{body: full(), principal: wire.Viewer, sentBy: "auth/%s/viewer"})
	}
	for _, requirement := range strategy.Update.Required {
		id := "required/%s/" + requirement.Name
		list = append(list, faulty{body: probe.Without(full(), requirement.Name), sentBy: id},
			faulty{
				body:   probe.With(full(), map[string]any{requirement.Name: 4711}),
				sentBy: id + "/type",
			})
	}
	for _, secret := range strategy.Secrets {
		sentBy := ""
		if strategy == probe.DefaultStrategy(p.Spec) { // the check sends every wrong type for it alone
			sentBy = "types/body/" + secret.Name + "/%s"
		}
		if p.Takes(strategy, secret) {
			list = append(list, faultySecrets(full(), secret.Name, sentBy)...)
		}
	}
	return list
}

// faultySecrets returns bodies with a misplaced secret: in a list, which sentBy sends too, under a misspelled name, in broken JSON.
func faultySecrets(body map[string]any, name, sentBy string) []faulty {
	value := body[name]
	broken := []byte(jsonvalue.Canonical(body))
	return []faulty{
		{body: probe.With(body, map[string]any{name: []any{value}}), sentBy: sentBy},
		{body: probe.With(probe.Without(body, name), map[string]any{name + "s": value})},
		{raw: append([]byte(`{"`+name+`":`), broken[1:]...)},
		{raw: []byte(strings.Replace(string(broken), jsonvalue.Canonical(value), "'"+jsonvalue.Text(value)+"'", 1))},
	}
}

// reviewLeaks reports the secrets of a strategy in the answers of an action.
func reviewLeaks(strategy *credmock.Strategy, action string, wanted func(*wire.Exchange) bool, certain bool) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range p.All() {
			if e.Operation == nil || probe.NameOf(e.Operation) != action || !wanted(e) && !e.IsUnread() {
				continue
			}
			if e.Failure != nil && e.Scope == p.Scope {
				p.Unjudged(e.Failure) // its only answer could not be read
			}
			p.CanJudge(e)
			for _, found := range e.Leaks {
				if strings.HasPrefix(found.Secret.Label, strategy.Name+"/") && found.Certain == certain {
					p.FailLeak(e, found)
				}
			}
		}
	}
}

// judgeElsewhere requests everything that is not about a credential, right after one was stored.
func judgeElsewhere(p *probe.Probe) {
	p.RunJourneys()
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	p.Do(probe.Request{Action: "strategies"})
	if p.Capabilities[probe.CapabilityEnvironments].Present {
		p.Do(probe.Request{Resource: "environment", Action: "list", ID: strconv.Itoa(p.Organization)})
	}
	if p.Capabilities[probe.CapabilityDestinations].Present {
		p.Attachment()
		using := p.CreateDestination(map[string]any{p.DestinationProperty(credmock.RoleCredential): made.ID})
		p.AtDestination("get", p.DestinationID(using), nil)
		p.Do(probe.Request{Resource: "destination", Action: "list", ID: p.Environment})
		p.Remove(made.ID) // refused, since a destination uses it
	}
	p.ListOf(p.UnknownEnvironment())
	p.Get(p.UnknownID())
	p.Do(probe.Request{Action: "get", ID: made.ID, Principal: wire.Nobody})
}

// reviewElsewhere reports secrets of credentials in answers that no other check of this family reviews.
func reviewElsewhere(p *probe.Probe) {
	for _, e := range p.All() {
		p.CanJudge(e)
		looked := e.Operation != nil && slices.Contains(probe.Actions, probe.NameOf(e.Operation)) &&
			(e.Success() || probe.NameOf(e.Operation) == "create" || probe.NameOf(e.Operation) == "update")
		for _, found := range e.Leaks {
			isCredential := found.Secret.Label != wire.TokenLabel && !strings.HasPrefix(found.Secret.Label, probe.DestinationLabel)
			if !looked && isCredential && found.Certain {
				p.FailLeak(e, found)
			}
		}
	}
}

func reviewDestination(p *probe.Probe) {
	for _, e := range p.All() {
		p.CanJudge(e)
		for _, found := range e.Leaks {
			if strings.HasPrefix(found.Secret.Label, probe.DestinationLabel) {
				p.FailLeak(e, found)
			}
		}
	}
}

func reviewToken(p *probe.Probe) {
	for _, e := range p.All() {
		p.CanJudge(e)
		for _, found := range e.Leaks {
			if found.Secret.Label == wire.TokenLabel {
				p.FailLeak(e, found)
			}
		}
	}
}

// reviewKey reports members with the name of a secret.
func reviewKey(action, name string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range p.All() {
			if e.Operation == nil || probe.NameOf(e.Operation) != action || !p.CanJudge(e) || !e.Success() {
				continue
			}
			for _, found := range e.SecretMembers {
				if found.Name == name {
					p.Fail(e, p.SafePointer(found.Pointer), found.Seen(), "no member "+name+" at all")
				}
			}
		}
	}
}

// planSecrecy plans circumstances in which a secret may leak that is otherwise redacted. Each check creates one circumstance and
// reviews its answers.
func planSecrecy(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		if len(strategy.Secrets) == 0 {
			continue
		}
		review := reviewOwn
		add := func(id, rule string, provoke func(*probe.Probe)) {
			judge := func(q *probe.Probe) {
				if len(q.TakenSecrets(strategy)) == 0 {
					q.Skip("the target lists no secret for %s", foreign.Own(strategy.Name))
				}
				provoke(q)
			}
			p.AddReview(p.Of(strategy, "redaction/"+id), rule+" ("+strategy.Name+")", plan.InferredMust, judge, review)
		}
		for _, name := range slices.Sorted(maps.Keys(awkwardSecrets)) {
			review = reviewScope(awkwardScope(strategy, name))
			add("awkward/"+name, "A secret with "+awkwardSecrets[name].means+" is not shown either.",
				func(q *probe.Probe) { provokeAwkward(q, strategy, name) })
		}
		review = reviewScope(replacedScope(strategy))
		add("rotated", "A secret that was replaced is not shown afterwards.", func(q *probe.Probe) { provokeReplacement(q, strategy) })
		add("cleared", "A secret that was cleared is not shown afterwards.", func(q *probe.Probe) { provokeReplacement(q, strategy) })
		review = reviewOwn
		if strategy == probe.DefaultStrategy(p.Spec) {
			add("asked/writes", "A write that asks for more, in the query or in headers, shows no secret.",
				func(q *probe.Probe) { provokeAskingWrites(q, strategy) })
		}
		add("negotiated", "Asking for another media type, or for more in the query, shows no secret.",
			func(q *probe.Probe) { provokeNegotiation(q, strategy) })
		add("foreign", "A secret of another strategy that was sent along is not shown.", func(q *probe.Probe) { provokeForeign(q, strategy) })
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

// reviewOwn reports every secret in what this check received.
func reviewOwn(p *probe.Probe) {
	for _, e := range p.All() {
		if e.Scope == p.Scope {
			reportLeaks(p, e)
		}
	}
}

// reportLeaks reports every secret in an answer but a token.
func reportLeaks(p *probe.Probe, e *wire.Exchange) {
	p.CanJudge(e)
	for _, found := range e.Leaks {
		if found.Certain && found.Secret.Label != wire.TokenLabel {
			p.FailLeak(e, found)
		}
	}
}

// readBack reads a credential in every way.
func readBack(p *probe.Probe, e *wire.Exchange) {
	if id := e.ID; id != "" {
		p.Get(id)
	}
	p.List()
}

// awkwardSecretsOf returns a value of a kind for every secret.
func awkwardSecretsOf(p *probe.Probe, strategy *credmock.Strategy, name string) map[string]any {
	secrets := map[string]any{}
	if form, known := awkwardSecrets[name]; known {
		for _, secret := range p.TakenSecrets(strategy) {
			secrets[secret.Name] = form.make(p.Sample.Canary())
		}
	}
	return secrets
}

// updateAwkward updates a credential that took a secret of a kind with another one, in a valid body and in an invalid one.
func updateAwkward(p *probe.Probe, strategy *credmock.Strategy, name string, kept []keeping) {
	for _, one := range kept {
		for _, secret := range strategy.Secrets {
			if _, sent := one.values[secret.Name]; !sent {
				continue
			}
			made, form := &probe.Credential{Strategy: strategy, ID: one.answer.ID, Sent: p.Minimal(strategy)}, awkwardSecrets[name].make
			p.Update(strategy, made.ID, made.Change(map[string]any{secret.Name: form(p.Sample.Canary())}))
			p.Update(strategy, made.ID, probe.With(made.Change(nil),
				map[string]any{p.RoleName(credmock.RoleName): 4711, secret.Name: form(p.Sample.Canary())}))
			return
		}
	}
}

func provokeAwkward(p *probe.Probe, strategy *credmock.Strategy, name string) {
	for _, one := range playAwkward(p, strategy, name).kept {
		for _, secret := range strategy.Secrets {
			if _, sent := one.values[secret.Name]; sent {
				expectFlag(p, one.answer, secret.Flag, true, "for the secret was taken")
			}
		}
	}
}

// replacedScope is the scope of the requests of provokeReplacement.
func replacedScope(strategy *credmock.Strategy) string { return "replaced/" + strategy.Name }

// provokeReplacement replaces the secrets of a credential again and again, clears each in both ways, and reads it after both. A run
// does so once.
func provokeReplacement(p *probe.Probe, strategy *credmock.Strategy) {
	probe.Once(p, replacedScope(strategy), func(q *probe.Probe) *probe.Credential {
		made := q.MustCreate(strategy, q.Full(strategy))
		for range 2 {
			changes := map[string]any{}
			for _, secret := range q.TakenSecrets(strategy) {
				changes[secret.Name] = q.Sample.Canary()
			}
			q.MustUpdate(made, changes)
		}
		readBack(q, made.Answer)
		q.Update(strategy, made.ID, made.Change(nil))
		for _, secret := range q.TakenSecrets(strategy) {
			q.Update(strategy, made.ID, made.Change(map[string]any{secret.Name: nil}))
			q.Update(strategy, made.ID, made.Change(map[string]any{secret.Name: ""}))
		}
		readBack(q, made.Answer)
		q.Remove(made.ID)
		return made
	})
}

func provokeForeign(p *probe.Probe, strategy *credmock.Strategy) {
	foreign := map[string]any{}
	for _, another := range p.Spec.Strategies {
		for _, secret := range another.Secrets {
			if strategy.Create.Property(secret.Name) == nil {
				canary := p.Sample.Canary()
				foreign[secret.Name] = canary
				p.LookFor(probe.LabelOf(another, secret), p.Scope, canary)
			}
		}
	}
	if e := p.Create(strategy, probe.With(p.Full(strategy), foreign)); e.ID != "" {
		p.Get(e.ID)
	}
	made := p.MustCreate(strategy, p.Full(strategy))
	readBack(p, p.Update(strategy, made.ID, probe.With(made.Change(nil), foreign)))
}
