package mockserver

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// session is the state that belongs to one session. The unnamed session is the default one.
type session struct {
	name       string
	base       string // what stands before its paths: empty, or sessionPrefix and the name
	seed       int64
	store      *store
	ids        *ids
	tokens     *tokens
	assertions *assertions
	clock      *clock
	journal    *journal
	faults     *faults
	grants     *grants

	mutex     sync.Mutex
	start     state             // what the store held at the start
	snapshots map[string]*state // what the store held when a snapshot was taken, by name
	startTime *clockSetting     // how the clock was set at the start
	planned   []*fault          // the faults of the fixtures

	used  atomic.Int64 // when the latest request came, in microseconds since 1970
	ended context.Context
	end   context.CancelFunc
}

// sessionConfig says what sessions begin with, and how many there may be.
type sessionConfig struct {
	seed    int64
	clock   func() time.Time
	journal int           // how many exchanges each remembers
	limit   int           // how many sessions there may be
	idle    time.Duration // after which time without a request a session ends
}

func newSession(config sessionConfig, room *journalRoom) *session {
	made := &session{
		seed: config.seed, store: newStore(), ids: newIDs(config.seed), tokens: newTokens(), assertions: newAssertions(),
		clock: &clock{base: config.clock}, journal: newJournal(config.journal, room), faults: newFaults(config.seed), grants: &grants{},
	}
	made.ended, made.end = context.WithCancel(context.Background())
	return made
}

// begin makes what the session is now its start, to which reset leads back.
func (s *session) begin() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.start = s.store.snapshot()
	s.startTime = s.clock.setting.Load()
	s.ids.begin()
}

func (s *session) plannedFaults() []*fault {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.planned
}

// mostSnapshots bounds how many snapshots a session has.
const mostSnapshots = 100

func (s *session) takeSnapshot(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, there := s.snapshots[name]; !there && len(s.snapshots) >= mostSnapshots {
		return false
	}
	if s.snapshots == nil {
		s.snapshots = map[string]*state{}
	}
	taken := s.store.snapshot()
	s.snapshots[name] = &taken
	return true
}

func (s *session) restoreSnapshot(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	taken := s.snapshots[name]
	if taken != nil {
		s.store.restore(taken)
	}
	return taken != nil
}

// now returns the time as records tell it: RFC 3339 in UTC, with milliseconds.
func (s *session) now() string {
	now := s.clock.now().UTC()
	text := now.AppendFormat(make([]byte, 0, len("2006-01-02T15:04:05.000Z")), time.RFC3339)
	seconds := len(text) - len("Z")
	milliseconds := now.Nanosecond() / int(time.Millisecond)
	text = append(text[:seconds], '.', byte('0'+milliseconds/100), byte('0'+milliseconds/10%10), byte('0'+milliseconds%10), 'Z')
	return string(text)
}

// freshID returns an id that no record of a resource has. Ids from a seed can meet those of records that were there before.
func (s *session) freshID(resource string) string {
	id := s.ids.next()
	for s.store.get(resource, id) != nil {
		id = s.ids.next()
	}
	return id
}

// sessionPrefix is what the path of a request within a session begins with; the name follows.
const sessionPrefix = "/__sessions/"
