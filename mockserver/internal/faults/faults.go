// Package faults holds the faults of a session, and decides which requests get them.
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

// Fault is a fault and the requests that get it.
type Fault struct {
	ID      int64
	Planned bool // planned by the fixtures
	times   int  // number of requests that get it; 0 for all until it is removed
	seen    int  // number of requests in its scope
	Matched int  // number of requests that got it
	Scope
	Effect
}

// Effect is the change that a fault makes to an answer.
type Effect struct {
	Status     int           // status that replaces the answer; 0 for the real answer
	RetryAfter int           // seconds; 0 for no header
	Expired    bool          // the token counts as expired
	Delay      time.Duration // before the answer or, if the breakage is slow, during it
	maxDelay   time.Duration // if more than Delay, the delay is a random time between both
	Breakage   string        // one of the Break constants; empty for none
	Mutant     string        // name of the broken server in front of the mock; empty for none
	Example    string        // name of the document's example that replaces the answer; empty for none
	Own        *Own          // headers and body of the fault's own; nil for none
}

// Own are the headers and the body that a fault puts in the place of the answer's.
type Own struct {
	Headers map[string]string // canonical names
	Body    []byte            // nil for none
	IsJSON  bool              // the body is JSON and no other text
}

// Ways in which an answer can break.
const (
	BreakReset     = "reset"     // the connection ends before the answer
	BreakTruncated = "truncated" // the connection ends within the body
	BreakSlow      = "slow"      // the body is written in pieces
	BreakMalformed = "malformed" // the body is not JSON
)

// Breakages are the ways in which an answer can break.
var Breakages = []string{BreakReset, BreakTruncated, BreakSlow, BreakMalformed}

// Text returns a description for people, or "" for a nil effect.
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
	if e.Example != "" {
		parts = append(parts, "example")
	}
	if e.Own != nil && e.Own.Body != nil {
		parts = append(parts, "own body")
	}
	if e.Own != nil && len(e.Own.Headers) > 0 {
		parts = append(parts, "own headers")
	}
	return strings.Join(parts, ", ")
}

// Max is the number of faults of a session, planned and spent ones included.
const Max = 1000

// Errors of [Set.Add].
var (
	errTooManyFaults = errors.New("there are too many faults")
	ErrMutantActive  = errors.New("a broken server is at work already")
)

// Set holds the faults of a session. It is safe for concurrent use.
type Set struct {
	activeCount atomic.Int32 // length of active; spares most requests the lock

	Mutex  sync.Mutex
	random *rand.Rand
	last   int64
	List   []*Fault // all faults in the order of their creation
	active []*Fault // faults that can still match
	Mutant atomic.Pointer[mutation]
}

// mutation is a broken server in front of the mock.
type mutation struct {
	Fault   *Fault
	Handler http.Handler
}

// New returns an empty set. The seed determines the random delays.
func New(seed int64) *Set {
	return &Set{random: rand.New(rand.NewPCG(uint64(seed), 0))}
}

// Add adds a fault and sets its id. If the fault is a mutant, mutate returns its handler. Add fails if there are too
// many faults, with ErrMutantActive, or with a [ShadowedError] in a world; nil for none.
func (f *Set) Add(made *Fault, in *World, mutate func() http.Handler) error {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	if in != nil {
		if by := in.Shadow(made, f.active); by != nil {
			return shadowedBy(by)
		}
	}
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

// Remove removes the fault with an id, and reports whether it existed.
func (f *Set) Remove(id int64) bool {
	return f.RemoveFunc(func(one *Fault) bool { return one.ID == id })
}

// Clear removes every fault.
func (f *Set) Clear() { f.RemoveFunc(func(*Fault) bool { return true }) }

// RemoveFunc removes the faults for which a function returns true, and reports whether there were any.
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

// Forms returns all faults as the admin surface shows them.
func (f *Set) Forms() []Form {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	forms := make([]Form, len(f.List))
	for i, one := range f.List {
		forms[i] = one.Form()
	}
	return forms
}

// Match returns the effect of the first fault that matches a request, and counts the match; nil for none. It ignores
// spent faults.
func (f *Set) Match(sent *Sent) *Effect {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	at := slices.IndexFunc(f.active, func(one *Fault) bool { return f.matches(one, sent) })
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

// Methods are the standard HTTP methods.
var Methods = [...]string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}
