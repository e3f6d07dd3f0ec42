package wire

import (
	"context"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
)

// Bounds are the limits of what a run reads and holds, whatever its target sends.
type Bounds struct {
	Answer int   // bytes of one answer; one more is read to detect a longer one
	Values int   // JSON values of one answer
	Tree   int64 // bytes of one decoded answer that is kept
	Kept   int64 // bytes of all decoded answers that are kept at once

	Scenarios int // bytes of the scenarios of a report
}

// The bounds of a run, in bytes unless said otherwise.
const (
	Mebibyte = 1 << 20
	// maxAnswer bounds the bytes of one answer. No answer of this API comes near it.
	maxAnswer = 8 * Mebibyte
	// maxValues bounds the JSON values of one answer. The longest possible list has fewer.
	maxValues = 300_000
	// readingRoom bounds the long answers that are read at once, decodingRoom their decoded form.
	readingRoom  = 32 * Mebibyte
	decodingRoom = 96 * Mebibyte
	maxTree      = 16 * Mebibyte
	maxKept      = 112 * Mebibyte
	// maxScenarios bounds the scenarios of a report. Further scenarios have only the check itself, without requests.
	maxScenarios = 16 * Mebibyte
	// ShortAnswer is the length up to which an answer needs no room: a run has few at once, and nearly all are short.
	ShortAnswer = 16 << 10
	// SmallTree is the size up to which a decoded answer is kept until the end of the run, for scenarios.
	SmallTree = 16 << 10
	// LargeTree is the size from which undescribed members of a decoded answer are not kept.
	LargeTree = 64 << 10
	// maxHeader bounds the headers of one answer, including informational answers before it.
	maxHeader = 64 << 10
)

// DefaultBounds are the bounds of a session. A test may narrow them.
var DefaultBounds = Bounds{Answer: maxAnswer, Values: maxValues, Tree: maxTree, Kept: maxKept, Scenarios: maxScenarios}

// room is memory that requests wait for. They are served in turn, and each takes all that it needs at once, so that no two can
// wait for each other.
type room struct{ entry, units chan struct{} }

func newRoom(size int) *room {
	return &room{entry: make(chan struct{}, 1), units: make(chan struct{}, size/Mebibyte)}
}

// acquire waits until there is room for a number of bytes, and returns a function that releases it.
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

// keep keeps a decoded answer if there is room for it.
func (c *Client) keep(e *Exchange) {
	if e.Value == nil {
		return
	}
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

// Drop forgets a decoded answer that is no longer needed.
func (c *Client) Drop(e *Exchange) {
	if e == nil || e.Value == nil || e.weight <= SmallTree {
		return
	}
	c.Kept.Add(-e.weight)
	e.Value, e.weight, e.Dropped = nil, 0, true
}

// Release drops what only this check received.
func (c *Client) Release(scope string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, e := range c.exchanges {
		if e.Scope == scope {
			c.Drop(e)
		}
	}
}
