package mockserver

import (
	"errors"
	"io"
	"net/http"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// errPanicked reports a panic while a document and fixtures were compiled. The text of the panic is dropped, since it may hold
// a value.
var errPanicked = errors.New("the document or the fixtures make the mock fail, which is a fault of credmock")

// Reload replaces the document and the fixtures and returns the differences, one sentence each. A nil spec or nil fixtures keep
// the present ones. Records, sessions, tokens, clocks and journals stay. A request in progress ends with the model that it
// began with. If Reload fails, nothing changes.
//
// Fixtures are compared with the previous ones: new records are added, changed ones are changed, and missing ones are removed
// unless a destination still uses them. Records that clients created stay, unless their environment is gone.
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
	// The model is replaced first: it has every strategy of the previous one, so that records of both can be shown meanwhile.
	s.sessions.Adopt(func() { s.mock.Site.Store(plan.site) }, &plan.Revision)
	return plan.changes, nil
}

// reloadPlan holds the prepared changes of a reload.
type reloadPlan struct {
	site *serve.Site
	session.Revision
	changes []string
}

// planReload compiles the model that replaces before. It changes nothing and turns a panic into an error.
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
	plan.changes = append(plan.changes, model.CompareOrganizations(before.Organizations, after.Organizations)...)
	plan.changes = append(plan.changes, model.CompareEnvironments(before.Environments, after.Environments)...)
	return plan, nil
}

// SaveState writes all records with their secrets as JSON, for [Server.LoadState]. Sessions, tokens and the clock are not in it.
func (s *Server) SaveState(to io.Writer) error {
	call, err := s.stateCall(http.NoBody)
	if err != nil {
		return err
	}
	return admin.ExportState(call, to)
}

// LoadState puts the records of [Server.SaveState], or of a part of fixtures in YAML, in the place of those of the fixtures, whole
// or not at all. A reset goes back to the fixtures. The error lists every mistake and holds no value.
func (s *Server) LoadState(from io.Reader) error {
	call, err := s.stateCall(from)
	if err != nil {
		return err
	}
	if refusal := admin.ImportState(call); refusal != nil {
		return errorOf(refusal.Violations)
	}
	return nil
}

// stateCall returns a call that imports or exports the state of the unnamed session.
func (s *Server) stateCall(body io.Reader) (*serve.Call, error) {
	request, err := http.NewRequest(http.MethodPut, "/__admin/state", body)
	if err != nil {
		return nil, err
	}
	return s.mock.NewCall(s.sessions.Root, request), nil
}

// Changes returns a channel that receives a value after records have changed. It holds one value at most.
func (s *Server) Changes() <-chan struct{} { return s.sessions.Root.Store.Changes() }
