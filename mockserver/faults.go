package mockserver

import (
	"errors"
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

// mostFaults is how many faults a session has, those of the fixtures and those that are spent among them.
const mostFaults = 1000

var (
	errTooManyFaults = errors.New("there are too many faults")
	errMutantAtWork  = errors.New("a broken server is at work already")
)

// faults are what is to go wrong in a session.
type faults struct {
	count atomic.Int32 // of those at work: mostly none, and then nobody need look

	mutex  sync.Mutex
	random *rand.Rand
	last   int64
	list   []*fault // all of them, as they came
	atWork []*fault // those that a request may still meet
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

// add adds a fault. Where it is a broken server before the mock, the function makes that.
func (f *faults) add(made *fault, mutate func() http.Handler) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	switch {
	case len(f.list) >= mostFaults:
		return errTooManyFaults
	case made.mutant != "" && f.mutant.Load() != nil:
		return errMutantAtWork
	}
	f.last++
	made.id = f.last
	f.list = append(f.list, made)
	if made.mutant != "" {
		f.mutant.Store(&mutation{fault: made, handler: mutate()})
		return nil
	}
	f.atWork = append(f.atWork, made)
	f.count.Store(int32(len(f.atWork)))
	return nil
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
	f.atWork = slices.DeleteFunc(f.atWork, which)
	f.count.Store(int32(len(f.atWork)))
	return len(f.list) < before
}

// forms returns all faults as the mock's own surface shows them.
func (f *faults) forms() []faultForm {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	forms := make([]faultForm, len(f.list))
	for i, one := range f.list {
		forms[i] = one.form()
	}
	return forms
}

// meet returns what is to go wrong with a request: what the first fault says that matches it, which thereby counts; nil for
// nothing. It looks at no fault that is spent.
func (f *faults) meet(operation, method string) *effect {
	if f.count.Load() == 0 {
		return nil
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	at := slices.IndexFunc(f.atWork, func(one *fault) bool { return one.matches(operation, method) })
	if at < 0 {
		return nil
	}
	one := f.atWork[at]
	one.matched++
	if one.spent() {
		f.atWork = slices.Delete(f.atWork, at, at+1)
		f.count.Store(int32(len(f.atWork)))
	}
	met := one.effect
	if met.delayMost > met.delay {
		met.delay += time.Duration(f.random.Int64N(int64(met.delayMost-met.delay) + 1)).Round(time.Millisecond)
	}
	return &met
}

func (f *fault) matches(operation, method string) bool {
	return (len(f.operations) == 0 || slices.Contains(f.operations, operation)) &&
		(len(f.methods) == 0 || slices.Contains(f.methods, method))
}

// methods are those of HTTP.
var methods = [...]string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}
