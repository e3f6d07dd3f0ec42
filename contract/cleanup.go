package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock"
)

// made is one thing that a run created and has not deleted yet.
type made struct {
	resource, id string
	scope        string // of the check that created it
	title        string // its name, where it was found by that
}

func (m made) is(other made) bool { return m.resource == other.resource && m.id == other.id }

const cleanupTime = 15 * time.Second

// account keeps the ledger of what was created; it sees every exchange, so nothing can be forgotten.
func (s *session) account(e *exchange) {
	if e.operation == nil || e.operation.Resource == "token" {
		return
	}
	thing := made{resource: e.operation.Resource, id: e.id, scope: e.scope}
	switch e.operation.Action {
	case "create":
		s.accountCreate(e, thing)
	case "delete":
		if !e.taken() {
			return
		}
		for i, one := range s.created {
			if one.resource == thing.resource && strings.HasSuffix(e.path, "/"+one.id) {
				s.created = slices.Delete(s.created, i, i+1)
				s.runFile.deleted(one)
				break
			}
		}
	}
}

func (s *session) accountCreate(e *exchange, thing made) {
	s.triedToCreate = s.triedToCreate || e.taken() || e.failure != nil
	switch {
	case e.id != "" && (e.taken() || e.brokeOff):
		s.created = append(s.created, thing)
		s.runFile.created(thing)
	case e.taken() || e.failure != nil && !e.unsent:
		s.uncertain = append(s.uncertain, e)
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
	until := time.Now().Add(cleanupTime)
	if last := s.end.Add(cleanupGrace); until.After(last) {
		until = last
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(s.ctx), until)
	defer cancel()
	s.mutex.Lock()
	things, uncertain, tried := slices.Clone(s.created), s.uncertain, s.triedToCreate
	s.mutex.Unlock()
	if !tried {
		return nil
	}
	p := s.probeWithin(ctx, &check{id: "cleanup"})
	found, unlisted := p.named(s.runName)
	slices.Reverse(things)
	for _, thing := range inOrder(things, found) {
		if e := p.delete(thing); e != "" {
			left = append(left, e)
		}
	}
	return append(left, s.doubtful(uncertain, found, unlisted)...)
}

// delete deletes one thing. What is gone already is fine; else it returns the request that should have deleted it.
func (p *probe) delete(thing made) (left string) {
	e := p.try(request{resource: thing.resource, action: "delete", parameter: p.to(thing.resource, "delete", thing.id)})
	if e.taken() || e.status == 404 && e.failure == nil {
		return ""
	}
	return e.method + " " + e.path
}

// inOrder puts what was found by its name round the ledger: a credential can be deleted when no destination uses it. What was
// deleted already and stays visible is tried once more.
func inOrder(ledger, found []made) []made {
	var before, after []made
	for _, thing := range found {
		switch {
		case slices.ContainsFunc(ledger, thing.is):
		case thing.resource == "credential":
			after = append(after, thing)
		default:
			before = append(before, thing)
		}
	}
	return slices.Concat(before, ledger, after)
}

// named returns the destinations and credentials of both environments whose names begin with the name of a run, and the lists
// that could not be read.
func (p *probe) named(name string) (found []made, unlisted []string) {
	for _, resource := range []string{"destination", "credential"} {
		for _, environment := range []string{p.environment, p.second} {
			if environment == "" || p.spec.Operation(resource, "list") == nil {
				continue
			}
			e := p.try(request{resource: resource, action: "list", parameter: p.to(resource, "list", environment)})
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

// doubtful names the creates of which nobody knows whether they created something that stays: those whose answer showed no id,
// where a list could not be read, and those that were under way when the run ended and are in no list yet.
func (s *session) doubtful(uncertain []*exchange, found []made, unlisted []string) (left []string) {
	for _, e := range uncertain {
		title := s.titleSent(e)
		listed := slices.ContainsFunc(found, func(thing made) bool { return thing.title == title })
		if listed || !e.underWay && len(unlisted) == 0 {
			continue
		}
		text := fmt.Sprintf("%s %s may have created something that is not known; look for the name %q", e.method, e.template, s.runName)
		if !slices.Contains(left, text) {
			left = append(left, text)
		}
	}
	return left
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
