package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/sample"
)

// planTypes plans the JSON types of metadata in answers and of every field in bodies.
func planTypes(p *plan.Builder) {
	shown := probe.DefaultStrategy(p.Spec).Shown
	for _, action := range []string{"create", "get", "update", "list"} {
		for _, property := range shown.Properties {
			if property.Role != "" && len(property.Types()) > 0 { // without a type any value is right
				planMetadataType(p, action, property)
			}
		}
	}
	if operation := p.Spec.Operation("environment", "list"); operation != nil && operation.Item != nil {
		p.Add("types/environment-list", operation.ID+" shows each environment with an id, and with described types and values.",
			plan.DocumentedMust, judgeEnvironments, probe.CapabilityEnvironments)
	}
	planBodyTypes(p)
}

func judgeEnvironments(p *probe.Probe) {
	e := environmentList(p)
	place, id := "/payload/"+e.Operation.Member, rerun.RoleIn(e.Operation.Item, credmock.RoleID)
	for i, item := range probe.Items(e) {
		shown, _ := item.(map[string]any)
		at := place + "/" + strconv.Itoa(i)
		p.Expect(e, at, jsonvalue.Describe(shown, id), "an id").Holds(jsonvalue.Text(shown[id]) != "")
		for _, property := range e.Operation.Item.Properties {
			misfit := misfitIn(property.Schema, "/"+property.Name, shown[property.Name])
			p.Expect(e, at+misfit, "a value of another type, or none of the described ones", "what the document describes").Holds(misfit == "")
		}
	}
}

func planMetadataType(p *plan.Builder, action string, property *credmock.Property) {
	optional := property.Role == credmock.RoleStrategy && action != "list"
	rule := fmt.Sprintf("%s in the answer of %s is there, and %s.", property.Name, action, aType(property))
	if optional {
		rule = fmt.Sprintf("%s in the answer of %s is %s, where it is there.", property.Name, action, aType(property))
	}
	p.Add("types/"+action+"/"+property.Name, rule, plan.DocumentedMust, judgeMetadataType(action, property, optional))
	if property.Schema.Format == "date-time" {
		p.Add("types/"+action+"/"+property.Name+"/format", property.Name+" in the answer of "+action+" is an RFC 3339 time.", plan.InferredShould,
			judgeTime(action, property))
	}
}

// aType names the type of a property, with its article.
func aType(property *credmock.Property) string {
	name := property.Types()[0]
	if strings.ContainsRune("aio", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
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
			fine := there && jsonvalue.Has(property.Types(), value) && value != ""
			p.Expect(e, "/payload", jsonvalue.Describe(credential, property.Name), aType(property)+" "+property.Name).
				Holds(fine || optional && !there)
		})
	}
}

// RFC 3339, section 5.6, permits t and z as well.
const (
	lowerCaseTime = "2006-01-02t15:04:05.999999999Z07:00"
	lowerCaseUTC  = "2006-01-02t15:04:05.999999999z"
)

func judgeTime(action string, property *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		credentialsIn(p, action, func(e *wire.Exchange, credential map[string]any) {
			p.Expect(e, "/payload/"+property.Name, "no RFC 3339 time", "such as 2026-01-15T09:30:00.000Z").
				Value(credential[property.Name]).String().AsDateTime(time.RFC3339Nano, lowerCaseTime, lowerCaseUTC)
		})
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

// planBodyTypes plans that a body with a wrong JSON type of any member is refused: of the fields of each strategy, and of what every
// body has (docs/contract.md#types).
func planBodyTypes(p *plan.Builder) {
	plain := sample.New(1) // one for all, because a source takes long to make
	for _, strategy := range p.Spec.Strategies {
		for i, field := range strategy.Fields {
			planFieldType(p, plain, strategy, field, i)
		}
	}
	standard := probe.DefaultStrategy(p.Spec)
	for _, property := range standard.Create.Properties {
		if property.Role == "" || property.ReadOnly {
			continue
		}
		basis := property.Basis
		if property.Role == credmock.RoleOrganization {
			basis = plan.RuledShould
			p.Add("types/body/"+property.Name, "create with a wrong type of "+property.Name+" is refused.", basis,
				judgeRefusedCreate(standard, wrongTypes(plain, property, 0, every)...))
		} else {
			planBodyType(p, standard, property, "create", basis, judgeRefusedCreateWith(standard, []int{400, 422, 404},
				wrongTypes(plain, property, 0, every)...))
		}
		if property.Immutable {
			basis = plan.RuledShould
		}
		planBodyType(p, standard, property, "update", basis, judgeRefusedUpdate(standard, wrongTypes(plain, property, 0, every)...))
	}
	for _, action := range []string{"create", "update"} {
		p.Add("types/body/read-only/"+action, action+" with wrong types of what only the server writes refuses or ignores them.", plan.RuledMust,
			judgeWrongReadOnly(standard, action))
	}
}

// planFieldType plans the types of a field. What the family required checks is left out.
func planFieldType(p *plan.Builder, plain *sample.Source, strategy *credmock.Strategy, field *credmock.Property, number int) {
	basis := field.Basis
	if coercible(field) || strategy.Evidence != credmock.Documented {
		basis.Level = credmock.Should
	}
	for turn, action := range []string{"create", "update"} {
		// The default strategy shows nearly the whole matrix. The others show half of it on create and a third on update, to save requests.
		some := func(i, _ int) bool { return (i+turn+number)%(2+turn) == 0 }
		switch {
		case strategy == probe.DefaultStrategy(p.Spec):
			some = func(i, length int) bool { return action == "create" || i != (number+2)%length }
		case strategy.Evidence != credmock.Documented: // one type on create, another one on update
			some = func(i, length int) bool { return i == (number+turn)%length }
		}
		body, judge := strategy.Create, judgeRefusedCreate(strategy, wrongTypes(plain, field, number+turn, some)...)
		if action == "update" {
			body, judge = strategy.Update, judgeRefusedUpdate(strategy, wrongTypes(plain, field, number+turn, some)...)
		}
		if requirement, required := body.Requires(field.Name); !required || requirement.Level != credmock.Must {
			planBodyType(p, strategy, field, action, basis, judge)
		}
	}
}

func planBodyType(p *plan.Builder, strategy *credmock.Strategy, property *credmock.Property, action string, basis credmock.Basis,
	judge func(*probe.Probe)) {
	p.Add(p.Of(strategy, "types/body/"+property.Name+"/"+action),
		fmt.Sprintf("%s with a wrong type of %s is refused for %s, and changes nothing.", action, property.Name, strategy.Name), basis,
		func(q *probe.Probe) {
			if property.Role == "" && !q.Takes(strategy, property) {
				q.Skip("the target does not list %s for %s", foreign.Own(property.Name), foreign.Own(strategy.Name))
			}
			judge(q)
		})
}

// every selects all values.
func every(int, int) bool { return true }

// wrongTypes returns a fault for each selected wrong type of a property. Selected is asked with a position and the number of
// types, which a plain value tells.
func wrongTypes(plain *sample.Source, property *credmock.Property, turn int, selected func(i, length int) bool) []bodyFault {
	var faults []bodyFault
	for i, length := 0, len(plain.WrongTypes(property, plain.Value(property), turn)); i < length; i++ {
		if !selected(i, length) {
			continue
		}
		faults = append(faults, func(p *probe.Probe, body map[string]any) map[string]any {
			right := rightValue(p, property, body)
			return probe.With(body, map[string]any{property.Name: p.Sample.WrongTypes(property, right, turn)[i]})
		})
	}
	return faults
}

// rightValue returns a value that a body may have: its own one, or one that fits the run.
func rightValue(p *probe.Probe, property *credmock.Property, body map[string]any) any {
	if right, sent := body[property.Name]; sent {
		return right
	}
	switch property.Role { //nolint:exhaustive // the rest is any value
	case credmock.RoleOrganization:
		return p.Organization
	case credmock.RoleEnvironment:
		return p.Environment
	case credmock.RoleStrategy:
		return probe.DefaultStrategy(p.Spec).Name
	case credmock.RoleCredential:
		return p.Standing(probe.DefaultStrategy(p.Spec)).ID
	}
	return p.Sample.Value(property)
}

// judgeWrongReadOnly sends wrong types of all read-only members. A success must show the right types, and no flag without a secret.
func judgeWrongReadOnly(strategy *credmock.Strategy, action string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		forged := map[string]any{}
		for i, property := range strategy.Create.Properties {
			if property.ReadOnly {
				values := p.Sample.WrongTypes(property, p.Sample.Value(property), 0)
				forged[property.Name] = values[i%len(values)]
			}
			if property.FlagOf != "" {
				forged[property.Name] = "true"
			}
		}
		e := &wire.Exchange{}
		if action == "create" {
			e = p.Create(strategy, probe.With(p.Minimal(strategy), forged))
		} else {
			made := p.MustCreate(strategy, p.Minimal(strategy))
			e = p.Update(strategy, made.ID, made.Change(forged))
		}
		if !p.ExpectStatus(e, "a success that ignores them, or a refusal with 400 or 422").Holds(e.Success() ||
			e.Refused(probe.InvalidStatuses...)) ||
			!e.Success() {
			return
		}
		for _, answer := range []*wire.Exchange{e, p.Get(e.ID)} {
			expectOwnReadOnly(p, strategy, p.CredentialIn(answer), answer)
		}
	}
}

// expectOwnReadOnly expects the right type of each read-only member that an answer shows, and no flag of a secret.
func expectOwnReadOnly(p *probe.Probe, strategy *credmock.Strategy, credential map[string]any, answer *wire.Exchange) {
	for _, property := range strategy.Shown.Properties {
		if value, there := credential[property.Name]; property.ReadOnly && there {
			fine := slices.Contains(property.Types(), jsonvalue.TypeOf(value)) && (property.FlagOf == "" || value != true)
			p.Expect(answer, "/payload/"+property.Name, jsonvalue.Describe(credential, property.Name), "the server's own value").Holds(fine)
		}
	}
}
