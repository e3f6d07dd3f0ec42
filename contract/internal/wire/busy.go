package wire

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// longestPause is the longest wait that one busy answer causes.
	longestPause = 10 * time.Second
	// longestWait bounds what one request waits for a busy target in all.
	longestWait = 30 * time.Second
	// shortestPause is the first pause of the client's own back-off, which doubles.
	shortestPause = 30 * time.Millisecond
	// firstWait bounds the waiting while no request has ever been answered otherwise.
	firstWait = 5 * time.Second
)

// gate delays all requests while the target is busy.
type gate struct {
	mutex sync.Mutex
	opens time.Time
}

// wait waits until the gate is open or the run ends.
func (g *gate) wait(ctx context.Context) {
	g.mutex.Lock()
	pause := time.Until(g.opens)
	g.mutex.Unlock()
	if pause > 0 {
		Sleep(ctx, pause)
	}
}

// closeFor keeps the gate closed for a pause at least.
func (g *gate) closeFor(pause time.Duration) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if opens := time.Now().Add(pause); opens.After(g.opens) {
		g.opens = opens
	}
}

// Sleep waits for a time, and tells whether it passed before ctx ended.
func Sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sendPatiently sends the request, again and again while the target is busy. A busy target has neither taken nor refused anything.
func (c *Client) sendPatiently(ctx context.Context, e *Exchange, scope string, edit func(*http.Request)) {
	own, waited := shortestPause, time.Duration(0)
	for {
		c.gate.wait(ctx)
		c.sendInTurn(ctx, e, scope, edit)
		pause, busy := pauseOf(e, own)
		if !busy {
			if e.Status > 0 {
				c.answered.Store(true)
			}
			return
		}
		if own = min(2*own, longestPause); waited+pause > c.patience() || !beforeEnd(ctx, pause) {
			e.noteBusy(pause)
			return
		}
		waited += pause
		c.search(ctx, e, scope)
		leaks := e.Leaks
		c.gate.closeFor(pause)
		if !Sleep(ctx, pause) {
			return
		}
		defer func() { e.Leaks = append(leaks, e.Leaks...) }()
	}
}

func (c *Client) sendInTurn(ctx context.Context, e *Exchange, scope string, edit func(*http.Request)) {
	if c.throttle.enter(ctx) {
		began := time.Now()
		defer func() { c.throttle.leave(began, e.Status) }()
	}
	c.sendWithToken(ctx, e, scope, edit)
}

// patience returns how long a request waits in all. A target that is busy from the start may never be anything else.
func (c *Client) patience() time.Duration {
	if c.answered.Load() {
		return longestWait
	}
	return firstWait
}

// beforeEnd tells whether a pause ends before the run does.
func beforeEnd(ctx context.Context, pause time.Duration) bool {
	end, bounded := ctx.Deadline()
	return !bounded || time.Now().Add(pause).Before(end)
}

// noteBusy records that the request was not dealt with, since the target asked for a longer wait than the suite has.
func (e *Exchange) noteBusy(pause time.Duration) {
	switch {
	case pause > longestPause:
		e.MarkUnread("is %d: the target asks to wait for %s", e.Status, pause.Round(time.Second))
	case e.Status == http.StatusTooManyRequests:
		e.MarkUnread("is 429 however long the suite waits: the target asks for fewer requests")
	default:
		e.MarkUnread("is %d however long the suite waits: the target asks to come back later", e.Status)
	}
}

// pauseOf returns how long to wait until a request to a busy target is sent again: as long as Retry-After says, or else the own
// back-off. An answer of 503 asks for that only with a Retry-After.
func pauseOf(e *Exchange, own time.Duration) (pause time.Duration, busy bool) {
	pause, asked := retryAfter(e.Header)
	switch {
	case e.Failure != nil:
		return 0, false
	case e.Status == http.StatusTooManyRequests && asked:
		return max(pause, time.Millisecond), true
	case e.Status == http.StatusTooManyRequests:
		return own, true
	case e.Status == http.StatusServiceUnavailable && asked:
		return max(pause, own), true
	}
	return 0, false
}

// retryAfter reads a Retry-After: a number of seconds, or a date, which is compared with the Date of the answer (RFC 9110, 10.2.3).
func retryAfter(header http.Header) (pause time.Duration, asked bool) {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.Duration(min(seconds, 1e9) * float64(time.Second)), seconds >= 0
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now)), true
}

var errLost = errors.New("the target does not answer any more")

const (
	// silentAfter is the number of requests in a row without an answer in time after which a target is given up.
	silentAfter = 3
	// silentInAll is the number of requests of a run without an answer in time after which it is given up.
	silentInAll = 8
)

// noteSilence counts requests that were not answered in time. It ends those under way once the target is given up.
func (c *Client) noteSilence(err error) {
	switch {
	case errors.Is(err, errSlow):
		now, all := c.silentNow.Add(1), c.silentAll.Add(1)
		if now >= silentAfter || all >= silentInAll {
			c.giveUp()
		}
	case err == nil:
		c.silentNow.Store(0)
	}
}

// IsSilent tells whether the target has stopped answering.
func (c *Client) IsSilent() bool { return c.gone.Err() != nil }
