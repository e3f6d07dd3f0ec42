package checks

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// planValues plans that values which tempt a server to improve them are stored as they were sent
// (docs/contract.md#values-stay-as-sent).
func planValues(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		if strategy == probe.DefaultStrategy(p.Spec) {
			p.Add("fields/tempting/create", "create never changes a value silently, although it looks like another one.", plan.RuledMust,
				judgeTemptingCreate(strategy))
			p.Add("fields/tempting/name", "The list has a name with blanks at its ends as it was sent.", plan.RuledMust, judgeTemptingName)
		} else {
			p.Add(p.Of(strategy, "fields/tempting/create"), "create never changes a value silently, although it looks like another one. ("+
				strategy.Name+")", plan.RuledMust, judgeTemptingCreated(strategy))
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

// temptedFields returns the public fields of a strategy that the target takes, and that may hold more than a few words.
func temptedFields(p *probe.Probe, strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(probe.Public(strategy), func(field *credmock.Property) bool {
		schema := field.Schema
		return !p.Takes(strategy, field) || len(schema.Enum) > 0 || schema.Pattern != "" || schema.Format != ""
	})
}

// tempting returns a value of each public field for a turn. Creates take the first turns, and updates go on where creates stop.
func tempting(p *probe.Probe, strategy *credmock.Strategy, turn int) map[string]any {
	values := map[string]any{}
	fields := temptedFields(p, strategy)
	// Fields of any text share a long list, so that every text stands in some field.
	isLong := func(field *credmock.Property) bool { return len(sample.Tempting(field)) > 2*turns }
	long := len(fields) - len(slices.DeleteFunc(slices.Clone(fields), isLong))
	next := (turn - 1) * long
	for _, field := range fields {
		switch types := field.Types(); {
		case slices.Equal(types, []string{"boolean"}):
			values[field.Name] = turn%2 == 0
		case slices.Contains(types, "string"):
			list := sample.Tempting(field)
			at := turn % turns
			switch {
			case at > 0 && isLong(field): // at first all have blanks at their ends
				at = 1 + next%(len(list)-1)
				next++
			case at == turns-1 && len(list) > turns: // the last turn is for one of the rest, which the seed chooses
				at = p.Sample.Number(at, len(list)-1)
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

// keep sends values and reads them back. If they are refused, it sends halves of them.
func keep(p *probe.Probe, values map[string]any, send func(map[string]any) *wire.Exchange) []keeping {
	return halves(values, func(some map[string]any) keeping {
		one := keeping{values: some, answer: send(some)}
		if one.answer.Success() {
			one.next = p.Get(one.answer.ID)
		}
		return one
	})
}

// halves sends values. If they are refused, it sends halves of them: one value that a server does not take must not hide the others.
func halves(values map[string]any, send func(map[string]any) keeping) (kept []keeping) {
	one := send(values)
	names := slices.Sorted(maps.Keys(values))
	switch half := len(names) / 2; {
	case one.answer.Success():
		return []keeping{one}
	case one.answer.Refused() && len(names) > 1:
		kept = halves(probe.Without(values, names[half:]...), send)
		return append(kept, halves(probe.Without(values, names[:half]...), send)...)
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
		differ := p.Differences(values, p.CredentialIn(answer), slices.Sorted(maps.Keys(values)))
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

// parts is a credential whose fields updates change and clear a part at a time, so that any two fields are apart in some update.
type parts struct {
	made    *probe.Credential
	created map[string]any // tempting values that it was created with
	state   map[string]any // what the last answer showed
	steps   []partStep
}

// partStep is an update, its answer, and what the answer before showed of the members that it left out.
type partStep struct {
	keeping
	left map[string]any
}

// playParts sends the updates. A run does so once for a strategy.
func playParts(p *probe.Probe, strategy *credmock.Strategy) parts {
	return probe.Once(p, "parts/"+strategy.Name, func(q *probe.Probe) parts {
		defer q.DeleteOwn()
		values := tempting(q, strategy, 0)
		all := parts{made: &probe.Credential{Strategy: strategy, Sent: probe.With(q.Full(strategy), values)}}
		all.made.Answer = q.Create(strategy, all.made.Sent)
		if all.created = values; !all.made.Answer.Success() { // it may not take them
			all.created, all.made = nil, q.MustCreate(strategy, q.Full(strategy))
		}
		all.made.ID = all.made.Answer.ID
		all.state = q.CredentialIn(all.made.Answer)
		names := slices.Sorted(maps.Keys(temptingUpdate(q, strategy, 0)))
		splits, pace := bits.Len(uint(len(names)-1)), 2
		if strategy == probe.DefaultStrategy(q.Spec) {
			splits, pace = max(splits, turns), 1
		}
		for split := range splits {
			values := temptingUpdate(q, strategy, (splits-1-split)*pace)
			if 1<<split >= len(names) { // any two fields have been apart
				all.update(q, values, false)
				all.update(q, near(q, strategy, all.state, split), (splits-split)%2 == 1) // every other read saves requests
				continue
			}
			for half := range 2 {
				part := maps.Clone(values)
				maps.DeleteFunc(part, func(name string, _ any) bool { return slices.Index(names, name)>>split&1 != half })
				all.update(q, clearing(strategy, part), false)
				all.update(q, part, half == 1 && 2<<split >= len(names))
			}
		}
		if strategy != probe.DefaultStrategy(q.Spec) {
			all.update(q, near(q, strategy, all.state, slices.Index(q.Spec.Strategies, strategy)), false)
		}
		return all
	})
}

// temptingUpdate returns a value of every public field, and of the name, for a turn.
func temptingUpdate(p *probe.Probe, strategy *credmock.Strategy, turn int) map[string]any {
	values := tempting(p, strategy, turns+turn)
	for _, field := range probe.Public(strategy) {
		if _, there := values[field.Name]; !there && p.Takes(strategy, field) {
			values[field.Name] = p.Sample.Value(field)
		}
	}
	values[p.RoleName(credmock.RoleName)] = temptingName(p, turn)
	return values
}

// near returns values that nearly equal those of a credential. A careless comparison takes them for no change, and keeps the old ones.
func near(p *probe.Probe, strategy *credmock.Strategy, state map[string]any, turn int) map[string]any {
	values := map[string]any{}
	for i, field := range temptedFields(p, strategy) {
		if text, isText := state[field.Name].(string); isText && text != "" {
			values[field.Name] = nearText(text, turn+i)
		}
	}
	if name := p.RoleName(credmock.RoleName); state[name] != nil {
		values[name] = nearName(p, jsonvalue.Text(state[name]), turn)
	}
	return values
}

// nearName returns a nearly equal name that still is one of the run.
func nearName(p *probe.Probe, name string, turn int) string {
	before, rest, _ := strings.Cut(name, p.RunName)
	return before + p.RunName + nearText(rest, turn)
}

// nearText returns a nearly equal text for a turn: in another case, with a slash or a blank more or less, or with another beginning or
// end.
func nearText(text string, turn int) string {
	scheme, rest, isURL := strings.Cut(text, "://")
	if scheme += "://"; !isURL {
		scheme, rest = "", text
	}
	other := swapCase(rest)
	last, size := utf8.DecodeLastRuneInString(text)
	switch {
	case turn%3 == 0 && other != rest:
		return scheme + other
	case turn%3 == 1 && !isURL:
		return text + " "
	case turn%3 == 1 && last == '/':
		return strings.TrimSuffix(text, "/")
	case turn%3 == 1:
		return text + "/"
	case text != "" && unicode.IsDigit(rune(text[0])):
		return "0" + text
	case last == 'x':
		return text[:len(text)-size] + "y"
	}
	return text[:len(text)-size] + "x"
}

// clearing returns null for each value of a field that null clears.
func clearing(strategy *credmock.Strategy, values map[string]any) map[string]any {
	nulls := map[string]any{}
	for _, field := range probe.Optional(strategy) {
		if _, there := values[field.Name]; there && field.Nullable {
			nulls[field.Name] = nil
		}
	}
	return nulls
}

// update sends values, and reads the credential after them if a read is due.
func (all *parts) update(p *probe.Probe, values map[string]any, read bool) {
	if len(values) == 0 {
		return
	}
	kept := halves(values, func(some map[string]any) keeping {
		body := all.made.Change(some)
		for name := range body {
			_, changes := some[name]
			if shown, there := all.state[name]; there && !changes { // an update requires it
				body[name] = shown
			}
		}
		return keeping{values: some, answer: p.Update(all.made.Strategy, all.made.ID, body)}
	})
	for i, one := range kept {
		if read && i == len(kept)-1 {
			one.next = p.Get(all.made.ID)
		}
		left := probe.Without(all.state, append(slices.Collect(maps.Keys(one.values)), p.RoleName(credmock.RoleUpdateTime))...)
		all.steps = append(all.steps, partStep{one, left})
		all.state = p.CredentialIn(one.answer)
	}
}

func judgeTemptingUpdate(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		for _, one := range playParts(p, strategy).steps {
			values := maps.Clone(one.values)
			maps.DeleteFunc(values, func(_ string, value any) bool { return value == nil })
			asSent(p)(one.answer, values)
			if one.next != nil {
				asSent(p)(one.next, values)
			}
		}
	}
}

// judgeTemptingCreated judges the create of a strategy that has fewer creates with tempting values than the default one.
func judgeTemptingCreated(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		all := playParts(p, strategy)
		asSent(p)(all.made.Answer, all.created)
	}
}

func judgeParts(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		for _, one := range playParts(p, strategy).steps {
			for _, answer := range []*wire.Exchange{one.answer, one.next} {
				if answer == nil {
					continue
				}
				names := p.DescribedIn(one.left)
				differ := p.Differences(one.left, p.CredentialIn(answer), names)
				p.Expect(answer, "/payload", "changed although the update left it out: "+differ, "what the answer before showed").
					Beside(one.left, p.CredentialIn(answer), names...).Holds(differ == "")
			}
		}
	}
}

func judgeTemptingName(p *probe.Probe) {
	all, name := temptations(p, probe.DefaultStrategy(p.Spec)), p.RoleName(credmock.RoleName)
	p.Pass()
	expectListedNames(p, all.list, all.kept, name)
}
