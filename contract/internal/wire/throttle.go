package wire

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// mostAtOnce is the number of requests under way at first; fewestAtOnce is the number that a slow target is always sent.
	mostAtOnce, fewestAtOnce = 128, 4
	// fewestAllowed is the number that a target is always sent that answers 429. Until steady requests were answered otherwise, it is
	// not sent more at once.
	fewestAllowed, steady = 2, 100
	// An answer that takes lateFactor times as long as the fastest one, and longestPrompt at least, tells of a queue: the target
	// serves fewer requests at once than it is sent.
	lateFactor    = 20
	longestPrompt = 500 * time.Millisecond
)

// throttle bounds the requests under way. A target that serves one request after another has a queue, and whoever waits in it must
// not be taken for a target that does not answer. The zero value is ready.
type throttle struct {
	mutex   sync.Mutex
	fewer   int // below mostAtOnce
	running int
	queue   []chan struct{}
	lowered time.Time
	fastest time.Duration // answer so far; 0 if there was none
	settled int           // answers that come before more requests are sent at once
}

// enter waits for its turn, and reports whether it came before ctx ended.
func (t *throttle) enter(ctx context.Context) bool {
	t.mutex.Lock()
	if t.running < mostAtOnce-t.fewer {
		t.running++
		t.mutex.Unlock()
		return true
	}
	turn := make(chan struct{})
	t.queue = append(t.queue, turn)
	t.mutex.Unlock()
	select {
	case <-turn:
		return true
	case <-ctx.Done():
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	at := slices.Index(t.queue, turn)
	if at < 0 {
		return true // the turn came at the same moment
	}
	t.queue = slices.Delete(t.queue, at, at+1)
	return false
}

// leave ends a request that began at a time, with a status or 0, and lets the next ones go.
func (t *throttle) leave(began time.Time, status int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	took := time.Since(began)
	if status > 0 && (t.fastest == 0 || took < t.fastest) {
		t.fastest = took
	}
	switch late := min(max(longestPrompt, lateFactor*t.fastest), requestTimeout/2); {
	case status == http.StatusTooManyRequests:
		t.lower(began, fewestAllowed)
		t.settled = steady
	case took > late:
		t.lower(began, fewestAtOnce)
	case t.settled > 0:
		t.settled--
	case took < late/2 && t.fewer > 0:
		t.fewer--
	}
	t.running--
	for len(t.queue) > 0 && t.running < mostAtOnce-t.fewer {
		close(t.queue[0])
		t.queue = t.queue[1:]
		t.running++
	}
}

// lower halves the requests under way, once for all that began before, but not below a number.
func (t *throttle) lower(began time.Time, fewest int) {
	if began.After(t.lowered) {
		t.fewer = mostAtOnce - max(fewest, min(t.running, mostAtOnce-t.fewer)/2)
		t.lowered = time.Now()
	}
}
