package contract

import (
	"fmt"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
)

// planRequired plans what create and update must not do without (the contract's sections 3, 5 and 6).
func planRequired(p *planner) {
	for _, strategy := range p.spec.Strategies {
		for _, requirement := range strategy.Create.Required {
			if p.planned(strategy, requirement) {
				p.planRequirement(strategy, "create", strategy.Create.Property(requirement.Name), requirement)
			}
		}
		for _, requirement := range strategy.Update.Required {
			p.planRequirement(strategy, "update", strategy.Update.Property(requirement.Name), requirement)
		}
	}
}

// planned leaves out what is the same for every strategy, but for the default one, and a strategy's name where
// leaving it out means another strategy.
func (p *planner) planned(strategy *credmock.Strategy, requirement credmock.Requirement) bool {
	property := strategy.Create.Property(requirement.Name)
	if property.Role == credmock.RoleStrategy {
		body := map[string]any{}
		for _, other := range strategy.Create.Required {
			body[other.Name] = ""
		}
		return p.spec.ImpliedStrategy(body) == nil
	}
	return property.Role == "" || strategy == defaultStrategy(p.spec)
}

func (p *planner) planRequirement(strategy *credmock.Strategy, action string, property *credmock.Property, requirement credmock.Requirement) {
	name := requirement.Name
	add := func(suffix, rule string, fault func(*probe, map[string]any) map[string]any) {
		judge := judgeRefusedCreate(strategy, fault)
		if action == "update" {
			judge = judgeRefusedUpdate(strategy, fault)
		}
		p.add(p.of(strategy, "required/"+action+"/"+name+suffix), fmt.Sprintf(rule, action, name, strategy.Name), requirement.Basis, judge)
	}
	if action == "create" || !p.accepts("partial-update") {
		add("", "%s without %s is refused for %s, and changes nothing.", func(_ *probe, body map[string]any) map[string]any {
			return without(body, name)
		})
	}
	add("/null", "%s with null as %s is refused for %s, and changes nothing.", func(_ *probe, body map[string]any) map[string]any {
		return with(body, map[string]any{name: nil})
	})
	for i, fault := range faultNames(property) {
		add("/"+fault, "%s with a wrong "+fault+" of %s is refused for %s, and changes nothing.", func(q *probe, body map[string]any) map[string]any {
			return with(body, map[string]any{name: q.sample.Faults(property)[i].Value})
		})
	}
}

// faultNames names the ways in which a value of the property can be wrong. A strategy's own name has none of the
// kind value here: an unknown strategy has a check of its own.
func faultNames(property *credmock.Property) []string {
	var names []string
	for _, fault := range sample.New(1).Faults(property) {
		if property.Role != credmock.RoleStrategy || fault.Name != "value" {
			names = append(names, fault.Name)
		}
	}
	return names
}

// invalid are the statuses with which a faulty body is refused (the contract's section 5).
var invalid = []int{400, 422}

// expectRefused wants one of the statuses, and tells of anything else.
func (p *probe) expectRefused(e *exchange, statuses ...int) {
	p.expect(slices.Contains(statuses, e.status), e, "", itoa(e.status), "a refusal with "+orList(statuses))
}

func orList(statuses []int) string {
	text := ""
	for i, status := range statuses {
		if i > 0 {
			text += " or "
		}
		text += itoa(status)
	}
	return text
}

func judgeRefusedCreate(strategy *credmock.Strategy, fault func(*probe, map[string]any) map[string]any) func(*probe) {
	return func(p *probe) {
		body := p.full(strategy)
		e := p.create(strategy, fault(p, body))
		p.expectRefused(e, invalid...)
		p.expectNotListed(e, body)
	}
}

// expectNotListed wants no credential of that name to be there after a refusal. It is looked for at the end of the
// run, for all checks at once.
func (p *probe) expectNotListed(refused *exchange, body map[string]any) {
	if !refused.success() { // else it is a finding already
		p.refused = append(p.refused, textOf(body[p.roleName(credmock.RoleName)]))
	}
}

// reviewRefused looks for credentials whose creation was refused, in a list of the whole run.
func (p *probe) reviewRefused(list *exchange) {
	name := p.roleName(credmock.RoleName)
	for _, item := range items(list) {
		if listed := textOf(member(item, name)); listed != "" && slices.Contains(p.refused, listed) {
			p.fail(list, "/payload/"+list.operation.Member, "a credential whose creation was refused", "nothing of a refused create")
		}
	}
}

func judgeRefusedUpdate(strategy *credmock.Strategy, fault func(*probe, map[string]any) map[string]any) func(*probe) {
	return func(p *probe) {
		p.attack(strategy, func(made *credential) *exchange {
			changes := map[string]any{p.roleName(credmock.RoleName): p.runName + " refused"}
			for _, field := range public(strategy) {
				if _, sent := made.sent[field.Name]; sent {
					changes[field.Name] = p.another(field, made.sent[field.Name])
				}
			}
			e := p.update(strategy, made.id, fault(p, made.change(changes)))
			p.expectRefused(e, invalid...)
			return e
		})
	}
}

// expectUnchanged wants get to answer as before, as far as the document describes the members.
func (p *probe) expectUnchanged(before *exchange, id string) (after *exchange) {
	after = p.get(id)
	differ := differences(p.single(before), p.single(after), p.described(before))
	p.expect(after.success() && differ == "", after, "/payload", "changed although nothing may have changed it: "+orNothing(differ), "the credential as before")
	return after
}

func orNothing(text string) string {
	if text == "" {
		return "it cannot be read"
	}
	return text
}

// described returns the members of a credential's answer that the document knows: others may change at will.
func (p *probe) described(e *exchange) []string {
	credential := p.single(e)
	var names []string
	for _, strategy := range p.spec.Strategies {
		for _, property := range strategy.Shown.Properties {
			if _, there := credential[property.Name]; there && !slices.Contains(names, property.Name) {
				names = append(names, property.Name)
			}
		}
	}
	return names
}
