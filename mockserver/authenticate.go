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
	name         string // as a scenario file calls those of the options; empty for others
	organization *organization
	engineer     bool      // may write
	published    bool      // everybody knows the token or the key
	expires      time.Time // zero for never
}

// tokens are the bearer tokens that are known, by digest: looking one up takes no time that depends on how much of a
// guess is right.
type tokens struct {
	lasting  *tokens // those of the options, which all sessions have in common; nil for these themselves
	secrets  *knownSecrets
	mutex    sync.RWMutex
	byDigest map[[sha256.Size]byte]principal
	moved    *tokens // what took their place in a reload; nil for none
}

// newTokens returns tokens that are known beside the lasting ones, where there are such.
func newTokens(secrets *knownSecrets, lasting *tokens) *tokens {
	return &tokens{lasting: lasting, secrets: secrets, byDigest: map[[sha256.Size]byte]principal{}}
}

// add makes a token known; it returns false where it is already.
func (t *tokens) add(token string, who principal) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.moved != nil {
		return t.moved.add(token, who) // it was asked for before a reload
	}
	t.secrets.learn(token)
	digest := sha256.Sum256([]byte(token))
	if _, known := t.byDigest[digest]; known {
		return false
	}
	t.byDigest[digest] = who
	return true
}

// find returns who a token stands for at a time; false for nobody, and for one that has expired.
func (t *tokens) find(token string, now func() time.Time) (principal, bool) {
	digest := sha256.Sum256([]byte(token))
	if t.lasting != nil {
		if who, known := t.lasting.byDigest[digest]; known { // never written to once a mock serves
			return who, true
		}
	}
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	who, known := t.byDigest[digest]
	if !known && t.moved != nil {
		return t.moved.find(token, now) // it was given out during a reload
	}
	return who, known && (who.expires.IsZero() || now().Before(who.expires))
}

// clear forgets every token but the lasting ones.
func (t *tokens) clear() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.moved != nil {
		t.moved.clear() // a reset that was asked for before a reload
	}
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

// authenticate is the third step: it finds out who asks. It looks at one header alone, so its refusal says nothing of a body.
func (s *Server) authenticate(c *call) *reply {
	if c.route.guarded {
		return s.admitOperator(c)
	}
	if c.route.Public {
		return nil
	}
	who, known := s.bearer(c)
	switch {
	case known:
		c.principal = who
		return nil
	case who.organization != nil:
		return expiredToken()
	}
	return refuse(http.StatusUnauthorized, "unauthorized", "Send a known bearer token in the Authorization header, as in \"Authorization: Bearer TOKEN\".")
}

func expiredToken() *reply {
	return refuse(http.StatusUnauthorized, "unauthorized", "The bearer token has expired; ask for another one.")
}

// bearer returns who the token of a request stands for. It may have expired, and then the second result is false.
func (s *Server) bearer(c *call) (principal, bool) {
	sent := c.Header["Authorization"]
	if len(sent) != 1 {
		return principal{}, false
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return principal{}, false
	}
	who, known := s.tokens.find(strings.TrimLeft(token, " "), s.options.Clock)
	if who.published && socketOf(c.Request) == openSocket {
		return principal{}, false
	}
	return who, known
}

// authorize is the fourth step: only an engineer may change something.
func (s *Server) authorize(c *call) *reply {
	if c.route.Public || !c.route.writes() || c.principal.engineer {
		return nil
	}
	return refuse(http.StatusForbidden, "forbidden", "This token may read and not write; writing needs the engineer role.")
}
