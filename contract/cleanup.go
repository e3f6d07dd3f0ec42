package contract

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock"
)

// made is one thing that this run created and has not deleted yet.
type made struct{ resource, id, scope string }

func (m made) is(other made) bool { return m.resource == other.resource && m.id == other.id }

const cleanupTime = 15 * time.Second

// account keeps the ledger of what was created; it sees every exchange, so nothing can be forgotten.
func (s *session) account(e *exchange) {
	if e.operation != nil && e.operation.Action == "create" && (e.taken() || e.failure != nil) {
		s.triedToCreate = true
	}
	if e.operation == nil || !e.taken() && e.id == "" {
		return
	}
	thing := made{e.operation.Resource, s.idOf(e), e.scope}
	switch e.operation.Action {
	case "create":
		if thing.id != "" && thing.resource != "token" {
			s.created = append(s.created, thing)
		}
	case "delete":
		for i, one := range s.created {
			if one.resource == thing.resource && strings.HasSuffix(e.path, "/"+one.id) {
				s.created = slices.Delete(s.created, i, i+1)
				break
			}
		}
	}
}

// tidy deletes what the check created, so that lists stay short. What it misses, the end of the run finds.
func (p *probe) tidy() {
	if p.target.Keep || p.ctx.Err() != nil {
		return
	}
	p.mutex.Lock()
	var mine []made
	for _, thing := range p.created {
		if thing.scope == p.scope {
			mine = append(mine, thing)
		}
	}
	p.mutex.Unlock()
	slices.Reverse(mine)
	for _, thing := range mine {
		p.try(request{resource: thing.resource, action: "delete", parameter: p.to(thing.resource, "delete", thing.id)})
	}
}

// cleanUp deletes what the run created, last in first out, also when the run was cut short. It returns what is left.
func (s *session) cleanUp() (left []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), cleanupTime)
	defer cancel()
	s.ctx = ctx
	p := s.probe(&check{id: "cleanup"})
	for _, thing := range s.leftovers(p) {
		e := p.try(request{resource: thing.resource, action: "delete", parameter: p.to(thing.resource, "delete", thing.id)})
		if e.failure != nil || !e.success() && e.status != 404 {
			left = append(left, e.method+" "+e.path)
		}
	}
	return left
}

// leftovers returns the ledger, last first, and what carries the run's name beside it. What was deleted already and
// stays visible is tried once more.
func (s *session) leftovers(p *probe) []made {
	s.mutex.Lock()
	things, tried := slices.Clone(s.created), s.triedToCreate
	s.mutex.Unlock()
	if !tried {
		return nil
	}
	slices.Reverse(things)
	e := p.try(request{action: "list", parameter: p.to("credential", "list", s.environment)})
	for _, item := range items(e) {
		name := textOf(member(item, s.roleName(credmock.RoleName)))
		thing := made{resource: "credential", id: textOf(member(item, s.roleName(credmock.RoleID)))}
		if strings.HasPrefix(name, s.runName) && thing.id != "" && !slices.ContainsFunc(things, thing.is) {
			things = append(things, thing)
		}
	}
	return things
}
