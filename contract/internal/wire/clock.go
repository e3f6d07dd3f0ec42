package wire

import (
	"context"
	"errors"
	"sync"
	"time"
)

// endGrace is how long a create may still take when the run ends: what it creates must be deleted.
const endGrace = 2 * time.Second

var errSlow = errors.New("nothing came within 10 s")

// clock bounds the time of one request. It stands still while the answer waits for room.
type clock struct {
	context.Context
	end     context.CancelCauseFunc
	timer   *time.Timer
	stop    func() bool
	release func() bool
	late    sync.Mutex
	grace   *time.Timer

	outlives bool // the request may take longer than the run
}

// clockFor starts the clock of a request. A create may outlive the run for a while.
func (client *Client) clockFor(run context.Context, e *Exchange) *clock {
	c := &clock{}
	if creates := e.Operation != nil && e.Operation.Action == "create"; creates && run.Err() == nil {
		c.outlives = true
		c.Context, c.end = context.WithCancelCause(context.WithoutCancel(run))
		c.stop = context.AfterFunc(run, func() {
			c.late.Lock()
			defer c.late.Unlock()
			c.grace = time.AfterFunc(client.Grace, func() { c.end(run.Err()) })
		})
	} else {
		c.Context, c.end = context.WithCancelCause(run)
		c.stop = func() bool { return true }
	}
	c.release = func() bool { return true }
	if !client.Closing {
		c.release = context.AfterFunc(client.gone, func() { c.end(errLost) })
	}
	c.timer = time.AfterFunc(requestTimeout, func() { c.end(errSlow) })
	return c
}

func (c *clock) pause() { c.timer.Stop() }

func (c *clock) goOn() { c.timer.Reset(requestTimeout) }

// done stops the clock.
func (c *clock) done() {
	c.stop()
	c.release()
	c.timer.Stop()
	c.late.Lock()
	if c.grace != nil {
		c.grace.Stop()
	}
	c.late.Unlock()
	c.end(nil)
}
