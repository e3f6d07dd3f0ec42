package contract

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// journey is one credential of a strategy from its creation to its end, seen from many sides: most checks that only
// look at an answer look at these, so that a run asks for each of them once.
type journey struct {
	strategy *credmock.Strategy
	sent     map[string]any // the body of create: every field
	changed  map[string]any // the body of update: every field anew
	bare     map[string]any // the body of a second create: only what is required

	create, get, list                         *exchange
	update, getUpdated, listUpdated           *exchange
	createBare, getBare                       *exchange
	getAgain, listAgain                       *exchange
	remove, getRemoved, listRemoved, reremove *exchange
	id, bareID                                string
	trouble                                   foreign.Mixed
}

// travel makes the journey of a strategy. It stops where the target does not let it go on.
func (s *session) travel(strategy *credmock.Strategy) *journey {
	p := s.probe("journey/" + strategy.Name)
	j := &journey{strategy: strategy}
	j.trouble = p.guard(func() { p.travel(j) })
	return j
}

// guard calls steps and returns why they ended early, or nothing.
func (p *probe) guard(steps func()) (trouble foreign.Mixed) {
	defer func() {
		caught := recover()
		if caught == nil {
			return
		}
		if unable, isUnable := caught.(cannot); isUnable {
			trouble = unable.reason
			return
		}
		if trouble = p.trouble.With(p.skipped); trouble.IsEmpty() {
			// A panic of ours must not end the run: what was created has to go, and the other checks have their say. It
			// is named by its type alone, for its text may hold a value.
			trouble = foreign.Say("credmock itself is at fault: the check broke with a %T", caught)
		}
	}()
	steps()
	return foreign.Mixed{}
}

func (p *probe) travel(j *journey) {
	j.sent = p.full(j.strategy)
	j.create = p.create(j.strategy, j.sent)
	if j.id = j.create.id; j.id == "" || !j.create.success() {
		return
	}
	j.get = p.settle(func() *exchange { return p.get(j.id) }, (*exchange).success)
	j.getAgain = p.get(j.id)
	j.list = p.settleList(func(e *exchange) bool { return p.listed(e, j.id) != nil })
	j.listAgain = p.tryList()
	p.travelBare(j)
	p.travelUpdate(j)
	p.travelEnd(j)
}

func (p *probe) travelBare(j *journey) {
	j.bare = p.minimal(j.strategy)
	j.createBare = p.create(j.strategy, j.bare)
	if j.bareID = j.createBare.id; j.bareID != "" {
		j.getBare = p.settle(func() *exchange { return p.get(j.bareID) }, (*exchange).success)
	}
}

func (p *probe) travelUpdate(j *journey) {
	j.changed = map[string]any{p.roleName(credmock.RoleName): p.runName + " " + p.sample.Word()}
	for _, field := range j.strategy.Fields {
		if _, sent := j.sent[field.Name]; sent {
			j.changed[field.Name] = p.another(field, j.sent[field.Name])
		}
	}
	j.update = p.update(j.strategy, j.id, j.changed)
	fresh := func(e *exchange) bool {
		name := p.roleName(credmock.RoleName)
		return same(p.single(e)[name], j.changed[name])
	}
	j.getUpdated = p.settle(func() *exchange { return p.get(j.id) }, fresh)
	j.listUpdated = p.tryList()
}

// tryList asks for the list. One that cannot be read leaves the rest of the journey as it is.
func (p *probe) tryList() *exchange {
	e := p.try(request{action: "list", id: p.environment})
	if e.isUnread() {
		return e
	}
	return p.answered(e)
}

// settleList asks for the list until it is fine, or cannot be read.
func (p *probe) settleList(fine func(*exchange) bool) *exchange {
	return p.settle(p.tryList, func(e *exchange) bool { return e.isUnread() || fine(e) })
}

// another returns a value of the field that differs from one, where the field has more than one value.
func (p *probe) another(field *credmock.Property, one any) any {
	for range 20 {
		if value := p.sample.Value(field); !same(value, one) {
			return value
		}
	}
	return one
}

func (p *probe) travelEnd(j *journey) {
	j.remove = p.remove(j.id)
	gone := func(e *exchange) bool { return !e.success() }
	j.getRemoved = p.settle(func() *exchange { return p.get(j.id) }, gone)
	if p.serial && j.getRemoved.success() && !p.ours(j, j.getRemoved) {
		p.skip("the target has given the id to somebody else")
	}
	j.listRemoved = p.settleList(func(e *exchange) bool { return p.listed(e, j.id) == nil })
	j.reremove = p.remove(j.id)
}

// journey returns the journey of a strategy.
func (p *probe) journey(strategy *credmock.Strategy) *journey { return p.journeys[strategy.Name]() }

// reached returns an exchange of a journey, or ends the check when the journey did not come so far or was refused there.
func (p *probe) reached(j *journey, e *exchange, step string) *exchange {
	if e == nil {
		reason := j.trouble
		if reason.IsEmpty() && j.create != nil {
			reason = foreign.Say("create answered %d", j.create.status)
		}
		p.abandon("%s of a credential of %s was not reached: %s", foreign.Own(step), foreign.Own(j.strategy.Name), reason)
	}
	if !p.answered(e).success() {
		p.abandon("%s of a credential of %s answered %d", foreign.Own(step), foreign.Own(j.strategy.Name), e.status)
	}
	return e
}

// steps returns the successes of a journey by the action that they answer: what shows the credential.
func (j *journey) steps(action string) []*exchange {
	switch action {
	case "create":
		return []*exchange{j.create, j.createBare}
	case "get":
		return []*exchange{j.get, j.getUpdated, j.getBare}
	case "list":
		return []*exchange{j.list, j.listUpdated}
	case "update":
		return []*exchange{j.update}
	case "delete":
		return []*exchange{j.remove}
	}
	return nil
}

// showing returns every answer of action, or ends the check when there is none to look at.
func (p *probe) showing(strategy *credmock.Strategy, action string) []*exchange {
	j := p.journey(strategy)
	steps := j.steps(action)
	p.reached(j, steps[0], action)
	var answers []*exchange
	for _, e := range steps {
		if e != nil && p.answered(e).success() {
			answers = append(answers, e)
		}
	}
	return answers
}

func (p *probe) travelAll() {
	for _, strategy := range p.spec.Strategies {
		p.journey(strategy)
	}
}
