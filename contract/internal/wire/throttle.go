package wire

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// mostAtOnce is the number of requests under way at first; fewestAtOnce is the number that a slow target is always sent.
	mostAtOnce, fewestAtOnce = 128, 4
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

// leave ends a request that began at a time, and lets the next ones go.
func (t *throttle) leave(began time.Time, answered bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	took := time.Since(began)
	if answered && (t.fastest == 0 || took < t.fastest) {
		t.fastest = took
	}
	switch late := min(max(longestPrompt, lateFactor*t.fastest), requestTimeout/2); {
	case took > late && began.After(t.lowered):
		t.fewer = mostAtOnce - max(fewestAtOnce, min(t.running, mostAtOnce-t.fewer)/2)
		t.lowered = time.Now()
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
