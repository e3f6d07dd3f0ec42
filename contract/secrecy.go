package contract

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

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
