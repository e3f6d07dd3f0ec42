package contract

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// destinationLabel begins the label of every secret of a destination.
const destinationLabel = "destination/"

// neighbourhood is one destination and the credential that it uses, from the attachment to the end.
type neighbourhood struct {
	credential                                  *credential
	id                                          string
	create, list, get, attach, verify           *exchange
	refusedDelete, credentialAfter, linkAfter   *exchange
	detach, deleteDetached, getDetached, remove *exchange
	trouble                                     foreign.Mixed
}

// need returns the neighbourhood, or ends the check when it was not reached.
func (n *neighbourhood) need(p *probe) *neighbourhood {
	if !n.trouble.IsEmpty() {
		p.abandon("%s", n.trouble)
	}
	return n
}

// answers returns the successes of an action on destinations.
func (n *neighbourhood) answers(action string) []*exchange {
	return map[string][]*exchange{
		"create": {n.create}, "list": {n.list}, "get": {n.get}, "update": {n.attach, n.detach}, "verify": {n.verify}, "delete": {n.remove},
	}[action]
}

func (p *probe) destinationProperty(role credmock.Role) string {
	return roleIn(p.spec.Operation("destination", "create").Body, role)
}

// createDestination creates a destination with a name of this run and further members.
func (p *probe) createDestination(members map[string]any) *exchange {
	operation := p.spec.Operation("destination", "create")
	body := with(map[string]any{p.destinationProperty(credmock.RoleName): p.runName + " " + p.sample.Word()}, members)
	for _, property := range operation.Body.Properties {
		if property.Secret {
			canary := p.sample.Canary()
			body[property.Name] = canary
			p.remember(destinationLabel+property.Name, p.scope, canary)
		}
	}
	return p.do(request{resource: "destination", action: "create", id: p.environment, body: body})
}

// destination returns the destination in an answer.
func destination(e *exchange) map[string]any {
	inner, _ := e.payload()[e.operation.Member].(map[string]any)
	return inner
}

func (p *probe) destinationID(e *exchange) string {
	return textOf(destination(e)[roleIn(e.operation.Item, credmock.RoleID)])
}

func (p *probe) atDestination(action, id string, body any) *exchange {
	return p.do(request{resource: "destination", action: action, id: id, body: body})
}

func (s *session) visitNeighbours() *neighbourhood {
	p := s.probe("neighbourhood")
	n := &neighbourhood{}
	n.trouble = p.guard(func() { p.visit(n) })
	return n
}

func (p *probe) visit(n *neighbourhood) {
	standard := defaultStrategy(p.spec)
	link := p.destinationProperty(credmock.RoleCredential)
	n.credential = p.given(standard, p.full(standard))
	n.create = p.createDestination(nil)
	if n.id = p.destinationID(n.create); n.id == "" {
		p.abandon("create of a destination answered %d without an id", n.create.status)
	}
	n.attach = p.atDestination("update", n.id, map[string]any{link: n.credential.id})
	n.get = p.atDestination("get", n.id, nil)
	n.list = p.do(request{resource: "destination", action: "list", id: p.environment})
	n.verify = p.atDestination("verify", n.id, nil)
	n.refusedDelete = p.remove(n.credential.id)
	n.credentialAfter = p.get(n.credential.id)
	n.linkAfter = p.atDestination("get", n.id, nil)
	n.detach = p.atDestination("update", n.id, map[string]any{link: nil})
	n.getDetached = p.atDestination("get", n.id, nil)
	n.deleteDetached = p.remove(n.credential.id)
	n.remove = p.atDestination("delete", n.id, nil)
}

func (s *session) makeBystander() (id string) {
	p := s.probe("bystander")
	p.guard(func() { id = p.destinationID(p.createDestination(nil)) })
	return id
}
