package checks

import (
	"fmt"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// planRequired plans the members that create and update require (docs/contract.md#create).
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
		p.planRequiredAll(strategy)
	}
}

// planned tells whether a requirement is planned. What all strategies require is planned for the default one only, and the
// strategy's name only if a body without it does not mean another strategy.
func (p *planner) planned(strategy *credmock.Strategy, requirement credmock.Requirement) bool {
	property := strategy.Create.Property(requirement.Name)
	if property.Role == credmock.RoleStrategy {
		body := map[string]any{}
		for _, other := range strategy.Create.Required {
			body[other.Name] = ""
		}
		return p.spec.ImpliedStrategy(body) == nil
	}
	return property.Role == "" || strategy == probe.DefaultStrategy(p.spec)
}

func (p *planner) planRequirement(strategy *credmock.Strategy, action string, property *credmock.Property,
	requirement credmock.Requirement) {
	name := requirement.Name
	add := func(suffix, rule string, faults ...bodyFault) {
		judge := judgeRefusedCreate(strategy, faults...)
		if action == "update" {
			judge = judgeRefusedUpdate(strategy, faults...)
		}
		p.Add(p.of(strategy, "required/"+action+"/"+name+suffix), fmt.Sprintf(rule, action, name, strategy.Name), requirement.Basis, judge)
	}
	if action == "create" || !p.Accepts("partial-update") {
		add("", "%s without %s is refused for %s, and changes nothing.", func(_ *probe.Probe, body map[string]any) map[string]any {
			return probe.Without(body, name)
		})
	}
	add("/null", "%s with null as %s is refused for %s, and changes nothing.", func(_ *probe.Probe, body map[string]any) map[string]any {
		return probe.With(body, map[string]any{name: nil})
	})
	for _, fault := range sample.New(1).Invalid(property) {
		// Another check has an unknown strategy.
		if property.Role == credmock.RoleStrategy && fault.Name == "value" {
			continue
		}
		var faults []bodyFault
		for i, value := range fault.Values {
			if i > 0 && requirement.Level != credmock.Must {
				break // one is enough for a SHOULD
			}
			faults = append(faults, func(_ *probe.Probe, body map[string]any) map[string]any {
				return probe.With(body, map[string]any{name: value})
			})
		}
		add("/"+fault.Name, "%s with a wrong "+fault.Name+" of %s is refused for %s, and changes nothing.", faults...)
	}
}

// bodyFault makes a good body invalid.
type bodyFault func(*probe.Probe, map[string]any) map[string]any

// planRequiredAll plans that a body without any required member is refused.
func (p *planner) planRequiredAll(strategy *credmock.Strategy) {
	none := func(requirements []credmock.Requirement) bodyFault {
		return func(_ *probe.Probe, body map[string]any) map[string]any {
			for _, requirement := range requirements {
				body = probe.Without(body, requirement.Name)
			}
			return body
		}
	}
	empty := func(*probe.Probe, map[string]any) map[string]any { return map[string]any{} }
	if required := strategy.Update.Required; len(required) > 0 && !p.Accepts("partial-update") {
		p.Add(p.of(strategy, "required/update/all"),
			"update without anything that it requires is refused for "+strategy.Name+", and changes nothing.",
			required[0].Basis, judgeRefusedUpdate(strategy, none(required), empty))
	}
	required := slices.Concat(strategy.Update.Required, strategy.Create.Required)
	if strategy == probe.DefaultStrategy(p.spec) && len(required) > 0 {
		p.Add("required/create/all", "create with an empty object is refused.", required[0].Basis, judgeRefusedCreate(strategy, empty))
	}
}

func judgeRefusedCreate(strategy *credmock.Strategy, faults ...bodyFault) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, fault := range faults {
			body := p.Full(strategy)
			e := p.Create(strategy, fault(p, body))
			p.ExpectRefused(e, probe.InvalidStatuses...)
			p.ExpectNotListed(e, body)
		}
	}
}

func judgeRefusedUpdate(strategy *credmock.Strategy, faults ...bodyFault) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, fault := range faults {
			p.AgainstFixture(strategy, func(made *probe.Credential) *wire.Exchange {
				e := p.Update(strategy, made.ID, fault(p, made.Change(newValues(p, made))))
				p.ExpectRefused(e, probe.InvalidStatuses...)
				return e
			})
		}
	}
}

// newValues returns other values for every public field of a credential, so that a change would show.
func newValues(p *probe.Probe, made *probe.Credential) map[string]any {
	changes := map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()}
	for _, field := range probe.Public(made.Strategy) {
		if _, sent := made.Sent[field.Name]; sent {
			changes[field.Name] = p.AnotherValue(field, made.Sent[field.Name])
		}
	}
	return changes
}
