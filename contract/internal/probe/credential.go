package probe

import (
	"maps"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// Credential is a credential that a check created.
type Credential struct {
	Strategy *credmock.Strategy
	ID       string
	Sent     map[string]any // the body of its create
	Answer   *wire.Exchange // the answer to its create
}

// heading returns the members that begin every body.
func (p *Probe) heading(strategy *credmock.Strategy) map[string]any {
	return map[string]any{
		p.RoleName(credmock.RoleName):         p.RunName + " " + p.Sample.Word(),
		p.RoleName(credmock.RoleOrganization): p.Organization,
		p.RoleName(credmock.RoleEnvironment):  p.Environment,
		p.RoleName(credmock.RoleStrategy):     strategy.Name,
	}
}

// Minimal returns a body with only what create requires.
func (p *Probe) Minimal(strategy *credmock.Strategy) map[string]any {
	return p.fillIn(strategy, func(field *credmock.Property) bool {
		_, required := strategy.Create.Requires(field.Name)
		return required
	})
}

// Full returns a body with every field that the target takes.
func (p *Probe) Full(strategy *credmock.Strategy) map[string]any {
	return p.fillIn(strategy, func(field *credmock.Property) bool { return p.Takes(strategy, field) })
}

func (p *Probe) fillIn(strategy *credmock.Strategy, wanted func(*credmock.Property) bool) map[string]any {
	body := p.heading(strategy)
	for _, field := range strategy.Fields {
		if wanted(field) {
			body[field.Name] = p.Sample.Value(field)
		}
	}
	p.watch(strategy, body)
	return body
}

// Takes tells whether the target should accept the field: always if the strategy is documented; if it is inferred, only if the
// target's own list has the field.
func (s *Session) Takes(strategy *credmock.Strategy, field *credmock.Property) bool {
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

// watch looks for every secret of a body in all answers.
func (p *Probe) watch(strategy *credmock.Strategy, body map[string]any) {
	for _, secret := range strategy.Secrets {
		jsonvalue.Walk(body[secret.Name], func(_ *jsonvalue.Path, value any) bool { // a secret of a wrong type is one too
			if text, isText := value.(string); isText {
				p.LookFor(LabelOf(strategy, secret), p.Scope, text)
			}
			return true
		})
	}
}

// LabelOf returns the label of a secret in reports.
func LabelOf(strategy *credmock.Strategy, secret *credmock.Property) string {
	return strategy.Name + "/" + secret.Name
}

// With returns a copy of body with changes.
func With(body, changes map[string]any) map[string]any {
	changed := maps.Clone(body)
	maps.Copy(changed, changes)
	return changed
}

// Without returns a copy of body without the names.
func Without(body map[string]any, names ...string) map[string]any {
	changed := maps.Clone(body)
	for _, name := range names {
		delete(changed, name)
	}
	return changed
}

// Create creates a credential from body.
func (p *Probe) Create(strategy *credmock.Strategy, body any) *wire.Exchange {
	if object, isObject := body.(map[string]any); isObject {
		p.watch(strategy, object)
	}
	return p.Do(Request{Action: "create", Body: body})
}

// CreateTogether sends creates at the same time.
func (p *Probe) CreateTogether(strategy *credmock.Strategy, bodies []map[string]any) []*wire.Exchange {
	return p.writeTogether(strategy, Request{Action: "create"}, bodies)
}

// UpdateTogether sends updates of one credential at the same time.
func (p *Probe) UpdateTogether(strategy *credmock.Strategy, id string, bodies []map[string]any) []*wire.Exchange {
	return p.writeTogether(strategy, Request{Action: "update", ID: id}, bodies)
}

func (p *Probe) writeTogether(strategy *credmock.Strategy, r Request, bodies []map[string]any) []*wire.Exchange {
	requests := make([]Request, len(bodies))
	for i, body := range bodies {
		p.watch(strategy, body)
		requests[i], requests[i].Body = r, body
	}
	return p.WriteTogether(requests)
}

// MustCreate creates a credential that the check needs, or ends the check.
func (p *Probe) MustCreate(strategy *credmock.Strategy, body map[string]any) *Credential {
	e := p.Create(strategy, body)
	made := &Credential{Strategy: strategy, Sent: body, Answer: e, ID: e.ID}
	if !e.Success() {
		p.Abandon("it needs a credential of %s, and create answered %d", foreign.Own(strategy.Name), e.Status)
	}
	if made.ID == "" {
		p.Abandon("it needs a credential of %s, and the answer of create has no id", foreign.Own(strategy.Name))
	}
	return made
}

// Get gets a credential.
func (p *Probe) Get(id string) *wire.Exchange {
	return p.Do(Request{Action: "get", ID: id})
}

// GetWhole is Get of an answer that is needed whole, large members that the document does not describe included.
func (p *Probe) GetWhole(id string) *wire.Exchange {
	return p.Do(Request{Action: "get", ID: id, whole: true})
}

// List lists the credentials of the environment.
func (p *Probe) List() *wire.Exchange { return p.ListOf(p.Environment) }

// ListOf lists the credentials of another environment.
func (p *Probe) ListOf(environment string) *wire.Exchange {
	return p.Do(Request{Action: "list", ID: environment})
}

// Remove deletes a credential.
func (p *Probe) Remove(id string) *wire.Exchange {
	return p.Do(Request{Action: "delete", ID: id})
}

// Update updates a credential.
func (p *Probe) Update(strategy *credmock.Strategy, id string, body any) *wire.Exchange {
	if object, isObject := body.(map[string]any); isObject {
		p.watch(strategy, object)
	}
	return p.Do(Request{Action: "update", ID: id, Body: body})
}

// Change returns an update body: the members that update requires, as created, and changes.
func (c *Credential) Change(changes map[string]any) map[string]any {
	body := map[string]any{}
	for _, requirement := range c.Strategy.Update.Required {
		body[requirement.Name] = c.Sent[requirement.Name]
	}
	maps.Copy(body, changes)
	return body
}

// ForUpdate returns a create body without the members that an update need not repeat.
func (p *Probe) ForUpdate(body map[string]any) map[string]any {
	return Without(body, p.RoleName(credmock.RoleEnvironment), p.RoleName(credmock.RoleOrganization), p.RoleName(credmock.RoleStrategy))
}

// MustUpdate updates a credential, or ends the check.
func (p *Probe) MustUpdate(c *Credential, changes map[string]any) *wire.Exchange {
	e := p.Update(c.Strategy, c.ID, c.Change(changes))
	if !e.Success() {
		p.Abandon("it needs an update of a credential of %s, and update answered %d", foreign.Own(c.Strategy.Name), e.Status)
	}
	return e
}

// CredentialIn returns the credential in the answer of create, get or update, or nil.
func (s *Session) CredentialIn(e *wire.Exchange) map[string]any {
	payload := e.Payload()
	if wrapped, isObject := payload["credential"].(map[string]any); isObject && slices.Contains(s.Accept, "wrapped-payload") {
		return wrapped
	}
	return payload
}

// Items returns the list items of an answer, or nil.
func Items(e *wire.Exchange) []any {
	list, _ := e.Payload()[e.Operation.Member].([]any)
	return list
}

// Listed returns the list item with an id, or nil.
func (s *Session) Listed(e *wire.Exchange, id string) map[string]any {
	for _, item := range Items(e) {
		if jsonvalue.Text(jsonvalue.Member(item, s.RoleName(credmock.RoleID))) == id {
			object, _ := item.(map[string]any)
			return object
		}
	}
	return nil
}

// Public returns the fields of a strategy that answers show.
func Public(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(slices.Clone(strategy.Fields), func(field *credmock.Property) bool { return field.Secret })
}

// Optional returns the public fields of a strategy that create does not require.
func Optional(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(Public(strategy), func(field *credmock.Property) bool {
		_, required := strategy.Create.Requires(field.Name)
		return required
	})
}

// TakenSecrets returns the secrets of a strategy that the target should accept.
func (s *Session) TakenSecrets(strategy *credmock.Strategy) []*credmock.Property {
	return slices.DeleteFunc(slices.Clone(strategy.Secrets), func(secret *credmock.Property) bool { return !s.Takes(strategy, secret) })
}

// DefaultStrategy returns the strategy of a body that names none. Its checks have no strategy in their ids.
func DefaultStrategy(spec *credmock.Spec) *credmock.Strategy {
	for _, strategy := range spec.Strategies {
		if strategy.ImpliedBy != "" {
			return strategy
		}
	}
	return spec.Strategies[0]
}
