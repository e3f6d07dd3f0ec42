package serve

import (
	"context"
	"net/http"
	"time"

	"github.com/credmock/credmock/mockserver/internal/faults"
)

// inject injects the fault that the request asks for, as in "Prefer: code=503" or "Prefer: delay=200", or the first
// fault of the session that matches. It returns the reply of a fault with a status, and leaves other faults for the
// writer of the reply.
func inject(c *Call) *Reply {
	if c.Route.own {
		return nil
	}
	if asked := c.Header["Prefer"]; asked != nil {
		var understood bool
		if c.fault, understood = faults.ParsePrefer(asked); !understood {
			return Refuse(http.StatusBadRequest, "invalid-preference", "Prefer takes code=STATUS, an error from 400 to 599, and delay=MILLISECONDS.")
		}
	}
	if c.fault == nil {
		c.fault = c.Session.Faults.Match(c.Route.ID, c.Route.Method)
	}
	if c.fault == nil {
		return nil
	}
	if c.fault.Breakage != faults.BreakSlow {
		c.delay(c.fault.Delay)
	}
	switch {
	case c.fault.Expired:
		return expiredToken()
	case c.fault.Status != 0:
		answer := Refuse(c.fault.Status, "injected-fault", "This answer was asked for, to see how a client takes it. Nothing was done.")
		answer.RetryAfter = c.fault.RetryAfter
		return answer
	}
	return nil
}

// delay waits until the delay is over, the client disconnects, or the session or the mock ends.
func (c *Call) delay(delay time.Duration) {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	defer context.AfterFunc(c.Session.Ended, cancel)()
	c.Server.Pause(ctx, delay)
}

// sleep waits until the delay is over or the context is done.
func sleep(ctx context.Context, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
