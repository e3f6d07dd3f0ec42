// Package listen serves a handler on an address. It bounds connections, makes certificates, answers requests that the HTTP server
// cannot read, and shuts down in order. It knows no flag.
package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/mockserver"
)

// The limits of a connection. They are wide enough for a client that is stepped through in a debugger, and end the
// connections of clients that have gone.
const (
	headerLimit = 10 * time.Second
	readLimit   = 2 * time.Minute
	writeLimit  = 2 * time.Minute
	idleLimit   = 2 * time.Minute
	// drainLimit and backlogLimit together are less than the two seconds in which everything ends.
	drainLimit = 1500 * time.Millisecond
)

// Listener is a mock that is being served.
type Listener struct {
	server     *http.Server
	acceptor   *acceptor
	Ended      chan error
	scheme     string
	EndStreams func() // ends the answers that go on for as long as a client listens; may be nil
}

// Site is a handler and the address at which it is served.
type Site struct {
	Address    string
	Handler    http.Handler
	Logger     *slog.Logger
	Secure     *tls.Config // nil for HTTP
	Version    string      // of the document
	most       int64       // how many connections there may be; 0 for mostConnections
	EndStreams func()
}

// Local begins to serve a handler over HTTP, and answers under loopback names only. The error says in one
// sentence why the address cannot be had.
func Local(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) (*Listener, error) {
	return Site{Address: address, Handler: mockserver.OnlyLocal(handler), Logger: logger, Version: credmock.Default().Version}.Listen(ctx)
}

// Listen begins to serve.
func (s Site) Listen(ctx context.Context) (*Listener, error) {
	var config net.ListenConfig
	socket, err := config.Listen(ctx, "tcp", s.Address)
	if err != nil {
		return nil, cannotListen(s.Address, err)
	}
	if s.most == 0 {
		s.most = mostConnections
	}
	tally := newTally(s.Logger)
	l := &Listener{
		scheme: "http", Ended: make(chan error, 1), EndStreams: s.EndStreams,
		acceptor: &acceptor{Listener: socket, most: s.most, secure: s.Secure != nil, version: s.Version, tally: tally,
			closed: make(chan struct{})},
		server: &http.Server{
			Handler: s.Handler, ReadHeaderTimeout: headerLimit, ReadTimeout: readLimit, WriteTimeout: writeLimit,
			IdleTimeout: idleLimit, MaxHeaderBytes: mostHeaders, ErrorLog: log.New(tally, "", 0),
			DisableGeneralOptionsHandler: true, // or it would answer OPTIONS * in place of the mock
		},
	}
	l.acceptor.watch(l.server)
	var accepting net.Listener = l.acceptor
	if s.Secure != nil {
		accepting, l.scheme = tls.NewListener(l.acceptor, s.Secure), "https"
	}
	go func() { l.Ended <- l.server.Serve(accepting) }()
	return l, nil
}

func cannotListen(address string, err error) error {
	var operation *net.OpError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return cli.Usage("%s is in use; choose another address with --addr, where port 0 picks a free one", address)
	case errors.Is(err, syscall.EACCES):
		return cli.Usage("%s may not be listened on; choose a port of 1024 or more with --addr", address)
	case errors.As(err, &operation):
		return cli.Usage("--addr: %s cannot be listened on: %v", address, operation.Err)
	}
	return cli.Usage("--addr: %s cannot be listened on: %v", address, err)
}

// Root returns the URL of the host.
func (l *Listener) Root() string { return l.scheme + "://" + l.acceptor.Addr().String() }

// Base returns the base URL of the API, with the path of the document's server.
func (l *Listener) Base(spec *credmock.Spec) string {
	return l.Root() + spec.BasePath()
}

// Close ends everything at once.
func (l *Listener) Close() {
	_ = errors.Join(l.server.Close(), <-l.Ended) // it is going away in any case
}

// Stop answers the connections of the backlog and lets running requests end, for a while.
func (l *Listener) Stop() error {
	defer l.acceptor.tally.finish()
	if l.EndStreams != nil {
		l.EndStreams()
	}
	l.acceptor.drain()
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close()
	}
	if errors.Is(err, net.ErrClosed) {
		err = nil // the acceptor was closed before
	}
	if ended := <-l.Ended; !errors.Is(ended, http.ErrServerClosed) && !errors.Is(ended, net.ErrClosed) {
		return errors.Join(err, ended)
	}
	return err
}

// IsExposed tells whether an address can be reached from other machines. Of one that cannot be listened on, listen says so.
func IsExposed(address string) bool {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	return err == nil && !resolved.IP.IsLoopback()
}

// Holds tells whether a listener is on loopback where that was said of its address: a name may lead elsewhere the next time.
func (l *Listener) Holds(exposed bool) bool {
	at, isTCP := l.acceptor.Addr().(*net.TCPAddr)
	return exposed || isTCP && at.IP.IsLoopback()
}
