package checks

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// planTypes plans the JSON types of metadata in answers and of every field in bodies.
func planTypes(p *planner) {
	shown := probe.DefaultStrategy(p.spec).Shown
	for _, action := range []string{"create", "get", "update", "list"} {
		for _, property := range shown.Properties {
			if property.Role != "" && len(property.Types()) > 0 { // without a type any value is right
				p.planMetadataType(action, property)
			}
		}
	}
	for _, strategy := range p.spec.Strategies {
		for _, field := range strategy.Fields {
			p.planBodyType(strategy, field)
		}
	}
	organization := shown.Role(credmock.RoleOrganization)
	p.Add("types/body/"+organization.Name, "create with a wrong type of "+organization.Name+" is refused.", ruledShould,
		judgeRefusedCreate(probe.DefaultStrategy(p.spec), wrongTypeOf(organization)))
}

func (p *planner) planMetadataType(action string, property *credmock.Property) {
	optional := property.Role == credmock.RoleStrategy && action != "list"
	rule := fmt.Sprintf("%s in the answer of %s is there, and a %s.", property.Name, action, property.Types()[0])
	if optional {
		rule = fmt.Sprintf("%s in the answer of %s is a %s, where it is there.", property.Name, action, property.Types()[0])
	}
	p.Add("types/"+action+"/"+property.Name, rule, documentedMust, judgeMetadataType(action, property, optional))
	if property.Schema.Format == "date-time" {
		p.Add("types/"+action+"/"+property.Name+"/format", property.Name+" in the answer of "+action+" is an RFC 3339 time.", inferredShould,
			judgeTime(action, property))
	}
}

// credentialsIn calls each for every credential that the answers of an action show.
func credentialsIn(p *probe.Probe, action string, each func(e *wire.Exchange, credential map[string]any)) {
	for _, strategy := range p.Spec.Strategies {
		j := p.Journey(strategy)
		for _, e := range p.Showing(strategy, action) {
			credential := p.CredentialIn(e)
			if action == "list" {
				credential = p.Listed(e, j.ID)
			}
			if credential != nil {
				each(e, credential)
			}
		}
	}
}

func judgeMetadataType(action string, property *credmock.Property, optional bool) func(*probe.Probe) {
	return func(p *probe.Probe) {
		credentialsIn(p, action, func(e *wire.Exchange, credential map[string]any) {
			value, there := credential[property.Name]
			fine := there && slices.Contains(property.Types(), jsonvalue.TypeOf(value)) && value != ""
			p.Expect(e, "/payload", jsonvalue.Describe(credential, property.Name), "a "+property.Types()[0]+" "+property.Name).
				Holds(fine || optional && !there)
		})
	}
}

func judgeTime(action string, property *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		credentialsIn(p, action, func(e *wire.Exchange, credential map[string]any) {
			p.Expect(e, "/payload/"+property.Name, "no RFC 3339 time", "such as 2026-01-15T09:30:00.000Z").
				Value(credential[property.Name]).String().AsDateTime(time.RFC3339Nano)
		})
	}
}

func (p *planner) planBodyType(strategy *credmock.Strategy, field *credmock.Property) {
	if _, required := strategy.Create.Requires(field.Name); required {
		return // the family required checks it
	}
	basis := field.Basis
	if coercible(field) || strategy.Evidence != credmock.Documented {
		basis.Level = credmock.Should
	}
	for _, action := range []string{"create", "update"} {
		if action == "update" && strategy.Evidence != credmock.Documented {
			continue
		}
		judge := judgeRefusedCreate(strategy, wrongTypeOf(field))
		if action == "update" {
			judge = judgeRefusedUpdate(strategy, wrongTypeOf(field))
		}
		p.Add(p.of(strategy, "types/body/"+field.Name+"/"+action),
			fmt.Sprintf("%s with a wrong type of %s is refused for %s.", action, field.Name, strategy.Name),
			basis, func(q *probe.Probe) {
				if !q.Takes(strategy, field) {
					q.Skip("the target does not list %s for %s", foreign.Own(field.Name), foreign.Own(strategy.Name))
				}
				q.StatusOnly = true // the family required checks that nothing changed
				judge(q)
			})
	}
}

func wrongTypeOf(property *credmock.Property) bodyFault {
	return func(p *probe.Probe, body map[string]any) map[string]any {
		return probe.With(body, map[string]any{property.Name: p.Sample.Invalid(property)[0].Values[0]})
	}
}

// coercible tells whether a server may reasonably convert another type: the field is not just a string, or its string holds a
// number or a boolean.
func coercible(property *credmock.Property) bool {
	if !slices.Equal(property.Types(), []string{"string"}) {
		return true
	}
	example, _ := property.Schema.Example.(string)
	_, notNumber := strconv.ParseFloat(example, 64)
	_, notBoolean := strconv.ParseBool(example)
	return notNumber == nil || notBoolean == nil
}
