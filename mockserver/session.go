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

// session is what one session has for itself. A server that nobody made a session of is one without a name.
type session struct {
	name    string
	base    string // what stands before its paths: empty, or sessionPrefix and the name
	seed    int64
	store   *store
	ids     *ids
	tokens  *tokens
	clients *clients
	clock   *clock
	journal *journal
	faults  *faults
	grants  *grants

	mutex     sync.Mutex
	start     state             // what the store held at the start
	snapshots map[string]*state // what it held when somebody asked to note that, by name
	startTime *clockSetting     // how the clock was set at the start

	successor atomic.Pointer[Server] // what took its place in a reload; nil for none
	moved     *session               // the successor's session, from before the successor is there; under mutex

	used  atomic.Int64 // when the latest request came, in microseconds since 1970
	ended context.Context
	end   context.CancelFunc
}

func newSession(options Options, room *journalRoom) *session {
	made := &session{
		seed: options.Seed, store: newStore(), ids: newIDs(options.Seed),
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

// reset leads the session back to its start: records, ids, clock, given tokens, faults and journal.
func (s *session) reset() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.moved != nil {
		s.moved.reset() // it was asked for before a reload
		return
	}
	s.store.restore(&s.start)
	s.snapshots = nil
	s.ids.restart()
	s.clock.setting.Store(s.startTime)
	s.tokens.clear()
	s.clients.clear()
	s.grants.clear()
	s.faults.clear()
	s.journal.clear()
}

// reset leads the session back to its start, the faults of the fixtures included.
func (s *Server) reset() {
	s.session.reset()
	s.plan()
}

// clear forgets which assertions were used.
func (c *clients) clear() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.moved != nil {
		c.moved.clear() // a reset that was asked for before a reload
	}
	clear(c.used)
}

// fork returns a server that holds what this one does and shares nothing with it that changes. What it costs does not go by
// how much that is.
func (s *Server) fork(name string, seed *int64) *Server {
	copied := *s
	options := s.options
	options.Clock = s.clock.base
	copied.session = newSession(options, s.sessions.room)
	copied.name, copied.base = name, sessionPrefix+name
	copied.store.state = s.store.snapshot()
	copied.clock = s.clock.fork()
	copied.options.Clock = copied.clock.now
	copied.tokens = newTokens(s.known, s.tokens.lasting)
	copied.clients = &clients{byID: s.clients.byID, used: map[string]time.Time{}}
	copied.seed, copied.ids = s.seed, s.ids.fork()
	if seed != nil {
		copied.seed, copied.ids, copied.faults = *seed, newIDs(*seed), newFaults(*seed)
	}
	copied.begin()
	copied.plan()
	return &copied
}

// EndStreams ends the answers that go on for as long as a client listens, so that a server can shut down in order.
func (s *Server) EndStreams() {
	s.end()
	for _, session := range s.sessions.all() {
		session.end()
	}
}

// learn notes the secrets of a record, and whatever holds one.
func (s *Server) learn(stored *record) {
	censor := censor{words: s.words, known: s.known}
	censor.meetRecord(stored)
	for _, value := range stored.values {
		if text, isText := value.(string); isText {
			censor.hides(text)
		}
	}
}

// enter returns the session that a request is for, and takes what names it out of the path.
func (s *Server) enter(c *call) *Server {
	rest, named := strings.CutPrefix(c.path, sessionPrefix)
	if !named {
		return s
	}
	name, rest, _ := strings.Cut(rest, "/")
	session := s.sessions.find(name)
	if session == nil {
		c.stray = true
		return s
	}
	c.path = "/" + rest
	return session
}

// sessionPrefix is what the path of a request within a session begins with; the name follows.
const sessionPrefix = "/__sessions/"

// sessions are the sessions of a server. One that was not used for a while is ended by the next look.
type sessions struct {
	limit int
	idle  time.Duration
	now   func() time.Time
	room  *journalRoom

	listeners atomic.Int64 // to events

	mutex  sync.Mutex
	byName map[string]*Server
	count  int // how many were made without a name

	importing sync.Mutex // held while a state is imported, into whichever session
}

func newSessions(options Options) *sessions {
	return &sessions{limit: options.Sessions, idle: options.SessionIdle, now: options.Clock, room: newJournalRoom(options.Journal), byName: map[string]*Server{}}
}

// find returns a session, which thereby is used; nil where there is none.
func (s *sessions) find(name string) *Server {
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

func (s *sessions) isIdle(session *Server) bool {
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
func (s *sessions) all() []*Server {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var list []*Server
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
