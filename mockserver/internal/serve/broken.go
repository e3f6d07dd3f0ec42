package serve

import (
	"time"

	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/credmock/credmock/mockserver/internal/faults"
)

// writeBroken writes a reply the way the fault breaks it. The body has length bytes.
func (c *Call) writeBroken(w http.ResponseWriter, answer *Reply, length int, body bodyStream) {
	if c.fault.Breakage != faults.BreakSlow { // the last piece of a slow one is recorded when it is due
		c.record(answer)
	}
	switch c.fault.Breakage {
	case faults.BreakReset:
		c.aborted = !reset(w)
		return
	case faults.BreakTruncated:
		// net/http closes the connection if the body is shorter than announced.
		w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(answer.Status)
	switch c.fault.Breakage {
	case faults.BreakTruncated:
		_ = body(c.Context(), &truncatingWriter{to: w, left: length / 2})
	case faults.BreakMalformed:
		_ = body(c.Context(), &truncatingWriter{to: w, left: length * 2 / 3})
	case faults.BreakSlow:
		_ = body(c.Context(), c.newSlowWriter(w, length, func() { c.record(answer) }))
		c.record(answer) // the client may have left before the last piece
	}
}

// reset closes the connection with a TCP reset. It reports whether that was possible.
func reset(w http.ResponseWriter) bool {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	if plain, isTCP := connection.(interface{ SetLinger(seconds int) error }); isTCP {
		_ = plain.SetLinger(0) // if that fails, the connection closes normally
	}
	return connection.Close() == nil
}

var errTruncated = errors.New("the fault truncates the body")

// truncatingWriter writes the first left bytes and then fails with errTruncated.
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

// slowWriter writes a body of length bytes in slowPieces pieces, and waits before each. It calls last before the last.
type slowWriter struct {
	to              http.ResponseWriter
	wait, last      func()
	length, written int
	piece           int // number of pieces begun
}

func (c *Call) newSlowWriter(w http.ResponseWriter, length int, last func()) *slowWriter {
	total := c.fault.Delay
	if total == 0 {
		total = slowDuration
	}
	return &slowWriter{to: w, length: length, last: last, wait: func() { c.delay(total / slowPieces) }}
}

func (t *slowWriter) Write(text []byte) (int, error) {
	done := 0
	for done < len(text) {
		end := t.length * t.piece / slowPieces
		if t.written >= end {
			t.wait()
			if t.piece++; t.piece == slowPieces {
				t.last()
			}
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

// A slow body is written in slowPieces pieces, over slowDuration if the fault names no delay.
const (
	slowPieces   = 8
	slowDuration = 2 * time.Second
)
