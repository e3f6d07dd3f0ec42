package session

import (
	"sync"
	"time"
)

// assertions are the client assertions that a session has taken: each serves once.
type assertions struct {
	mutex sync.Mutex
	used  map[string]time.Time // by client and jti, until they would be too old anyway
}

func newAssertions() *assertions {
	return &assertions{used: map[string]time.Time{}}
}

// Once tells whether an assertion was not used before, and remembers it until it would be too old anyway.
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

// Clear forgets which assertions were used.
func (a *assertions) Clear() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	clear(a.used)
}
