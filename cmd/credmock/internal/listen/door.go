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
	// last look is short, for whoever connects between it and the end is lost.
	quiet        = 5 * time.Millisecond
	lastLook     = 50 * time.Microsecond
	backlogLimit = 200 * time.Millisecond
)

// door accepts connections, up to a bound, and counts what the HTTP server does with them by itself.
type door struct {
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
func (d *door) Accept() (net.Conn, error) {
	isQuiet := false
	for {
		if d.draining.Load() {
			d.bound(isQuiet || d.late.Load())
		}
		conn, err := d.Listener.Accept()
		switch {
		case err == nil && d.open.Add(1) <= d.most:
			d.fresh.Add(1)
			return &connection{Conn: conn, door: d}, nil
		case err == nil:
			d.open.Add(-1)
			_ = conn.Close() // nothing was said on it
			d.tally.add(tooManyConnections)
		case d.draining.Load() && errors.Is(err, os.ErrDeadlineExceeded) && !isQuiet:
			isQuiet = true // as far as this program was given time to see
		case d.draining.Load() && errors.Is(err, os.ErrDeadlineExceeded):
			_ = d.Close() // at once, for whoever connects now would be lost
			return nil, net.ErrClosed
		default:
			return nil, err
		}
	}
}

// bound makes Accept end when nobody connects for a while.
func (d *door) bound(last bool) {
	wait := quiet
	if last {
		wait = lastLook
	}
	if socket, can := d.Listener.(*net.TCPListener); can {
		_ = socket.SetDeadline(time.Now().Add(wait)) // it fails for one that is closed, which ends Accept too
	}
}

// drain accepts those who have connected already, closes the door, and waits for what they send: a server that shuts down
// drops what it has not begun to read.
func (d *door) drain() {
	d.draining.Store(true)
	d.bound(false)
	end := time.Now().Add(backlogLimit)
	late := time.AfterFunc(backlogLimit/2, func() { d.late.Store(true) })
	defer late.Stop()
	for time.Now().Before(end) && (!d.isClosed() || d.fresh.Load() > 0) {
		time.Sleep(time.Millisecond)
	}
}

func (d *door) isClosed() bool {
	select {
	case <-d.closed:
		return true
	default:
		return false
	}
}

func (d *door) Close() error {
	err := net.ErrClosed
	d.once.Do(func() {
		err = d.Listener.Close()
		close(d.closed)
	})
	return err
}

// connection knows whether its latest request reached the mock. Where it did not, what is written to it is an answer of the HTTP
// server, as to a request that cannot be read; another one in the API's form takes its place.
type connection struct {
	net.Conn
	door     *door
	coming   atomic.Bool // a request comes in; not told of one that came together with the last
	heard    atomic.Bool // the latest request reached the mock, which may still answer
	answered atomic.Bool // in place of the HTTP server
	greeted  atomic.Bool // its first request came, or it ended before
	gone     atomic.Bool
}

func (c *connection) Write(text []byte) (int, error) {
	switch {
	case c.answered.Load():
		return len(text), nil // the rest of what is replaced
	case c.isUnheard(text):
		return c.replace(text)
	}
	return c.Conn.Write(text)
}

// shortestAnswer is longer than an alert of TLS, which comes when a connection ends, and shorter than any answer.
const shortestAnswer = 64

// isUnheard tells whether what is written is an answer of the HTTP server itself. Within TLS that is written too while no request
// came in.
func (c *connection) isUnheard(text []byte) bool {
	switch {
	case c.heard.Load():
		return false
	case c.door.secure && !bytes.HasPrefix(text, []byte("HTTP/")): // as HTTP without TLS is answered there
		return c.coming.Load() && len(text) > shortestAnswer
	}
	return true
}

func (c *connection) replace(text []byte) (int, error) {
	status := statusOf(text)
	c.door.tally.add(unheardBy(status))
	other := c.door.answer(status)
	if other == nil {
		c.heard.Store(true)
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
		c.door.open.Add(-1)
	}
	c.greet()
	return c.Conn.Close()
}

// greet notes that the first request is no longer to come.
func (c *connection) greet() {
	if !c.greeted.Load() && c.greeted.CompareAndSwap(false, true) {
		c.door.fresh.Add(-1)
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
func (d *door) watch(server *http.Server) {
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
			at.heard.Store(false)
		case http.StateNew, http.StateHijacked, http.StateClosed:
		}
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, known := r.Context().Value(connectionKey{}).(*connection); known {
			conn.heard.Store(true)
			conn.greet()
		}
		inner.ServeHTTP(w, r)
	})
}
