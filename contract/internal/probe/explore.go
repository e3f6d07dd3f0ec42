package probe

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// Explore finds out what the target can do. If nothing can be judged, trouble says why.
func (s *Session) Explore() (trouble foreign.Mixed) {
	p := s.Probe("explore")
	strategies := p.Try(Request{Action: "strategies"})
	switch {
	case strategies.IsUnread():
		return foreign.Say("%v", strategies.Failure)
	case strategies.Failure != nil:
		return s.unreachable(strategies.Failure)
	}
	known := false
	trouble = p.Guard(func() {
		s.available, s.listed = AvailableFields(strategies), namesListed(strategies)
		s.exploreEnvironments(p)
		s.exploreList(p)
		s.stopIfForeign(p)
		s.beginRunFile()
		s.exploreDestinations(p)
		s.stopIfRefused(p)
		s.explorePrincipals(p)
		s.exploreIDs(p)
		s.assumeStrategies()
		p.mayMiss(func() { s.exploreStrategies(p) })
		known = true
		p.mayMiss(func() { s.exploreLag(p) })
	})
	if !trouble.IsEmpty() && !known {
		clear(s.Capabilities) // a target that is not reached says nothing of what it has
	}
	return trouble
}

// mayMiss explores what a run can do without. It ignores an answer that cannot be read.
func (p *Probe) mayMiss(explore func()) {
	if trouble := p.Guard(explore); !trouble.IsEmpty() && !p.missed {
		p.Abandon("%s", trouble)
	}
	p.missed = false
}

// exploreList notes what is there before the run creates anything. A run can do without.
func (s *Session) exploreList(p *Probe) {
	e := p.Try(Request{Action: "list", ID: s.Environment, whole: true})
	if e.IsDone() {
		s.Known = s.SegmentsOf(string(e.Body))
		e.Body = nil
	}
	if s.unlisted = e.Failure; e.IsUnread() {
		return
	}
	s.listing = p.Answered(e).Status
	s.rememberBystanders(e)
	s.Drop(e)
}

// beginRunFile starts the notes of the run. A run can do without.
func (s *Session) beginRunFile() {
	if s.runs == "" || s.keep {
		return
	}
	record := leftover.Record{Target: s.Base, Organization: s.Organization, Name: s.RunName, Environments: []string{s.Environment},
		Started: time.Now()}
	if s.Second != "" {
		record.Environments = append(record.Environments, s.Second)
	}
	file, _ := leftover.Begin(s.runs, record) // nil if it cannot be written
	s.ledger.NoteIn(file)
}

// exploreIDs finds out whether the target reuses ids. If so, the checks run one after another, since one could delete what
// another has just created.
func (s *Session) exploreIDs(p *Probe) {
	standard := DefaultStrategy(s.Spec)
	first := p.Create(standard, p.Minimal(standard))
	s.stopIfNowhere(p, first)
	if s.exploreOrganization(p, first); !s.Hidden.IsEmpty() {
		p.Abandon("%s", s.Hidden)
	}
	s.stopIfElsewhere(p, first)
	s.stopIfUseless(p)
	if first.Status == http.StatusUnauthorized || first.Status == http.StatusForbidden {
		p.Abandon("the token may not write: create answered %d", first.Status)
	}
	id := first.ID
	if id == "" {
		return
	}
	p.Remove(id)
	s.Serial = p.Create(standard, p.Minimal(standard)).ID == id
}

// stopIfRefused ends the run if the target refuses the token.
func (s *Session) stopIfRefused(p *Probe) {
	if s.onlyAnswered(http.StatusUnauthorized, http.StatusForbidden) {
		p.Abandon("the target refuses the token (%d)", s.All()[0].Status)
	}
}

// AvailableFields reads the fields that the target lists for each strategy.
func AvailableFields(e *wire.Exchange) map[string][]string {
	strategies, _ := jsonvalue.Member(e.Decoded(), "payload", "strategies").(map[string]any)
	available := map[string][]string{}
	for name, entry := range strategies {
		fields, isList := jsonvalue.Member(entry, "availableFields").([]any)
		if !isList {
			continue
		}
		available[name] = []string{}
		for _, field := range fields {
			available[name] = append(available[name], jsonvalue.Text(field))
		}
	}
	return available
}

// has notes a capability and how that was found out.
func (s *Session) has(name Capability, present bool, provenance foreign.Own, arguments ...any) {
	s.Capabilities[name] = report.NewCapability(string(name), present, foreign.Say(provenance, arguments...))
}

func (s *Session) exploreEnvironments(p *Probe) {
	if p.Spec.Operation("environment", "list") == nil {
		s.has(CapabilityEnvironments, false, "the document has no such operation")
		s.has(CapabilitySecond, false, "the document has no such operation")
		s.useEnvironment("")
		return
	}
	organization := strconv.Itoa(s.Organization)
	e := p.Do(Request{Resource: "environment", Action: "list", ID: organization})
	s.Environments = e
	var ids []string
	name := rerun.RoleIn(e.Operation.Item, credmock.RoleID)
	for _, item := range Items(e) {
		if id := jsonvalue.Text(jsonvalue.Member(item, name)); id != "" {
			ids = append(ids, id)
		}
	}
	s.has(CapabilityEnvironments, e.Success(), "%s answered %d with %d environments", foreign.Own(e.Operation.ID), e.Status, len(ids))
	first := ""
	if len(ids) > 0 {
		first = ids[0]
	}
	s.environmentListed = slices.Contains(ids, s.Environment) || s.Environment == "" || !e.Success()
	s.useEnvironment(first)
	if at := slices.IndexFunc(ids, func(id string) bool { return id != s.Environment }); at >= 0 {
		s.Second = ids[at]
	}
	s.has(CapabilitySecond, s.Second != "", "%s answered %d with %d environments", foreign.Own(e.Operation.ID), e.Status, len(ids))
}

func (s *Session) useEnvironment(first string) {
	switch {
	case s.Environment != "":
	case first != "":
		s.Environment = first
	default:
		s.Environment = s.fallback
	}
}

func (s *Session) exploreDestinations(p *Probe) {
	operation := p.Spec.Operation("destination", "create")
	if operation == nil {
		s.has(CapabilityDestinations, false, "the document has no such operation")
		return
	}
	e := p.CreateDestination(nil)
	s.has(CapabilityDestinations, e.Success(), "%s answered %d", foreign.Own(operation.ID), e.Status)
}

func (s *Session) explorePrincipals(p *Probe) {
	s.has(CapabilityViewer, s.Has(wire.Viewer), "%s", given("a viewer token", s.Has(wire.Viewer)))
	s.has(CapabilityOther, s.Has(wire.Other), "%s", given("a token of another organization", s.Has(wire.Other)))
	s.stopIfUnknown(p, wire.Viewer, "the viewer token", "--viewer-token")
	s.stopIfUnknown(p, wire.Other, "the token of another organization", "--other-token")
}

func given(what foreign.Own, there bool) foreign.Own {
	if !there {
		return what + " was not given"
	}
	return what + " was given"
}

// Capability is something that a target may lack without breaking the contract.
type Capability string

// The capabilities of a target.
const (
	CapabilityEnvironments Capability = "environments" // it lists the environments of an organization
	CapabilitySecond       Capability = "second environment"
	CapabilityDestinations Capability = "destinations" // destinations can be created and given a credential
	CapabilityViewer       Capability = "viewer"       // a token of a member without the engineer role is given
	CapabilityOther        Capability = "other organization"
)
