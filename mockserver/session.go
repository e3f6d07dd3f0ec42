package mockserver

import (
	"context"
	"regexp"
	"strconv"
	"strings"
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

func newSession(options Options, room *journalRoom) *session {
	made := &session{
		seed: options.Seed, store: newStore(), ids: newIDs(options.Seed), tokens: newTokens(), assertions: newAssertions(),
		clock: &clock{base: options.Clock}, journal: newJournal(options.Journal, room), faults: newFaults(options.Seed), grants: &grants{},
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

// reset leads a session back to its start: records, ids, clock, given tokens, journal and the faults of the fixtures.
func (s *Server) reset(one *session) {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.store.restore(&one.start)
	one.snapshots = nil
	one.ids.restart()
	one.clock.setting.Store(one.startTime)
	one.tokens.clear()
	one.assertions.clear()
	one.grants.clear()
	one.faults.clear()
	one.journal.clear()
	s.plan(one)
}

// fork returns a session that holds what another does and shares nothing with it that changes. It takes constant time: the
// copy shares records until one side writes. A nil seed stands for that of the other session.
func (s *Server) fork(from *session, name string, seed *int64) *session {
	options := s.model.Load().options
	made := newSession(options, s.sessions.room)
	made.name, made.base = name, sessionPrefix+name
	made.clock = from.clock.fork()
	made.seed, made.ids = from.seed, from.ids.fork()
	if seed != nil {
		made.seed, made.ids, made.faults = *seed, newIDs(*seed), newFaults(*seed)
	}
	made.store.state = from.store.snapshot()
	made.planned = from.plannedFaults()
	made.begin()
	s.plan(made)
	return made
}

func (s *session) plannedFaults() []*fault {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.planned
}

// EndStreams ends the answers that go on for as long as a client listens, so that a server can shut down in order.
func (s *Server) EndStreams() {
	s.root.end()
	for _, session := range s.sessions.all() {
		session.end()
	}
}

// learn notes the secrets of a record, and whatever holds one.
func (m *model) learn(stored *record) {
	censor := censor{words: m.words, known: m.known}
	censor.meetRecord(stored, m.variantOf(stored))
	for _, value := range stored.values {
		if text, isText := value.(string); isText {
			censor.hides(text)
		}
	}
}

// enter finds the session named in the path and strips its prefix.
func (c *call) enter() {
	rest, named := strings.CutPrefix(c.path, sessionPrefix)
	if !named {
		return
	}
	name, rest, _ := strings.Cut(rest, "/")
	found := c.server.sessions.find(name)
	if found == nil {
		c.stray = true
		return
	}
	c.session, c.path = found, "/"+rest
}

// sessionPrefix is what the path of a request within a session begins with; the name follows.
const sessionPrefix = "/__sessions/"

// sessions are the named sessions of a server. One that was not used for a while is ended by the next look.
type sessions struct {
	limit int
	idle  time.Duration
	now   func() time.Time
	room  *journalRoom

	listeners atomic.Int64 // to events

	mutex  sync.Mutex
	byName map[string]*session
	count  int // how many were made without a name

	importing sync.Mutex // held while a state is imported, into whichever session
}

func newSessions(options Options) *sessions {
	return &sessions{limit: options.Sessions, idle: options.SessionIdle, now: options.Clock, room: newJournalRoom(options.Journal), byName: map[string]*session{}}
}

// find returns a session, which thereby is used; nil where there is none.
func (s *sessions) find(name string) *session {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := s.byName[name]
	if found == nil || s.isIdle(found) {
		s.drop(name)
		return nil
	}
	found.used.Store(s.now().UnixMicro())
	return found
}

func (s *sessions) isIdle(session *session) bool {
	return s.now().Sub(time.UnixMicro(session.used.Load())) > s.idle
}

// drop ends a session; call it with the lock held. It tells whether there was one.
func (s *sessions) drop(name string) bool {
	gone := s.byName[name]
	if gone == nil {
		return false
	}
	gone.end()
	gone.journal.close()
	delete(s.byName, name)
	return true
}

// all returns the sessions, without those that were idle for too long.
func (s *sessions) all() []*session {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var list []*session
	for name, session := range s.byName {
		if s.isIdle(session) {
			s.drop(name)
			continue
		}
		list = append(list, session)
	}
	return list
}

var sessionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// freeName returns a name that no session has; call it with the lock held.
func (s *sessions) freeName() string {
	for {
		s.count++
		if name := "session-" + strconv.Itoa(s.count); s.byName[name] == nil {
			return name
		}
	}
}
