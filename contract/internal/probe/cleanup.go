package probe

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
)

const (
	cleanupTime = 15 * time.Second
	// cleanupGrace is how long cleaning up may take after the time for the run.
	cleanupGrace = 5 * time.Second
)

// accountFor keeps the ledger. It sees every exchange, so nothing is missed.
func (s *Session) accountFor(e *wire.Exchange) {
	if e.Operation == nil || e.Operation.Resource == "token" {
		return
	}
	switch e.Operation.Action {
	case "create":
		s.accountForCreate(e)
	case "delete":
		if e.IsDone() {
			s.ledger.Remove(e.Operation.Resource, e.Path)
		}
	}
}

func (s *Session) accountForCreate(e *wire.Exchange) {
	if e.IsDone() || e.Failure != nil {
		s.ledger.NoteAttempt()
	}
	switch {
	case e.ID != "" && (e.IsDone() || e.BrokeOff):
		s.ledger.Add(leftover.Thing{Resource: e.Operation.Resource, ID: e.ID, Scope: e.Scope})
	case e.IsDone() || e.Failure != nil && !e.Unsent:
		s.ledger.AddDoubt(leftover.Doubt{Title: s.titleSent(e), Request: e.Method + " " + e.Template, UnderWay: e.UnderWay})
	}
}

// titleSent returns the name in the body of a create.
func (s *Session) titleSent(e *wire.Exchange) string {
	var body map[string]any
	if json.Unmarshal(e.Sent, &body) != nil {
		return ""
	}
	if e.Operation.Resource == "credential" {
		return jsonvalue.Text(body[s.RoleName(credmock.RoleName)])
	}
	return jsonvalue.Text(body[rerun.RoleIn(e.Operation.Body, credmock.RoleName)])
}

// DeleteOwn deletes what the check created, so that lists stay short. The end of the run deletes the rest.
func (p *Probe) DeleteOwn() {
	if p.keep || p.ctx.Err() != nil {
		return
	}
	for _, thing := range p.ledger.MadeBy(p.Scope) {
		p.Try(Request{Resource: thing.Resource, Action: "delete", ID: thing.ID})
	}
}

// CleanUp deletes what the run created, the latest first, even after an interruption. It returns what is left.
func (s *Session) CleanUp() (left []string) {
	if !s.keep {
		left = s.deleteAll()
	}
	s.ledger.Close(len(left) == 0)
	return left
}

func (s *Session) deleteAll() (left []string) {
	until := time.Now().Add(cleanupTime)
	if last := s.End.Add(cleanupGrace); until.After(last) {
		until = last
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(s.Ctx), until)
	defer cancel()
	if s.ledger.IsUntouched() {
		return nil
	}
	things := s.ledger.MadeBy("")
	p := s.probeWithin(ctx, "cleanup")
	found, unlisted := p.named(s.RunName)
	for _, thing := range leftover.InOrder(things, found) {
		if request := p.delete(thing); request != "" {
			left = append(left, request)
		}
	}
	return append(left, s.ledger.Unknown(s.RunName, found, len(unlisted) > 0)...)
}

// delete deletes one thing. It returns the request if that failed, and "" if the thing is gone.
func (p *Probe) delete(thing leftover.Thing) (left string) {
	e := p.Try(Request{Resource: thing.Resource, Action: "delete", ID: thing.ID})
	if e.IsDone() || e.Status == 404 && e.Failure == nil {
		return ""
	}
	return e.Method + " " + e.Path
}

// named returns the destinations and credentials of both environments whose names begin with a name, and the lists that could not
// be read.
func (p *Probe) named(name string) (found []leftover.Thing, unlisted []string) {
	for _, resource := range []string{"destination", "credential"} {
		for _, environment := range []string{p.Environment, p.Second} {
			if environment == "" || p.Spec.Operation(resource, "list") == nil {
				continue
			}
			e := p.Try(Request{Resource: resource, Action: "list", ID: environment})
			if !e.Success() {
				if e.Status != 404 { // a target without destinations
					unlisted = append(unlisted, e.Method+" "+e.Template)
				}
				continue
			}
			found = append(found, p.namedIn(e, resource, name)...)
			p.Drop(e)
		}
	}
	return found, unlisted
}

// namedIn returns the items of a list whose names begin with a name.
func (p *Probe) namedIn(e *wire.Exchange, resource, name string) (found []leftover.Thing) {
	idName, titleName := p.RoleName(credmock.RoleID), p.RoleName(credmock.RoleName)
	if resource != "credential" {
		idName, titleName = rerun.RoleIn(e.Operation.Item, credmock.RoleID), rerun.RoleIn(e.Operation.Item, credmock.RoleName)
	}
	for _, item := range Items(e) {
		thing := leftover.Thing{Resource: resource, ID: jsonvalue.Text(jsonvalue.Member(item, idName)),
			Title: jsonvalue.Text(jsonvalue.Member(item, titleName))}
		if strings.HasPrefix(thing.Title, name) && thing.ID != "" && len(thing.ID) <= longestID {
			found = append(found, thing)
		}
	}
	return found
}
