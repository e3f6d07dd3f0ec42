package contract

import (
	"context"
)

// bounds are how much a run reads and holds, whatever its target sends. A test may narrow those of a session.
type bounds struct {
	answer int   // bytes of one answer; one more is read, to know that it was cut
	values int   // JSON values of one answer
	tree   int64 // bytes of one decoded answer that is kept
	kept   int64 // bytes of all decoded answers that are kept at once

	scenarios int // bytes of the scenarios of a report
}

const (
	mebibyte = 1 << 20
	// maxAnswer bounds what is read of one answer: no answer of this API is near it.
	maxAnswer = 8 * mebibyte
	// maxValues bounds the JSON values of one answer: a list that is as long as an answer may be has less.
	maxValues = 300_000
	// readingRoom bounds the long answers that are read at once, decodingRoom the decoded form of those that are decoded at once.
	readingRoom  = 32 * mebibyte
	decodingRoom = 96 * mebibyte
	maxTree      = 16 * mebibyte
	maxKept      = 80 * mebibyte
	// maxScenarios bounds the scenarios of a report. Beyond that a scenario has the check itself and no requests.
	maxScenarios = 16 * mebibyte
	// shortAnswer is how long an answer is that needs no room: a run has few at once, and nearly all are short.
	shortAnswer = 16 << 10
	// smallTree is the size of a decoded answer that stays until the end of the run: a scenario may tell of it.
	smallTree = 16 << 10
	// largeTree is the size of a decoded answer of which what the document does not describe is not kept.
	largeTree = 256 << 10
	// maxHeader bounds the headers of one answer, those of informational answers before it included.
	maxHeader = 64 << 10
)

var usualBounds = bounds{answer: maxAnswer, values: maxValues, tree: maxTree, kept: maxKept, scenarios: maxScenarios}

// room is what those who need much memory at once wait for. They are served in turn, and each takes all that it needs at
// once, so that no two can wait for each other.
type room struct{ entry, units chan struct{} }

func newRoom(size int) *room {
	return &room{entry: make(chan struct{}, 1), units: make(chan struct{}, size/mebibyte)}
}

// take waits until there is room for so many bytes, and returns what gives it back.
func (r *room) take(ctx context.Context, size int64) (leave func(), err error) {
	needed := int(min(size/mebibyte+1, int64(cap(r.units))))
	select {
	case r.entry <- struct{}{}:
	case <-ctx.Done():
		return func() {}, ctx.Err()
	}
	defer func() { <-r.entry }()
	for taken := range needed {
		select {
		case r.units <- struct{}{}:
		case <-ctx.Done():
			r.give(taken)
			return func() {}, ctx.Err()
		}
	}
	return func() { r.give(needed) }, nil
}

func (r *room) give(units int) {
	for range units {
		<-r.units
	}
}

// keep holds on to a decoded answer, as long as there is room for it.
func (c *client) keep(e *exchange) {
	e.weight = weigh(e.value)
	switch {
	case e.weight > c.bounds.tree && !e.whole:
		e.unread("holds more than one of this API does")
	case c.kept.Add(e.weight) > c.bounds.kept:
		c.kept.Add(-e.weight)
		e.unread("could not be kept, for the answers of this run take more memory than it may have")
	default:
		return
	}
	e.weight = 0
}

// drop lets go of a decoded answer that nobody needs any more.
func (c *client) drop(e *exchange) {
	if e == nil || e.value == nil || e.weight <= smallTree {
		return
	}
	c.kept.Add(-e.weight)
	e.value, e.weight, e.dropped = nil, 0, true
}

// release lets go of what a check received, but for what others look at too.
func (c *client) release(scope string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, e := range c.exchanges {
		if e.scope == scope && !e.shared {
			c.drop(e)
		}
	}
}
