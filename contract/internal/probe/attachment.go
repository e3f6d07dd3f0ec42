package probe

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// DestinationLabel begins the label of every secret of a destination.
const DestinationLabel = "destination/"

// Attachment is one destination with its credential, from creation to deletion.
type Attachment struct {
	Credential                                  *Credential
	ID                                          string
	create, List, Get, Attach, verify           *wire.Exchange
	DeleteOfNobody, DeleteOfViewer              *wire.Exchange // while it is in use; the second is nil without a viewer
	RefusedDelete, CredentialAfter, LinkAfter   *wire.Exchange
	Detach, DeleteDetached, GetDetached, remove *wire.Exchange
	trouble                                     foreign.Mixed
}

// Need returns the attachment, or ends the check if it could not be made.
func (n *Attachment) Need(p *Probe) *Attachment {
	if !n.trouble.IsEmpty() {
		p.Abandon("%s", n.trouble)
	}
	return n
}

// Answers returns the answers to an action on the destination.
func (n *Attachment) Answers(action string) []*wire.Exchange {
	return map[string][]*wire.Exchange{
		"create": {n.create}, "list": {n.List}, "get": {n.Get}, "update": {n.Attach, n.Detach}, "verify": {n.verify}, "delete": {n.remove},
	}[action]
}

// DestinationProperty returns the name of the property of a destination's body with a role.
func (p *Probe) DestinationProperty(role credmock.Role) string {
	return rerun.RoleIn(p.Spec.Operation("destination", "create").Body, role)
}

// CreateDestination creates a destination with a name of this run and the given members.
func (p *Probe) CreateDestination(members map[string]any) *wire.Exchange {
	return p.CreateDestinationIn(p.Environment, members)
}

// CreateDestinationIn is CreateDestination for any environment.
func (p *Probe) CreateDestinationIn(environment string, members map[string]any) *wire.Exchange {
	operation := p.Spec.Operation("destination", "create")
	return p.Do(Request{Resource: "destination", Action: "create", ID: environment,
		Body: With(p.DestinationBody(operation.Body), members)})
}

// DestinationBody returns a body with a new value of every member that a client may write, apart from the link to a credential.
func (p *Probe) DestinationBody(shape *credmock.Object) map[string]any {
	body := map[string]any{}
	for _, property := range shape.Properties {
		switch {
		case property.ReadOnly, property.Role == credmock.RoleCredential:
		case property.Role == credmock.RoleName:
			body[property.Name] = p.RunName + " " + p.Sample.Word()
		default:
			body[property.Name] = p.Sample.Value(property)
			if secret, isText := body[property.Name].(string); isText && property.Secret {
				p.LookFor(DestinationLabel+property.Name, p.Scope, secret)
			}
		}
	}
	return body
}

// ShownOfDestination returns the members of a body, or of an answer, that answers should show as they were sent: all that a client writes
// but secrets, and the link to a credential, which is judged by itself.
func (p *Probe) ShownOfDestination(body map[string]any) map[string]any {
	shown := map[string]any{}
	for _, property := range p.Spec.Operation("destination", "create").Body.Properties {
		if value, sent := body[property.Name]; sent && !property.ReadOnly && !property.Secret && property.Role != credmock.RoleCredential {
			shown[property.Name] = value
		}
	}
	return shown
}

// Destination returns the destination in an answer.
func Destination(e *wire.Exchange) map[string]any {
	inner, _ := e.Payload()[e.Operation.Member].(map[string]any)
	return inner
}

// ItemWith returns the item of a list whose member of a name is an id, or nil.
func ItemWith(list *wire.Exchange, name, id string) map[string]any {
	for _, item := range Items(list) {
		if jsonvalue.Text(jsonvalue.Member(item, name)) == id {
			listed, _ := item.(map[string]any)
			return listed
		}
	}
	return nil
}

// DestinationID returns the id of the destination in an answer.
func (p *Probe) DestinationID(e *wire.Exchange) string {
	return jsonvalue.Text(Destination(e)[rerun.RoleIn(e.Operation.Item, credmock.RoleID)])
}

// AtDestination sends a request for an action on one destination.
func (p *Probe) AtDestination(action, id string, body any) *wire.Exchange {
	return p.Do(Request{Resource: "destination", Action: action, ID: id, Body: body})
}

func (s *Session) runAttachment() *Attachment {
	p := s.probeShared("neighbourhood")
	n := &Attachment{}
	n.trouble = p.Guard(func() { p.attachmentSteps(n) })
	return n
}

func (p *Probe) attachmentSteps(n *Attachment) {
	all := Request{Resource: "destination", Action: "list", ID: p.Environment} // a review looks at every list
	standard := DefaultStrategy(p.Spec)
	link := p.DestinationProperty(credmock.RoleCredential)
	n.Credential = p.MustCreate(standard, p.Full(standard))
	n.create = p.CreateDestination(nil)
	if n.ID = p.DestinationID(n.create); n.ID == "" {
		p.Abandon("create of a destination answered %d without an id", n.create.Status)
	}
	n.Attach = p.AtDestination("update", n.ID, map[string]any{link: n.Credential.ID})
	n.Get = p.AtDestination("get", n.ID, nil)
	n.List = p.Do(all)
	n.verify = p.AtDestination("verify", n.ID, nil)
	n.DeleteOfNobody = p.Do(Request{Action: "delete", ID: n.Credential.ID, Principal: wire.Nobody})
	if p.Capabilities[CapabilityViewer].Present {
		n.DeleteOfViewer = p.Do(Request{Action: "delete", ID: n.Credential.ID, Principal: wire.Viewer})
	}
	n.RefusedDelete = p.Remove(n.Credential.ID)
	n.CredentialAfter = p.Get(n.Credential.ID)
	n.LinkAfter = p.AtDestination("get", n.ID, nil)
	n.Detach = p.AtDestination("update", n.ID, map[string]any{link: nil})
	n.GetDetached = p.AtDestination("get", n.ID, nil)
	p.Do(all)
	n.DeleteDetached = p.Remove(n.Credential.ID)
	n.remove = p.AtDestination("delete", n.ID, nil)
	p.Do(all)
}

func (s *Session) makeSpareDestination() (id string) {
	p := s.Probe("bystander")
	p.Guard(func() { id = p.DestinationID(p.CreateDestination(nil)) })
	p.waitForWrite() // other probes use it
	return id
}
