package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// planFields plans that every public field is read as it was written, with its exact type and value.
func planFields(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		for _, field := range probe.Public(strategy) {
			if field.Unlisted && strategy.Evidence != credmock.Documented {
				continue // no target is known to take it
			}
			for _, action := range []string{"create", "get", "update"} {
				rule := fmt.Sprintf("%s comes back in the answer of %s as it was sent, for %s.", field.Name, action, strategy.Name)
				p.Add(p.Of(strategy, "fields/"+action+"/"+field.Name), rule, alwaysMust(field.Basis), judgeField(strategy, action, field))
			}
			if types := field.Types(); slices.Contains(types, "array") && slices.Contains(types, "string") {
				p.Add(p.Of(strategy, "fields/create/"+field.Name+"/list"),
					"A list that is sent as "+field.Name+" comes back as that list, where it is taken. ("+strategy.Name+")",
					plan.InferredMust, judgeFieldList(strategy, field))
			}
		}
		if len(probe.Optional(strategy)) > 0 {
			p.Add(p.Of(strategy, "fields/null"), "null on create is as if left out, where it is taken. ("+strategy.Name+")", plan.RuledShould,
				judgeNullOnCreate(strategy))
			p.Add(p.Of(strategy, "fields/invented"), "An answer holds no field of "+strategy.Name+" that was not sent.", plan.RuledShould,
				judgeInvented(strategy))
		}
	}
	planAwkward(p)
	for _, role := range []credmock.Role{credmock.RoleName, credmock.RoleEnvironment, credmock.RoleOrganization, credmock.RoleStrategy} {
		name := rerun.RoleIn(probe.DefaultStrategy(p.Spec).Shown, role)
		for _, action := range []string{"create", "get", "update", "list"} {
			p.Add("fields/"+action+"/"+name, name+" in the answer of "+action+" is the one that was sent.", plan.DocumentedMust,
				judgeMetadata(action, name))
		}
	}
}

// alwaysMust returns a basis with level MUST: a field that is accepted must come back, even if it is inferred.
func alwaysMust(basis credmock.Basis) credmock.Basis {
	return credmock.Basis{Evidence: basis.Evidence, Level: credmock.Must}
}

func judgeField(strategy *credmock.Strategy, action string, field *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		sent, answers := j.Sent, []*wire.Exchange{map[string]*wire.Exchange{"create": j.Create, "get": j.Get, "update": j.Update}[action]}
		if action == "update" {
			sent, answers = j.Changed, append(answers, j.GetUpdated)
		}
		value, wasSent := sent[field.Name]
		if j.Create != nil && !wasSent {
			p.Skip("the target does not list %s for %s", foreign.Own(field.Name), foreign.Own(strategy.Name))
		}
		for _, e := range answers {
			credential := p.CredentialIn(p.Reached(j, e, action))
			p.Expect(e, "/payload/"+field.Name, shownBeside(credential, field.Name, value), "the "+jsonvalue.TypeOf(value)+" that was sent").
				Beside(sent, credential, field.Name).Holds(jsonvalue.Same(credential[field.Name], value))
		}
	}
}

// shownBeside describes a member that should equal a value.
func shownBeside(credential map[string]any, name string, value any) string {
	seen := jsonvalue.Describe(credential, name)
	if got, there := credential[name]; there && jsonvalue.TypeOf(got) == jsonvalue.TypeOf(value) {
		seen += ", and not the one sent"
	}
	return seen
}

func judgeInvented(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		e := p.Reached(j, j.CreateBare, "create")
		for _, field := range probe.Optional(strategy) {
			p.Expect(e, "/payload/"+field.Name, jsonvalue.Describe(p.CredentialIn(e), field.Name), "absent or null: it was not sent").
				Value(p.CredentialIn(e)[field.Name]).IsNull()
		}
	}
}

func judgeMetadata(action, name string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, strategy := range p.Spec.Strategies {
			judgeMetadataOf(p, p.Journey(strategy), action, name)
		}
	}
}

func judgeMetadataOf(p *probe.Probe, j *probe.Journey, action, name string) {
	e := p.Reached(j, map[string]*wire.Exchange{"create": j.Create, "get": j.Get, "update": j.Update, "list": j.List}[action], action)
	credential, sent := p.CredentialIn(e), j.Sent
	if action == "list" {
		credential = p.Listed(e, j.ID)
	}
	if action == "update" {
		sent = probe.With(j.Sent, j.Changed)
	}
	optional := name == p.RoleName(credmock.RoleStrategy) && action != "list" && jsonvalue.IsMissing(credential, name)
	if credential == nil || optional {
		p.Pass() // the families lifecycle and types check it
		return
	}
	p.Expect(e, "/payload/"+name, shownBeside(credential, name, sent[name]), "the one that was sent").
		Beside(sent, credential, name).Holds(jsonvalue.Same(credential[name], sent[name]))
}

func judgeNullOnCreate(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		body := p.Minimal(strategy)
		for _, field := range probe.Optional(strategy) {
			if p.Takes(strategy, field) {
				body[field.Name] = nil
			}
		}
		e := p.Create(strategy, body)
		p.Pass()
		if !e.Success() {
			return // a refusal is fine
		}
		j := p.Journey(strategy)
		bare := p.CredentialIn(p.Reached(j, j.CreateBare, "create"))
		for _, answer := range []*wire.Exchange{e, p.Get(e.ID)} {
			for _, field := range probe.Optional(strategy) {
				credential := p.CredentialIn(answer)
				// Another check judges a default that is there without the member too.
				fine := jsonvalue.IsMissing(credential, field.Name) || jsonvalue.Same(credential[field.Name], bare[field.Name])
				p.Expect(answer, "/payload/"+field.Name, jsonvalue.Describe(credential, field.Name), "absent or null").Holds(fine)
			}
		}
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

// planAwkward plans that unusual values come back as sent or are refused, but never changed silently.
func planAwkward(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		if len(freeFields(strategy)) == 0 {
			continue
		}
		for _, kind := range awkwardKinds {
			p.Add(p.Of(strategy, "fields/awkward/"+kind.name), "A field of "+strategy.Name+" that holds "+kind.means+" is never changed silently.",
				plan.InferredMust, judgeAwkward(strategy, kind))
		}
	}
	standard := probe.DefaultStrategy(p.Spec)
	for _, kind := range awkwardKinds {
		p.Add("fields/awkward/"+kind.name+"/taken", "A field that holds "+kind.means+" is not refused.", plan.RuledShould,
			judgeTaken(standard, kind))
	}
	p.Add("fields/awkward/long/url", "A long URL is never changed silently.", plan.InferredMust, judgeLongURL)
	p.Add(unicodeName, "A name beyond ASCII is never changed silently.", plan.InferredMust, judgeUnicodeName)
	p.Add("fields/awkward/quotes/name", "A name with quotes and markup is never changed silently.", plan.InferredMust,
		judgeAwkwardName("quotes"))
	p.Add("fields/awkward/long/name", "A name of 300 characters is never changed silently.", plan.InferredMust,
		judgeAwkwardName("long"))
}

// freeFields returns the public fields of a strategy that accept any text: their schemas have neither an example nor an enum.
func freeFields(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(probe.Public(strategy), func(field *credmock.Property) bool {
		return !slices.Equal(field.Types(), []string{"string"}) || field.Schema.Example != nil || len(field.Schema.Enum) > 0
	})
}

// awkward is the credentials that were created with unusual values of a kind: one, unless a server refuses some of them.
type awkward struct {
	first *wire.Exchange // the answer to the create with all values
	kept  []keeping
	list  *wire.Exchange // the list with them, if their name is unusual too; may be nil
}

// awkwardScope is the scope of the requests of playAwkward.
func awkwardScope(strategy *credmock.Strategy, name string) string {
	return "awkward/" + strategy.Name + "/" + name
}

// playAwkward creates a credential with values of a kind, secrets among them, and updates its secrets. A run does so once.
func playAwkward(p *probe.Probe, strategy *credmock.Strategy, name string) awkward {
	return probe.Once(p, awkwardScope(strategy, name), func(q *probe.Probe) (all awkward) {
		defer q.DeleteOwn()
		values := awkwardValues(q, strategy, name)
		all.kept = keep(q, values, func(some map[string]any) *wire.Exchange {
			e := q.Create(strategy, probe.With(q.Minimal(strategy), some))
			all.first = cmp.Or(all.first, e)
			return e
		})
		if _, isNamed := values[q.RoleName(credmock.RoleName)]; isNamed {
			all.list = q.Eventually(q.List, func(list *wire.Exchange) bool {
				return !slices.ContainsFunc(all.kept, func(one keeping) bool { return q.Listed(list, one.answer.ID) == nil })
			})
		}
		updateAwkward(q, strategy, name, all.kept)
		return all
	})
}

// awkwardNames are the ends of the names that go with some kinds of values.
var awkwardNames = map[string]string{
	"quotes": `"double" 'single' \ <b>&amp;</b>`, "unicode": "Zürich 東京 🔑 e\u0301", "long": strings.Repeat("name", 75),
}

// awkwardValues returns a value of a kind for every field and secret that takes one, and for the name.
func awkwardValues(p *probe.Probe, strategy *credmock.Strategy, name string) map[string]any {
	values := awkwardSecretsOf(p, strategy, name)
	at := slices.IndexFunc(awkwardKinds, func(one kind) bool { return one.name == name })
	if at < 0 {
		return values
	}
	for _, field := range freeFields(strategy) {
		if p.Takes(strategy, field) {
			values[field.Name] = awkwardKinds[at].value
		}
	}
	for _, field := range urlFields(strategy) {
		if name == "long" && p.Takes(strategy, field) {
			values[field.Name] = "https://long.example.com/" + strings.Repeat("path/", 400)
		}
	}
	if end := awkwardNames[name]; end != "" && strategy == probe.DefaultStrategy(p.Spec) {
		values[p.RoleName(credmock.RoleName)] = p.RunName + " " + end
	}
	return values
}

// urlFields returns the public fields of a strategy that hold a URL.
func urlFields(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(probe.Public(strategy), func(field *credmock.Property) bool {
		example, _ := field.Schema.Example.(string)
		return !strings.HasPrefix(example, "https://")
	})
}

// expectAwkward expects those values of a kind that the server took, of some fields, as they were sent.
func expectAwkward(p *probe.Probe, all awkward, fields []*credmock.Property) {
	p.Pass()
	for _, one := range all.kept {
		some := map[string]any{}
		for _, field := range fields {
			if value, sent := one.values[field.Name]; sent {
				some[field.Name] = value
			}
		}
		asSent(p)(one.answer, some)
		asSent(p)(one.next, some)
	}
}

func judgeAwkward(strategy *credmock.Strategy, kind kind) func(*probe.Probe) {
	return func(p *probe.Probe) { expectAwkward(p, playAwkward(p, strategy, kind.name), freeFields(strategy)) }
}

func judgeTaken(strategy *credmock.Strategy, kind kind) func(*probe.Probe) {
	return func(p *probe.Probe) {
		all := playAwkward(p, strategy, kind.name)
		refused := slices.ContainsFunc(freeFields(strategy), func(field *credmock.Property) bool {
			return p.Takes(strategy, field) && !slices.ContainsFunc(all.kept, func(one keeping) bool {
				_, taken := one.values[field.Name]
				return taken
			})
		})
		p.ExpectStatus(all.first, "taken: no limit is documented").Holds(!refused)
	}
}

func judgeLongURL(p *probe.Probe) {
	for _, strategy := range p.Spec.Strategies {
		if fields := urlFields(strategy); len(fields) > 0 {
			expectAwkward(p, playAwkward(p, strategy, "long"), fields)
		}
	}
}

func judgeAwkwardName(kind string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		standard, name := probe.DefaultStrategy(p.Spec), p.RoleName(credmock.RoleName)
		all := playAwkward(p, standard, kind)
		expectAwkward(p, all, []*credmock.Property{standard.Create.Role(credmock.RoleName)})
		expectListedNames(p, all.list, all.kept, name)
	}
}

// expectListedNames expects the list to show each credential that was sent a name with that name.
func expectListedNames(p *probe.Probe, list *wire.Exchange, kept []keeping, name string) {
	for _, one := range kept {
		if sent, has := one.values[name]; has {
			item := p.Listed(list, one.answer.ID)
			p.Expect(list, "/payload/"+list.Operation.Member, shownBeside(item, name, sent), "the name that was sent").
				Beside(map[string]any{name: sent}, item, name).Holds(jsonvalue.Same(item[name], sent))
		}
	}
}

// unicodeName is the id of the check that sends a name beyond ASCII.
const unicodeName = "fields/awkward/unicode/name"

func judgeUnicodeName(p *probe.Probe) { judgeAwkwardName("unicode")(p) }

// expectAsSent expects the fields to come back as sent, if the body was accepted.
func expectAsSent(p *probe.Probe, e *wire.Exchange, body map[string]any, names []string) {
	p.Pass()
	if !e.Success() {
		return
	}
	for _, answer := range []*wire.Exchange{e, p.Get(e.ID)} {
		differ := p.Differences(body, p.CredentialIn(answer), names)
		p.Expect(answer, "/payload", "changed on the way: "+differ, "what was sent, byte for byte").
			Beside(body, p.CredentialIn(answer), names...).Holds(differ == "")
	}
}

// emptyValues returns an empty text for each optional field that takes any.
func emptyValues(p *probe.Probe, strategy *credmock.Strategy) map[string]any {
	empty := map[string]any{}
	for _, field := range probe.Optional(strategy) {
		if p.Takes(strategy, field) && slices.Contains(field.Types(), "string") && len(field.Schema.Enum) == 0 {
			empty[field.Name] = ""
		}
	}
	return empty
}

// judgeEmpty sends empty texts. On update, absent means as before.
func judgeEmpty(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		expect := func(before map[string]any) func(*wire.Exchange, map[string]any) {
			return func(answer *wire.Exchange, values map[string]any) {
				for name := range values {
					value := p.CredentialIn(answer)[name]
					p.Expect(answer, "/payload/"+name, jsonvalue.Describe(p.CredentialIn(answer), name), "the empty text, or as if it had been absent").
						Holds(value == nil || value == "" || before[name] != nil && jsonvalue.Same(value, before[name]))
				}
			}
		}
		j := p.Journey(strategy) // what is there without the members is judged elsewhere
		bare := p.CredentialIn(p.Reached(j, j.CreateBare, "create"))
		expectKept(p, emptyValues(p, strategy), func(some map[string]any) *wire.Exchange {
			return p.Create(strategy, probe.With(p.Minimal(strategy), some))
		}, expect(bare))
		story := storyOfUpdates(p, strategy)
		for _, one := range story.emptied {
			expect(story.made.Sent)(one.answer, one.values)
			expect(story.made.Sent)(one.next, one.values)
		}
	}
}
