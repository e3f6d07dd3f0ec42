// Package faults holds the faults of a session: what goes wrong, and with which requests.
package faults

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

// Fault says what is to go wrong, and with which requests.
type Fault struct {
	ID         int64
	operations []string // by their ids in the document; none for all
	methods    []string // none for all
	Planned    bool     // by the fixtures
	times      int      // with how many requests; 0 for all until it is removed
	Matched    int      // with how many it did
	Effect
}

// Effect is what goes wrong.
type Effect struct {
	Status     int // in the place of an answer; 0 for the answer itself
	RetryAfter int // in seconds; 0 for no such header
	Expired    bool
	Delay      time.Duration // before the answer or, where that is slow, while it comes
	maxDelay   time.Duration // where it is more than the delay: the delay is anything between them
	Breakage   string        // of the connection or the body; empty for none
	Mutant     string        // what stands before the mock; empty for nothing
}

// The ways in which an answer can break.
const (
	BreakReset     = "reset"     // the connection ends before the answer
	BreakTruncated = "truncated" // the connection ends within the body
	BreakSlow      = "slow"      // the body comes in pieces
	BreakMalformed = "malformed" // the body is no JSON
)

var breakages = []string{BreakReset, BreakTruncated, BreakSlow, BreakMalformed}

// Text says what goes wrong, for people; empty where that is nothing.
func (e *Effect) Text() string {
	if e == nil {
		return ""
	}
	var parts []string
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", e.Status))
	}
	if e.Expired {
		parts = append(parts, "expired token")
	}
	if e.Delay > 0 {
		parts = append(parts, "delay "+e.Delay.String())
	}
	if e.Breakage != "" {
		parts = append(parts, e.Breakage)
	}
	return strings.Join(parts, ", ")
}

// Most is how many faults a session has, those of the fixtures and those that are spent among them.
const Max = 1000

// What a set refuses.
var (
	errTooManyFaults = errors.New("there are too many faults")
	ErrMutantActive  = errors.New("a broken server is at work already")
)

// Set are what is to go wrong in a session.
type Set struct {
	activeCount atomic.Int32 // of those at work: mostly none, and then nobody need look

	Mutex  sync.Mutex
	random *rand.Rand
	last   int64
	List   []*Fault // all of them, as they came
	active []*Fault // those that a request may still meet
	Mutant atomic.Pointer[mutation]
}

// mutation is a broken server before the mock.
type mutation struct {
	Fault   *Fault
	Handler http.Handler
}

// New returns a set without faults. The seed draws the delays.
func New(seed int64) *Set {
	return &Set{random: rand.New(rand.NewPCG(uint64(seed), 0))}
}

// Add adds a fault. Where it is a broken server before the mock, the function makes that.
func (f *Set) Add(made *Fault, mutate func() http.Handler) error {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	switch {
	case len(f.List) >= Max:
		return errTooManyFaults
	case made.Mutant != "" && f.Mutant.Load() != nil:
		return ErrMutantActive
	}
	f.last++
	made.ID = f.last
	f.List = append(f.List, made)
	if made.Mutant != "" {
		f.Mutant.Store(&mutation{Fault: made, Handler: mutate()})
		return nil
	}
	f.active = append(f.active, made)
	f.activeCount.Store(int32(len(f.active)))
	return nil
}

func (f *Fault) spent() bool { return f.times > 0 && f.Matched >= f.times }

// Remove removes the fault with an id. It tells whether there was one.
func (f *Set) Remove(id int64) bool {
	return f.RemoveFunc(func(one *Fault) bool { return one.ID == id })
}

// Clear removes every fault.
func (f *Set) Clear() { f.RemoveFunc(func(*Fault) bool { return true }) }

// RemoveThose removes the faults for which a function returns true, and reports whether there were any.
func (f *Set) RemoveFunc(which func(*Fault) bool) bool {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	before := len(f.List)
	f.List = slices.DeleteFunc(f.List, func(one *Fault) bool {
		gone := which(one)
		if gone && one.Mutant != "" {
			f.Mutant.Store(nil)
		}
		return gone
	})
	f.active = slices.DeleteFunc(f.active, which)
	f.activeCount.Store(int32(len(f.active)))
	return len(f.List) < before
}

// Forms returns all faults as the mock's own surface shows them.
func (f *Set) Forms() []Form {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	forms := make([]Form, len(f.List))
	for i, one := range f.List {
		forms[i] = one.Form()
	}
	return forms
}

// Meet returns what is to go wrong with a request: what the first fault says that matches it, which thereby counts; nil for
// nothing. It looks at no fault that is spent.
func (f *Set) Match(operation, method string) *Effect {
	if f.activeCount.Load() == 0 {
		return nil
	}
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	at := slices.IndexFunc(f.active, func(one *Fault) bool { return one.matches(operation, method) })
	if at < 0 {
		return nil
	}
	one := f.active[at]
	one.Matched++
	if one.spent() {
		f.active = slices.Delete(f.active, at, at+1)
		f.activeCount.Store(int32(len(f.active)))
	}
	met := one.Effect
	if met.maxDelay > met.Delay {
		met.Delay += time.Duration(f.random.Int64N(int64(met.maxDelay-met.Delay) + 1)).Round(time.Millisecond)
	}
	return &met
}

func (f *Fault) matches(operation, method string) bool {
	return (len(f.operations) == 0 || slices.Contains(f.operations, operation)) &&
		(len(f.methods) == 0 || slices.Contains(f.methods, method))
}

// Methods are those of HTTP.
var Methods = [...]string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}
