package oauth

import (
	"sync"
)

// heard holds the verdicts of the mock's own authorization server on requests that the mock sends. A request is identified by
// the local address of its connection. Another server with a similar URL therefore never adds a verdict, and no content of an
// answer has to be trusted.
type heard struct {
	mutex  sync.Mutex
	byPeer map[string][]string
}

// expect registers the local address of one of the mock's own connections. The returned function removes it.
func (h *heard) expect(peer string) (forget func()) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.byPeer == nil {
		h.byPeer = map[string][]string{}
	}
	h.byPeer[peer] = nil
	return func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.byPeer, peer)
	}
}

// note records the differences in a request if the mock sent it over this connection.
func (h *heard) note(peer string, differences []string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if _, own := h.byPeer[peer]; own {
		h.byPeer[peer] = differences
	}
}

// of returns the differences recorded for a connection, or nil.
func (h *heard) of(peer string) []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.byPeer[peer]
}
