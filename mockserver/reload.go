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
	before := s.model.Load()
	options := before.options
	if spec != nil {
		options.Spec = spec
	}
	if fixtures != nil {
		options.Fixtures, options.published.keys = fixtures, false
	}
	plan, err := planReload(options, before)
	if err != nil {
		return nil, err
	}
	s.adopt(plan)
	return plan.changes, nil
}

// reloadPlan is all that a reload is going to do.
type reloadPlan struct {
	model   *model
	records *stateChange
	replan  bool // the fixtures plan other faults
	changes []string
}

// planReload compiles the model that takes the place of another one. It changes nothing, and turns a panic into an error.
func planReload(options Options, before *model) (plan *reloadPlan, err error) {
	defer func() {
		if recover() != nil {
			plan, err = nil, errPanicked
		}
	}()
	after, _, err := compile(options, before.known, before)
	if err != nil {
		return nil, err
	}
	plan = &reloadPlan{model: after, records: compareStates(before, after)}
	plan.changes = append(compareSpecs(before.spec, after.spec), plan.records.sentences()...)
	if before.callers != after.callers {
		plan.changes = append(plan.changes, "fixtures: other principals")
	}
	if other := comparePlans(before.planned, after.planned); other != nil {
		plan.replan, plan.changes = true, append(plan.changes, other...)
	}
	plan.changes = append(plan.changes, compareEnvironments(before.environments, after.environments)...)
	return plan, nil
}

// adopt serves the model of a plan, and applies the difference of the fixtures to every session. The model comes first: it
// knows every strategy of the one before, so that either kind of record can be shown meanwhile. No session begins meanwhile.
func (s *Server) adopt(plan *reloadPlan) {
	s.sessions.mutex.Lock()
	defer s.sessions.mutex.Unlock()
	s.model.Store(plan.model)
	s.adoptIn(s.root, plan)
	for _, one := range s.sessions.byName {
		s.adoptIn(one, plan)
	}
}

// adoptIn applies a plan to one session: to its records, to its start and to its snapshots.
func (s *Server) adoptIn(one *session, plan *reloadPlan) {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.start = plan.records.apply(&one.start, plan.model)
	for name, snapshot := range one.snapshots {
		changed := plan.records.apply(snapshot, plan.model)
		one.snapshots[name] = &changed
	}
	one.store.change(func(current *state) state { return plan.records.apply(current, plan.model) })
	if plan.replan {
		s.replan(one, plan.model.planned)
	}
}

// change replaces what the store holds by what the function makes of it.
func (s *store) change(to func(*state) state) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.state = to(&s.state)
}
