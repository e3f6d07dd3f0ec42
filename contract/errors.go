package contract

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
)

// planErrors plans what a client may send without breaking anything (docs/contract.md#statuses).
func planErrors(p *planner) {
	standard := defaultStrategy(p.spec)
	for _, action := range []string{"create", "update"} {
		for _, bad := range badBodies {
			p.add("errors/"+action+"/"+bad.name, action+" with "+bad.means+" is refused, and changes nothing.", bad.basis, judgeBadBody(action, bad))
		}
		for _, odd := range oddBodies {
			p.add("errors/"+action+"/"+odd.name, action+" with "+odd.means+" is answered, and never with a 5xx.", ruledMust, judgeOddBody(action, odd))
		}
	}
	p.add("errors/create/environment", "create in an environment that nothing has is refused.", ruledMust, judgeUnknownEnvironmentInBody)
	p.add("errors/create/organization", "create with an organization that is not the environment's is refused.", ruledShould,
		judgeRefusedCreate(standard, func(q *probe, body map[string]any) map[string]any {
			return with(body, map[string]any{q.roleName(credmock.RoleOrganization): q.organization + 1})
		}))
	p.add("errors/create/no-organization", "create without an organization is taken: it is the environment's.", ruledShould, judgeNoOrganization)
	p.add("errors/method", "A method that a path does not answer is refused.", ruledShould, judgeMethod)
	p.addReview("errors/server", "Nothing that a client sends is answered with a 5xx.", ruledMust, (*probe).travelAll, reviewServerErrors)
}

// badBody is a body that must be refused.
type badBody struct {
	name, means string
	basis       credmock.Basis
	statuses    []int
	mediaType   string
	raw         func(good string) string
}

var badBodies = []badBody{
	{"malformed", "malformed JSON", ruledMust, invalid, "", func(good string) string { return good[:len(good)-1] }},
	{"empty", "an empty body", ruledMust, invalid, "", func(string) string { return "" }},
	{"array", "an array", ruledMust, invalid, "", func(good string) string { return "[" + good + "]" }},
	{"string", "a string", ruledMust, invalid, "", func(string) string { return `"text"` }},
	{"null", "null", ruledMust, invalid, "", func(string) string { return "null" }},
	{"trailing", "something behind the JSON value", ruledShould, invalid, "", func(good string) string { return good + "}" }},
	{"nul", "a NUL byte in it", ruledShould, invalid, "", func(good string) string { return "\x00" + good }},
	{"utf8", "invalid UTF-8", ruledShould, invalid, "", func(good string) string {
		return strings.Replace(good, runPrefix, runPrefix+"\xff\xfe", 1)
	}},
	{"large", "a body of two mebibytes", ruledMust, nil, "", func(good string) string {
		return strings.Replace(good, runPrefix, runPrefix+strings.Repeat("x", 2<<20), 1)
	}},
	{"media-type", "a body that is said to be plain text", ruledShould, []int{415, 400}, "text/plain", func(good string) string { return good }},
}

// oddBody is a body that may be taken or refused.
type oddBody struct {
	name, means string
	raw         func(good string) string
}

var oddBodies = []oddBody{
	{"deep", "a value nested a thousand levels deep", func(good string) string {
		return `{"nested":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "," + good[1:]
	}},
	{"deepest", "brackets a hundred thousand levels deep", func(string) string { return strings.Repeat("[", 100_000) }},
	{"duplicate", "a member given twice", func(good string) string { return `{"name":"` + runPrefix + `twice",` + good[1:] }},
	{"escaped-nul", "an escaped NUL", func(good string) string { return strings.Replace(good, runPrefix, runPrefix+`\u0000`, 1) }},
	{"surrogate", "half of a surrogate pair", func(good string) string { return strings.Replace(good, runPrefix, runPrefix+`\ud800`, 1) }},
	{"number", "a number beyond every type", func(good string) string { return `{"number":1e99999,` + good[1:] }},
	{"prototype", "names that mean something to JavaScript", func(good string) string {
		return `{"__proto__":{"x":1},"constructor":null,` + good[1:]
	}},
	{"empty-name", "a member without a name", func(good string) string { return `{"":1,` + good[1:] }},
}

// goodBody returns a body of the action that would be taken, as text, and what it would change.
func goodBody(p *probe, action string) (text, id string) {
	standard := defaultStrategy(p.spec)
	if action == "create" {
		return canonical(p.full(standard)), ""
	}
	made := p.given(standard, p.full(standard))
	changed := made.change(map[string]any{p.roleName(credmock.RoleName): p.runName + " " + p.sample.Word()})
	return canonical(changed), made.id
}

func judgeBadBody(action string, bad badBody) func(*probe) {
	return func(p *probe) {
		standard := defaultStrategy(p.spec)
		if action == "update" {
			p.attack(standard, func(made *credential) *exchange {
				changed := made.change(map[string]any{p.roleName(credmock.RoleName): p.runName + " " + p.sample.Word()})
				return sendBad(p, bad, request{action: action, id: made.id}, canonical(changed))
			})
			return
		}
		body := p.full(standard)
		e := sendBad(p, bad, request{action: action}, canonical(body))
		if e.failure == nil {
			p.expectNotListed(e, body)
		}
	}
}

// sendBad sends the bad form of a good body, and wants it refused.
func sendBad(p *probe, bad badBody, r request, good string) *exchange {
	r.raw, r.mediaType = []byte(bad.raw(good)), orJSON(bad.mediaType)
	p.mayAsk(r)
	e := p.try(r)
	switch {
	case e.failure != nil && bad.statuses == nil:
		p.pass() // a server may hang up on a body that is too large
	case bad.statuses == nil:
		p.answered(e)
		p.expect(e.refused(), e, "", strconv.Itoa(e.status), "a refusal with a 4xx")
	default:
		p.answered(e)
		p.expectRefused(e, bad.statuses...)
	}
	return e
}

func orJSON(mediaType string) string {
	if mediaType == "" {
		return "application/json"
	}
	return mediaType
}

func judgeOddBody(action string, odd oddBody) func(*probe) {
	return func(p *probe) {
		good, id := goodBody(p, action)
		e := p.do(request{action: action, id: id, raw: []byte(odd.raw(good)), mediaType: "application/json"})
		p.expect(e.status < 500, e, "", strconv.Itoa(e.status), "any answer but a 5xx")
	}
}

func judgeUnknownEnvironmentInBody(p *probe) {
	standard := defaultStrategy(p.spec)
	e := p.create(standard, with(p.full(standard), map[string]any{p.roleName(credmock.RoleEnvironment): p.unknownEnvironment()}))
	p.expectRefused(e, 400, 422, 404)
}

func judgeNoOrganization(p *probe) {
	standard := defaultStrategy(p.spec)
	name := p.roleName(credmock.RoleOrganization)
	e := p.create(standard, without(p.full(standard), name))
	if p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken") {
		p.expect(missing(p.single(e), name) || same(p.single(e)[name], p.organization), e, "/payload/"+name, shown(p.single(e), name), "the environment's organization")
	}
}

func judgeMethod(p *probe) {
	standard := defaultStrategy(p.spec)
	p.attack(standard, func(made *credential) *exchange {
		e := p.do(request{action: "get", id: made.id, edit: func(r *http.Request) { r.Method = http.MethodPut }})
		p.expect(e.refused(), e, "", strconv.Itoa(e.status), "a refusal with a 4xx")
		return e
	})
}

func reviewServerErrors(p *probe) {
	told := map[string]bool{}
	for _, e := range p.everything() {
		if !p.canJudge(e) {
			continue
		}
		key := e.method + " " + e.template + " " + strconv.Itoa(e.status)
		if e.status >= 500 && !told[key] {
			told[key] = true
			p.fail(e, "", strconv.Itoa(e.status), "any answer but a 5xx")
		}
	}
}
