package mockserver

import (
	"maps"
	"time"

	"github.com/credmock/credmock"
)

// Reload returns a server that serves another document and other fixtures, and goes on with what this one holds: its records, sessions,
// tokens, clocks and journals. The second result says what is different, a sentence each. Where it fails, nothing changes;
// where it succeeds, this server is to be used no more. A nil spec or nil fixtures stand for those that there are.
//
// Fixtures are compared with those before: what they add is added, what they change is changed and what they no longer list
// is removed, but for a credential that a destination still uses. What clients have made stays.
func (s *Server) Reload(spec *credmock.Spec, fixtures []byte) (*Server, []string, error) {
	options := s.options
	options.Clock = s.clock.base
	if spec != nil {
		options.Spec = spec
	}
	if fixtures != nil {
		options.Fixtures, options.published.keys = fixtures, false
	}
	fresh, err := newServer(options, s.known)
	if err != nil {
		return nil, nil, err
	}
	fresh.sessions, fresh.reports, fresh.heard = s.sessions, s.reports, s.heard
	change := compareStates(s.initial, fresh.initial)
	root := s.moveTo(fresh, change)
	s.sessions.replace(func(old *Server) *Server { return old.moveTo(fresh, change) })
	said := append(compareSpecs(s.spec, fresh.spec), change.sentences()...)
	if s.callers != fresh.callers {
		said = append(said, "fixtures: other principals")
	}
	said = append(said, comparePlans(s.planned, fresh.planned)...)
	return root, append(said, compareEnvironments(s.environments, fresh.environments)...), nil
}

// replace puts another server in the place of each session's.
func (s *sessions) replace(other func(*Server) *Server) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for name, session := range s.byName {
		s.byName[name] = other(session)
	}
}

// moveTo returns a server with everything that the fresh one knows and what this one's session holds.
func (s *Server) moveTo(fresh *Server, change *stateChange) *Server {
	moved := *fresh
	moved.session = s.session.moveTo(fresh, change)
	moved.options.Clock = moved.clock.now
	if mutant := moved.faults.mutant.Load(); mutant != nil {
		moved.mutate(mutant.fault) // the one that stands there is before the old server
	}
	if comparePlans(s.planned, fresh.planned) != nil {
		moved.replan()
	}
	s.successor.Store(&moved)
	return &moved
}

// moveTo returns a session that holds what this one does, in the terms of another document and of other fixtures. Requests that
// are under way still write to the same store.
func (s *session) moveTo(fresh *Server, change *stateChange) *session {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	moved := &session{
		name: s.name, base: s.base, seed: s.seed, store: s.store, ids: s.ids, clock: s.clock, journal: s.journal, faults: s.faults,
		tokens: s.tokens.moveTo(fresh), clients: s.clients.moveTo(fresh), start: change.apply(&s.start, fresh),
		snapshots: map[string]*state{}, startTime: s.startTime, ended: s.ended, end: s.end, grants: s.grants,
	}
	moved.used.Store(s.used.Load())
	for name, snapshot := range s.snapshots {
		changed := change.apply(snapshot, fresh)
		moved.snapshots[name] = &changed
	}
	s.store.mutex.Lock()
	defer s.store.mutex.Unlock()
	s.store.state = change.apply(&s.store.state, fresh)
	s.moved = moved
	return moved
}

// moveTo returns the tokens that were given out beside those that the fresh server knows for good.
func (t *tokens) moveTo(fresh *Server) *tokens {
	moved := newTokens(fresh.known, fresh.tokens.lasting)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.moved = moved
	for digest, who := range t.byDigest {
		who.organization = organizationOf(fresh.organizations, who.organization.number)
		moved.byDigest[digest] = who
	}
	return moved
}

// moveTo returns the clients that the fresh server knows, with the assertions that were used.
func (c *clients) moveTo(fresh *Server) *clients {
	moved := &clients{byID: fresh.clients.byID, used: map[string]time.Time{}}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.moved = moved
	maps.Copy(moved.used, c.used)
	return moved
}
