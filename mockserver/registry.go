package mockserver

import (
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"errors"
)

// plan injects the faults of the fixtures into a session, each as if it had met no request yet.
func (s *sessions) plan(in *session) {
	for _, one := range in.planned {
		made := *one
		_ = s.inject(in, &made) // the fixtures plan no more than there may be; in a reload those of clients come first
	}
}

// replan replaces the faults that the fixtures planned for a session.
func (s *sessions) replan(in *session, planned []*fault) {
	in.planned = planned
	in.faults.removeThose(func(one *fault) bool { return one.planned })
	s.plan(in)
}

// reset leads a session back to its start: records, ids, clock, given tokens, journal and the faults of the fixtures.
func (s *sessions) reset(one *session) {
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
func (s *sessions) fork(from *session, name string, seed *int64) *session {
	made := newSession(s.config, s.room)
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

// sessions are the named sessions of a server. One that was not used for a while is ended by the next look.
type sessions struct {
	config sessionConfig
	room   *journalRoom
	root   *session                                    // the unnamed one
	mutant func(in *session, name string) http.Handler // the broken server of that name, before the mock in a session

	listeners atomic.Int64 // to events

	mutex  sync.Mutex
	byName map[string]*session
	count  int // how many were made without a name

	importing sync.Mutex // held while a state is imported, into whichever session
}

func newSessions(config sessionConfig) *sessions {
	room := newJournalRoom(config.journal)
	return &sessions{config: config, room: room, root: newSession(config, room), byName: map[string]*session{}}
}

// open begins the unnamed session with what it holds, and with the faults of the fixtures.
func (s *sessions) open(planned []*fault) {
	s.root.planned = planned
	s.root.begin()
	s.plan(s.root)
}

// inject injects a fault into a session.
func (s *sessions) inject(in *session, made *fault) error {
	return in.faults.add(made, func() http.Handler { return s.mutant(in, made.mutant) })
}

// endAll ends every session's answers that go on for as long as a client listens.
func (s *sessions) endAll() {
	s.root.end()
	for _, session := range s.all() {
		session.end()
	}
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
	found.used.Store(s.config.clock().UnixMicro())
	return found
}

func (s *sessions) isIdle(session *session) bool {
	return s.config.clock().Sub(time.UnixMicro(session.used.Load())) > s.config.idle
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

// What is in the way of a new session.
var (
	errTaken   = errors.New("the name is taken")
	errTooMany = errors.New("there are too many sessions")
)

// create makes a session that holds what another one does or, where that is given, another state. If the name is empty, it gets
// one.
func (s *sessions) create(from *session, name string, seed *int64, initial *state) (*session, error) {
	live := len(s.all()) // which ends idle ones
	s.mutex.Lock()       // which keeps a reload from coming between
	defer s.mutex.Unlock()
	switch {
	case s.byName[name] != nil:
		return nil, errTaken
	case max(live, len(s.byName)) >= s.config.limit:
		return nil, errTooMany
	case name == "":
		name = s.freeName()
	}
	made := s.fork(from, name, seed)
	if initial != nil {
		made.store.restore(initial)
		made.begin()
	}
	made.used.Store(s.config.clock().UnixMicro())
	s.byName[name] = made
	return made, nil
}

func (s *sessions) remove(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.drop(name)
}

// revision is what a reload changes in every session.
type revision struct {
	records func(*state) state // makes the records of a state those of the new fixtures
	planned []*fault
	replan  bool // the fixtures plan other faults
}

// adopt calls a function, and then changes every session. No session begins meanwhile.
func (s *sessions) adopt(first func(), to *revision) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	first()
	s.adoptIn(s.root, to)
	for _, one := range s.byName {
		s.adoptIn(one, to)
	}
}

// adoptIn changes one session: its records, its start and its snapshots.
func (s *sessions) adoptIn(one *session, to *revision) {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.start = to.records(&one.start)
	for name, snapshot := range one.snapshots {
		changed := to.records(snapshot)
		one.snapshots[name] = &changed
	}
	one.store.change(to.records)
	if to.replan {
		s.replan(one, to.planned)
	}
}
