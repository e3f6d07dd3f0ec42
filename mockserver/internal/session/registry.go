package session

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// plan injects the faults of the fixtures into a session, each as if it had met no request yet.
func (s *Registry) injectPlanned(in *Session) {
	for _, one := range in.planned {
		made := *one
		_ = s.Inject(in, &made) // the fixtures plan no more than there may be; in a reload those of clients come first
	}
}

// replan replaces the faults that the fixtures planned for a session.
func (s *Registry) replacePlanned(in *Session, planned []*faults.Fault) {
	in.planned = planned
	in.Faults.RemoveFunc(func(one *faults.Fault) bool { return one.Planned })
	s.injectPlanned(in)
}

// Reset leads a session back to its start: records, ids, clock, given tokens, journal and the faults of the fixtures.
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
	one.Faults.Clear()
	one.Journal.Clear()
	s.injectPlanned(one)
}

// Fork returns a session that holds what another does and shares nothing with it that changes. It takes constant time: the
// copy shares records until one side writes. A nil seed stands for that of the other session.
func (s *Registry) Fork(from *Session, name string, seed *int64) *Session {
	made := New(s.Config, s.budget)
	made.Name, made.Base = name, SessionPrefix+name
	made.Clock = from.Clock.Fork()
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

// Registry are the named sessions of a server. One that was not used for a while is ended by the next look.
type Registry struct {
	Config Config
	budget *journal.Budget
	Root   *Session                                    // the unnamed one
	Mutant func(in *Session, name string) http.Handler // the broken server of that name, before the mock in a session

	Listeners atomic.Int64 // to events

	mutex   sync.Mutex
	byName  map[string]*Session
	unnamed int // how many were made without a name

	Importing sync.Mutex // held while a state is imported, into whichever session
}

// NewRegistry returns a registry with the unnamed session only.
func NewRegistry(config Config) *Registry {
	budget := journal.NewBudget(config.Journal)
	return &Registry{Config: config, budget: budget, Root: New(config, budget), byName: map[string]*Session{}}
}

// Open begins the unnamed session with what it holds, and with the faults of the fixtures.
func (s *Registry) Open(planned []*faults.Fault) {
	s.Root.planned = planned
	s.Root.setStart()
	s.injectPlanned(s.Root)
}

// Inject injects a fault into a session.
func (s *Registry) Inject(in *Session, made *faults.Fault) error {
	return in.Faults.Add(made, func() http.Handler { return s.Mutant(in, made.Mutant) })
}

// EndAll ends every session's answers that go on for as long as a client listens.
func (s *Registry) EndAll() {
	s.Root.End()
	for _, session := range s.All() {
		session.End()
	}
}

// Find returns a session, which thereby is used; nil where there is none.
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

// drop ends a session; call it with the lock held. It tells whether there was one.
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

// All returns the sessions, without those that were idle for too long.
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

// SessionName matches the names that a session or a snapshot may have.
var SessionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// freeName returns a name that no session has; call it with the lock held.
func (s *Registry) freeName() string {
	for {
		s.unnamed++
		if name := "session-" + strconv.Itoa(s.unnamed); s.byName[name] == nil {
			return name
		}
	}
}

// What is in the way of a new session.
var (
	ErrNameTaken = errors.New("the name is taken")
	errTooMany   = errors.New("there are too many sessions")
)

// Create makes a session that holds what another one does or, where that is given, another state. If the name is empty, it gets
// one.
func (s *Registry) Create(from *Session, name string, seed *int64, initial *store.State) (*Session, error) {
	live := len(s.All()) // which ends idle ones
	s.mutex.Lock()       // which keeps a reload from coming between
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

// Remove ends a session, and reports whether there was one.
func (s *Registry) Remove(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.drop(name)
}

// Revision is what a reload changes in every session.
type Revision struct {
	Records func(*store.State) store.State // makes the records of a state those of the new fixtures
	Planned []*faults.Fault
	Replan  bool // the fixtures plan other faults
}

// Adopt calls a function, and then changes every session. No session begins meanwhile.
func (s *Registry) Adopt(first func(), to *Revision) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	first()
	s.adoptIn(s.Root, to)
	for _, one := range s.byName {
		s.adoptIn(one, to)
	}
}

// adoptIn changes one session: its records, its start and its snapshots.
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
