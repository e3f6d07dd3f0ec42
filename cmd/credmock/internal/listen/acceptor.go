package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostConnections is how many connections there may be at a time. A further one is closed at once: one that waits would
	// wait for as long as the others like.
	mostConnections = 10_000
	// mostHeaders is how large the headers of a request may be, in bytes.
	mostHeaders = 64 << 10
	// quiet is how long nobody connects before the backlog counts as empty, and backlogLimit how long that is waited for. The
	// last look is short, because a client that connects between it and the end is lost.
	quiet        = 5 * time.Millisecond
	lastLook     = 50 * time.Microsecond
	backlogLimit = 200 * time.Millisecond
)

// acceptor accepts connections, up to a bound, and counts the requests that the HTTP server answers by itself.
type acceptor struct {
	net.Listener
	most    int64
	secure  bool
	version string // of the document, for answers in its form
	tally   *tally

	open     atomic.Int64
	fresh    atomic.Int64 // connections whose first request is still to come
	draining atomic.Bool
	late     atomic.Bool // there is no more time to wait for quiet
	once     sync.Once
	closed   chan struct{}
}

// Accept returns the next connection. While the backlog is drained it ends as soon as nobody connects any more.
func (a *acceptor) Accept() (net.Conn, error) {
	isQuiet := false
	for {
		if a.draining.Load() {
			a.bound(isQuiet || a.late.Load())
		}
		conn, err := a.Listener.Accept()
		switch {
		case err == nil && a.open.Add(1) <= a.most:
			a.fresh.Add(1)
			return &connection{Conn: conn, acceptor: a}, nil
		case err == nil:
			a.open.Add(-1)
			_ = conn.Close() // nothing was said on it
			a.tally.add(tooManyConnections)
		case a.draining.Load() && errors.Is(err, os.ErrDeadlineExceeded) && !isQuiet:
			isQuiet = true // as far as this program was given time to see
		case a.draining.Load() && errors.Is(err, os.ErrDeadlineExceeded):
			_ = a.Close() // at once: a client that connects now would be lost
			return nil, net.ErrClosed
		default:
			return nil, err
		}
	}
}

// bound makes Accept end when nobody connects for a while.
func (a *acceptor) bound(last bool) {
	wait := quiet
	if last {
		wait = lastLook
	}
	if socket, can := a.Listener.(*net.TCPListener); can {
		_ = socket.SetDeadline(time.Now().Add(wait)) // it fails for one that is closed, which ends Accept too
	}
}

// drain accepts the connections of the backlog, closes the listener, and waits for their first requests: a server that shuts down
// drops the requests that it has not begun to read.
func (a *acceptor) drain() {
	a.draining.Store(true)
	a.bound(false)
	end := time.Now().Add(backlogLimit)
	late := time.AfterFunc(backlogLimit/2, func() { a.late.Store(true) })
	defer late.Stop()
	for time.Now().Before(end) && (!a.isClosed() || a.fresh.Load() > 0) {
		time.Sleep(time.Millisecond)
	}
}

func (a *acceptor) isClosed() bool {
	select {
	case <-a.closed:
		return true
	default:
		return false
	}
}

func (a *acceptor) Close() error {
	err := net.ErrClosed
	a.once.Do(func() {
		err = a.Listener.Close()
		close(a.closed)
	})
	return err
}

// connection knows whether its latest request reached the mock. Where it did not, what is written to it is an answer of the HTTP
// server, as to a request that cannot be read; another one in the API's form takes its place.
type connection struct {
	net.Conn
	acceptor *acceptor
	coming   atomic.Bool // a request comes in; not told of one that came together with the last
	reached  atomic.Bool // the latest request reached the mock, which may still answer
	answered atomic.Bool // in place of the HTTP server
	begun    atomic.Bool // its first request came, or it ended before
	gone     atomic.Bool
}

func (c *connection) Write(text []byte) (int, error) {
	switch {
	case c.answered.Load():
		return len(text), nil // the rest of the replaced answer
	case c.isOwnAnswer(text):
		return c.replace(text)
	}
	return c.Conn.Write(text)
}

// shortestAnswer is longer than an alert of TLS, which comes when a connection ends, and shorter than any answer.
const shortestAnswer = 64

// isOwnAnswer tells whether what is written is an answer of the HTTP server itself. Within TLS that is written too while no request
// came in.
func (c *connection) isOwnAnswer(text []byte) bool {
	switch {
	case c.reached.Load():
		return false
	case c.acceptor.secure && !bytes.HasPrefix(text, []byte("HTTP/")): // as HTTP without TLS is answered there
		return c.coming.Load() && len(text) > shortestAnswer
	}
	return true
}

func (c *connection) replace(text []byte) (int, error) {
	status := statusOf(text)
	c.acceptor.tally.add(unreadBecause(status))
	other := c.acceptor.answer(status)
	if other == nil {
		c.reached.Store(true)
		return c.Conn.Write(text)
	}
	c.answered.Store(true)
	if _, err := c.Conn.Write(other); err != nil {
		return 0, err
	}
	return len(text), nil
}

// CloseWrite lets the client read an answer before the connection ends.
func (c *connection) CloseWrite() error {
	if half, can := c.Conn.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return nil
}

// SetLinger lets a fault break the connection off.
func (c *connection) SetLinger(seconds int) error {
	if plain, can := c.Conn.(*net.TCPConn); can {
		return plain.SetLinger(seconds)
	}
	return nil
}

func (c *connection) Close() error {
	if c.gone.CompareAndSwap(false, true) {
		c.acceptor.open.Add(-1)
	}
	c.begin()
	return c.Conn.Close()
}

// begin notes that the first request is no longer to come.
func (c *connection) begin() {
	if !c.begun.Load() && c.begun.CompareAndSwap(false, true) {
		c.acceptor.fresh.Add(-1)
	}
}

// connectionOf returns the connection below TLS.
func connectionOf(conn net.Conn) *connection {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	found, _ := conn.(*connection)
	return found
}

type connectionKey struct{}

// watch makes a server tell its connections what becomes of their requests.
func (a *acceptor) watch(server *http.Server) {
	inner := server.Handler
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, connectionOf(conn))
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		switch at := connectionOf(conn); state {
		case http.StateActive:
			at.coming.Store(true)
		case http.StateIdle:
			at.coming.Store(false)
			at.reached.Store(false)
		case http.StateNew, http.StateHijacked, http.StateClosed:
		}
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, known := r.Context().Value(connectionKey{}).(*connection); known {
			conn.reached.Store(true)
			conn.begin()
		}
		inner.ServeHTTP(w, r)
	})
}
