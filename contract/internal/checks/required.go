package checks

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/sample"
)

// planRequired plans the members that create and update require (docs/contract.md#create).
func planRequired(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		for _, requirement := range strategy.Create.Required {
			if planned(p, strategy, requirement) {
				planRequirement(p, strategy, "create", strategy.Create.Property(requirement.Name), requirement)
			}
		}
		for _, requirement := range strategy.Update.Required {
			planRequirement(p, strategy, "update", strategy.Update.Property(requirement.Name), requirement)
		}
		planRequiredAll(p, strategy)
	}
}

// planned tells whether a requirement is planned. What all strategies require is planned for the default one only, and the
// strategy's name only if a body without it does not mean another strategy.
func planned(p *plan.Builder, strategy *credmock.Strategy, requirement credmock.Requirement) bool {
	property := strategy.Create.Property(requirement.Name)
	if property.Role == credmock.RoleStrategy {
		body := map[string]any{}
		for _, other := range strategy.Create.Required {
			body[other.Name] = ""
		}
		return p.Spec.ImpliedStrategy(body) == nil
	}
	return property.Role == "" || strategy == probe.DefaultStrategy(p.Spec)
}

func planRequirement(p *plan.Builder, strategy *credmock.Strategy, action string, property *credmock.Property,
	requirement credmock.Requirement) {
	name := requirement.Name
	add := func(suffix, rule string, faults ...bodyFault) {
		judge := judgeRefusedCreate(strategy, faults...)
		if action == "update" {
			judge = judgeRefusedUpdate(strategy, faults...)
		}
		p.Add(p.Of(strategy, "required/"+action+"/"+name+suffix), fmt.Sprintf(rule, action, name, strategy.Name), requirement.Basis, judge)
	}
	if action == "create" || !p.Accepts("partial-update") {
		add("", "%s without %s is refused for %s, and changes nothing.", absences(p, strategy, action, name)...)
	}
	add("/null", "%s with null as %s is refused for %s, and changes nothing.", func(_ *probe.Probe, body map[string]any) map[string]any {
		return probe.With(body, map[string]any{name: nil})
	})
	_, onUpdate := strategy.Update.Requires(name)
	isShared := onUpdate && strategy != probe.DefaultStrategy(p.Spec)
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
			if isShared && (i%2 == 0) != (action == "create") {
				continue // the default strategy shows all; the others share them between create and update, to save requests
			}
			faults = append(faults, func(_ *probe.Probe, body map[string]any) map[string]any {
				return probe.With(body, map[string]any{name: value})
			})
		}
		add("/"+fault.Name, "%s with a wrong "+fault.Name+" of %s is refused for %s, and changes nothing.", faults...)
	}
}

// absences returns bodies without a member. An update of another strategy than the default one shows its name in snake case too, which
// some frameworks read.
func absences(p *plan.Builder, strategy *credmock.Strategy, action, name string) []bodyFault {
	faults := []bodyFault{func(_ *probe.Probe, body map[string]any) map[string]any { return probe.Without(body, name) }}
	if other := snakeCase(name); other != name && action == "update" && strategy != probe.DefaultStrategy(p.Spec) {
		faults = append(faults, func(_ *probe.Probe, body map[string]any) map[string]any {
			return probe.With(probe.Without(body, name), map[string]any{other: body[name]})
		})
	}
	return faults
}

// bodyFault makes a good body invalid.
type bodyFault func(*probe.Probe, map[string]any) map[string]any

// planRequiredAll plans that a body without any required member is refused.
func planRequiredAll(p *plan.Builder, strategy *credmock.Strategy) {
	none := func(requirements []credmock.Requirement) bodyFault {
		return func(_ *probe.Probe, body map[string]any) map[string]any {
			for _, requirement := range requirements {
				body = probe.Without(body, requirement.Name)
			}
			return body
		}
	}
	empty := func(*probe.Probe, map[string]any) map[string]any { return map[string]any{} }
	respelt := func(requirements []credmock.Requirement) bodyFault {
		return func(_ *probe.Probe, body map[string]any) map[string]any {
			for _, requirement := range requirements {
				value := body[requirement.Name]
				body = probe.Without(body, requirement.Name)
				body[swapCase(requirement.Name)] = value
			}
			return body
		}
	}
	if strategy == probe.DefaultStrategy(p.Spec) {
		p.Add("required/create/case", "create with the names of what it requires in another case is refused.", plan.InferredMust,
			judgeRefusedCreate(strategy, respelt(strategy.Create.Required)))
		if len(strategy.Update.Required) > 0 && !p.Accepts("partial-update") {
			p.Add("required/update/case", "update with the names of what it requires in another case is refused.", plan.InferredMust,
				judgeRefusedUpdate(strategy, respelt(strategy.Update.Required)))
		}
	}
	if required := strategy.Update.Required; len(required) > 0 && !p.Accepts("partial-update") {
		faults := []bodyFault{none(required)}
		if strategy == probe.DefaultStrategy(p.Spec) { // one strategy is enough for the empty object
			faults = append(faults, empty)
		}
		p.Add(p.Of(strategy, "required/update/all"),
			"update without anything that it requires is refused for "+strategy.Name+", and changes nothing.",
			required[0].Basis, judgeRefusedUpdate(strategy, faults...))
	}
	required := slices.Concat(strategy.Update.Required, strategy.Create.Required)
	if strategy == probe.DefaultStrategy(p.Spec) && len(required) > 0 {
		p.Add("required/create/all", "create with an empty object is refused.", required[0].Basis, judgeRefusedCreate(strategy, empty))
	}
}

// snakeCase returns a name with an underscore between its words.
func snakeCase(name string) string {
	var words strings.Builder
	for _, letter := range name {
		if unicode.IsUpper(letter) {
			words.WriteByte('_')
		}
		words.WriteRune(unicode.ToLower(letter))
	}
	return words.String()
}

func judgeRefusedCreate(strategy *credmock.Strategy, faults ...bodyFault) func(*probe.Probe) {
	return judgeRefusedCreateWith(strategy, probe.InvalidStatuses, faults...)
}

// judgeRefusedCreateWith sends a body for each fault, and expects one of the statuses and nothing stored.
func judgeRefusedCreateWith(strategy *credmock.Strategy, statuses []int, faults ...bodyFault) func(*probe.Probe) {
	return func(p *probe.Probe) {
		good, bad := make([]map[string]any, len(faults)), make([]map[string]any, len(faults))
		for i, fault := range faults {
			good[i] = p.Full(strategy)
			bad[i] = fault(p, good[i])
		}
		for i, e := range p.CreateTogether(strategy, bad) {
			p.ExpectRefused(e, statuses...)
			p.ExpectNotListed(e, good[i])
		}
	}
}

// judgeRefusedUpdate sends an update for each fault, and expects refusals and nothing changed.
func judgeRefusedUpdate(strategy *credmock.Strategy, faults ...bodyFault) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.AgainstFixture(strategy, func(made *probe.Credential) *wire.Exchange {
			bad := make([]map[string]any, len(faults))
			for i, fault := range faults {
				bad[i] = fault(p, probe.With(storedSecrets(made), made.Change(newValues(p, made))))
			}
			answers := p.UpdateTogether(strategy, made.ID, bad)
			for _, e := range answers {
				p.ExpectRefused(e, probe.InvalidStatuses...)
			}
			return answers[0]
		})
	}
}

// storedSecrets returns the secrets that a credential was created with: an error must not show them.
func storedSecrets(made *probe.Credential) map[string]any {
	secrets := map[string]any{}
	for _, secret := range made.Strategy.Secrets {
		if value, sent := made.Sent[secret.Name]; sent {
			secrets[secret.Name] = value
		}
	}
	return secrets
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
