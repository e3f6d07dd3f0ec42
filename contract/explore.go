package contract

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// explore finds out what the target can do. It returns why nothing can be judged, or nothing.
func (s *session) explore() (trouble foreign.Mixed) {
	p := s.probe("explore")
	strategies := p.try(request{action: "strategies"})
	switch {
	case strategies.isUnread():
		return foreign.Say("%v", strategies.failure)
	case strategies.failure != nil:
		return s.unreachable(strategies.failure)
	}
	return p.guard(func() {
		s.available = availableFields(strategies)
		s.exploreEnvironments(p)
		s.exploreList(p)
		s.beginRunFile()
		s.exploreDestinations(p)
		s.explorePrincipals()
		s.refuseRefusal(p)
		s.exploreIDs(p)
		if s.hidden.IsEmpty() {
			p.mayMiss(func() { s.exploreInferred(p) })
			p.mayMiss(func() { s.exploreLag(p) })
		}
	})
}

// mayMiss explores what a run can do without, where the target's answer cannot be read.
func (p *probe) mayMiss(explore func()) {
	if trouble := p.guard(explore); !trouble.IsEmpty() && !p.missed {
		p.abandon("%s", trouble)
	}
	p.missed = false
}

// exploreList finds out what is there before anything is created. A list that cannot be read is no reason to judge nothing.
func (s *session) exploreList(p *probe) {
	e := p.try(request{action: "list", id: s.environment, whole: true})
	if e.taken() {
		s.known = s.segmentsOf(string(e.body))
		e.body = nil
	}
	if s.unlisted = e.failure; e.isUnread() {
		return
	}
	s.rememberBystanders(p.answered(e))
	s.drop(e)
}

// beginRunFile notes that something is going to be created. A run goes on without the file where it cannot be written.
func (s *session) beginRunFile() {
	if s.runs == "" || s.keep {
		return
	}
	record := runRecord{Target: s.base, Organization: s.organization, Name: s.runName, Environments: []string{s.environment}, Started: time.Now()}
	if s.second != "" {
		record.Environments = append(record.Environments, s.second)
	}
	file, _ := beginRunFile(s.runs, record) // nil if it cannot be written
	s.ledger.noteIn(file)
}

// exploreLag finds out how long a read takes to show what was written. Eventual consistency is not judged: where there
// is some, every check waits a little after each write.
func (s *session) exploreLag(p *probe) {
	standard := defaultStrategy(s.spec)
	started := time.Now()
	e := p.create(standard, p.minimal(standard))
	s.pace = time.Since(started)
	made := &credential{strategy: standard, id: e.id, sent: p.minimal(standard)}
	if made.id == "" {
		return
	}
	created := s.lagOf(p, made.id, (*exchange).success)
	name := p.roleName(credmock.RoleName)
	changes := map[string]any{name: p.runName + " " + p.sample.Word()}
	p.update(standard, made.id, made.change(changes))
	updated := s.lagOf(p, made.id, func(e *exchange) bool { return p.single(e)[name] == changes[name] })
	s.lag = 2 * max(created, updated)
}

// lagOf returns how long it takes until get is fine; nothing, where it is at once or never.
func (s *session) lagOf(p *probe, id string, fine func(*exchange) bool) time.Duration {
	if fine(p.get(id)) {
		return 0
	}
	started := time.Now()
	if e := p.settle(func() *exchange { return p.get(id) }, fine); !fine(e) {
		return 0
	}
	return time.Since(started)
}

// exploreInferred finds the strategies of which the target takes fewer fields than the document infers.
func (s *session) exploreInferred(p *probe) {
	for _, strategy := range s.spec.Strategies {
		if strategy.Evidence != credmock.Documented && p.create(strategy, p.full(strategy)).refused(invalid...) {
			s.narrow[strategy.Name] = true
		}
	}
}

// exploreIDs finds out whether the target gives an id again that was deleted. Then the checks run one after another,
// or one could delete what another has just created.
func (s *session) exploreIDs(p *probe) {
	standard := defaultStrategy(s.spec)
	first := p.create(standard, p.minimal(standard))
	s.refuseNowhere(p, first)
	if s.exploreOrganization(p, first); !s.hidden.IsEmpty() {
		return
	}
	if first.status == http.StatusUnauthorized || first.status == http.StatusForbidden {
		p.abandon("the token may not write: create answered %d", first.status)
	}
	id := first.id
	if id == "" {
		return
	}
	p.remove(id)
	s.serial = p.create(standard, p.minimal(standard)).id == id
}

// refuseRefusal ends the run when the target refuses the token: it would refuse every check alike.
func (s *session) refuseRefusal(p *probe) {
	if s.onlyAnswered(http.StatusUnauthorized, http.StatusForbidden) {
		p.abandon("the target refuses the token (%d)", s.everything()[0].status)
	}
}

// availableFields reads what the target says that each strategy takes.
func availableFields(e *exchange) map[string][]string {
	strategies, _ := member(e.decoded(), "payload", "strategies").(map[string]any)
	available := map[string][]string{}
	for name, entry := range strategies {
		fields, isList := member(entry, "availableFields").([]any)
		if !isList {
			continue
		}
		available[name] = []string{}
		for _, field := range fields {
			available[name] = append(available[name], textOf(field))
		}
	}
	return available
}

func (s *session) has(name capability, present bool, provenance foreign.Own, arguments ...any) {
	s.capabilities[name] = report.NewCapability(string(name), present, foreign.Say(provenance, arguments...))
}

func (s *session) exploreEnvironments(p *probe) {
	if p.spec.Operation("environment", "list") == nil {
		s.has(capabilityEnvironments, false, "the document has no such operation")
		s.has(capabilitySecond, false, "the document has no such operation")
		s.useEnvironment("")
		return
	}
	organization := strconv.Itoa(s.organization)
	e := p.do(request{resource: "environment", action: "list", id: organization})
	s.environments = e
	var ids []string
	name := roleIn(e.operation.Item, credmock.RoleID)
	for _, item := range items(e) {
		if id := textOf(member(item, name)); id != "" {
			ids = append(ids, id)
		}
	}
	s.has(capabilityEnvironments, e.success(), "%s answered %d with %d environments", foreign.Own(e.operation.ID), e.status, len(ids))
	first := ""
	if len(ids) > 0 {
		first = ids[0]
	}
	s.useEnvironment(first)
	if at := slices.IndexFunc(ids, func(id string) bool { return id != s.environment }); at >= 0 {
		s.second = ids[at]
	}
	s.has(capabilitySecond, s.second != "", "%s answered %d with %d environments", foreign.Own(e.operation.ID), e.status, len(ids))
}

func (s *session) useEnvironment(first string) {
	switch {
	case s.environment != "":
	case first != "":
		s.environment = first
	default:
		s.environment = s.fallback
	}
}

func (s *session) exploreDestinations(p *probe) {
	operation := p.spec.Operation("destination", "create")
	if operation == nil {
		s.has(capabilityDestinations, false, "the document has no such operation")
		return
	}
	e := p.createDestination(nil)
	s.has(capabilityDestinations, e.success(), "%s answered %d", foreign.Own(operation.ID), e.status)
}

func (s *session) explorePrincipals() {
	s.has(capabilityViewer, s.tokens[viewer] != "", "%s", given("a viewer token", s.tokens[viewer]))
	s.has(capabilityOther, s.tokens[other] != "", "%s", given("a token of another organization", s.tokens[other]))
}

func given(what foreign.Own, token string) foreign.Own {
	if token == "" {
		return what + " was not given"
	}
	return what + " was given"
}

// capability is something that a target may lack without breaking the contract.
type capability string

const (
	capabilityEnvironments capability = "environments" // it lists an organization's environments
	capabilitySecond       capability = "second environment"
	capabilityDestinations capability = "destinations" // destinations can be created and given a credential
	capabilityViewer       capability = "viewer"       // a token of a member without the engineer role was given
	capabilityOther        capability = "other organization"
)
