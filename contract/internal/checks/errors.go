package checks

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// planErrors plans how requests of a client with mistakes are answered (docs/contract.md#statuses).
func planErrors(p *planner) {
	standard := probe.DefaultStrategy(p.spec)
	for _, action := range []string{"create", "update"} {
		for _, bad := range badBodies {
			p.Add("errors/"+action+"/"+bad.name, action+" with "+bad.means+" is refused, and changes nothing.", bad.basis, judgeBadBody(action, bad))
		}
		for _, odd := range oddBodies {
			p.Add("errors/"+action+"/"+odd.name, action+" with "+odd.means+" is answered, and never with a 5xx.", ruledMust,
				judgeOddBody(action, odd))
		}
	}
	p.Add("errors/create/environment", "create in an environment that nothing has is refused.", ruledMust, judgeUnknownEnvironmentInBody)
	p.Add("errors/create/organization", "create with an organization that is not the environment's is refused.", ruledShould,
		judgeRefusedCreate(standard, func(q *probe.Probe, body map[string]any) map[string]any {
			return probe.With(body, map[string]any{q.RoleName(credmock.RoleOrganization): q.Organization + 1})
		}))
	p.Add("errors/create/no-organization", "create without an organization is taken: it is the environment's.", ruledShould,
		judgeNoOrganization)
	p.Add("errors/method", "A method that a path does not answer is refused.", ruledShould, judgeMethod)
	p.addReview("errors/server", "Nothing that a client sends is answered with a 5xx.", ruledMust, (*probe.Probe).
		RunJourneys, reviewServerErrors)
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
	{"malformed", "malformed JSON", ruledMust, probe.InvalidStatuses, "", func(good string) string { return good[:len(good)-1] }},
	{"empty", "an empty body", ruledMust, probe.InvalidStatuses, "", func(string) string { return "" }},
	{"array", "an array", ruledMust, probe.InvalidStatuses, "", func(good string) string { return "[" + good + "]" }},
	{"string", "a string", ruledMust, probe.InvalidStatuses, "", func(string) string { return `"text"` }},
	{"null", "null", ruledMust, probe.InvalidStatuses, "", func(string) string { return "null" }},
	{"trailing", "something behind the JSON value", ruledShould, probe.InvalidStatuses, "", func(good string) string { return good + "}" }},
	{"nul", "a NUL byte in it", ruledShould, probe.InvalidStatuses, "", func(good string) string { return "\x00" + good }},
	{"utf8", "invalid UTF-8", ruledShould, probe.InvalidStatuses, "", func(good string) string {
		return strings.Replace(good, leftover.NamePrefix, leftover.NamePrefix+"\xff\xfe", 1)
	}},
	{"large", "a body of two mebibytes", ruledMust, nil, "", func(good string) string {
		return strings.Replace(good, leftover.NamePrefix, leftover.NamePrefix+strings.Repeat("x", 2<<20), 1)
	}},
	{"media-type", "a body that is said to be plain text", ruledShould, []int{415, 400}, "text/plain",
		func(good string) string { return good }},
}

// oddBody is a body that may be accepted or refused.
type oddBody struct {
	name, means string
	raw         func(good string) string
}

var oddBodies = []oddBody{
	{"deep", "a value nested a thousand levels deep", func(good string) string {
		return `{"nested":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "," + good[1:]
	}},
	{"deepest", "brackets a hundred thousand levels deep", func(string) string { return strings.Repeat("[", 100_000) }},
	{"duplicate", "a member given twice", func(good string) string { return `{"name":"` + leftover.NamePrefix + `twice",` + good[1:] }},
	{"escaped-nul", "an escaped NUL", func(good string) string {
		return strings.Replace(good, leftover.NamePrefix, leftover.NamePrefix+`\u0000`, 1)
	}},
	{"surrogate", "half of a surrogate pair", func(good string) string {
		return strings.Replace(good, leftover.NamePrefix, leftover.NamePrefix+`\ud800`, 1)
	}},
	{"number", "a number beyond every type", func(good string) string { return `{"number":1e99999,` + good[1:] }},
	{"prototype", "names that mean something to JavaScript", func(good string) string {
		return `{"__proto__":{"x":1},"constructor":null,` + good[1:]
	}},
	{"empty-name", "a member without a name", func(good string) string { return `{"":1,` + good[1:] }},
}

// goodBody returns a valid body for the action as text, and the id of its credential.
func goodBody(p *probe.Probe, action string) (text, id string) {
	standard := probe.DefaultStrategy(p.Spec)
	if action == "create" {
		return jsonvalue.Canonical(p.Full(standard)), ""
	}
	made := p.MustCreate(standard, p.Full(standard))
	changed := made.Change(map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()})
	return jsonvalue.Canonical(changed), made.ID
}

func judgeBadBody(action string, bad badBody) func(*probe.Probe) {
	return func(p *probe.Probe) {
		standard := probe.DefaultStrategy(p.Spec)
		if action == "update" {
			p.AgainstFixture(standard, func(made *probe.Credential) *wire.Exchange {
				changed := made.Change(map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()})
				return sendBad(p, bad, probe.Request{Action: action, ID: made.ID}, jsonvalue.Canonical(changed))
			})
			return
		}
		body := p.Full(standard)
		e := sendBad(p, bad, probe.Request{Action: action}, jsonvalue.Canonical(body))
		if e.Failure == nil {
			p.ExpectNotListed(e, body)
		}
	}
}

// sendBad sends the bad form of a good body and expects it to be refused.
func sendBad(p *probe.Probe, bad badBody, r probe.Request, good string) *wire.Exchange {
	r.Raw, r.MediaType = []byte(bad.raw(good)), orJSON(bad.mediaType)
	p.RequireVisible(r)
	e := p.Try(r)
	switch {
	case e.Failure != nil && bad.statuses == nil:
		p.Pass() // a server may hang up on a body that is too large
	case bad.statuses == nil:
		p.Answered(e)
		p.ExpectStatus(e, "a refusal with a 4xx").Holds(e.Refused())
	default:
		p.Answered(e)
		p.ExpectRefused(e, bad.statuses...)
	}
	return e
}

func orJSON(mediaType string) string {
	if mediaType == "" {
		return "application/json"
	}
	return mediaType
}

func judgeOddBody(action string, odd oddBody) func(*probe.Probe) {
	return func(p *probe.Probe) {
		good, id := goodBody(p, action)
		e := p.Do(probe.Request{Action: action, ID: id, Raw: []byte(odd.raw(good)), MediaType: "application/json"})
		p.ExpectStatus(e, "any answer but a 5xx").Holds(e.Status < 500)
	}
}

func judgeUnknownEnvironmentInBody(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	e := p.Create(standard, probe.With(p.Full(standard), map[string]any{p.RoleName(credmock.RoleEnvironment): p.UnknownEnvironment()}))
	p.ExpectRefused(e, 400, 422, 404)
}

func judgeNoOrganization(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	name := p.RoleName(credmock.RoleOrganization)
	e := p.Create(standard, probe.Without(p.Full(standard), name))
	if p.ExpectStatus(e, "taken").Holds(e.Success()) {
		p.Expect(e, "/payload/"+name, jsonvalue.Describe(p.CredentialIn(e), name), "the environment's organization").
			Holds(jsonvalue.IsMissing(p.CredentialIn(e), name) || jsonvalue.Same(p.CredentialIn(e)[name], p.Organization))
	}
}

func judgeMethod(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	p.AgainstFixture(standard, func(made *probe.Credential) *wire.Exchange {
		e := p.Do(probe.Request{Action: "get", ID: made.ID, Edit: func(r *http.Request) { r.Method = http.MethodPut }})
		p.ExpectStatus(e, "a refusal with a 4xx").Holds(e.Refused())
		return e
	})
}

func reviewServerErrors(p *probe.Probe) {
	told := map[string]bool{}
	for _, e := range p.All() {
		if !p.CanJudge(e) {
			continue
		}
		key := e.Method + " " + e.Template + " " + strconv.Itoa(e.Status)
		if e.Status >= 500 && !told[key] {
			told[key] = true
			p.Fail(e, "", strconv.Itoa(e.Status), "any answer but a 5xx")
		}
	}
}
