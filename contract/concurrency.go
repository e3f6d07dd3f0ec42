package contract

import (
	"strconv"

	"github.com/credmock/credmock"
)

// atOnce is how many requests a check of this family has under way.
const atOnce = 5

// planConcurrency plans that requests side by side do not disturb each other.
func planConcurrency(p *planner) {
	p.add("concurrency/create", "Credentials created side by side are each as they were sent.", inferredMust, judgeParallelCreates)
	p.add("concurrency/update", "Different credentials updated side by side are each as they were sent.", inferredMust, judgeParallelUpdates)
	p.add("concurrency/get", "Credentials read side by side are not mixed up.", inferredMust, judgeParallelReads)
	p.add("concurrency/same", "Updates of one credential side by side leave one of them whole.", inferredMust, judgeSameUpdates)
	p.add("concurrency/lost", "Updates of different fields of one credential side by side are all kept.", ruledShould, judgeLostUpdates)
}

// bodies returns as many different bodies of create.
func bodies(p *probe) []map[string]any {
	standard := defaultStrategy(p.spec)
	list := make([]map[string]any, atOnce)
	for i := range list {
		list[i] = p.full(standard)
	}
	return list
}

// expectSent wants an answer to show what was sent.
func expectSent(p *probe, e *exchange, sent map[string]any) {
	names := []string{p.roleName(credmock.RoleName)}
	for _, field := range public(defaultStrategy(p.spec)) {
		if _, there := sent[field.Name]; there {
			names = append(names, field.Name)
		}
	}
	differ := differences(sent, p.single(e), names)
	p.expect(e.success() && differ == "", e, "/payload", strconv.Itoa(e.status)+" with other values than were sent: "+orNothing(differ), "the credential as it was sent")
}

func judgeParallelCreates(p *probe) {
	bodies := bodies(p)
	requests := make([]request, len(bodies))
	for i, body := range bodies {
		requests[i] = request{action: "create", body: body}
	}
	ids := map[string]bool{}
	for i, e := range p.side(requests) {
		expectSent(p, e, bodies[i])
		id := e.id
		p.expect(!ids[id], e, "/payload", "an id given twice", "an id for each")
		ids[id] = true
		if e.success() && id != "" {
			expectSent(p, p.get(id), bodies[i])
		}
	}
}

func several(p *probe) []*credential {
	var list []*credential
	for _, body := range bodies(p) {
		list = append(list, p.given(defaultStrategy(p.spec), body))
	}
	return list
}

func judgeParallelUpdates(p *probe) {
	several, bodies := several(p), bodies(p)
	requests := make([]request, len(several))
	for i, made := range several {
		requests[i] = request{action: "update", id: made.id, body: p.forUpdate(bodies[i])}
	}
	for i, e := range p.side(requests) {
		expectSent(p, e, bodies[i])
		expectSent(p, p.get(several[i].id), bodies[i])
	}
}

func judgeParallelReads(p *probe) {
	several := several(p)
	var requests []request
	for range 2 {
		for _, made := range several {
			requests = append(requests, request{action: "get", id: made.id})
		}
	}
	for i, e := range p.side(requests) {
		expectSent(p, e, several[i%len(several)].sent)
	}
}

func judgeSameUpdates(p *probe) {
	standard := defaultStrategy(p.spec)
	made, bodies := p.given(standard, p.full(standard)), bodies(p)
	requests := make([]request, len(bodies))
	for i, body := range bodies {
		requests[i] = request{action: "update", id: made.id, body: p.forUpdate(body)}
	}
	for _, e := range p.side(requests) {
		p.expect(e.success() || e.refused(409, 412, 423), e, "", strconv.Itoa(e.status), "a success, or a conflict that says so")
	}
	after := p.get(made.id)
	names := []string{p.roleName(credmock.RoleName)}
	for _, field := range public(standard) {
		names = append(names, field.Name)
	}
	whole := false
	for _, body := range bodies {
		whole = whole || differences(body, p.single(after), sentNames(p, body, names)) == ""
	}
	p.expect(whole, after, "/payload", "a mixture of several updates", "one of the updates, whole")
}

func sentNames(p *probe, body map[string]any, names []string) []string {
	var sent []string
	for _, name := range names {
		if _, there := body[name]; there {
			sent = append(sent, name)
		}
	}
	return sent
}

func judgeLostUpdates(p *probe) {
	standard := defaultStrategy(p.spec)
	made := p.given(standard, p.full(standard))
	var requests []request
	changed := map[string]any{}
	for _, field := range public(standard) {
		if _, required := standard.Update.Requires(field.Name); required || made.sent[field.Name] == nil || len(requests) == atOnce {
			continue
		}
		changed[field.Name] = p.another(field, made.sent[field.Name])
		requests = append(requests, request{action: "update", id: made.id, body: made.change(map[string]any{field.Name: changed[field.Name]})})
	}
	refused := false
	for _, e := range p.side(requests) {
		refused = refused || !e.success()
	}
	if refused {
		p.pass() // a conflict that says so loses nothing
		return
	}
	after := p.get(made.id)
	differ := differences(changed, p.single(after), sentNames(p, changed, p.describedIn(changed)))
	p.expect(differ == "", after, "/payload", "an update that was answered and is lost: "+differ, "every update")
}
