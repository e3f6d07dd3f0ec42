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
	organization *organization
	engineer     bool      // may write
	expires      time.Time // zero for never
}

// tokens are the bearer tokens that are known, by digest: looking one up takes no time that depends on how much of a
// guess is right.
type tokens struct {
	mutex    sync.RWMutex
	byDigest map[[sha256.Size]byte]principal
}

func newTokens() *tokens { return &tokens{byDigest: map[[sha256.Size]byte]principal{}} }

// add makes a token known; it returns false where it is already.
func (t *tokens) add(token string, who principal) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	digest := sha256.Sum256([]byte(token))
	if _, known := t.byDigest[digest]; known {
		return false
	}
	t.byDigest[digest] = who
	return true
}

// find returns who a token stands for at a time.
func (t *tokens) find(token string, now func() time.Time) (principal, bool) {
	digest := sha256.Sum256([]byte(token))
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	who, known := t.byDigest[digest]
	return who, known && (who.expires.IsZero() || now().Before(who.expires))
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

// authenticate is the second step: it finds out who asks. It looks at one header alone, so its refusal says nothing of a body.
func (s *Server) authenticate(c *call) *reply {
	if c.route.Public {
		return nil
	}
	if sent := c.Header["Authorization"]; len(sent) == 1 {
		scheme, token, _ := strings.Cut(sent[0], " ")
		who, known := s.tokens.find(strings.TrimLeft(token, " "), s.options.Clock)
		if known && strings.EqualFold(scheme, "Bearer") {
			c.principal = who
			return nil
		}
	}
	return refuse(http.StatusUnauthorized, "unauthorized", "Send a known bearer token in the Authorization header, as in \"Authorization: Bearer TOKEN\".")
}

// authorize is the third step: only an engineer may change something.
func (s *Server) authorize(c *call) *reply {
	if c.route.Public || !c.route.writes() || c.principal.engineer {
		return nil
	}
	return refuse(http.StatusForbidden, "forbidden", "This token may read and not write; writing needs the engineer role.")
}
