package checks

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// planNames plans that a name is no identity (docs/contract.md#names).
func planNames(p *plan.Builder) {
	add := func(id, rule string, judge func(*probe.Probe), needs ...probe.Capability) {
		p.Add("names/"+id, rule, plan.RuledMust, judge, needs...)
	}
	for _, one := range nameVariants {
		add("create/"+one.id, "A second credential "+one.means+" is refused, or is another credential with its own values.",
			judgeSecondName(one.change))
	}
	add("create/again", "A new credential with the name of a deleted one has nothing of it.", judgeNameAgain)
	add("together", "Two credentials of one name that are created at once are two, or one is refused.", judgeNamesTogether)
	add("update", "Changing one of two credentials of one name leaves the other, and so does deleting it.", judgeNameAlike)
	if p.Spec.Operation("destination", "create") != nil {
		p.Add("names/destination", "A second destination of one name is refused, or is another destination with its own values.",
			plan.RuledShould, judgeDestinationNames, probe.CapabilityDestinations)
	}
}

// nameVariants are names that a careless identity takes for equal.
var nameVariants = []struct {
	id, means string
	change    func(string) string
}{
	{"same", "of the same name", func(name string) string { return name }},
	{"case", "of the same name in another case", func(name string) string {
		at := strings.LastIndex(name, " ")
		return name[:at] + strings.ToUpper(name[at:])
	}},
	{"blanks", "of the same name with a blank behind it", func(name string) string { return name + " " }},
}

// second creates a credential of a strategy with a name and the members that create requires, or returns nil if it is refused.
func second(p *probe.Probe, strategy *credmock.Strategy, name string) *probe.Credential {
	body := probe.With(p.Minimal(strategy), map[string]any{p.RoleName(credmock.RoleName): name})
	for _, field := range probe.Public(strategy) {
		if p.Takes(strategy, field) {
			body[field.Name] = p.Sample.Value(field)
		}
	}
	e := p.Create(strategy, body)
	if !p.ExpectStatus(e, "a success, or a refusal with a 4xx").Holds(e.Success() || e.Refused()) || !e.Success() {
		return nil
	}
	return &probe.Credential{Strategy: strategy, ID: e.ID, Sent: body, Answer: e}
}

// expectOwn expects a credential to have an id of its own, the values of its body, and no secret that its body had not.
func expectOwn(p *probe.Probe, made *probe.Credential, others ...string) {
	p.Expect(made.Answer, "/payload", "the id of another credential that is there, or none", "an id of its own").
		Holds(made.ID != "" && !slices.Contains(others, made.ID))
	for _, answer := range []*wire.Exchange{made.Answer, p.Get(made.ID)} {
		expectBody(p, answer, made)
	}
}

// expectBody expects an answer to show what a body had.
func expectBody(p *probe.Probe, answer *wire.Exchange, made *probe.Credential) {
	sent := maps.Clone(made.Sent)
	if jsonvalue.IsMissing(p.CredentialIn(answer), p.RoleName(credmock.RoleStrategy)) {
		delete(sent, p.RoleName(credmock.RoleStrategy))
	}
	for _, secret := range made.Strategy.Secrets {
		_, had := made.Sent[secret.Name]
		delete(sent, secret.Name)
		sent[secret.Flag] = had
	}
	differ := p.Differences(sent, p.CredentialIn(answer), slices.Sorted(maps.Keys(sent)))
	p.Expect(answer, "/payload", "not what was sent: "+probe.OrUnreadable(differ), "the values of its own body").
		Beside(sent, p.CredentialIn(answer), slices.Collect(maps.Keys(sent))...).Holds(answer.Success() && differ == "")
}

func judgeSecondName(change func(string) string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		standard := probe.DefaultStrategy(p.Spec)
		first := p.Standing(standard)
		if two := second(p, standard, change(jsonvalue.Text(first.Sent[p.RoleName(credmock.RoleName)]))); two != nil {
			expectOwn(p, two, first.ID)
		}
		p.ExpectUnchanged(first.Answer, first.ID)
	}
}

func judgeNameAgain(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	first := p.MustCreate(standard, p.Full(standard))
	if e := p.Remove(first.ID); !e.Success() {
		p.Abandon("delete answered %d", e.Status)
	}
	if again := second(p, standard, jsonvalue.Text(first.Sent[p.RoleName(credmock.RoleName)])); again != nil {
		expectOwn(p, again)
	}
}

func judgeNamesTogether(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	bodies := []map[string]any{p.Full(standard), p.Full(standard)}
	name := p.RoleName(credmock.RoleName)
	bodies[1][name] = bodies[0][name]
	var made []*probe.Credential
	for i, e := range p.CreateTogether(standard, bodies) {
		if p.ExpectStatus(e, "a success, or a refusal with a 4xx").Holds(e.Success() || e.Refused()) && e.Success() {
			made = append(made, &probe.Credential{Strategy: standard, ID: e.ID, Sent: bodies[i], Answer: e})
		}
	}
	for i, one := range made {
		if i == 0 {
			expectOwn(p, one)
		} else {
			expectOwn(p, one, made[0].ID)
		}
	}
}

// judgeNameAlike gives two credentials one name, by create or by update, and changes and deletes one of them.
func judgeNameAlike(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	name := p.RoleName(credmock.RoleName)
	one, two := p.MustCreate(standard, p.Full(standard)), p.MustCreate(standard, p.Full(standard))
	e := p.Update(standard, two.ID, two.Change(map[string]any{name: one.Sent[name]}))
	p.ExpectStatus(e, "a success, or a refusal with a 4xx").Holds(e.Success() || e.Refused())
	if e.Success() {
		two.Sent[name] = one.Sent[name]
	}
	expectBody(p, p.Get(two.ID), two)
	p.ExpectUnchanged(one.Answer, one.ID)
	list := p.Eventually(p.List, func(list *wire.Exchange) bool { return p.Listed(list, one.ID) != nil && p.Listed(list, two.ID) != nil })
	for _, made := range []*probe.Credential{one, two} {
		p.Expect(list, "/payload/"+list.Operation.Member, shownBeside(p.Listed(list, made.ID), name, made.Sent[name]),
			"both, each with its name").
			Holds(jsonvalue.Same(p.Listed(list, made.ID)[name], made.Sent[name]))
	}
	changes := map[string]any{}
	for _, field := range probe.Public(standard) {
		if value, sent := two.Sent[field.Name]; sent {
			changes[field.Name] = p.AnotherValue(field, value)
		}
	}
	p.MustUpdate(two, changes)
	p.ExpectUnchanged(one.Answer, one.ID)
	if removed := p.Remove(two.ID); removed.Success() {
		p.ExpectUnchanged(one.Answer, one.ID)
	}
}

func judgeDestinationNames(p *probe.Probe) {
	operation := p.Spec.Operation("destination", "create")
	create := func(body map[string]any) *wire.Exchange {
		return p.Do(probe.Request{Resource: "destination", Action: "create", ID: p.Environment, Body: body})
	}
	first := p.DestinationBody(operation.Body)
	one := create(first)
	if !one.Success() {
		p.Abandon("create of a destination answered %d", one.Status)
	}
	body := p.DestinationBody(operation.Body)
	name := p.DestinationProperty(credmock.RoleName)
	body[name] = first[name]
	two := create(body)
	if p.ExpectStatus(two, "a success, or a refusal with a 4xx").Holds(two.Success() || two.Refused()) && two.Success() {
		p.Expect(two, "/payload", "the id of the first one, or none", "an id of its own").
			Holds(p.DestinationID(two) != "" && p.DestinationID(two) != p.DestinationID(one))
		for _, answer := range []*wire.Exchange{two, p.AtDestination("get", p.DestinationID(two), nil)} {
			expectDestination(p, operation, answer, body)
		}
	}
	expectDestination(p, operation, p.AtDestination("get", p.DestinationID(one), nil), first)
}

// expectDestination expects an answer to show the public values of a body.
func expectDestination(p *probe.Probe, operation *credmock.Operation, e *wire.Exchange, body map[string]any) {
	for _, property := range operation.Body.Properties {
		value, sent := body[property.Name]
		if sent && !property.Secret {
			p.Expect(e, "/payload/"+e.Operation.Member+"/"+property.Name, shownBeside(probe.Destination(e), property.Name, value),
				"what was sent").Holds(jsonvalue.Same(probe.Destination(e)[property.Name], value))
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

// listFor returns a list for a turn: shorter and longer ones, in an order of their own, with equal and nearly equal items, or a text
// instead.
func listFor(p *probe.Probe, field *credmock.Property, turn int) any {
	if !slices.Contains(field.Types(), "string") {
		return p.Sample.Value(field)
	}
	z, a, m := "z"+p.Sample.Text(field), "a"+p.Sample.Text(field), "M"+p.Sample.Text(field)
	if strings.Contains(sample.ExampleOf(field), "://") {
		z, a, m = p.Sample.Text(field)+"/Z/", p.Sample.Text(field), p.Sample.Text(field)+"?b&a"
	}
	many, alike := []any{z, a, z}, []any{m, a, m, swapCase(m), " " + a + " ", a + "," + z, "null"}
	for i := range 9 {
		many = append(many, z+strconv.Itoa(9-i))
	}
	return []any{many, []any{a}, alike, a, []any{z}, []any{a, z}}[turn]
}
