package oauth

import (
	"sync"
)

// heard holds what the mock's own authorization server said of requests that the mock itself sends. A request is known by the
// address that its connection comes from: whoever else answers at a URL like that server's is never heard here, so
// nothing of an answer has to be believed.
type heard struct {
	mutex  sync.Mutex
	byPeer map[string][]string
}

// expect notes that a connection from here is one of the mock's own. The returned function forgets it again.
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

// note keeps what differs in the request that a connection brought, where the mock itself sent it.
func (h *heard) note(peer string, differences []string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if _, own := h.byPeer[peer]; own {
		h.byPeer[peer] = differences
	}
}

// of returns what was noted for a connection; nil for nothing.
func (h *heard) of(peer string) []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.byPeer[peer]
}
