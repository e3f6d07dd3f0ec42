package contract

import (
	"fmt"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// planFields plans that what was written is read: every plain field, with its exact type and value.
func planFields(p *planner) {
	for _, strategy := range p.spec.Strategies {
		for _, field := range public(strategy) {
			for _, action := range []string{"create", "get", "update"} {
				rule := fmt.Sprintf("%s comes back in the answer of %s as it was sent, for %s.", field.Name, action, strategy.Name)
				p.add(p.of(strategy, "fields/"+action+"/"+field.Name), rule, evenInferred(field.Basis), judgeField(strategy, action, field))
			}
			if types := field.Types(); slices.Contains(types, "array") && slices.Contains(types, "string") {
				p.add(p.of(strategy, "fields/create/"+field.Name+"/list"), "A list that is sent as "+field.Name+" comes back as that list, where it is taken. ("+strategy.Name+")",
					inferredMust, judgeFieldList(strategy, field))
			}
		}
		if len(optional(strategy)) > 0 {
			p.add(p.of(strategy, "fields/null"), "null on create is as if left out, where it is taken. ("+strategy.Name+")", ruledMust, judgeNullOnCreate(strategy))
			p.add(p.of(strategy, "fields/invented"), "An answer holds no field of "+strategy.Name+" that was not sent.", ruledShould, judgeInvented(strategy))
		}
	}
	p.planAwkward()
	for _, role := range []credmock.Role{credmock.RoleName, credmock.RoleEnvironment, credmock.RoleOrganization, credmock.RoleStrategy} {
		name := roleIn(defaultStrategy(p.spec).Shown, role)
		for _, action := range []string{"create", "get", "update", "list"} {
			p.add("fields/"+action+"/"+name, name+" in the answer of "+action+" is the one that was sent.", documentedMust, judgeMetadata(action, name))
		}
	}
}

// evenInferred is the basis of a rule that holds for a field however it is known: what is taken must come back.
func evenInferred(basis credmock.Basis) credmock.Basis {
	return credmock.Basis{Evidence: basis.Evidence, Level: credmock.Must}
}

func judgeField(strategy *credmock.Strategy, action string, field *credmock.Property) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		sent, answers := j.sent, []*exchange{map[string]*exchange{"create": j.create, "get": j.get, "update": j.update}[action]}
		if action == "update" {
			sent, answers = j.changed, append(answers, j.getUpdated)
		}
		value, wasSent := sent[field.Name]
		if j.create != nil && !wasSent {
			p.skip("the target does not list %s for %s", foreign.Own(field.Name), foreign.Own(strategy.Name))
		}
		for _, e := range answers {
			credential := p.single(p.reached(j, e, action))
			p.expect(same(credential[field.Name], value), e, "/payload/"+field.Name, shownBeside(credential, field.Name, value), "the "+typeOf(value)+" that was sent")
		}
	}
}

// shownBeside describes a member that should equal a value.
func shownBeside(credential map[string]any, name string, value any) string {
	seen := shown(credential, name)
	if got, there := credential[name]; there && typeOf(got) == typeOf(value) {
		seen += ", and not the one sent"
	}
	return seen
}

func judgeInvented(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		j := p.journey(strategy)
		e := p.reached(j, j.createBare, "create")
		for _, field := range optional(strategy) {
			p.expect(missing(p.single(e), field.Name), e, "/payload/"+field.Name, shown(p.single(e), field.Name), "absent or null: it was not sent")
		}
	}
}

func judgeMetadata(action, name string) func(*probe) {
	return func(p *probe) {
		for _, strategy := range p.spec.Strategies {
			judgeMetadataOf(p, p.journey(strategy), action, name)
		}
	}
}

func judgeMetadataOf(p *probe, j *journey, action, name string) {
	e := p.reached(j, map[string]*exchange{"create": j.create, "get": j.get, "update": j.update, "list": j.list}[action], action)
	credential, sent := p.single(e), j.sent
	if action == "list" {
		credential = p.listed(e, j.id)
	}
	if action == "update" {
		sent = with(j.sent, j.changed)
	}
	optional := name == p.roleName(credmock.RoleStrategy) && action != "list" && missing(credential, name)
	if credential == nil || optional {
		p.pass() // the families lifecycle and types have it
		return
	}
	p.expect(same(credential[name], sent[name]), e, "/payload/"+name, shownBeside(credential, name, sent[name]), "the one that was sent")
}

func judgeNullOnCreate(strategy *credmock.Strategy) func(*probe) {
	return func(p *probe) {
		body := p.minimal(strategy)
		for _, field := range optional(strategy) {
			if p.takes(strategy, field) {
				body[field.Name] = nil
			}
		}
		e := p.create(strategy, body)
		p.pass()
		if !e.success() {
			return // refusing it is fine too
		}
		j := p.journey(strategy)
		bare := p.single(p.reached(j, j.createBare, "create"))
		for _, answer := range []*exchange{e, p.get(e.id)} {
			for _, field := range optional(strategy) {
				credential := p.single(answer)
				// A default that stands there without the member too has a check of its own.
				fine := missing(credential, field.Name) || same(credential[field.Name], bare[field.Name])
				p.expect(fine, answer, "/payload/"+field.Name, shown(credential, field.Name), "absent or null")
			}
		}
	}
}

// judgeFieldList sends a list for a field that may be one or a text.
func judgeFieldList(strategy *credmock.Strategy, field *credmock.Property) func(*probe) {
	return func(p *probe) {
		body := with(p.minimal(strategy), map[string]any{field.Name: []any{p.sample.Text(field), p.sample.Text(field)}})
		expectAsSent(p, p.create(strategy, body), body, []string{field.Name})
	}
}
