package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
)

// planStrategies plans the list of strategies (docs/contract.md#offered-strategies).
func planStrategies(p *planner) {
	standard := defaultStrategy(p.spec)
	p.add("strategies/route", "strategies is a route of its own, and not the id of a credential.", documentedMust, judgeStrategiesRoute)
	p.add("strategies/shape", "Every strategy of the list has availableFields, an array of strings.", documentedMust, judgeStrategiesShape)
	p.add("strategies/listed", standard.Name+" is listed.", documentedMust, judgeStrategyListed(standard))
	for _, requirement := range standard.Update.Required {
		p.add("strategies/fields/"+requirement.Name, "The availableFields of "+standard.Name+" have "+requirement.Name+".", documentedMust, judgeStrategyField(standard, requirement.Name))
	}
	p.add("strategies/twice", "The list of strategies is the same when asked twice.", documentedMust, judgeStrategiesTwice)
	p.add("strategies/unknown", "A strategy that is not in the list is refused on create.", documentedMust, judgeUnknownStrategy)
	p.add("strategies/unknown/case", "The name of a strategy in another case is not its name.", ruledShould, judgeStrategyCase)
	p.add("strategies/implied", "A body that names no strategy and has "+standard.ImpliedBy+" means "+standard.Name+".", inferredShould, judgeImplied(standard))
}

func strategiesOf(e *exchange) map[string]any {
	strategies, _ := e.payload()[e.operation.Member].(map[string]any)
	return strategies
}

func judgeStrategiesRoute(p *probe) {
	e := p.do(request{action: "strategies"})
	p.expect(e.success() && strategiesOf(e) != nil, e, "/payload", strconv.Itoa(e.status)+" without strategies", "an object of strategies")
}

func judgeStrategiesShape(p *probe) {
	e := p.do(request{action: "strategies"})
	for _, entry := range strategiesOf(e) {
		fields, isList := member(entry, "availableFields").([]any)
		p.expect(isList, e, "/payload/strategies", "an entry without a list of availableFields", "availableFields, an array")
		for _, field := range fields {
			p.expect(typeOf(field) == "string", e, "/payload/strategies", "a field name of type "+typeOf(field), "a string")
		}
	}
}

func judgeStrategyListed(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		e := p.do(request{action: "strategies"})
		_, listed := strategiesOf(e)[strategy.Name]
		p.expect(listed, e, "/payload/strategies", "no entry "+strategy.Name, "the strategy that every target has")
	}
}

func judgeStrategyField(strategy *credmock.Strategy, name string) func(*probe) {
	return func(p *probe) {
		e := p.do(request{action: "strategies"})
		fields, _ := member(strategiesOf(e), strategy.Name, "availableFields").([]any)
		p.expect(slices.Contains(fields, any(name)), e, "/payload/strategies", "no "+name+" among its availableFields", name)
	}
}

func judgeStrategiesTwice(p *probe) {
	first, second := p.do(request{action: "strategies"}), p.do(request{action: "strategies"})
	one, two := availableFields(first), availableFields(second)
	for name, fields := range one {
		slices.Sort(fields)
		again := slices.Sorted(slices.Values(two[name]))
		p.expect(slices.Equal(fields, again), second, "/payload/strategies", "another list for a strategy than a moment ago", "the same list")
	}
	p.expect(len(one) == len(two), second, "/payload/strategies", "another number of strategies", "the same strategies")
}

func judgeUnknownStrategy(p *probe) {
	standard := defaultStrategy(p.spec)
	body := with(p.full(standard), map[string]any{p.roleName(credmock.RoleStrategy): "Not_A_Strategy_" + p.sample.Word()})
	e := p.create(standard, body)
	p.expectRefused(e, invalid...)
	p.expectNotListed(e, body)
}

func judgeStrategyCase(p *probe) {
	standard := defaultStrategy(p.spec)
	body := with(p.full(standard), map[string]any{p.roleName(credmock.RoleStrategy): strings.ToUpper(standard.Name)})
	e := p.create(standard, body)
	p.expectRefused(e, invalid...)
}

func judgeImplied(standard *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		name := p.roleName(credmock.RoleStrategy)
		e := p.create(standard, without(p.full(standard), name))
		if p.expect(e.success(), e, "", strconv.Itoa(e.status), "taken") {
			list := p.settle(p.list, func(l *exchange) bool { return p.listed(l, e.id) != nil })
			item := p.listed(list, e.id)
			p.expect(item[name] == standard.Name, list, "/payload", shown(item, name), standard.Name)
		}
	}
}
