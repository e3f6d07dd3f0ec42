package session

import (
	"crypto/sha256"
	"sync"
	"time"
)

// Access is an access token that one of the mock's own token servers issued.
type Access struct {
	Credentials []string // ids of the credentials that describe the request for it
	Expires     time.Time
	Exchanged   bool // it is from a token exchange
}

// accesses are the access tokens that the token servers of a session issued, by digest.
type accesses struct {
	mutex    sync.Mutex
	byDigest map[[sha256.Size]byte]Access
}

// maxAccesses is the number of access tokens that a session keeps. Beyond it the expired ones are removed, and if there are none, a tenth
// of the others.
const maxAccesses = 10_000

// Issue stores an access token.
func (a *accesses) Issue(token string, made Access, now time.Time) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.byDigest == nil {
		a.byDigest = map[[sha256.Size]byte]Access{}
	}
	if len(a.byDigest) >= maxAccesses {
		a.makeRoom(now)
	}
	a.byDigest[sha256.Sum256([]byte(token))] = made
}

// makeRoom removes tokens. The caller must hold the lock.
func (a *accesses) makeRoom(now time.Time) {
	for digest, one := range a.byDigest {
		if !now.Before(one.Expires) {
			delete(a.byDigest, digest)
		}
	}
	if len(a.byDigest) < maxAccesses {
		return
	}
	for digest := range a.byDigest {
		if len(a.byDigest) <= maxAccesses*9/10 {
			return
		}
		delete(a.byDigest, digest)
	}
}

// Find returns an access token, which may have expired. The second result is false if the session issued no such token.
func (a *accesses) Find(token string) (Access, bool) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	found, known := a.byDigest[sha256.Sum256([]byte(token))]
	return found, known
}

// Clear removes all access tokens.
func (a *accesses) Clear() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.byDigest = nil
}
