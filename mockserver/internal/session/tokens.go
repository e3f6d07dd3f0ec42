package session

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/credmock/credmock/mockserver/internal/model"
)

// tokens are the bearer tokens that a session gave out, by digest.
type tokens struct {
	mutex    sync.RWMutex
	byDigest map[[sha256.Size]byte]model.Principal
}

func newTokens() *tokens { return &tokens{byDigest: map[[sha256.Size]byte]model.Principal{}} }

func (t *tokens) Add(token string, principal model.Principal) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.byDigest[sha256.Sum256([]byte(token))] = principal
}

// Find returns the principal of a token. The second result is false if there is none, or if the token has expired.
func (t *tokens) Find(token string, now func() time.Time) (model.Principal, bool) {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	principal, ok := t.byDigest[sha256.Sum256([]byte(token))]
	return principal, ok && (principal.Expires.IsZero() || now().Before(principal.Expires))
}

// Clear forgets every token.
func (t *tokens) Clear() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	clear(t.byDigest)
}

// Forget drops the tokens that have expired, so that a mock that gives out many does not grow.
func (t *tokens) RemoveExpired(now time.Time) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for digest, principal := range t.byDigest {
		if !principal.Expires.IsZero() && !now.Before(principal.Expires) {
			delete(t.byDigest, digest)
		}
	}
}
