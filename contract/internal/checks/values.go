package checks

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// planValues plans that values which tempt a server to improve them are stored as they were sent
// (docs/contract.md#values-stay-as-sent).
func planValues(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		if strategy == probe.DefaultStrategy(p.Spec) {
			p.Add("fields/tempting/create", "create never changes a value silently, although it looks like another one.", plan.RuledMust,
				judgeTemptingCreate(strategy))
			p.Add("fields/tempting/name", "The list has a name with blanks at its ends as it was sent.", plan.RuledMust, judgeTemptingName)
		}
		p.Add(p.Of(strategy, "fields/tempting/update"), "update never changes a value silently, although it looks like another one. ("+
			strategy.Name+")", plan.RuledMust, judgeTemptingUpdate(strategy))
		if len(probe.Optional(strategy)) > 0 {
			p.Add(p.Of(strategy, "fields/empty"), "An empty text stays, or counts as absent, and nothing else. ("+strategy.Name+")", plan.RuledMust,
				judgeEmpty(strategy))
		}
		if len(listFields(strategy)) > 0 {
			p.Add(p.Of(strategy, "fields/lists"), "A list comes back as it was sent, of one item too, and an update replaces all of it. ("+
				strategy.Name+")", plan.RuledMust, judgeLists(strategy))
		}
	}
}

// turns is the number of values that each field takes in turn.
const turns = 8

// The values by form. A server that looks at what a field means may refuse some of them, but must not correct any.
var (
	temptingTexts = []string{
		" blanks at both ends ", "null", "0042", "a\r\nb\n", "cafe\u0301", "<i>1 &lt; 2</i>", "2026-01-15", "true", "1e3",
		"{{name}} ${name} %s %20",
		"", "undefined", "-0", "+49 30", "\ttab\t", "İstanbul ß ﬁ", "2026-01-15T09:30:00+02:00", "False", "1,000.50", `{"a": 1}`, "[1, 2]",
		"a;b, c",
		"\u00a0no break\u200b", "NaN", "=1+1", "C:\\path\\", "none", "yes", "0x1F", "'it''s'", "ALL CAPS", "\u212b\u2126",
	}
	temptingURLs = []string{
		"https://Auth.Example.COM/Token/Path", "https://auth.example.com", "https://auth.example.com:443/token/",
		"https://auth.example.com/token?b=2&a=1&b=1&empty=&flag", "https://auth.example.com/a%2fb%7Ec/%C3%BC?q=%20+x",
		"https://auth.example.com/./a/../b//c/", "https://auth.example.com/token#Part", " HTTPS://auth.example.com/ü/ ",
	}
	temptingNumbers   = []string{"0060", "+3600", "3600", "007", "00", "86400", "-1", " 60 "}
	temptingTruths    = []string{"TRUE", "False", "true", "1", "0", "yes", "false", " true "}
	temptingDurations = []string{"03600s", "3600.500s", "60s", "120.0s", "1h", "PT1H", "0s", " 60s "}
	temptingLists     = []string{"write read", "read,write", "b  a  b", "A a", " read ", "a; b;c", "z\ty\tx", `["b","a"]`}
	temptingMedia     = []string{
		"Application/JSON", "application/json; charset=UTF-8", "application/json;charset=utf-8", `application/json; q="a;b"`,
		"text/plain ", "APPLICATION/X-WWW-FORM-URLENCODED", "application/json;", "text/*",
	}
	temptingAddresses = []string{
		"Builder@Project.example.com", "a+b@example.com", "BUILDER@EXAMPLE.COM", "b.u.i@example.com", "x@example.com ", "\"q\"@example.com",
		"a@EXAMPLE.com", "b@example.com.",
	}
)

var durationForm = regexp.MustCompile(`^[0-9]+[a-z]+$`)

// exampleOf returns the example of a property, or of its first alternative.
func exampleOf(property *credmock.Property) string {
	example, _ := property.Schema.Example.(string)
	for _, alternative := range property.Schema.OneOf {
		if text, isText := alternative.Value.Example.(string); isText && example == "" {
			example = text
		}
	}
	return example
}

// temptingFor returns the values for a field, by the form of its example.
func temptingFor(field *credmock.Property) []string {
	example := exampleOf(field)
	_, notNumber := strconv.ParseFloat(example, 64)
	_, notTruth := strconv.ParseBool(example)
	switch {
	case strings.Contains(example, "://"):
		return temptingURLs
	case notNumber == nil:
		return temptingNumbers
	case notTruth == nil:
		return temptingTruths
	case durationForm.MatchString(example):
		return temptingDurations
	case strings.Contains(example, " "):
		return temptingLists
	case strings.Contains(example, "@"):
		return temptingAddresses
	case strings.Contains(example, "/"):
		return temptingMedia
	}
	return temptingTexts
}

// tempting returns a value of each public field for a turn.
func tempting(p *probe.Probe, strategy *credmock.Strategy, turn int) map[string]any {
	values := map[string]any{}
	fields := slices.DeleteFunc(probe.Public(strategy), func(field *credmock.Property) bool {
		schema := field.Schema
		return !p.Takes(strategy, field) || len(schema.Enum) > 0 || schema.Pattern != "" || schema.Format != ""
	})
	for i, field := range fields {
		switch types := field.Types(); {
		case slices.Equal(types, []string{"boolean"}):
			values[field.Name] = turn%2 == 0
		case slices.Contains(types, "string"):
			list := temptingFor(field)
			at := turn
			if len(list) > turns && turn > 0 { // at first all have blanks at their ends
				at = turn*len(fields) + i // so every text stands in some field
			}
			if value := list[at%len(list)]; value != "" {
				values[field.Name] = value
			}
		}
	}
	return values
}

// temptingName returns a name of the run for a turn.
func temptingName(p *probe.Probe, turn int) string {
	name := p.RunName + " " + p.Sample.Word()
	return []string{
		name + " ", " " + name, name + "\t", name + "  two", name + " cafe\u0301", name + " <b>&amp;</b>",
		p.RunName + " " + strings.ToUpper(p.Sample.Word()), name + ".0",
	}[turn%turns]
}

// keeping is values that a server took, its answer, and the get behind it.
type keeping struct {
	values       map[string]any
	answer, next *wire.Exchange
}

// keep sends values and reads them back. If they are refused, it sends halves of them: one value that a server does not take must not
// hide the others.
func keep(p *probe.Probe, values map[string]any, send func(map[string]any) *wire.Exchange) (kept []keeping) {
	e := send(values)
	names := slices.Sorted(maps.Keys(values))
	switch half := len(names) / 2; {
	case e.Success():
		return []keeping{{values, e, p.Get(e.ID)}}
	case e.Refused() && len(names) > 1:
		kept = keep(p, probe.Without(values, names[half:]...), send)
		return append(kept, keep(p, probe.Without(values, names[:half]...), send)...)
	}
	return nil
}

// expectKept sends values as keep does, and judges both answers.
func expectKept(p *probe.Probe, values map[string]any, send func(map[string]any) *wire.Exchange,
	judge func(answer *wire.Exchange, values map[string]any)) {
	p.Pass()
	for _, one := range keep(p, values, send) {
		judge(one.answer, one.values)
		judge(one.next, one.values)
	}
}

// asSent returns a judge that expects the values of an answer as they were sent.
func asSent(p *probe.Probe) func(*wire.Exchange, map[string]any) {
	return func(answer *wire.Exchange, values map[string]any) {
		differ := jsonvalue.Differences(values, p.CredentialIn(answer), slices.Sorted(maps.Keys(values)))
		p.Expect(answer, "/payload", "changed on the way: "+differ, "what was sent, byte for byte").
			Beside(values, p.CredentialIn(answer), slices.Collect(maps.Keys(values))...).Holds(differ == "")
	}
}

// temptation is credentials that were created with tempting values, and the list with their names.
type temptation struct {
	kept []keeping
	list *wire.Exchange
}

// temptations creates the credentials. A run does so once.
func temptations(p *probe.Probe, strategy *credmock.Strategy) temptation {
	return probe.Once(p, "tempting/"+strategy.Name, func(q *probe.Probe) (all temptation) {
		defer q.DeleteOwn()
		for turn := range turns {
			values := tempting(q, strategy, turn)
			values[q.RoleName(credmock.RoleName)] = temptingName(q, turn)
			all.kept = append(all.kept, keep(q, values, func(some map[string]any) *wire.Exchange {
				return q.Create(strategy, probe.With(q.Minimal(strategy), some))
			})...)
		}
		all.list = q.Eventually(q.List, func(list *wire.Exchange) bool {
			return !slices.ContainsFunc(all.kept, func(one keeping) bool { return q.Listed(list, one.answer.ID) == nil })
		})
		return all
	})
}

func judgeTemptingCreate(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		for _, one := range temptations(p, strategy).kept {
			asSent(p)(one.answer, one.values)
			asSent(p)(one.next, one.values)
		}
	}
}

func judgeTemptingUpdate(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		made := p.MustCreate(strategy, p.Full(strategy))
		step := 1
		if strategy != probe.DefaultStrategy(p.Spec) {
			step = 2 // to save requests
		}
		for turn := 0; turn < turns; turn += step {
			values := tempting(p, strategy, turn)
			values[p.RoleName(credmock.RoleName)] = temptingName(p, turn)
			expectKept(p, values, func(some map[string]any) *wire.Exchange {
				e := p.Update(strategy, made.ID, made.Change(some))
				if e.Success() && e.ID == "" {
					e.ID = made.ID
				}
				return e
			}, asSent(p))
		}
	}
}

func judgeTemptingName(p *probe.Probe) {
	all, name := temptations(p, probe.DefaultStrategy(p.Spec)), p.RoleName(credmock.RoleName)
	p.Pass()
	expectListedNames(p, all.list, all.kept, name)
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

// listFields returns the public fields of a strategy that may be a list.
func listFields(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(probe.Public(strategy), func(field *credmock.Property) bool {
		return !slices.Contains(field.Types(), "array")
	})
}

// listsKept sends lists of three, of one, and others, each in place of the one before. A run does so once.
func listsKept(p *probe.Probe, strategy *credmock.Strategy) []keeping {
	return probe.Once(p, "lists/"+strategy.Name, func(q *probe.Probe) (kept []keeping) {
		defer q.DeleteOwn()
		var made *probe.Credential
		for turn := range 6 {
			values := map[string]any{}
			for _, field := range listFields(strategy) {
				if q.Takes(strategy, field) {
					values[field.Name] = listFor(q, field, turn)
				}
			}
			kept = append(kept, keep(q, values, func(some map[string]any) *wire.Exchange {
				if made == nil {
					body := probe.With(q.Minimal(strategy), some)
					e := q.Create(strategy, body)
					if e.Success() && e.ID != "" {
						made = &probe.Credential{Strategy: strategy, ID: e.ID, Sent: body}
					}
					return e
				}
				e := q.Update(strategy, made.ID, made.Change(some))
				e.ID = made.ID
				return e
			})...)
		}
		return kept
	})
}

func judgeLists(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		for _, one := range listsKept(p, strategy) {
			asSent(p)(one.answer, one.values)
			asSent(p)(one.next, one.values)
		}
	}
}

// judgeFieldList judges the create with a list for a field that may be a list or a string.
func judgeFieldList(strategy *credmock.Strategy, field *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		for _, one := range listsKept(p, strategy) {
			if value, sent := one.values[field.Name]; sent && one.answer.Operation.Action == "create" {
				asSent(p)(one.answer, map[string]any{field.Name: value})
				asSent(p)(one.next, map[string]any{field.Name: value})
			}
		}
	}
}

// listFor returns a list for a turn: shorter and longer ones, in an order of their own, with equal items, or a text instead.
func listFor(p *probe.Probe, field *credmock.Property, turn int) any {
	if !slices.Contains(field.Types(), "string") {
		return p.Sample.Value(field)
	}
	z, a, m := "z"+p.Sample.Text(field), "a"+p.Sample.Text(field), "M"+p.Sample.Text(field)
	if strings.Contains(exampleOf(field), "://") {
		z, a, m = p.Sample.Text(field)+"/Z/", p.Sample.Text(field), p.Sample.Text(field)+"?b&a"
	}
	return []any{[]any{z, a, m}, []any{a}, []any{m, a, m}, a, []any{z}, []any{a, z}}[turn]
}
