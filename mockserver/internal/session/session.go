// Package session holds the state that changes while the mock runs, one Session for each session. It holds names and no part of a
// model, so that it outlives a reload.
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
	Base       string // what stands before its paths: empty, or sessionPrefix and the name
	Seed       int64
	Store      *store.Store
	ids        *ids
	Tokens     *tokens
	Assertions *assertions
	Clock      *Clock
	Journal    *journal.Journal
	Faults     *faults.Set
	Grants     *grants

	Mutex     sync.Mutex
	start     store.State             // what the store held at the start
	Snapshots map[string]*store.State // what the store held when a snapshot was taken, by name
	startTime *clockSetting           // how the clock was set at the start
	planned   []*faults.Fault         // the faults of the fixtures

	LastUsed atomic.Int64 // when the latest request came, in microseconds since 1970
	Ended    context.Context
	End      context.CancelFunc
}

// Config says what sessions begin with, and how many there may be.
type Config struct {
	Seed    int64
	Clock   func() time.Time
	Journal int           // how many exchanges each remembers
	Limit   int           // how many sessions there may be
	Idle    time.Duration // after which time without a request a session ends
}

// New returns an empty session.
func New(config Config, budget *journal.Budget) *Session {
	made := &Session{
		Seed: config.Seed, Store: store.New(), ids: newIDs(config.Seed), Tokens: newTokens(), Assertions: newAssertions(),
		Clock: &Clock{Base: config.Clock}, Journal: journal.New(config.Journal, budget), Faults: faults.New(config.Seed), Grants: &grants{},
	}
	made.Ended, made.End = context.WithCancel(context.Background())
	return made
}

// begin makes what the session is now its start, to which reset leads back.
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

// mostSnapshots bounds how many snapshots a session has.
const maxSnapshots = 100

// TakeSnapshot keeps the records under a name. It returns false if there are too many snapshots.
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

// RestoreSnapshot puts the records of a snapshot in place. It returns false if there is no such snapshot.
func (s *Session) RestoreSnapshot(name string) bool {
	s.Mutex.Lock()
	defer s.Mutex.Unlock()
	taken := s.Snapshots[name]
	if taken != nil {
		s.Store.Restore(taken)
	}
	return taken != nil
}

// Now returns the time as records tell it: RFC 3339 in UTC, with milliseconds.
func (s *Session) Now() string {
	return s.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z")
}

// FreshID returns an id that no record of a resource has. Ids from a seed can meet those of records that were there before.
func (s *Session) FreshID(resource string) string {
	id := s.ids.next()
	for s.Store.Get(resource, id) != nil {
		id = s.ids.next()
	}
	return id
}

// SessionPrefix is what the path of a request within a session begins with; the name follows.
const SessionPrefix = "/__sessions/"
