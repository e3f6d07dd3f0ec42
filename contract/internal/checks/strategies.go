package checks

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// planStrategies plans the list of strategies (docs/contract.md#offered-strategies).
func planStrategies(p *plan.Builder) {
	standard := probe.DefaultStrategy(p.Spec)
	p.Add("strategies/route", "strategies is a route of its own, and not the id of a credential.", plan.DocumentedMust, judgeStrategiesRoute)
	p.Add("strategies/shape", "Every strategy of the list has availableFields, an array of strings.", plan.DocumentedMust,
		judgeStrategiesShape)
	p.Add("strategies/listed", standard.Name+" is listed.", plan.DocumentedMust, judgeStrategyListed(standard))
	for _, requirement := range standard.Update.Required {
		p.Add("strategies/fields/"+requirement.Name, "The availableFields of "+standard.Name+" have "+requirement.Name+".", plan.DocumentedMust,
			judgeStrategyField(standard, requirement.Name))
	}
	for _, strategy := range p.Spec.Strategies {
		if strategy != standard && len(strategy.Create.Required) > 0 {
			p.Add("strategies/fields/"+strategy.Name, "The availableFields of "+strategy.Name+" have every field that create requires.",
				plan.InferredShould, judgeRequiredListed(strategy))
		}
	}
	p.Add("strategies/twice", "The list of strategies is the same when asked twice.", plan.DocumentedMust, judgeStrategiesTwice)
	p.Add("strategies/unknown", "A strategy that is not in the list is refused on create.", plan.DocumentedMust, judgeUnknownStrategy)
	p.Add("strategies/unknown/case", "The name of a strategy in another case, or with a blank, is not its name.", plan.RuledMust,
		judgeRefusedCreate(standard, otherSpellings(standard)...))
	p.Add("strategies/implied", "A body that names no strategy and has "+standard.ImpliedBy+" means "+standard.Name+".", plan.InferredShould,
		judgeImplied(standard))
}

func strategiesOf(e *wire.Exchange) map[string]any {
	strategies, _ := e.Payload()[e.Operation.Member].(map[string]any)
	return strategies
}

// strategyList returns the list of strategies. A run requests it once for all checks that only look at it.
func strategyList(p *probe.Probe) *wire.Exchange {
	return probe.Once(p, "strategies", func(q *probe.Probe) *wire.Exchange { return q.Do(probe.Request{Action: "strategies"}) })
}

func judgeStrategiesRoute(p *probe.Probe) {
	e := strategyList(p)
	p.Expect(e, "/payload", strconv.Itoa(e.Status)+" without strategies", "an object of strategies").
		Holds(e.Success() && strategiesOf(e) != nil)
}

func judgeStrategiesShape(p *probe.Probe) {
	e := strategyList(p)
	for _, entry := range strategiesOf(e) {
		fields, _ := jsonvalue.Member(entry, "availableFields").([]any)
		p.Expect(e, "/payload/strategies", "an entry without a list of availableFields", "availableFields, an array").
			Value(jsonvalue.Member(entry, "availableFields")).Array()
		for _, field := range fields {
			p.Expect(e, "/payload/strategies", "a field name of type "+jsonvalue.TypeOf(field), "a string").Value(field).String()
		}
	}
}

func judgeStrategyListed(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		e := strategyList(p)
		p.Expect(e, "/payload/strategies", "no entry "+strategy.Name, "the strategy that every target has").Value(strategiesOf(e)).Object().
			ContainsKey(strategy.Name)
	}
}

func judgeStrategyField(strategy *credmock.Strategy, name string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		e := strategyList(p)
		fields, _ := jsonvalue.Member(strategiesOf(e), strategy.Name, "availableFields").([]any)
		p.Expect(e, "/payload/strategies", "no "+name+" among its availableFields", name).Holds(slices.Contains(fields, any(name)))
	}
}

// judgeRequiredListed looks for the required fields of a strategy in its availableFields, if it is listed.
func judgeRequiredListed(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		e := strategyList(p)
		entry, listed := strategiesOf(e)[strategy.Name]
		fields, _ := jsonvalue.Member(entry, "availableFields").([]any)
		for _, field := range strategy.Fields {
			_, required := strategy.Create.Requires(field.Name)
			p.Expect(e, "/payload/strategies", "no "+field.Name+" among the availableFields of "+strategy.Name, "every field that create requires").
				Holds(!listed || !required || slices.Contains(fields, any(field.Name)))
		}
	}
}

func judgeStrategiesTwice(p *probe.Probe) {
	first, second := p.Do(probe.Request{Action: "strategies"}), p.Do(probe.Request{Action: "strategies"})
	one, two := probe.AvailableFields(first), probe.AvailableFields(second)
	for name, fields := range one {
		slices.Sort(fields)
		again := slices.Sorted(slices.Values(two[name]))
		p.Expect(second, "/payload/strategies", "another list for a strategy than a moment ago", "the same list").
			Holds(slices.Equal(fields, again))
	}
	p.Expect(second, "/payload/strategies", "another number of strategies", "the same strategies").Holds(len(one) == len(two))
}

func judgeUnknownStrategy(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	body := probe.With(p.Full(standard), map[string]any{p.RoleName(credmock.RoleStrategy): "Not_A_Strategy_" + p.Sample.Word()})
	e := p.Create(standard, body)
	p.ExpectRefused(e, probe.InvalidStatuses...)
	p.ExpectNotListed(e, body)
}

// otherSpellings returns a fault for each other spelling of a strategy's name.
func otherSpellings(strategy *credmock.Strategy) []bodyFault {
	var faults []bodyFault
	for _, name := range sample.Spellings(strategy.Name) {
		faults = append(faults, func(p *probe.Probe, body map[string]any) map[string]any {
			return probe.With(body, map[string]any{p.RoleName(credmock.RoleStrategy): name})
		})
	}
	return faults
}

func judgeImplied(standard *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		name := p.RoleName(credmock.RoleStrategy)
		e := p.Create(standard, probe.Without(p.Full(standard), name))
		if p.ExpectStatus(e, "taken").Holds(e.Success()) {
			list := p.Eventually(p.List, func(l *wire.Exchange) bool { return p.Listed(l, e.ID) != nil })
			item := p.Listed(list, e.ID)
			p.Expect(list, "/payload", jsonvalue.Describe(item, name), standard.Name).Value(item[name]).IsEqual(standard.Name)
		}
	}
}
