package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// planFields plans that what was written is read: every plain field, with its exact type and value.
func planFields(p *planner) {
	for _, strategy := range p.spec.Strategies {
		for _, field := range public(strategy) {
			for _, action := range []string{"create", "get", "update"} {
				rule := fmt.Sprintf("%s comes back in the answer of %s as it was sent, for %s.", field.Name, action, strategy.Name)
				p.add(p.of(strategy, "fields/"+action+"/"+field.Name), rule, evenInferred(field.Basis), judgeField(strategy, action, field))
			}
			if types := field.Types(); slices.Contains(types, "array") && slices.Contains(types, "string") {
				p.add(p.of(strategy, "fields/create/"+field.Name+"/list"), "A list that is sent as "+field.Name+" comes back as that list, where it is taken. ("+strategy.Name+")",
					inferredMust, judgeFieldList(strategy, field))
			}
		}
		if len(optional(strategy)) > 0 {
			p.add(p.of(strategy, "fields/null"), "null on create is as if left out, where it is taken. ("+strategy.Name+")", ruledMust, judgeNullOnCreate(strategy))
			p.add(p.of(strategy, "fields/invented"), "An answer holds no field of "+strategy.Name+" that was not sent.", ruledShould, judgeInvented(strategy))
		}
	}
	p.planAwkward()
	for _, role := range []credmock.Role{credmock.RoleName, credmock.RoleEnvironment, credmock.RoleOrganization, credmock.RoleStrategy} {
		name := roleIn(defaultStrategy(p.spec).Shown, role)
		for _, action := range []string{"create", "get", "update", "list"} {
			p.add("fields/"+action+"/"+name, name+" in the answer of "+action+" is the one that was sent.", documentedMust, judgeMetadata(action, name))
		}
	}
}

// evenInferred is the basis of a rule that holds for a field however it is known: what is taken must come back.
func evenInferred(basis credmock.Basis) credmock.Basis {
	return credmock.Basis{Evidence: basis.Evidence, Level: credmock.Must}
}

func judgeField(strategy *credmock.Strategy, action string, field *credmock.Property) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		sent, answers := j.sent, []*exchange{map[string]*exchange{"create": j.create, "get": j.get, "update": j.update}[action]}
		if action == "update" {
			sent, answers = j.changed, append(answers, j.getUpdated)
		}
		value, wasSent := sent[field.Name]
		if j.create != nil && !wasSent {
			p.skip("the target does not list %s for %s", foreign.Own(field.Name), foreign.Own(strategy.Name))
		}
		for _, e := range answers {
			credential := p.single(p.reached(j, e, action))
			p.expect(same(credential[field.Name], value), e, "/payload/"+field.Name, shownBeside(credential, field.Name, value), "the "+typeOf(value)+" that was sent")
		}
	}
}

// shownBeside describes a member that should equal a value.
func shownBeside(credential map[string]any, name string, value any) string {
	seen := shown(credential, name)
	if got, there := credential[name]; there && typeOf(got) == typeOf(value) {
		seen += ", and not the one sent"
	}
	return seen
}

func judgeInvented(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		e := p.reached(j, j.createBare, "create")
		for _, field := range optional(strategy) {
			p.expect(missing(p.single(e), field.Name), e, "/payload/"+field.Name, shown(p.single(e), field.Name), "absent or null: it was not sent")
		}
	}
}

func judgeMetadata(action, name string) func(*probe) {
	return func(p *probe) {
		for _, strategy := range p.spec.Strategies {
			judgeMetadataOf(p, p.journey(strategy), action, name)
		}
	}
}

func judgeMetadataOf(p *probe, j *journey, action, name string) {
	e := p.reached(j, map[string]*exchange{"create": j.create, "get": j.get, "update": j.update, "list": j.list}[action], action)
	credential, sent := p.single(e), j.sent
	if action == "list" {
		credential = p.listed(e, j.id)
	}
	if action == "update" {
		sent = with(j.sent, j.changed)
	}
	optional := name == p.roleName(credmock.RoleStrategy) && action != "list" && missing(credential, name)
	if credential == nil || optional {
		p.pass() // the families lifecycle and types have it
		return
	}
	p.expect(same(credential[name], sent[name]), e, "/payload/"+name, shownBeside(credential, name, sent[name]), "the one that was sent")
}

func judgeNullOnCreate(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		body := p.minimal(strategy)
		for _, field := range optional(strategy) {
			if p.takes(strategy, field) {
				body[field.Name] = nil
			}
		}
		e := p.create(strategy, body)
		p.pass()
		if !e.success() {
			return // refusing it is fine too
		}
		j := p.journey(strategy)
		bare := p.single(p.reached(j, j.createBare, "create"))
		for _, answer := range []*exchange{e, p.get(e.id)} {
			for _, field := range optional(strategy) {
				credential := p.single(answer)
				// A default that stands there without the member too has a check of its own.
				fine := missing(credential, field.Name) || same(credential[field.Name], bare[field.Name])
				p.expect(fine, answer, "/payload/"+field.Name, shown(credential, field.Name), "absent or null")
			}
		}
	}
}

// judgeFieldList sends a list for a field that may be one or a text.
func judgeFieldList(strategy *credmock.Strategy, field *credmock.Property) func(*probe) {
	return func(p *probe) {
		body := with(p.minimal(strategy), map[string]any{field.Name: []any{p.sample.Text(field), p.sample.Text(field)}})
		expectAsSent(p, p.create(strategy, body), body, []string{field.Name})
	}
}

// kind is a kind of value that a careless implementation changes or refuses.
type kind struct{ name, means, value string }

var awkwardKinds = []kind{
	{"blanks", "blanks at both ends and two in a row", "  two  blanks  "},
	{"unicode", "letters, signs and emoji beyond ASCII", "Zürich Ελλάδα 東京 🔑 e\u0301"},
	{"quotes", "quotes and backslashes", `"double" 'single' \back\slash \u0041`},
	{"markup", "markup and its escapes", `<b>&amp; &#65; ${x} {{y}} %41 +`},
	{"control", "tabs and line ends", "tab\there\r\nnext\nline"},
	{"digits", "a number with leading zeros", "007.10"},
	{"words", "a word that means something elsewhere", "null"},
	{"long", "four kibibytes", strings.Repeat("abcdefghijklmnop", 256)},
}

// planAwkward plans that unusual values come back as they were sent, or are refused, but never changed silently.
func (p *planner) planAwkward() {
	for _, strategy := range p.spec.Strategies {
		if len(freeFields(strategy)) == 0 {
			continue
		}
		for _, kind := range awkwardKinds {
			p.add(p.of(strategy, "fields/awkward/"+kind.name), "A field of "+strategy.Name+" that holds "+kind.means+" is never changed silently.",
				inferredMust, judgeAwkward(strategy, kind))
		}
	}
	standard := defaultStrategy(p.spec)
	for _, kind := range awkwardKinds {
		judge := func(q *probe) { q.alone("fields/awkward/"+kind.name, judgeAwkward(standard, kind)) }
		p.addReview("fields/awkward/"+kind.name+"/taken", "A field that holds "+kind.means+" is not refused.", ruledShould, judge, reviewTaken(kind))
	}
	p.add("fields/awkward/long/url", "A long URL is never changed silently.", inferredMust, judgeLongURL)
	p.add("fields/awkward/unicode/name", "A name beyond ASCII is never changed silently.", inferredMust, judgeAwkwardName("Zürich 東京 🔑 e\u0301"))
	p.add("fields/awkward/quotes/name", "A name with quotes and markup is never changed silently.", inferredMust, judgeAwkwardName(`"double" 'single' \ <b>&amp;</b>`))
	p.add("fields/awkward/long/name", "A name of 300 characters is never changed silently.", inferredMust, judgeAwkwardName(strings.Repeat("name", 75)))
}

// freeFields returns the plain fields of a strategy that can be any text: those that have no example to say what
// their values look like.
func freeFields(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(public(strategy), func(field *credmock.Property) bool {
		return !slices.Equal(field.Types(), []string{"string"}) || field.Schema.Example != nil || len(field.Schema.Enum) > 0
	})
}

// createAwkward sends a kind of value in every free field at once.
func createAwkward(p *probe, strategy *credmock.Strategy, kind kind) (e *exchange, body map[string]any, names []string) {
	body = p.minimal(strategy)
	for _, field := range freeFields(strategy) {
		if p.takes(strategy, field) {
			body[field.Name] = kind.value
			names = append(names, field.Name)
		}
	}
	return p.create(strategy, body), body, names
}

func judgeAwkward(strategy *credmock.Strategy, kind kind) func(*probe) {
	return func(p *probe) {
		e, body, names := createAwkward(p, strategy, kind)
		expectAsSent(p, e, body, names)
	}
}

// reviewTaken looks at what came of the check that sends the kind: sending it again would tell nothing new.
func reviewTaken(kind kind) func(*probe) {
	return func(p *probe) {
		for _, e := range p.everything() {
			if e.scope == "fields/awkward/"+kind.name && e.operation.Action == "create" && p.canJudge(e) {
				p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken: no limit is documented")
			}
		}
	}
}

// expectAsSent wants the fields to come back as they were sent, where the body was taken.
func expectAsSent(p *probe, e *exchange, body map[string]any, names []string) {
	p.pass()
	if !e.success() {
		return
	}
	for _, answer := range []*exchange{e, p.get(e.id)} {
		differ := differences(body, p.single(answer), names)
		p.expect(differ == "", answer, "/payload", "changed on the way: "+differ, "what was sent, byte for byte")
	}
}

// judgeLongURL sends two kibibytes in every field whose values are URLs.
func judgeLongURL(p *probe) {
	for _, strategy := range p.spec.Strategies {
		body := p.minimal(strategy)
		var names []string
		for _, field := range public(strategy) {
			if example, _ := field.Schema.Example.(string); strings.HasPrefix(example, "https://") && p.takes(strategy, field) {
				body[field.Name] = "https://long.example.com/" + strings.Repeat("path/", 400)
				names = append(names, field.Name)
			}
		}
		if len(names) > 0 {
			expectAsSent(p, p.create(strategy, body), body, names)
		}
	}
}

func judgeAwkwardName(end string) func(*probe) {
	return func(p *probe) {
		standard := defaultStrategy(p.spec)
		name := p.roleName(credmock.RoleName)
		body := with(p.minimal(standard), map[string]any{name: p.runName + " " + end})
		expectAsSent(p, p.create(standard, body), body, []string{name})
	}
}
