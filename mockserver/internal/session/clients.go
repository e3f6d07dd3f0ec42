package session

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// clients remember which client used which session last. A client is an address and a User-Agent, kept as a digest.
type clients struct {
	any   atomic.Bool // one is remembered; most mocks have no sessions, and pay nothing
	mutex sync.Mutex
	last  map[uint64]string
}

// maxClients is the number of clients that are remembered; beyond it, all are forgotten.
const maxClients = 1000

var clientSeed = maphash.MakeSeed()

func clientKey(address, agent string) uint64 { return maphash.String(clientSeed, address+"\x00"+agent) }

// NoteClient remembers that a client used a session.
func (s *Registry) NoteClient(address, agent, session string) {
	s.clients.mutex.Lock()
	defer s.clients.mutex.Unlock()
	if s.clients.last == nil || len(s.clients.last) >= maxClients {
		s.clients.last = map[uint64]string{}
	}
	s.clients.last[clientKey(address, agent)] = session
	s.clients.any.Store(true)
}

// HasClients reports whether a client has used a session.
func (s *Registry) HasClients() bool { return s.clients.any.Load() }

// SessionOf returns the name of the session that a client used last; "" if there is none or it has ended.
func (s *Registry) SessionOf(address, agent string) string {
	s.clients.mutex.Lock()
	name := s.clients.last[clientKey(address, agent)]
	s.clients.mutex.Unlock()
	if name == "" {
		return ""
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.byName[name] == nil {
		return ""
	}
	return name
}
