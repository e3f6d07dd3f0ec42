package session

import (
	"sync"
)

// grants are the refresh tokens of a session: those that its authorization server gave out, and those that its token requests
// brought back.
type grants struct {
	mutex   sync.Mutex
	given   map[string]string // by the id of the credential
	brought map[string]string
}

// mostGrants bounds how many credentials may have one: beyond it somebody's is forgotten.
const mostGrants = 10_000

func (g *grants) Give(id, token string) { g.Put(&g.given, id, token) }
func (g *grants) Hold(id, token string) { g.Put(&g.brought, id, token) }

func (g *grants) Put(into *map[string]string, id, token string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if *into == nil {
		*into = map[string]string{}
	}
	for other := range *into {
		if len(*into) < mostGrants {
			break
		}
		delete(*into, other)
	}
	(*into)[id] = token
}

// Valid returns the refresh token that the authorization server takes for a credential; empty for none.
func (g *grants) Valid(id string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.given[id]
}

// Held returns the refresh token with which a credential can ask for another token; empty for none.
func (g *grants) Held(id string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.brought[id]
}

func (g *grants) Clear() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.given, g.brought = nil, nil
}
