package session

import (
	"sync"
)

// grants are the refresh tokens that the authorization server of a session issued, and the ones that its token
// requests received, by the id of the credential.
type grants struct {
	mutex    sync.Mutex
	issued   map[string]refreshToken
	received map[string]refreshToken
}

// refreshToken is a refresh token and its holder: a text that changes if the token must no longer be used. A refresh token
// belongs to one client of one server (RFC 6749, section 6), and a credential may come to describe another.
type refreshToken struct {
	token, holder string
}

// maxGrants is the number of credentials with a refresh token, of each sort. Beyond it a random one is removed.
const maxGrants = 10_000

// Issue stores the refresh token that the authorization server issued for a credential.
func (g *grants) Issue(id, holder, token string) { g.put(&g.issued, id, refreshToken{token, holder}) }

// Receive stores the refresh token that a token request received for a credential.
func (g *grants) Receive(id, holder, token string) {
	g.put(&g.received, id, refreshToken{token, holder})
}

func (g *grants) put(into *map[string]refreshToken, id string, one refreshToken) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if *into == nil {
		*into = map[string]refreshToken{}
	}
	for other := range *into {
		if len(*into) < maxGrants {
			break
		}
		delete(*into, other)
	}
	(*into)[id] = one
}

// Issued returns the refresh token that the authorization server accepts for a credential, or "".
func (g *grants) Issued(id, holder string) string { return g.get(&g.issued, id, holder) }

// Received returns the refresh token with which a credential can request another token, or "".
func (g *grants) Received(id, holder string) string { return g.get(&g.received, id, holder) }

// get returns a token of the holder. It removes a token of another holder.
func (g *grants) get(from *map[string]refreshToken, id, holder string) string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	one := (*from)[id]
	if one.holder != holder {
		delete(*from, id)
		return ""
	}
	return one.token
}

// Forget removes a received refresh token, unless another one replaced it.
func (g *grants) Forget(id, token string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.received[id].token == token {
		delete(g.received, id)
	}
}

// Clear removes all refresh tokens.
func (g *grants) Clear() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.issued, g.received = nil, nil
}
