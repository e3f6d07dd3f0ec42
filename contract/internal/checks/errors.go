package checks

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/lazy"
)

// planErrors plans how requests of a client with mistakes are answered (docs/contract.md#statuses).
func planErrors(p *plan.Builder) {
	standard := probe.DefaultStrategy(p.Spec)
	for _, action := range []string{"create", "update"} {
		for _, bad := range badBodies {
			p.Add("errors/"+action+"/"+bad.name, action+" with "+bad.means+" is refused, and changes nothing.", bad.basis, judgeBadBody(action, bad))
		}
		for _, odd := range oddBodies {
			p.Add("errors/"+action+"/"+odd.name, action+" with "+odd.means+" is answered, and never with a 5xx.", plan.RuledMust,
				judgeOddBody(action, odd))
		}
	}
	p.Add("errors/create/media-type/spelling", "create and update take a JSON body, however its media type is spelled.", plan.RuledMust,
		judgeSpellings)
	p.Add("errors/create/environment", "create in an environment that nothing has is refused.", plan.RuledMust, judgeUnknownEnvironmentInBody)
	p.Add("errors/create/organization", "create with an organization that is not the environment's is refused.", plan.RuledShould,
		judgeRefusedCreate(standard, func(q *probe.Probe, body map[string]any) map[string]any {
			return probe.With(body, map[string]any{q.RoleName(credmock.RoleOrganization): q.Organization + 1})
		}))
	p.Add("errors/create/no-organization", "create without an organization is taken: it is the environment's.", plan.RuledShould,
		judgeNoOrganization)
	p.Add("errors/method", "A method that a path does not answer is refused.", plan.RuledShould, judgeMethod)
	p.AddReview("errors/server", "Nothing that a client sends is answered with a 5xx.", plan.RuledMust, (*probe.Probe).
		RunJourneys, reviewServerErrors)
}

// badBody is a body that must be refused.
type badBody struct {
	name, means string
	basis       credmock.Basis
	statuses    []int
	mediaType   string
	raw         func(p *probe.Probe, action, good string) []string // one or several, each bad
}

// one returns a single bad body.
func one(change func(good string) string) func(*probe.Probe, string, string) []string {
	return func(_ *probe.Probe, _, good string) []string { return []string{change(good)} }
}

// syntax is a sort of syntax error. Each form is a whole body with this error and no other, so that a parser that takes it is told from
// one that does not. The seed chooses a form.
type syntax []func(good string) string

// The sorts that real parsers take. A byte order mark is none: RFC 8259 lets a parser ignore it.
var (
	unfinished = syntax{func(good string) string { return good[:len(good)-1] }}
	lastComma  = syntax{func(good string) string { return good[:len(good)-1] + ",}" }}
	comment    = syntax{
		func(good string) string { return "{/* body */" + good[1:] },
		func(good string) string { return "{// body\n" + good[1:] },
		func(good string) string { return "{# body\n" + good[1:] },
	}
	singleQuotes = syntax{func(good string) string { return renamed(good, "'") }}
	noQuotes     = syntax{func(good string) string { return renamed(good, "") }}
	noNumber     = syntax{withUnknown("NaN"), withUnknown("Infinity"), withUnknown("-Infinity"), withUnknown("undefined"), withUnknown("True")}
	hex          = syntax{respeltNumber("0x%x")}
	decimal      = syntax{respeltNumber("0%d"), respeltNumber("+%d"), respeltNumber("%d.")}
	inText       = syntax{
		inName("\t"), inName("\n"), inName("\x01"), inName(`\x41`), inName(`\'`), inName(`\a`),
	}
	punctuation = syntax{
		func(good string) string { return strings.Replace(good, `,"`, ` "`, 1) },
		func(good string) string { return strings.Replace(good, `,"`, `,,"`, 1) },
		func(good string) string { return strings.Replace(good, `,"`, `;"`, 1) },
		func(good string) string { return strings.Replace(good, `":`, `"=`, 1) },
		func(good string) string { return "{," + good[1:] },
	}
)

// inName puts a part into the name of the body's record.
func inName(part string) func(string) string {
	return func(good string) string {
		return strings.Replace(good, leftover.NamePrefix, leftover.NamePrefix+part, 1)
	}
}

// renamed writes the first member's name with other quotes, or with none.
func renamed(good, quote string) string {
	name, rest, _ := strings.Cut(good[2:], `"`)
	return "{" + quote + name + quote + rest
}

// withUnknown adds a member of a value that JSON has not. A server that ignores unknown members must not overlook it.
func withUnknown(value string) func(string) string {
	return func(good string) string { return `{"number":` + value + "," + good[1:] }
}

var numberMember = lazy.Regexp(`":[0-9]+`)

// respeltNumber writes a number of the body in another form, or one of a member of its own.
func respeltNumber(form string) func(string) string {
	return func(good string) string {
		if !numberMember().MatchString(good) {
			good = `{"number":118,` + good[1:]
		}
		place := numberMember().FindStringIndex(good)
		number, _ := strconv.ParseInt(good[place[0]+2:place[1]], 10, 64) // a large one is written as the largest
		return good[:place[0]+2] + fmt.Sprintf(form, number) + good[place[1]:]
	}
}

// malformed returns bodies that are not JSON, and that a generous reader may take. Create and update share the sorts, since most servers
// read both with one parser.
func malformed(p *probe.Probe, action, good string) (bodies []string) {
	sorts := []syntax{inText, append(slices.Clone(punctuation), decimal...), unfinished, lastComma, hex}
	if action == "update" {
		sorts = []syntax{singleQuotes, comment, noNumber, noQuotes, unfinished}
	}
	for _, sort := range sorts {
		bodies = append(bodies, sort[p.Sample.Number(0, len(sort)-1)](good))
	}
	return bodies
}

// trailing returns bodies in which something follows the value.
func trailing(_ *probe.Probe, action, good string) []string {
	if action == "update" {
		return []string{good + "\n" + good}
	}
	return []string{good + "}", good + " garbage"}
}

// notUTF8 returns bodies that are no UTF-8: in Latin-1, in UTF-16 with its mark, with half a surrogate pair, and with a slash in two
// bytes.
func notUTF8(_ *probe.Probe, action, good string) []string {
	if action == "update" {
		return []string{inName("\xed\xa0\xbd")(good), inName("\xc0\xaf")(good)}
	}
	inUTF16 := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(good)) {
		inUTF16 = append(inUTF16, byte(unit&0xff), byte(unit>>8))
	}
	return []string{inName("Z\xfcrich")(good), string(inUTF16)}
}

var badBodies = []badBody{
	{"malformed", "malformed JSON", plan.RuledMust, probe.InvalidStatuses, "", malformed},
	{"empty", "an empty body", plan.RuledMust, probe.InvalidStatuses, "", one(func(string) string { return "" })},
	{"array", "an array", plan.RuledMust, probe.InvalidStatuses, "", one(func(good string) string { return "[" + good + "]" })},
	{"string", "a string", plan.RuledMust, probe.InvalidStatuses, "", one(func(string) string { return `"text"` })},
	{"null", "null", plan.RuledMust, probe.InvalidStatuses, "", one(func(string) string { return "null" })},
	{"trailing", "something behind the JSON value", plan.RuledMust, probe.InvalidStatuses, "", trailing},
	{"nul", "a NUL byte in it", plan.RuledMust, probe.InvalidStatuses, "", one(func(good string) string { return "\x00" + good })},
	{"utf8", "invalid UTF-8", plan.RuledMust, probe.InvalidStatuses, "", notUTF8},
	{"large", "a body of two mebibytes", plan.RuledMust, nil, "", one(func(good string) string {
		return strings.Replace(good, leftover.NamePrefix, leftover.NamePrefix+strings.Repeat("x", 2<<20), 1)
	})},
	{"media-type", "a body that is said to be plain text", plan.RuledShould, []int{415, 400}, "text/plain",
		one(func(good string) string { return good })},
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

// goodBody returns a valid body for the action as text, and the id of its credential, which all updates share.
func goodBody(p *probe.Probe, action string) (text, id string) {
	standard := probe.DefaultStrategy(p.Spec)
	if action == "create" {
		return jsonvalue.Canonical(p.Full(standard)), ""
	}
	made := probe.Once(p, "odd", func(q *probe.Probe) *probe.Credential { return q.MustCreate(standard, q.Full(standard)) })
	changed := made.Change(map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()})
	return jsonvalue.Canonical(changed), made.ID
}

func judgeBadBody(action string, bad badBody) func(*probe.Probe) {
	return func(p *probe.Probe) {
		standard := probe.DefaultStrategy(p.Spec)
		if action == "update" {
			p.AgainstFixture(standard, func(made *probe.Credential) *wire.Exchange {
				changed := probe.With(storedSecrets(made),
					made.Change(map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()}))
				return sendBad(p, bad, probe.Request{Action: action, ID: made.ID}, jsonvalue.Canonical(changed))[0]
			})
			return
		}
		body := p.Full(standard)
		for _, e := range sendBad(p, bad, probe.Request{Action: action}, jsonvalue.Canonical(body)) {
			if e.Failure == nil {
				p.ExpectNotListed(e, body)
			}
		}
	}
}

// sendBad sends the bad forms of a good body at the same time, and expects each to be refused.
func sendBad(p *probe.Probe, bad badBody, r probe.Request, good string) []*wire.Exchange {
	r.MediaType = orJSON(bad.mediaType)
	p.RequireVisible(r)
	var requests []probe.Request
	for _, text := range bad.raw(p, r.Action, good) {
		r.Raw = []byte(text)
		requests = append(requests, r)
	}
	if bad.statuses == nil {
		e := p.Try(requests[0])
		if e.Failure != nil {
			p.Pass() // a server may hang up on a body that is too large
			return []*wire.Exchange{e}
		}
		p.Answered(e)
		p.ExpectStatus(e, "a refusal with a 4xx").Holds(e.Refused())
		return []*wire.Exchange{e}
	}
	answers := p.WriteTogether(requests)
	for _, e := range answers {
		p.ExpectRefused(e, bad.statuses...)
	}
	return answers
}

func orJSON(mediaType string) string {
	if mediaType == "" {
		return "application/json"
	}
	return mediaType
}

// spellings are media types that RFC 9110 does not tell from the plain one.
var spellings = []string{"Application/JSON", "application/json; charset=utf-8", `application/json;Charset="UTF-8"`}

func judgeSpellings(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	for _, spelling := range spellings {
		sent := p.Full(standard)
		e := p.Do(probe.Request{Action: "create", Body: sent, MediaType: spelling})
		if !p.ExpectStatus(e, "taken: "+spelling+" is JSON").Holds(e.Success()) {
			continue
		}
		made := &probe.Credential{Strategy: standard, ID: e.ID, Sent: sent}
		e = p.Do(probe.Request{Action: "update", ID: made.ID, Body: made.Change(nil), MediaType: spelling})
		p.ExpectStatus(e, "taken: "+spelling+" is JSON").Holds(e.Success())
	}
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
		if !p.CanJudge(e) || probe.IsOfGateway(e) { // the check that sent it has sent it again
			continue
		}
		key := e.Method + " " + e.Template + " " + strconv.Itoa(e.Status)
		if e.Status >= 500 && !told[key] {
			told[key] = true
			p.Fail(e, "", strconv.Itoa(e.Status), "any answer but a 5xx")
		}
	}
}
