package wire

import (
	"context"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
)

// bounds are how much a run reads and holds, whatever its target sends. A test may narrow those of a session.
type bounds struct {
	Answer int   // bytes of one answer; one more is read, to know that it was cut
	Values int   // JSON values of one answer
	Tree   int64 // bytes of one decoded answer that is kept
	Kept   int64 // bytes of all decoded answers that are kept at once

	Scenarios int // bytes of the scenarios of a report
}

const (
	Mebibyte = 1 << 20
	// maxAnswer bounds what is read of one answer: no answer of this API is near it.
	maxAnswer = 8 * Mebibyte
	// maxValues bounds the JSON values of one answer: a list that is as long as an answer may be has less.
	maxValues = 300_000
	// readingRoom bounds the long answers that are read at once, decodingRoom the decoded form of those that are decoded at once.
	readingRoom  = 32 * Mebibyte
	decodingRoom = 96 * Mebibyte
	maxTree      = 16 * Mebibyte
	maxKept      = 80 * Mebibyte
	// maxScenarios bounds the scenarios of a report. Beyond that a scenario has the check itself and no requests.
	maxScenarios = 16 * Mebibyte
	// ShortAnswer is how long an answer is that needs no room: a run has few at once, and nearly all are short.
	ShortAnswer = 16 << 10
	// SmallTree is the size of a decoded answer that stays until the end of the run: a scenario may tell of it.
	SmallTree = 16 << 10
	// LargeTree is the size of a decoded answer of which what the document does not describe is not kept.
	LargeTree = 256 << 10
	// maxHeader bounds the headers of one answer, those of informational answers before it included.
	maxHeader = 64 << 10
)

var DefaultBounds = bounds{Answer: maxAnswer, Values: maxValues, Tree: maxTree, Kept: maxKept, Scenarios: maxScenarios}

// room is what those who need much memory at once wait for. They are served in turn, and each takes all that it needs at
// once, so that no two can wait for each other.
type room struct{ entry, units chan struct{} }

func newRoom(size int) *room {
	return &room{entry: make(chan struct{}, 1), units: make(chan struct{}, size/Mebibyte)}
}

// acquire waits until there is room for so many bytes, and returns what gives it back.
func (r *room) acquire(ctx context.Context, size int64) (leave func(), err error) {
	needed := int(min(size/Mebibyte+1, int64(cap(r.units))))
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
			r.release(taken)
			return func() {}, ctx.Err()
		}
	}
	return func() { r.release(needed) }, nil
}

func (r *room) release(units int) {
	for range units {
		<-r.units
	}
}

// keep holds on to a decoded answer, as long as there is room for it.
func (c *Client) keep(e *Exchange) {
	e.weight = jsonvalue.Weigh(e.Value)
	switch {
	case e.weight > c.Bounds.Tree && !e.Whole:
		e.MarkUnread("holds more than one of this API does")
	case c.Kept.Add(e.weight) > c.Bounds.Kept:
		c.Kept.Add(-e.weight)
		e.MarkUnread("could not be kept, for the answers of this run take more memory than it may have")
	default:
		return
	}
	e.weight = 0
}

// Drop lets go of a decoded answer that nobody needs any more.
func (c *Client) Drop(e *Exchange) {
	if e == nil || e.Value == nil || e.weight <= SmallTree {
		return
	}
	c.Kept.Add(-e.weight)
	e.Value, e.weight, e.Dropped = nil, 0, true
}

// Release lets go of what a check received, but for what others look at too.
func (c *Client) Release(scope string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, e := range c.exchanges {
		if e.Scope == scope && !e.Shared {
			c.Drop(e)
		}
	}
}
