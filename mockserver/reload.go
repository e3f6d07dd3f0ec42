package mockserver

import (
	"errors"

	"github.com/credmock/credmock"
)

// errPanicked stands for a panic while a document and fixtures were compiled. The panic's own text may hold a value.
var errPanicked = errors.New("the document or the fixtures make the mock fail, which is a fault of credmock")

// Reload serves another document and other fixtures, and returns the differences, a sentence each. A nil spec or nil fixtures
// stand for the present ones. Records, sessions, tokens, clocks and journals stay. A request that is under way ends with what
// it began with. If Reload fails, nothing changes.
//
// Fixtures are compared with those before: what they add is added, what they change is changed and what they no longer list
// is removed, but for a credential that a destination still uses. What clients have made stays, unless its environment is gone.
func (s *Server) Reload(spec *credmock.Spec, fixtures []byte) (changes []string, err error) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	before := s.mock.site.Load().model
	config := before.config
	if spec != nil {
		config.spec = spec
	}
	if fixtures != nil {
		config.fixtures, config.published.keys = fixtures, false
	}
	plan, err := s.planReload(config, before)
	if err != nil {
		return nil, err
	}
	// The model comes first: it knows every strategy of the one before, so that either kind of record can be shown meanwhile.
	s.sessions.adopt(func() { s.mock.site.Store(plan.site) }, &plan.revision)
	return plan.changes, nil
}

// reloadPlan is all that a reload is going to do.
type reloadPlan struct {
	site *site
	revision
	changes []string
}

// planReload compiles the model that takes the place of another one. It changes nothing, and turns a panic into an error.
func (s *Server) planReload(config modelConfig, before *model) (plan *reloadPlan, err error) {
	defer func() {
		if recover() != nil {
			plan, err = nil, errPanicked
		}
	}()
	stamps := newSession(s.options.sessionConfig(), newJournalRoom(1))
	after, err := compile(config, before.known, before, stamps.store, stamps)
	if err != nil {
		return nil, err
	}
	made, err := s.newSite(after)
	if err != nil {
		return nil, err
	}
	records := compareStates(before, after)
	plan = &reloadPlan{site: made, changes: append(compareSpecs(before.spec, after.spec), records.sentences()...)}
	plan.records = func(current *state) state { return records.apply(current, after) }
	if before.callers != after.callers {
		plan.changes = append(plan.changes, "fixtures: other principals")
	}
	if other := comparePlans(before.planned, after.planned); other != nil {
		plan.planned, plan.replan = after.planned, true
		plan.changes = append(plan.changes, other...)
	}
	plan.changes = append(plan.changes, compareEnvironments(before.environments, after.environments)...)
	return plan, nil
}
