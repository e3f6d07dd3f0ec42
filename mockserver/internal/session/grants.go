package session

import (
	"sync"
)

// grants are the refresh tokens that the authorization server of a session issued, and the ones that its token
// requests received, by the id of the credential.
type grants struct {
	mutex    sync.Mutex
	issued   map[string]string
	received map[string]string
}

// maxGrants is the number of credentials with a refresh token, of each sort. Beyond it a random one is removed.
const maxGrants = 10_000

// Issue stores the refresh token that the authorization server issued for a credential.
func (g *grants) Issue(id, token string) { g.put(&g.issued, id, token) }

// Receive stores the refresh token that a token request received for a credential.
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

// Issued returns the refresh token that the authorization server accepts for a credential, or "".
func (g *grants) Issued(id string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.issued[id]
}

// Received returns the refresh token with which a credential can request another token, or "".
func (g *grants) Received(id string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.received[id]
}

// Clear removes all refresh tokens.
func (g *grants) Clear() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.issued, g.received = nil, nil
}
