package mockserver

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"
)

// principal is who a bearer token stands for.
type principal struct {
	known        bool      // false for nobody
	name         string    // as a scenario file calls those of the options; empty for others
	organization float64   // its number
	engineer     bool      // may write
	published    bool      // everybody knows the token or the key
	expires      time.Time // zero for never
}

// lastingTokens are the bearer tokens of the options and the fixtures, by digest: looking one up takes no time that depends on
// how much of a guess is right.
type lastingTokens map[[sha256.Size]byte]principal

// add makes a token known; it returns false where it is already.
func (t lastingTokens) add(token string, who principal) bool {
	digest := sha256.Sum256([]byte(token))
	if _, there := t[digest]; there {
		return false
	}
	t[digest] = who
	return true
}

// find returns the principal of a token; false for none.
func (t lastingTokens) find(token string) (principal, bool) {
	who, there := t[sha256.Sum256([]byte(token))]
	return who, there
}

// tokens are the bearer tokens that a session gave out, by digest.
type tokens struct {
	mutex    sync.RWMutex
	byDigest map[[sha256.Size]byte]principal
}

func newTokens() *tokens { return &tokens{byDigest: map[[sha256.Size]byte]principal{}} }

func (t *tokens) add(token string, who principal) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.byDigest[sha256.Sum256([]byte(token))] = who
}

// find returns the principal of a token. The second result is false if there is none, or if the token has expired.
func (t *tokens) find(token string, now func() time.Time) (principal, bool) {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	who, there := t.byDigest[sha256.Sum256([]byte(token))]
	return who, there && (who.expires.IsZero() || now().Before(who.expires))
}

// clear forgets every token.
func (t *tokens) clear() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	clear(t.byDigest)
}

// forget drops the tokens that have expired, so that a mock that gives out many does not grow.
func (t *tokens) forget(now time.Time) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for digest, who := range t.byDigest {
		if !who.expires.IsZero() && !now.Before(who.expires) {
			delete(t.byDigest, digest)
		}
	}
}

// authenticate finds out who asks. It looks at one header alone, so its refusal says nothing of a body.
func authenticate(c *call) *reply {
	if c.route.guarded {
		return admitOperator(c)
	}
	if c.route.Public {
		return nil
	}
	who, known := c.bearer()
	switch {
	case known:
		c.principal = who
		return nil
	case who.known:
		return expiredToken()
	}
	return refuse(http.StatusUnauthorized, "unauthorized", "Send a known bearer token in the Authorization header, as in \"Authorization: Bearer TOKEN\".")
}

func expiredToken() *reply {
	return refuse(http.StatusUnauthorized, "unauthorized", "The bearer token has expired; ask for another one.")
}

// bearer returns who the token of a request stands for. It may have expired, and then the second result is false.
func (c *call) bearer() (principal, bool) {
	sent := c.Header["Authorization"]
	if len(sent) != 1 {
		return principal{}, false
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return principal{}, false
	}
	token = strings.TrimLeft(token, " ")
	who, known := c.model.lasting.find(token)
	if !known {
		who, known = c.session.tokens.find(token, c.session.clock.now)
	}
	if who.published && socketOf(c.Request) == openSocket {
		return principal{}, false
	}
	return who, known
}

// authorize refuses a viewer who writes: only an engineer may change something.
func authorize(c *call) *reply {
	if c.route.Public || !c.route.writes() || c.principal.engineer {
		return nil
	}
	return refuse(http.StatusForbidden, "forbidden", "This token may read and not write; writing needs the engineer role.")
}
