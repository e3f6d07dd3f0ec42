package checks

import (
	"net/http"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// badTokens are requests without a valid token.
var badTokens = []struct {
	name, means string
	edit        func(*probe.Probe, *http.Request)
}{
	{"none", "no token", func(_ *probe.Probe, r *http.Request) { r.Header.Del("Authorization") }},
	{"garbage", "an unknown token", func(p *probe.Probe, r *http.Request) { r.Header.Set("Authorization", "Bearer "+p.Sample.Word()) }},
	{"empty", "an empty token", func(_ *probe.Probe, r *http.Request) { r.Header.Set("Authorization", "Bearer ") }},
	{"longer", "a token with one letter more", func(p *probe.Probe, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+p.Token(wire.Engineer)+"x")
	}},
	{"shorter", "a token with one letter less", func(p *probe.Probe, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+shortened(p.Token(wire.Engineer)))
	}},
	{"scheme", "another scheme", func(p *probe.Probe, r *http.Request) { r.Header.Set("Authorization", "Basic "+p.Token(wire.Engineer)) }},
}

func shortened(token string) string { return token[:max(0, len(token)-1)] }

// planAuthentication plans who may do what (docs/contract.md#roles).
func planAuthentication(p *plan.Builder) {
	for _, operation := range probe.Enveloped(p.Spec) {
		for i, bad := range badTokens {
			if operation.Resource != "credential" && i > 2 {
				break // three are enough for operations on other resources
			}
			p.Add("auth/"+probe.NameOf(operation)+"/"+bad.name, operation.ID+" with "+bad.means+" is refused.", plan.DocumentedMust,
				judgeUnauthenticated(operation, bad.edit), probe.NeedsOf(operation)...)
		}
	}
	for _, action := range []string{"create", "update", "delete"} {
		p.Add("auth/"+action+"/viewer", "A member without the engineer role cannot "+action+".", plan.DocumentedMust, judgeViewer(action),
			probe.CapabilityViewer)
	}
	for _, operation := range probe.Enveloped(p.Spec) {
		if writes := operation.MediaType != "" || operation.Action == "delete"; writes && operation.Resource == "destination" {
			p.Add("auth/"+probe.NameOf(operation)+"/viewer", "A member without the engineer role cannot call "+operation.ID+".", plan.DocumentedMust,
				judgeRefused(operation, wire.Viewer, 403), probe.CapabilityViewer, probe.CapabilityDestinations)
		}
		if operation.Resource != "credential" {
			p.Add("auth/"+probe.NameOf(operation)+"/other", "Another organization cannot call "+operation.ID+" here.", plan.DocumentedMust,
				judgeRefused(operation, wire.Other, probe.GoneStatuses...), append(probe.NeedsOf(operation), probe.CapabilityOther)...)
		}
	}
	for _, action := range []string{"create", "get", "list", "update", "delete"} {
		p.Add("auth/"+action+"/other", "Another organization cannot "+action+" here.", plan.DocumentedMust, judgeOther(action),
			probe.CapabilityOther)
	}
}

// credentialRequest returns a request for an action on a credential, as its owner would send it.
func credentialRequest(p *probe.Probe, action string, made *probe.Credential) probe.Request {
	r := probe.Request{Action: action}
	switch action {
	case "create":
		r.Body = probe.With(made.Sent, map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()})
	case "list":
		r.ID = p.Environment
	case "strategies":
	default:
		r.ID = made.ID
	}
	if action == "update" {
		r.Body = probe.With(storedSecrets(made), made.Change(map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()}))
	}
	return r
}

func judgeUnauthenticated(operation *credmock.Operation, edit func(*probe.Probe, *http.Request)) func(*probe.Probe) {
	return func(p *probe.Probe) {
		if operation.Resource != "credential" {
			r := requestOf(p, operation)
			r.Edit = func(r *http.Request) { edit(p, r) }
			p.ExpectRefused(p.Do(r), 401)
			return
		}
		againstFixture(p, operation.Action, func(made *probe.Credential) *wire.Exchange {
			r := credentialRequest(p, operation.Action, made)
			r.Edit = func(r *http.Request) { edit(p, r) }
			e := expectRefusal(p, r, 401)
			expectSilence(p, e, made)
			return e
		})
	}
}

// expectRefusal sends a request and expects it to be refused without effect.
func expectRefusal(p *probe.Probe, r probe.Request, statuses ...int) *wire.Exchange {
	e := p.Do(r)
	p.ExpectRefused(e, statuses...)
	if body, isObject := r.Body.(map[string]any); isObject && r.Action == "create" {
		p.ExpectNotListed(e, body)
	}
	return e
}

func judgeRefused(operation *credmock.Operation, who wire.Principal, statuses ...int) func(*probe.Probe) {
	return func(p *probe.Probe) {
		r := requestOf(p, operation)
		r.Principal = who
		send := func(id string) {
			r.ID = id
			p.ExpectRefused(p.Do(r), statuses...)
		}
		if who == wire.Viewer && operation.Resource == "destination" && operation.Action == "update" {
			expectNoUpdate(p, send)
			return
		}
		send(r.ID)
	}
}

func judgeViewer(action string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		againstFixture(p, action, func(made *probe.Credential) *wire.Exchange {
			r := credentialRequest(p, action, made)
			r.Principal = wire.Viewer
			return expectRefusal(p, r, 403)
		})
		ofOthers(p, action, wire.Viewer, 403)
	}
}

// ofOthers sends an action on credentials of the other strategies, for a viewer of every second one, and expects it to be refused.
func ofOthers(p *probe.Probe, action string, who wire.Principal, statuses ...int) {
	turn := slices.Index(probe.Actions, action)
	for i, strategy := range p.Spec.Strategies {
		if strategy == probe.DefaultStrategy(p.Spec) || who == wire.Viewer && (i+turn)%2 == 0 {
			continue
		}
		p.AgainstFixture(strategy, func(made *probe.Credential) *wire.Exchange {
			r := credentialRequest(p, action, made)
			r.Principal = who
			return expectRefusal(p, r, statuses...)
		})
	}
}

func judgeOther(action string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		allowed := probe.GoneStatuses
		if action == "create" {
			allowed = []int{400, 422, 404, 403}
		}
		againstFixture(p, action, func(made *probe.Credential) *wire.Exchange {
			r := credentialRequest(p, action, made)
			r.Principal = wire.Other
			e := expectRefusal(p, r, allowed...)
			expectSilence(p, e, made)
			return e
		})
		if action == "update" || action == "delete" {
			ofOthers(p, action, wire.Other, allowed...)
		}
	}
}
