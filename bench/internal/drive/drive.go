// Package drive puts load on a server: raw requests over a number of connections, one at a time on each. It does as little as it can
// with each answer, because driver and server share the processors.
package drive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.com/bench/internal/process"
)

// Source returns the next request, and nil after the last one. Many connections call it at a time.
type Source func() []byte

// Repeat returns a source of one request without an end.
func Repeat(request []byte) Source { return func() []byte { return request } }

// Rotate returns a source that begins again after its last request.
func Rotate(requests [][]byte) Source {
	var next atomic.Uint64
	return func() []byte { return requests[(next.Add(1)-1)%uint64(len(requests))] }
}

// Once returns a source of each request once.
func Once(requests [][]byte) Source {
	var next atomic.Uint64
	return func() []byte {
		if at := next.Add(1); at <= uint64(len(requests)) {
			return requests[at-1]
		}
		return nil
	}
}

// Limit returns a source of at most count requests.
func Limit(source Source, count int) Source {
	var asked atomic.Int64
	return func() []byte {
		if asked.Add(1) > int64(count) {
			return nil
		}
		return source()
	}
}

// Load says what is sent to a server.
type Load struct {
	Address     string // HOST:PORT
	Connections int
	Source      Source
	Time        time.Duration                 // when no more requests are sent; 0 leaves the end to the source
	Wanted      func(status int) bool         // reports whether a status is one of the load
	WarmUp      bool                          // each connection sends one request before the clock starts
	CPU         func() (time.Duration, error) // of the server; nil if nobody asks
}

// Turn is the result of a load.
type Turn struct {
	Requests int
	Bytes    int64 // of bodies
	Elapsed  time.Duration
	CPU      time.Duration // that the server used meanwhile; 0 if the load has no CPU
	Driver   time.Duration // that this process used meanwhile; 0 if the load has no CPU
}

// patience is how long a turn may last beyond its time.
const patience = 60 * time.Second

// Run sends the load. An answer with an unwanted status is an error.
func Run(ctx context.Context, load Load) (Turn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	crew, err := connect(ctx, load, cancel)
	if err != nil {
		return Turn{}, err
	}
	defer crew.close()
	if load.WarmUp {
		if err := crew.warmUp(); err != nil {
			return Turn{}, err
		}
	}
	return crew.measure(ctx)
}

// crew is the connections of a turn.
type crew struct {
	load     Load
	conns    []*connection
	fail     context.CancelCauseFunc
	stopped  atomic.Bool
	requests atomic.Int64
	bytes    atomic.Int64
}

type connection struct {
	net.Conn
	reader *bufio.Reader
}

func connect(ctx context.Context, load Load, fail context.CancelCauseFunc) (*crew, error) {
	made := &crew{load: load, fail: fail}
	for range load.Connections {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", load.Address)
		if err != nil {
			made.close()
			return nil, err
		}
		made.conns = append(made.conns, &connection{conn, bufio.NewReaderSize(conn, 16<<10)})
		if err := conn.SetDeadline(time.Now().Add(load.Time + patience)); err != nil {
			made.close()
			return nil, err
		}
	}
	return made, nil
}

func (c *crew) close() {
	for _, conn := range c.conns {
		conn.Close()
	}
}

func (c *crew) warmUp() error {
	for _, conn := range c.conns {
		if request := c.load.Source(); request != nil {
			if _, err := c.ask(conn, request); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure runs all connections. Requests that are under way at the end of the time count, too: the server has worked for them.
func (c *crew) measure(ctx context.Context) (Turn, error) {
	server, driver, err := c.cpu()
	if err != nil {
		return Turn{}, err
	}
	started := time.Now()
	var group sync.WaitGroup
	for _, conn := range c.conns {
		group.Go(func() { c.repeat(conn) })
	}
	if c.load.Time > 0 {
		defer time.AfterFunc(c.load.Time, func() { c.stopped.Store(true) }).Stop()
	}
	defer context.AfterFunc(ctx, c.close)() // nobody waits for the answers
	group.Wait()
	turn := Turn{Requests: int(c.requests.Load()), Bytes: c.bytes.Load(), Elapsed: time.Since(started)}
	if cause := context.Cause(ctx); cause != nil {
		return Turn{}, cause
	}
	if turn.Requests == 0 {
		return Turn{}, errors.New("there was no request to send")
	}
	serverEnd, driverEnd, err := c.cpu()
	turn.CPU, turn.Driver = serverEnd-server, driverEnd-driver
	return turn, err
}

// cpu returns the CPU time of the server and of this process.
func (c *crew) cpu() (server, driver time.Duration, err error) {
	if c.load.CPU == nil {
		return 0, 0, nil
	}
	if server, err = c.load.CPU(); err != nil {
		return 0, 0, err
	}
	driver, err = process.OwnCPU()
	return server, driver, err
}

// repeat sends at least one request.
func (c *crew) repeat(conn *connection) {
	for first := true; first || !c.stopped.Load(); first = false {
		request := c.load.Source()
		if request == nil {
			return
		}
		size, err := c.ask(conn, request)
		if err != nil {
			c.fail(err)
			return
		}
		c.requests.Add(1)
		c.bytes.Add(size)
	}
}

// ask sends a request and returns the size of the answer's body.
func (c *crew) ask(conn *connection, request []byte) (int64, error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	status, size, err := skim(conn.reader)
	if err != nil {
		return 0, err
	}
	if !c.load.Wanted(status) {
		return 0, StatusError(status)
	}
	return size, nil
}

// StatusError is an answer with another status than the load wants.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("the server answers with status %d", int(e)) }

// Ask sends one request and returns the answer.
func Ask(ctx context.Context, address string, request []byte) (status int, body []byte, err error) {
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if _, err := conn.Write(request); err != nil {
		return 0, nil, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, err
}
