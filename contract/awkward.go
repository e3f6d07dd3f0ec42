package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
)

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
