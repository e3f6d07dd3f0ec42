package mockserver

import (
	"crypto/sha256"
	"sync"
	"time"
)

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
