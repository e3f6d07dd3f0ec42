package session

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/credmock/credmock/mockserver/internal/model"
)

// tokens are the bearer tokens that a session has issued, by digest.
type tokens struct {
	mutex    sync.RWMutex
	byDigest map[[sha256.Size]byte]model.Principal
}

func newTokens() *tokens { return &tokens{byDigest: map[[sha256.Size]byte]model.Principal{}} }

// Add stores a token of a principal.
func (t *tokens) Add(token string, principal model.Principal) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.byDigest[sha256.Sum256([]byte(token))] = principal
}

// Find returns the principal of a token. The second result is false if the token is unknown or has expired.
func (t *tokens) Find(token string, now func() time.Time) (model.Principal, bool) {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	principal, ok := t.byDigest[sha256.Sum256([]byte(token))]
	return principal, ok && (principal.Expires.IsZero() || now().Before(principal.Expires))
}

// Clear removes all tokens.
func (t *tokens) Clear() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	clear(t.byDigest)
}

// RemoveExpired removes the tokens that have expired, so that the memory of a busy mock stays bounded.
func (t *tokens) RemoveExpired(now time.Time) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for digest, principal := range t.byDigest {
		if !principal.Expires.IsZero() && !now.Before(principal.Expires) {
			delete(t.byDigest, digest)
		}
	}
}
