package contract

import (
	"maps"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// credential is one that a check created.
type credential struct {
	strategy *credmock.Strategy
	id       string
	sent     map[string]any // the body of its creation
	answer   *exchange      // of its creation
}

// heading returns the members that stand first in every body.
func (p *probe) heading(strategy *credmock.Strategy) map[string]any {
	return map[string]any{
		p.roleName(credmock.RoleName):         p.runName + " " + p.sample.Word(),
		p.roleName(credmock.RoleOrganization): p.organization,
		p.roleName(credmock.RoleEnvironment):  p.environment,
		p.roleName(credmock.RoleStrategy):     strategy.Name,
	}
}

// minimal returns a body of what create requires, and no more.
func (p *probe) minimal(strategy *credmock.Strategy) map[string]any {
	return p.fillIn(strategy, func(field *credmock.Property) bool {
		_, required := strategy.Create.Requires(field.Name)
		return required
	})
}

// full returns a body with every field that the target takes.
func (p *probe) full(strategy *credmock.Strategy) map[string]any {
	return p.fillIn(strategy, func(field *credmock.Property) bool { return p.takes(strategy, field) })
}

func (p *probe) fillIn(strategy *credmock.Strategy, wanted func(*credmock.Property) bool) map[string]any {
	body := p.heading(strategy)
	for _, field := range strategy.Fields {
		if wanted(field) {
			body[field.Name] = p.sample.Value(field)
		}
	}
	p.watch(strategy, body)
	return body
}

// takes tells whether the target can be expected to take the field: always, where the strategy is documented; where
// its fields are inferred, as the target's own list says.
func (s *session) takes(strategy *credmock.Strategy, field *credmock.Property) bool {
	if _, required := strategy.Create.Requires(field.Name); required {
		return true
	}
	if s.narrow[strategy.Name] {
		return field.Secret
	}
	listed, known := s.available[strategy.Name]
	if strategy.Evidence == credmock.Documented || !known {
		return strategy.Evidence == credmock.Documented || !field.Unlisted
	}
	return slices.Contains(listed, field.Name)
}

// watch makes every secret of a body one to look for in all that comes back.
func (p *probe) watch(strategy *credmock.Strategy, body map[string]any) {
	for _, secret := range strategy.Secrets {
		if value, isText := body[secret.Name].(string); isText {
			p.remember(labelOf(strategy, secret), p.scope, value)
		}
	}
}

func labelOf(strategy *credmock.Strategy, secret *credmock.Property) string {
	return strategy.Name + "/" + secret.Name
}

// with returns a copy of body with changes.
func with(body, changes map[string]any) map[string]any {
	changed := maps.Clone(body)
	maps.Copy(changed, changes)
	return changed
}

// without returns a copy of body that lacks the names.
func without(body map[string]any, names ...string) map[string]any {
	changed := maps.Clone(body)
	for _, name := range names {
		delete(changed, name)
	}
	return changed
}

// create sends body as a new credential.
func (p *probe) create(strategy *credmock.Strategy, body any) *exchange {
	if object, isObject := body.(map[string]any); isObject {
		p.watch(strategy, object)
	}
	return p.do(request{action: "create", body: body})
}

// given creates a credential that the check needs, or ends the check.
func (p *probe) given(strategy *credmock.Strategy, body map[string]any) *credential {
	e := p.create(strategy, body)
	made := &credential{strategy: strategy, sent: body, answer: e, id: e.id}
	if !e.success() {
		p.abandon("it needs a credential of %s, and create answered %d", foreign.Own(strategy.Name), e.status)
	}
	if made.id == "" {
		p.abandon("it needs a credential of %s, and the answer of create has no id", foreign.Own(strategy.Name))
	}
	return made
}

func (p *probe) get(id string) *exchange {
	return p.do(request{action: "get", id: id})
}

func (p *probe) list() *exchange { return p.listOf(p.environment) }

func (p *probe) listOf(environment string) *exchange {
	return p.do(request{action: "list", id: environment})
}

func (p *probe) remove(id string) *exchange {
	return p.do(request{action: "delete", id: id})
}

func (p *probe) update(strategy *credmock.Strategy, id string, body any) *exchange {
	if object, isObject := body.(map[string]any); isObject {
		p.watch(strategy, object)
	}
	return p.do(request{action: "update", id: id, body: body})
}

// change returns an update body: what update requires, as it was created, and changes.
func (c *credential) change(changes map[string]any) map[string]any {
	body := map[string]any{}
	for _, requirement := range c.strategy.Update.Required {
		body[requirement.Name] = c.sent[requirement.Name]
	}
	maps.Copy(body, changes)
	return body
}

// forUpdate returns a body of create without what an update need not repeat.
func (p *probe) forUpdate(body map[string]any) map[string]any {
	return without(body, p.roleName(credmock.RoleEnvironment), p.roleName(credmock.RoleOrganization), p.roleName(credmock.RoleStrategy))
}

// updated changes a credential, or ends the check.
func (p *probe) updated(c *credential, changes map[string]any) *exchange {
	e := p.update(c.strategy, c.id, c.change(changes))
	if !e.success() {
		p.abandon("it needs an update of a credential of %s, and update answered %d", foreign.Own(c.strategy.Name), e.status)
	}
	return e
}

// single returns the credential in the answer of create, get or update; nil when it has none.
func (s *session) single(e *exchange) map[string]any {
	payload := e.payload()
	if wrapped, isObject := payload["credential"].(map[string]any); isObject && slices.Contains(s.accept, "wrapped-payload") {
		return wrapped
	}
	return payload
}

// items returns the list items of an answer; nil when it has no list.
func items(e *exchange) []any {
	list, _ := e.payload()[e.operation.Member].([]any)
	return list
}

// listed returns the item with that id, or nil.
func (s *session) listed(e *exchange, id string) map[string]any {
	for _, item := range items(e) {
		if textOf(member(item, s.roleName(credmock.RoleID))) == id {
			object, _ := item.(map[string]any)
			return object
		}
	}
	return nil
}

// public returns the fields of a strategy that come back as they were sent.
func public(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(slices.Clone(strategy.Fields), func(field *credmock.Property) bool { return field.Secret })
}

// optional returns the plain fields of a strategy that create does not require.
func optional(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(public(strategy), func(field *credmock.Property) bool {
		_, required := strategy.Create.Requires(field.Name)
		return required
	})
}

// takenSecrets returns the secrets of a strategy that the target can be expected to take.
func (s *session) takenSecrets(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(slices.Clone(strategy.Secrets), func(secret *credmock.Property) bool { return !s.takes(strategy, secret) })
}

// defaultStrategy is the one whose checks carry no strategy in their id: the one that a body means when it names none.
func defaultStrategy(spec *credmock.Spec) *credmock.Strategy {
	for _, strategy := range spec.Strategies {
		if strategy.ImpliedBy != "" {
			return strategy
		}
	}
	return spec.Strategies[0]
}
