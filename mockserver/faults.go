package mockserver

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// fault says what is to go wrong, and with which requests.
type fault struct {
	id         int64
	operations []string // by their ids in the document; none for all
	methods    []string // none for all
	planned    bool     // by the fixtures
	times      int      // with how many requests; 0 for all until it is removed
	matched    int      // with how many it did
	effect
}

// effect is what goes wrong.
type effect struct {
	status     int // in the place of an answer; 0 for the answer itself
	retryAfter int // in seconds; 0 for no such header
	expired    bool
	delay      time.Duration // before the answer or, where that is slow, while it comes
	delayMost  time.Duration // where it is more than the delay: the delay is anything between them
	breakage   string        // of the connection or the body; empty for none
	mutant     string        // what stands before the mock; empty for nothing
}

// The ways in which an answer can break.
const (
	breakReset     = "reset"     // the connection ends before the answer
	breakTruncated = "truncated" // the connection ends within the body
	breakSlow      = "slow"      // the body comes in pieces
	breakMalformed = "malformed" // the body is no JSON
)

var breakages = []string{breakReset, breakTruncated, breakSlow, breakMalformed}

// text says what goes wrong, for people; empty where that is nothing.
func (e *effect) text() string {
	if e == nil {
		return ""
	}
	var parts []string
	if e.status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", e.status))
	}
	if e.expired {
		parts = append(parts, "expired token")
	}
	if e.delay > 0 {
		parts = append(parts, "delay "+e.delay.String())
	}
	if e.breakage != "" {
		parts = append(parts, e.breakage)
	}
	return strings.Join(parts, ", ")
}

// faults are what is to go wrong in a session.
type faults struct {
	count atomic.Int32 // of those that are not spent: mostly none, and then nobody need look

	mutex  sync.Mutex
	random *rand.Rand
	last   int64
	list   []*fault
	mutant atomic.Pointer[mutation]
}

// mutation is a broken server before the mock.
type mutation struct {
	fault   *fault
	handler http.Handler
}

func newFaults(seed int64) *faults {
	return &faults{random: rand.New(rand.NewPCG(uint64(seed), 0))}
}

func (f *faults) add(made *fault) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.last++
	made.id = f.last
	f.list = append(f.list, made)
	f.recount()
}

// recount counts those that are not spent; call it with the lock held.
func (f *faults) recount() {
	count := 0
	for _, one := range f.list {
		if !one.spent() && one.mutant == "" {
			count++
		}
	}
	f.count.Store(int32(count))
}

func (f *fault) spent() bool { return f.times > 0 && f.matched >= f.times }

// remove removes the fault with an id. It tells whether there was one.
func (f *faults) remove(id int64) bool {
	return f.removeThose(func(one *fault) bool { return one.id == id })
}

func (f *faults) clear() { f.removeThose(func(*fault) bool { return true }) }

func (f *faults) removeThose(which func(*fault) bool) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	before := len(f.list)
	f.list = slices.DeleteFunc(f.list, func(one *fault) bool {
		gone := which(one)
		if gone && one.mutant != "" {
			f.mutant.Store(nil)
		}
		return gone
	})
	f.recount()
	return len(f.list) < before
}

// meet returns what is to go wrong with a request: what the first fault says that matches it, which thereby counts; nil for
// nothing.
func (f *faults) meet(route *route) *effect {
	if f.count.Load() == 0 {
		return nil
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, one := range f.list {
		if one.spent() || one.mutant != "" || !one.matches(route) {
			continue
		}
		one.matched++
		f.recount()
		met := one.effect
		if met.delayMost > met.delay {
			met.delay += time.Duration(f.random.Int64N(int64(met.delayMost-met.delay) + 1)).Round(time.Millisecond)
		}
		return &met
	}
	return nil
}

func (f *fault) matches(route *route) bool {
	return (len(f.operations) == 0 || slices.Contains(f.operations, route.ID)) &&
		(len(f.methods) == 0 || slices.Contains(f.methods, route.Method))
}
