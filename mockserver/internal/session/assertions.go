package session

import (
	"sync"
	"time"
)

// assertions are the client assertions that a session has accepted. Each can be used once.
type assertions struct {
	mutex sync.Mutex
	used  map[string]time.Time // expiry by client and jti
}

func newAssertions() *assertions {
	return &assertions{used: map[string]time.Time{}}
}

// Use marks an assertion as used until the given time. It reports whether the assertion was unused.
func (a *assertions) Use(client, jti string, until, now time.Time) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for used, end := range a.used {
		if now.After(end) {
			delete(a.used, used)
		}
	}
	key := client + "\x00" + jti
	if _, used := a.used[key]; used {
		return false
	}
	a.used[key] = until
	return true
}

// Clear removes all assertions.
func (a *assertions) Clear() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	clear(a.used)
}
