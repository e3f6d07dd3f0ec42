package contract

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/credmock/credmock"
)

const (
	cleanupTime = 15 * time.Second
	// cleanupGrace is how long after the time for the run cleaning up may take.
	cleanupGrace = 5 * time.Second
)

// accountFor keeps the ledger of what was created; it sees every exchange, so nothing can be forgotten.
func (s *session) accountFor(e *exchange) {
	if e.operation == nil || e.operation.Resource == "token" {
		return
	}
	switch e.operation.Action {
	case "create":
		s.accountForCreate(e)
	case "delete":
		if e.taken() {
			s.ledger.remove(e.operation.Resource, e.path)
		}
	}
}

func (s *session) accountForCreate(e *exchange) {
	if e.taken() || e.failure != nil {
		s.ledger.try()
	}
	switch {
	case e.id != "" && (e.taken() || e.brokeOff):
		s.ledger.add(made{resource: e.operation.Resource, id: e.id, scope: e.scope})
	case e.taken() || e.failure != nil && !e.unsent:
		s.ledger.doubt(doubt{title: s.titleSent(e), request: e.method + " " + e.template, underWay: e.underWay})
	}
}

// titleSent returns the name in the body of a create.
func (s *session) titleSent(e *exchange) string {
	var body map[string]any
	if json.Unmarshal(e.sent, &body) != nil {
		return ""
	}
	if e.operation.Resource == "credential" {
		return textOf(body[s.roleName(credmock.RoleName)])
	}
	return textOf(body[roleIn(e.operation.Body, credmock.RoleName)])
}

// deleteOwn deletes what the check created, so that lists stay short. The end of the run finds what it misses.
func (p *probe) deleteOwn() {
	if p.keep || p.ctx.Err() != nil {
		return
	}
	for _, thing := range p.ledger.madeBy(p.scope) {
		p.try(request{resource: thing.resource, action: "delete", id: thing.id})
	}
}

// cleanUp deletes what the run created, last in first out, also when the run was cut short. It returns what is left.
func (s *session) cleanUp() (left []string) {
	if !s.keep {
		left = s.deleteAll()
	}
	s.ledger.close(len(left) == 0)
	return left
}

func (s *session) deleteAll() (left []string) {
	until := time.Now().Add(cleanupTime)
	if last := s.end.Add(cleanupGrace); until.After(last) {
		until = last
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(s.ctx), until)
	defer cancel()
	if s.ledger.isEmpty() {
		return nil
	}
	things := s.ledger.madeBy("")
	p := s.probeWithin(ctx, "cleanup")
	found, unlisted := p.named(s.runName)
	for _, thing := range inOrder(things, found) {
		if request := p.delete(thing); request != "" {
			left = append(left, request)
		}
	}
	return append(left, s.ledger.unknown(s.runName, found, len(unlisted) > 0)...)
}

// delete deletes one thing. It returns the request if that failed, and "" if the thing is gone.
func (p *probe) delete(thing made) (left string) {
	e := p.try(request{resource: thing.resource, action: "delete", id: thing.id})
	if e.taken() || e.status == 404 && e.failure == nil {
		return ""
	}
	return e.method + " " + e.path
}

// named returns the destinations and credentials of both environments whose names begin with the name of a run, and the lists
// that could not be read.
func (p *probe) named(name string) (found []made, unlisted []string) {
	for _, resource := range []string{"destination", "credential"} {
		for _, environment := range []string{p.environment, p.second} {
			if environment == "" || p.spec.Operation(resource, "list") == nil {
				continue
			}
			e := p.try(request{resource: resource, action: "list", id: environment})
			if !e.success() {
				if e.status != 404 { // a target may have no destinations
					unlisted = append(unlisted, e.method+" "+e.template)
				}
				continue
			}
			found = append(found, p.namedIn(e, resource, name)...)
			p.drop(e)
		}
	}
	return found, unlisted
}

// namedIn returns the items of a list whose names begin with the name of a run.
func (p *probe) namedIn(e *exchange, resource, name string) (found []made) {
	idName, titleName := p.roleName(credmock.RoleID), p.roleName(credmock.RoleName)
	if resource != "credential" {
		idName, titleName = roleIn(e.operation.Item, credmock.RoleID), roleIn(e.operation.Item, credmock.RoleName)
	}
	for _, item := range items(e) {
		thing := made{resource: resource, id: textOf(member(item, idName)), title: textOf(member(item, titleName))}
		if strings.HasPrefix(thing.title, name) && thing.id != "" && len(thing.id) <= longestID {
			found = append(found, thing)
		}
	}
	return found
}
