package contract

import (
	"net/http"

	"github.com/credmock/credmock"
)

// badTokens are the ways not to be authenticated.
var badTokens = []struct {
	name, means string
	edit        func(*probe, *http.Request)
}{
	{"none", "no token", func(_ *probe, r *http.Request) { r.Header.Del("Authorization") }},
	{"garbage", "an unknown token", func(p *probe, r *http.Request) { r.Header.Set("Authorization", "Bearer "+p.sample.Word()) }},
	{"empty", "an empty token", func(_ *probe, r *http.Request) { r.Header.Set("Authorization", "Bearer ") }},
	{"longer", "a token with one letter more", func(p *probe, r *http.Request) { r.Header.Set("Authorization", "Bearer "+p.tokens[engineer]+"x") }},
	{"shorter", "a token with one letter less", func(p *probe, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+p.tokens[engineer][:max(0, len(p.tokens[engineer])-1)])
	}},
	{"scheme", "another scheme", func(p *probe, r *http.Request) { r.Header.Set("Authorization", "Basic "+p.tokens[engineer]) }},
}

// planAuthentication plans who may do what (docs/contract.md#roles).
func planAuthentication(p *planner) {
	for _, operation := range enveloped(p.spec) {
		for i, bad := range badTokens {
			if operation.Resource != "credential" && i > 2 {
				break // the neighbours are not what this is about
			}
			p.add("auth/"+nameOf(operation)+"/"+bad.name, operation.ID+" with "+bad.means+" is refused.", documentedMust,
				judgeUnauthenticated(operation, bad.edit), needsOf(operation)...)
		}
	}
	for _, action := range []string{"create", "update", "delete"} {
		p.add("auth/"+action+"/viewer", "A member without the engineer role cannot "+action+".", documentedMust, judgeViewer(action), capabilityViewer)
	}
	for _, operation := range enveloped(p.spec) {
		if writes := operation.MediaType != "" || operation.Action == "delete"; writes && operation.Resource == "destination" {
			p.add("auth/"+nameOf(operation)+"/viewer", "A member without the engineer role cannot call "+operation.ID+".", documentedMust,
				judgeNeighbourRefused(operation, viewer, 403), capabilityViewer, capabilityDestinations)
		}
		if operation.Resource != "credential" {
			p.add("auth/"+nameOf(operation)+"/other", "Another organization cannot call "+operation.ID+" here.", documentedMust,
				judgeNeighbourRefused(operation, other, gone...), append(needsOf(operation), capabilityOther)...)
		}
	}
	for _, action := range []string{"create", "get", "list", "update", "delete"} {
		p.add("auth/"+action+"/other", "Another organization cannot "+action+" here.", documentedMust, judgeOther(action), capabilityOther)
	}
}

// aim describes a request of the action at a credential, as its owner would send it.
func aim(p *probe, action string, made *credential) request {
	r := request{action: action}
	switch action {
	case "create":
		r.body = with(made.sent, map[string]any{p.roleName(credmock.RoleName): p.runName + " " + p.sample.Word()})
	case "list":
		r.id = p.environment
	case "strategies":
	default:
		r.id = made.id
	}
	if action == "update" {
		r.body = made.change(map[string]any{p.roleName(credmock.RoleName): p.runName + " " + p.sample.Word()})
	}
	return r
}

func judgeUnauthenticated(operation *credmock.Operation, edit func(*probe, *http.Request)) func(*probe) {
	return func(p *probe) {
		if operation.Resource != "credential" {
			r := aimAtNeighbour(p, operation)
			r.edit = func(r *http.Request) { edit(p, r) }
			p.expectRefused(p.do(r), 401)
			return
		}
		strategy := defaultStrategy(p.spec)
		p.attack(strategy, func(made *credential) *exchange {
			r := aim(p, operation.Action, made)
			r.edit = func(r *http.Request) { edit(p, r) }
			return expectRefusal(p, r, 401)
		})
	}
}

// expectRefusal sends a request and wants it refused with one of the statuses, and nothing of it done.
func expectRefusal(p *probe, r request, statuses ...int) *exchange {
	e := p.do(r)
	p.expectRefused(e, statuses...)
	if body, isObject := r.body.(map[string]any); isObject && r.action == "create" {
		p.expectNotListed(e, body)
	}
	return e
}

func judgeNeighbourRefused(operation *credmock.Operation, who principal, statuses ...int) func(*probe) {
	return func(p *probe) {
		r := aimAtNeighbour(p, operation)
		r.principal = who
		p.expectRefused(p.do(r), statuses...)
	}
}

func judgeViewer(action string) func(*probe) {
	return func(p *probe) {
		p.attack(defaultStrategy(p.spec), func(made *credential) *exchange {
			r := aim(p, action, made)
			r.principal = viewer
			return expectRefusal(p, r, 403)
		})
	}
}

func judgeOther(action string) func(*probe) {
	return func(p *probe) {
		allowed := gone
		if action == "create" {
			allowed = []int{400, 422, 404, 403}
		}
		p.attack(defaultStrategy(p.spec), func(made *credential) *exchange {
			r := aim(p, action, made)
			r.principal = other
			return expectRefusal(p, r, allowed...)
		})
	}
}
