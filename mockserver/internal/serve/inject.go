package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/credmock/credmock/mockserver/internal/faults"
)

// inject injects a fault. Where one is to meet the request, it answers in the place of the mock, or notes what is to
// become of the answer. A request asks for a fault with Prefer, as in "Prefer: code=503" or "Prefer: delay=200".
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

// delay waits, unless the client goes, or the session or the mock ends: then the request may end too.
func (c *Call) delay(delay time.Duration) {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	defer context.AfterFunc(c.Session.Ended, cancel)()
	c.Server.Pause(ctx, delay)
}

// wait waits, unless the one who waits has gone.
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

// slowPieces is in how many pieces a slow body comes, and slowTime how long it takes where nothing is said.
const (
	slowPieces   = 8
	slowDuration = 2 * time.Second
)

// breakOff writes an answer in the way in which the fault says that it breaks. It is the part of finish that is for the worst days.
func (c *Call) writeBroken(w http.ResponseWriter, status, length int, body bodyStream) {
	switch c.fault.Breakage {
	case faults.BreakReset:
		c.aborted = !reset(w)
		return
	case faults.BreakTruncated:
		// Where less comes than was announced, net/http ends the connection.
		w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(status)
	switch c.fault.Breakage {
	case faults.BreakTruncated:
		_ = body(c.Context(), &truncatingWriter{to: w, left: length / 2})
	case faults.BreakMalformed:
		_ = body(c.Context(), &truncatingWriter{to: w, left: length * 2 / 3})
	case faults.BreakSlow:
		_ = body(c.Context(), c.newSlowWriter(w, length))
	}
}

// reset ends the connection so that the client's system says that it was reset. It tells whether that was possible.
func reset(w http.ResponseWriter) bool {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	if plain, isTCP := connection.(interface{ SetLinger(seconds int) error }); isTCP {
		_ = plain.SetLinger(0) // where that fails, the connection ends in order
	}
	return connection.Close() == nil
}

var errTruncated = errors.New("the rest is left out on purpose")

// cut writes the first bytes of what is written to it.
type truncatingWriter struct {
	to   io.Writer
	left int
}

func (c *truncatingWriter) Write(text []byte) (int, error) {
	written, err := c.to.Write(text[:min(len(text), c.left)])
	c.left -= written
	if err == nil && written < len(text) {
		err = errTruncated
	}
	return written, err
}

// slowWriter writes a body in pieces, and waits before each.
type slowWriter struct {
	to              http.ResponseWriter
	wait            func()
	length, written int
	piece           int // how many have begun
}

func (c *Call) newSlowWriter(w http.ResponseWriter, length int) *slowWriter {
	total := c.fault.Delay
	if total == 0 {
		total = slowDuration
	}
	return &slowWriter{to: w, length: length, wait: func() { c.delay(total / slowPieces) }}
}

func (t *slowWriter) Write(text []byte) (int, error) {
	done := 0
	for done < len(text) {
		end := t.length * t.piece / slowPieces
		if t.written >= end {
			t.wait()
			t.piece++
			continue
		}
		written, err := t.to.Write(text[done:min(len(text), done+end-t.written)])
		done, t.written = done+written, t.written+written
		if err == nil && t.written == end {
			err = http.NewResponseController(t.to).Flush()
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
