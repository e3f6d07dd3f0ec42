// Package session holds the state that changes while the mock runs, one Session for each session. It holds names and
// no part of a model, so that it outlasts a reload.
package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Session is the state that belongs to one session. The unnamed session is the default one.
type Session struct {
	Name       string
	Base       string                 // prefix of its paths: empty, or SessionPrefix and the name
	Root       atomic.Pointer[string] // root URL of its own port; nil for none
	Seed       int64
	Store      *store.Store
	ids        *ids
	Tokens     *tokens
	Assertions *assertions
	Clock      *Clock
	Journal    *journal.Journal
	Faults     *faults.Set
	Grants     *grants
	Accesses   *accesses
	Deliver    atomic.Bool // verifying a destination delivers a request to it

	Mutex     sync.Mutex
	TokenLife time.Duration           // of an issued bearer token
	start     store.State             // records at the start
	Snapshots map[string]*store.State // records by the name of the snapshot
	startTime *clockSetting           // setting of the clock at the start
	planned   []*faults.Fault         // faults of the fixtures

	LastUsed atomic.Int64    // time of the latest request, in microseconds since 1970
	Ended    context.Context // done when the session has ended
	End      context.CancelFunc
}

// Config is the configuration of sessions.
type Config struct {
	Seed    int64
	Clock   func() time.Time
	Journal int           // number of exchanges that each journal keeps
	Limit   int           // number of named sessions
	Idle    time.Duration // time without a request after which a session ends

	TokenLife time.Duration // of an issued bearer token
	Deliver   bool          // verifying a destination delivers a request to it
}

// New returns an empty session. Its journal draws from the budget.
func New(config Config, budget *journal.Budget) *Session {
	made := &Session{
		TokenLife: config.TokenLife,
		Seed:      config.Seed, Store: store.New(), ids: newIDs(config.Seed), Tokens: newTokens(), Assertions: newAssertions(),
		Clock: &Clock{Base: config.Clock}, Journal: journal.New(config.Journal, budget), Faults: faults.New(config.Seed), Grants: &grants{},
		Accesses: &accesses{},
	}
	made.Deliver.Store(config.Deliver)
	made.Ended, made.End = context.WithCancel(context.Background())
	return made
}

// setStart makes the current state the start, to which Reset returns.
func (s *Session) setStart() {
	s.Mutex.Lock()
	defer s.Mutex.Unlock()
	s.start = s.Store.Snapshot()
	s.startTime = s.Clock.setting.Load()
	s.ids.setStart()
}

func (s *Session) plannedFaults() []*faults.Fault {
	s.Mutex.Lock()
	defer s.Mutex.Unlock()
	return s.planned
}

// maxSnapshots is the number of snapshots of a session.
const maxSnapshots = 100

// TakeSnapshot stores the records under a name. It returns false if there are too many snapshots.
func (s *Session) TakeSnapshot(name string) bool {
	s.Mutex.Lock()
	defer s.Mutex.Unlock()
	if _, ok := s.Snapshots[name]; !ok && len(s.Snapshots) >= maxSnapshots {
		return false
	}
	if s.Snapshots == nil {
		s.Snapshots = map[string]*store.State{}
	}
	taken := s.Store.Snapshot()
	s.Snapshots[name] = &taken
	return true
}

// RestoreSnapshot replaces the records by the ones in a snapshot. It returns false if the snapshot does not exist.
func (s *Session) RestoreSnapshot(name string) bool {
	s.Mutex.Lock()
	defer s.Mutex.Unlock()
	taken := s.Snapshots[name]
	if taken != nil {
		s.Store.Restore(taken)
	}
	return taken != nil
}

// Now returns the time of the clock in the format of records: RFC 3339 in UTC, with milliseconds.
func (s *Session) Now() string {
	var room [32]byte
	now := s.Clock.Now().UTC().Truncate(time.Millisecond).Add(time.Nanosecond) // the last digit makes the fraction nine digits long
	text := now.AppendFormat(room[:0], time.RFC3339Nano)                       // faster than a format of its own
	return string(append(text[:len("2006-01-02T15:04:05.000")], 'Z'))
}

// FreshID returns an id that no record of a resource has. Ids from a seed can collide with ids of the fixtures.
func (s *Session) FreshID(resource string) string {
	id := s.ids.next()
	for s.Store.Get(resource, id) != nil {
		id = s.ids.next()
	}
	return id
}

// SessionPrefix begins the path of a request in a session; the name follows.
const SessionPrefix = "/__sessions/"
