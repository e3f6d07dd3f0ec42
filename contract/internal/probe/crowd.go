package probe

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
)

// CrowdCheck is the id of the check that needs many credentials at once. If it is planned, other checks leave it theirs.
const CrowdCheck = "many/credentials"

const (
	// Many is a number of things beyond the usual length of a page of a list.
	Many = 101
	// side is the number of requests of one kind that are sent at the same time.
	side = 16
	// slowDeletion is the answer time from which nothing is left for later: cleaning up is bounded.
	slowDeletion = 100 * time.Millisecond
)

// crowd is the credentials of checks that are done with them. They exist until one check has counted them, or another one needs some.
type crowd struct {
	mutex  sync.Mutex
	plain  map[string]bool // by id: it was created in the environment of the run; true for one of the default strategy
	held   []leftover.Thing
	closed bool
}

// noteInCrowd notes a credential that was created in the environment of the run.
func (s *Session) noteInCrowd(e *wire.Exchange) {
	var body map[string]any
	if !s.Planned[CrowdCheck] || e.Operation.Resource != "credential" || !e.IsDone() || json.Unmarshal(e.Sent, &body) != nil {
		return
	}
	organization := body[s.RoleName(credmock.RoleOrganization)]
	if body[s.RoleName(credmock.RoleEnvironment)] != s.Environment || organization != nil && !jsonvalue.Same(organization, s.Organization) {
		return
	}
	s.crowd.mutex.Lock()
	defer s.crowd.mutex.Unlock()
	if s.crowd.plain == nil {
		s.crowd.plain = map[string]bool{}
	}
	name, isText := body[s.RoleName(credmock.RoleStrategy)].(string)
	s.crowd.plain[e.ID] = !isText || name == DefaultStrategy(s.Spec).Name
}

// spareCrowd is the number of credentials beyond [Many] that are left for checks that take some.
const spareCrowd = 36

// leaveToCrowd leaves a thing to the crowd, unless there are enough.
func (s *Session) leaveToCrowd(thing leftover.Thing) bool {
	if thing.Resource != "credential" || s.Serial || s.Pace > slowDeletion {
		return false
	}
	s.crowd.mutex.Lock()
	defer s.crowd.mutex.Unlock()
	if slices.ContainsFunc(s.crowd.held, func(one leftover.Thing) bool { return one.ID == thing.ID }) {
		return true // the check was tried again
	}
	_, plain := s.crowd.plain[thing.ID]
	if s.crowd.closed || !plain || len(s.crowd.held) >= Many+spareCrowd {
		return false
	}
	s.crowd.held = append(s.crowd.held, thing)
	return true
}

// TakeCrowd returns the ids of the credentials that were left to the crowd, the oldest first. Nothing is left to it any more.
func (s *Session) TakeCrowd() (ids []string) {
	s.crowd.mutex.Lock()
	defer s.crowd.mutex.Unlock()
	s.crowd.closed = true
	for _, thing := range s.crowd.held {
		ids = append(ids, thing.ID)
	}
	return ids
}

// lasting begins the scopes of things that are there until the end of the run.
var lasting = []string{"explore", "bystander", "target", "victim/", "standing/", "odd"}

// Lasting returns the ids of things of a kind that are there until the end of the run, in its environment.
func (s *Session) Lasting(resource string) (ids []string) {
	for _, thing := range s.ledger.MadeBy("") {
		lasts := slices.ContainsFunc(lasting, func(scope string) bool { return strings.HasPrefix(thing.Scope, scope) })
		if thing.Resource == resource && lasts && !s.Serial {
			ids = append(ids, thing.ID)
		}
	}
	return ids
}

// TakeIdle returns the ids of up to a number of credentials of the default strategy that other checks are done with. They are this
// check's from now on. A lagging target may show them as they were.
func (p *Probe) TakeIdle(number int) (ids []string) {
	if p.Lag > 0 {
		return nil
	}
	p.crowd.mutex.Lock()
	defer p.crowd.mutex.Unlock()
	for i := len(p.crowd.held) - 1; i >= 0 && len(ids) < number && !p.crowd.closed; i-- {
		if thing := p.crowd.held[i]; p.crowd.plain[thing.ID] {
			ids = append(ids, thing.ID)
			p.crowd.held = slices.Delete(p.crowd.held, i, i+1)
			p.ledger.GiveTo(p.Scope, thing)
		}
	}
	return ids
}

// SendInGroups sends many requests, some at the same time.
func (p *Probe) SendInGroups(requests []Request) (answers []*wire.Exchange) {
	for len(requests) > 0 {
		group := requests[:min(side, len(requests))]
		answers, requests = append(answers, p.SendTogether(group)...), requests[len(group):]
	}
	return answers
}
