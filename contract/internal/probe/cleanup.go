package probe

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/pathtemplate"
)

const (
	cleanupTime = 15 * time.Second
	// silentTime is how long cleaning up may take if the target does not answer any more.
	silentTime = 5 * time.Second
)

// accountFor keeps the ledger. It sees every exchange, so nothing is missed.
func (s *Session) accountFor(e *wire.Exchange) {
	if e.Operation == nil || e.Operation.Resource == "token" {
		return
	}
	switch e.Operation.Action {
	case "create":
		if e.Status != http.StatusTooManyRequests {
			s.accountForCreate(e)
		}
	case "delete":
		if id, matches := pathtemplate.Match(e.Operation.Path, e.Path); matches && e.IsDone() {
			s.ledger.Remove(e.Operation.Resource, id)
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
		s.noteInCrowd(e)
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
		if p.leaveToCrowd(thing) {
			continue
		}
		p.turn++
		p.deleteAt(thing, p.turn) // at once, even if reads lag
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
	if lost := s.Lost(); !lost.IsEmpty() {
		until = time.Now().Add(silentTime)
	}
	if until.After(s.End) {
		until = s.End
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(s.Ctx), until)
	defer cancel()
	if s.ledger.IsUntouched() {
		return nil
	}
	things := s.ledger.MadeBy("")
	p := s.probeWithin(ctx, "cleanup")
	found, unlisted := p.named(s.RunName)
	ordered := leftover.InOrder(things, found)
	slices.SortStableFunc(ordered, func(a, b leftover.Thing) int { return rankOf(a) - rankOf(b) })
	credentials := len(ordered)
	if at := slices.IndexFunc(ordered, func(thing leftover.Thing) bool { return rankOf(thing) > 0 }); at >= 0 {
		credentials = at
	}
	left = append(p.deleteTogether(ordered[:credentials]), p.deleteTogether(ordered[credentials:])...)
	return append(left, s.ledger.Unknown(s.RunName, found, len(unlisted) > 0)...)
}

// rankOf orders what is deleted: a credential cannot go before the destination that uses it.
func rankOf(thing leftover.Thing) int {
	if thing.Resource == "credential" {
		return 1
	}
	return 0
}

// deletesAtOnce is the number of things that are deleted at the same time.
const deletesAtOnce = 12

// deleteTogether deletes things, several at once. It returns the requests that failed, in the order of the things.
func (p *Probe) deleteTogether(things []leftover.Thing) (left []string) {
	requests := make([]string, len(things))
	var group sync.WaitGroup
	slots := make(chan struct{}, deletesAtOnce)
	p.turn += len(things)
	for i, thing := range things {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			requests[i] = p.deleteAt(thing, i+1)
		})
	}
	group.Wait()
	return slices.DeleteFunc(requests, func(request string) bool { return request == "" })
}

// delete deletes one thing. It returns the request if that failed, and "" if the thing is gone.
func (p *Probe) delete(thing leftover.Thing) (left string) { return p.deleteAt(thing, 0) }

// deleteAt is delete with the position of its request; 0 for the next one.
func (p *Probe) deleteAt(thing leftover.Thing, turn int) (left string) {
	e := p.Try(Request{Resource: thing.Resource, Action: "delete", ID: thing.ID, Turn: turn})
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
		if strings.HasPrefix(strings.TrimSpace(thing.Title), name) && thing.ID != "" && len(thing.ID) <= longestID {
			found = append(found, thing)
		}
	}
	return found
}
