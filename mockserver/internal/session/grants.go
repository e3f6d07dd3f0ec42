package session

import (
	"sync"
)

// grants are the refresh tokens of a session: those that its authorization server gave out, and those that its token requests
// brought back.
type grants struct {
	mutex    sync.Mutex
	issued   map[string]string // by the id of the credential
	received map[string]string
}

// mostGrants bounds how many credentials may have one: beyond it somebody's is forgotten.
const maxGrants = 10_000

func (g *grants) Issue(id, token string)   { g.put(&g.issued, id, token) }
func (g *grants) Receive(id, token string) { g.put(&g.received, id, token) }

func (g *grants) put(into *map[string]string, id, token string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if *into == nil {
		*into = map[string]string{}
	}
	for other := range *into {
		if len(*into) < maxGrants {
			break
		}
		delete(*into, other)
	}
	(*into)[id] = token
}

// Valid returns the refresh token that the authorization server takes for a credential; empty for none.
func (g *grants) Issued(id string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.issued[id]
}

// Held returns the refresh token with which a credential can ask for another token; empty for none.
func (g *grants) Received(id string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.received[id]
}

func (g *grants) Clear() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.issued, g.received = nil, nil
}
