package mockserver

import (
	"errors"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
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
	before := s.mock.Site.Load().Model
	config := before.Config
	if spec != nil {
		config.Spec = spec
	}
	if fixtures != nil {
		config.Fixtures, config.Published.Keys = fixtures, false
	}
	plan, err := s.planReload(config, before)
	if err != nil {
		return nil, err
	}
	// The model comes first: it knows every strategy of the one before, so that either kind of record can be shown meanwhile.
	s.sessions.Adopt(func() { s.mock.Site.Store(plan.site) }, &plan.Revision)
	return plan.changes, nil
}

// reloadPlan is all that a reload is going to do.
type reloadPlan struct {
	site *serve.Site
	session.Revision
	changes []string
}

// planReload compiles the model that takes the place of another one. It changes nothing, and turns a panic into an error.
func (s *Server) planReload(config model.Config, before *model.Model) (plan *reloadPlan, err error) {
	defer func() {
		if recover() != nil {
			plan, err = nil, errPanicked
		}
	}()
	stamps := session.New(s.options.sessionConfig(), journal.NewBudget(1))
	after, err := model.Compile(config, before.Secrets, before, stamps.Store, stamps)
	if err != nil {
		return nil, err
	}
	made, err := s.newSite(after)
	if err != nil {
		return nil, err
	}
	records := model.CompareStates(before, after)
	plan = &reloadPlan{site: made, changes: append(model.CompareSpecs(before.Spec, after.Spec), records.Describe()...)}
	plan.Records = func(current *store.State) store.State { return records.Apply(current, after) }
	if before.Callers != after.Callers {
		plan.changes = append(plan.changes, "fixtures: other principals")
	}
	if other := model.ComparePlans(before.Planned, after.Planned); other != nil {
		plan.Planned, plan.Replan = after.Planned, true
		plan.changes = append(plan.changes, other...)
	}
	plan.changes = append(plan.changes, model.CompareEnvironments(before.Environments, after.Environments)...)
	return plan, nil
}
