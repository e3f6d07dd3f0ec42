package session

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// injectPlanned injects the faults of the fixtures into a session, each unmatched.
func (s *Registry) injectPlanned(in *Session) {
	for _, one := range in.planned {
		made := *one
		_ = s.Inject(in, &made, nil) // the fixtures have no more than the limit; after a reload, faults of clients take precedence
	}
}

// replacePlanned replaces the faults that the fixtures planned for a session.
func (s *Registry) replacePlanned(in *Session, planned []*faults.Fault) {
	in.planned = planned
	in.Faults.RemoveFunc(func(one *faults.Fault) bool { return one.Planned })
	s.injectPlanned(in)
}

// Reset returns a session to its start: records, ids and clock. It removes snapshots, tokens, exchanges and faults,
// and injects the faults of the fixtures again.
func (s *Registry) Reset(one *Session) {
	one.Mutex.Lock()
	defer one.Mutex.Unlock()
	one.Store.Restore(&one.start)
	one.Snapshots = nil
	one.ids.restart()
	one.Clock.setting.Store(one.startTime)
	one.Tokens.Clear()
	one.Assertions.Clear()
	one.Grants.Clear()
	one.Accesses.Clear()
	one.Faults.Clear()
	one.Journal.Clear()
	s.injectPlanned(one)
}

// Fork returns a copy of a session's records, ids and clock. It takes constant time: the copy shares records until
// one side writes. A nil seed means the seed of the original.
func (s *Registry) Fork(from *Session, name string, seed *int64) *Session {
	made := New(s.Config, s.budget)
	made.Name, made.Base = name, SessionPrefix+name
	made.Clock = from.Clock.Fork()
	made.Deliver.Store(from.Deliver.Load())
	made.Seed, made.ids = from.Seed, from.ids.Fork()
	if seed != nil {
		made.Seed, made.ids, made.Faults = *seed, newIDs(*seed), faults.New(*seed)
	}
	made.Store.State = from.Store.Snapshot()
	made.planned = from.plannedFaults()
	made.setStart()
	s.injectPlanned(made)
	return made
}

// Registry holds the unnamed session and the named sessions of a mock. Its methods remove sessions that have been
// idle for too long.
type Registry struct {
	Config Config
	budget *journal.Budget
	Root   *Session                                    // the unnamed session
	Mutant func(in *Session, name string) http.Handler // returns the handler of a mutant in front of the mock

	Listeners atomic.Int64 // number of clients that listen to events

	clients clients
	mutex   sync.Mutex
	byName  map[string]*Session
	unnamed int // number of names generated

	Importing sync.Mutex // held during an import into any session
}

// NewRegistry returns a registry with only the unnamed session.
func NewRegistry(config Config) *Registry {
	budget := journal.NewBudget(config.Journal)
	return &Registry{Config: config, budget: budget, Root: New(config, budget), byName: map[string]*Session{}}
}

// Open makes the current state of the unnamed session its start, and injects the faults of the fixtures.
func (s *Registry) Open(planned []*faults.Fault) {
	s.Root.planned = planned
	s.Root.setStart()
	s.injectPlanned(s.Root)
}

// Inject injects a fault into a session. It fails if the session has too many faults, a second mutant, or in a world a fault
// that no request can get.
func (s *Registry) Inject(in *Session, made *faults.Fault, world *faults.World) error {
	return in.Faults.Add(made, world, func() http.Handler { return s.Mutant(in, made.Mutant) })
}

// EndAll ends the event streams and delays of every session.
func (s *Registry) EndAll() {
	s.Root.End()
	for _, session := range s.All() {
		session.End()
	}
}

// Find returns the session with a name, and marks it as used; nil if there is none.
func (s *Registry) Find(name string) *Session {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := s.byName[name]
	if found == nil || s.isIdle(found) {
		s.drop(name)
		return nil
	}
	found.LastUsed.Store(s.Config.Clock().UnixMicro())
	return found
}

func (s *Registry) isIdle(session *Session) bool {
	return s.Config.Clock().Sub(time.UnixMicro(session.LastUsed.Load())) > s.Config.Idle
}

// drop ends and removes a session, and reports whether it existed. The caller must hold the lock.
func (s *Registry) drop(name string) bool {
	gone := s.byName[name]
	if gone == nil {
		return false
	}
	gone.End()
	gone.Journal.Close()
	delete(s.byName, name)
	return true
}

// All returns the named sessions, in no order.
func (s *Registry) All() []*Session {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var list []*Session
	for name, session := range s.byName {
		if s.isIdle(session) {
			s.drop(name)
			continue
		}
		list = append(list, session)
	}
	return list
}

// SessionName matches valid names of sessions and snapshots.
var SessionName = lazy.Regexp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// freeName returns an unused name. The caller must hold the lock.
func (s *Registry) freeName() string {
	for {
		s.unnamed++
		if name := "session-" + strconv.Itoa(s.unnamed); s.byName[name] == nil {
			return name
		}
	}
}

// Errors of [Registry.Create].
var (
	ErrNameTaken = errors.New("the name is taken")
	errTooMany   = errors.New("there are too many sessions")
)

// Create makes a session that copies another one, with the records of initial unless that is nil. An empty name means
// a generated one. It returns ErrNameTaken if the name is in use.
func (s *Registry) Create(from *Session, name string, seed *int64, initial *store.State) (*Session, error) {
	live := len(s.All()) // also ends idle sessions
	s.mutex.Lock()       // also excludes a reload
	defer s.mutex.Unlock()
	switch {
	case s.byName[name] != nil:
		return nil, ErrNameTaken
	case max(live, len(s.byName)) >= s.Config.Limit:
		return nil, errTooMany
	case name == "":
		name = s.freeName()
	}
	made := s.Fork(from, name, seed)
	if initial != nil {
		made.Store.Restore(initial)
		made.setStart()
	}
	made.LastUsed.Store(s.Config.Clock().UnixMicro())
	s.byName[name] = made
	return made, nil
}

// Remove ends a session and reports whether it existed.
func (s *Registry) Remove(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.drop(name)
}

// Revision is the change that a reload makes to every session.
type Revision struct {
	Records func(*store.State) store.State // converts records to the new fixtures
	Planned []*faults.Fault
	Replan  bool // the planned faults have changed
}

// Adopt calls first and then changes every session. No session is created in between.
func (s *Registry) Adopt(first func(), to *Revision) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	first()
	s.adoptIn(s.Root, to)
	for _, one := range s.byName {
		s.adoptIn(one, to)
	}
}

// adoptIn changes the records, the start and the snapshots of one session.
func (s *Registry) adoptIn(one *Session, to *Revision) {
	one.Mutex.Lock()
	defer one.Mutex.Unlock()
	one.start = to.Records(&one.start)
	for name, snapshot := range one.Snapshots {
		changed := to.Records(snapshot)
		one.Snapshots[name] = &changed
	}
	one.Store.Update(to.Records)
	if to.Replan {
		s.replacePlanned(one, to.Planned)
	}
}
