package probe

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// Journey is one credential of a strategy from its creation to its deletion. Most checks look only at its answers, so a run
// requests them once.
type Journey struct {
	strategy *credmock.Strategy
	Sent     map[string]any // the body of create, with every field
	Changed  map[string]any // the body of update, with every field changed
	bare     map[string]any // the body of a second create, with only what is required

	Create, Get, List                         *wire.Exchange
	Update, GetUpdated, ListUpdated           *wire.Exchange
	CreateBare, GetBare                       *wire.Exchange
	GetAgain, ListAgain                       *wire.Exchange
	Remove, GetRemoved, ListRemoved, Reremove *wire.Exchange
	ID, BareID                                string
	trouble                                   foreign.Mixed
}

// runJourney sends the requests of a journey as far as the target lets it.
func (s *Session) runJourney(strategy *credmock.Strategy) *Journey {
	p := s.probeShared("journey/" + strategy.Name)
	j := &Journey{strategy: strategy}
	j.trouble = p.Guard(func() { p.journeySteps(j) })
	return j
}

// Guard calls steps. If they end early, trouble says why.
func (p *Probe) Guard(steps func()) (trouble foreign.Mixed) {
	defer func() {
		caught := recover()
		if caught == nil {
			return
		}
		if unable, isUnable := caught.(wire.Unjudgeable); isUnable {
			trouble = unable.Reason
			return
		}
		if trouble = p.Trouble.With(p.Skipped); trouble.IsEmpty() {
			// A panic must not end the run: other checks go on, and what was created is deleted. The report names only its type,
			// since its text may hold a value.
			trouble = foreign.Say("credmock itself is at fault: the check broke with a %T", caught)
		}
	}()
	steps()
	return foreign.Mixed{}
}

func (p *Probe) journeySteps(j *Journey) {
	j.Sent = p.Full(j.strategy)
	j.Create = p.Create(j.strategy, j.Sent)
	if j.ID = j.Create.ID; j.ID == "" || !j.Create.Success() {
		return
	}
	j.Get = p.Eventually(func() *wire.Exchange { return p.Get(j.ID) }, (*wire.Exchange).Success)
	j.GetAgain = p.Get(j.ID)
	j.List = p.eventuallyListed(func(e *wire.Exchange) bool { return p.Listed(e, j.ID) != nil })
	j.ListAgain = p.tryList()
	p.bareSteps(j)
	p.updateSteps(j)
	p.deleteSteps(j)
}

func (p *Probe) bareSteps(j *Journey) {
	j.bare = p.Minimal(j.strategy)
	j.CreateBare = p.Create(j.strategy, j.bare)
	if j.BareID = j.CreateBare.ID; j.BareID != "" {
		j.GetBare = p.Eventually(func() *wire.Exchange { return p.Get(j.BareID) }, (*wire.Exchange).Success)
	}
}

func (p *Probe) updateSteps(j *Journey) {
	j.Changed = map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()}
	for _, field := range j.strategy.Fields {
		if _, sent := j.Sent[field.Name]; sent {
			j.Changed[field.Name] = p.AnotherValue(field, j.Sent[field.Name])
		}
	}
	j.Update = p.Update(j.strategy, j.ID, j.Changed)
	fresh := func(e *wire.Exchange) bool {
		name := p.RoleName(credmock.RoleName)
		return jsonvalue.Same(p.CredentialIn(e)[name], j.Changed[name])
	}
	j.GetUpdated = p.Eventually(func() *wire.Exchange { return p.Get(j.ID) }, fresh)
	j.ListUpdated = p.eventuallyListed(func(e *wire.Exchange) bool {
		name := p.RoleName(credmock.RoleName)
		return jsonvalue.Same(p.Listed(e, j.ID)[name], j.Changed[name])
	})
}

// tryList gets the list. If that cannot be read, the journey goes on.
func (p *Probe) tryList() *wire.Exchange {
	e := p.Try(Request{Action: "list", ID: p.Environment})
	if e.IsUnread() {
		return e
	}
	return p.Answered(e)
}

// eventuallyListed gets the list until it is fine or cannot be read.
func (p *Probe) eventuallyListed(fine func(*wire.Exchange) bool) *wire.Exchange {
	return p.Eventually(p.tryList, func(e *wire.Exchange) bool { return e.IsUnread() || fine(e) })
}

// AnotherValue returns a value of the field that differs from one, if the field has several.
func (p *Probe) AnotherValue(field *credmock.Property, one any) any {
	for range 20 {
		if value := p.Sample.Value(field); !jsonvalue.Same(value, one) {
			return value
		}
	}
	return one
}

func (p *Probe) deleteSteps(j *Journey) {
	j.Remove = p.Remove(j.ID)
	gone := func(e *wire.Exchange) bool { return !e.Success() }
	j.GetRemoved = p.Eventually(func() *wire.Exchange { return p.Get(j.ID) }, gone)
	if p.Serial && j.GetRemoved.Success() && !p.IsOwn(j, j.GetRemoved) {
		p.Skip("the target has given the id to somebody else")
	}
	j.ListRemoved = p.eventuallyListed(func(e *wire.Exchange) bool { return p.Listed(e, j.ID) == nil })
	j.Reremove = p.Remove(j.ID)
}

// Journey returns the journey of a strategy.
func (p *Probe) Journey(strategy *credmock.Strategy) *Journey { return p.journeys[strategy.Name]() }

// Reached returns an exchange of a journey. It ends the check if the journey did not get there, or was refused there.
func (p *Probe) Reached(j *Journey, e *wire.Exchange, step string) *wire.Exchange {
	if e == nil {
		reason := j.trouble
		if reason.IsEmpty() && j.Create != nil {
			reason = foreign.Say("create answered %d", j.Create.Status)
		}
		p.Abandon("%s of a credential of %s was not reached: %s", foreign.Own(step), foreign.Own(j.strategy.Name), reason)
	}
	if !p.Answered(e).Success() {
		p.Abandon("%s of a credential of %s answered %d", foreign.Own(step), foreign.Own(j.strategy.Name), e.Status)
	}
	return e
}

// Steps returns the exchanges of a journey for an action.
func (j *Journey) Steps(action string) []*wire.Exchange {
	switch action {
	case "create":
		return []*wire.Exchange{j.Create, j.CreateBare}
	case "get":
		return []*wire.Exchange{j.Get, j.GetUpdated, j.GetBare}
	case "list":
		return []*wire.Exchange{j.List, j.ListUpdated}
	case "update":
		return []*wire.Exchange{j.Update}
	case "delete":
		return []*wire.Exchange{j.Remove}
	}
	return nil
}

// Showing returns every success of an action, or ends the check if there is none.
func (p *Probe) Showing(strategy *credmock.Strategy, action string) []*wire.Exchange {
	j := p.Journey(strategy)
	steps := j.Steps(action)
	p.Reached(j, steps[0], action)
	var answers []*wire.Exchange
	for _, e := range steps {
		if e != nil && p.Answered(e).Success() {
			answers = append(answers, e)
		}
	}
	return answers
}

// RunJourneys makes sure that every strategy has had its journey.
func (p *Probe) RunJourneys() {
	for _, strategy := range p.Spec.Strategies {
		p.Journey(strategy)
	}
}
