package command

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

// listener is a mock that is being served.
type listener struct {
	server     *http.Server
	door       *door
	ended      chan error
	scheme     string
	endStreams func() // ends the answers that go on for as long as a client listens; may be nil
}

// site is what is served, and where.
type site struct {
	address    string
	handler    http.Handler
	logger     *slog.Logger
	secure     *tls.Config // nil for HTTP
	version    string      // of the document
	most       int64       // how many connections there may be; 0 for mostConnections
	endStreams func()
}

// listen begins to serve a handler that is no mock by itself, over HTTP, under loopback names alone. The error says in one
// sentence why the address cannot be had.
func listen(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) (*listener, error) {
	return site{address: address, handler: mockserver.OnlyLocal(handler), logger: logger, version: credmock.Default().Version}.listen(ctx)
}

// listen begins to serve.
func (s site) listen(ctx context.Context) (*listener, error) {
	var config net.ListenConfig
	socket, err := config.Listen(ctx, "tcp", s.address)
	if err != nil {
		return nil, listenFault(s.address, err)
	}
	if s.most == 0 {
		s.most = mostConnections
	}
	tally := newTally(s.logger)
	l := &listener{
		scheme: "http", ended: make(chan error, 1), endStreams: s.endStreams,
		door: &door{Listener: socket, most: s.most, secure: s.secure != nil, version: s.version, tally: tally, closed: make(chan struct{})},
		server: &http.Server{
			Handler: s.handler, ReadHeaderTimeout: headerLimit, ReadTimeout: readLimit, WriteTimeout: writeLimit,
			IdleTimeout: idleLimit, MaxHeaderBytes: mostHeaders, ErrorLog: log.New(tally, "", 0),
			DisableGeneralOptionsHandler: true, // or it would answer OPTIONS * in place of the mock
		},
	}
	l.door.watch(l.server)
	var accepting net.Listener = l.door
	if s.secure != nil {
		accepting, l.scheme = tls.NewListener(l.door, s.secure), "https"
	}
	go func() { l.ended <- l.server.Serve(accepting) }()
	return l, nil
}

func listenFault(address string, err error) error {
	var operation *net.OpError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return usage("%s is in use; choose another address with --addr, where port 0 picks a free one", address)
	case errors.Is(err, syscall.EACCES):
		return usage("%s may not be listened on; choose a port of 1024 or more with --addr", address)
	case errors.As(err, &operation):
		return usage("--addr: %s cannot be listened on: %v", address, operation.Err)
	}
	return usage("--addr: %s cannot be listened on: %v", address, err)
}

// root returns the URL of the host.
func (l *listener) root() string { return l.scheme + "://" + l.door.Addr().String() }

// base returns the base URL of the API: the path is that of the document's server.
func (l *listener) base(spec *credmock.Spec) string {
	return l.root() + spec.Operation("credential", "get").Prefix
}

// abandon ends everything at once, for when no client is left that anybody cares for.
func (l *listener) abandon() {
	_ = errors.Join(l.server.Close(), <-l.ended) // it is going away in any case
}

// stop answers those who have connected already and lets running requests end, for a while.
func (l *listener) stop() error {
	defer l.door.tally.finish()
	if l.endStreams != nil {
		l.endStreams()
	}
	l.door.drain()
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close()
	}
	if errors.Is(err, net.ErrClosed) {
		err = nil // the door was closed before
	}
	if ended := <-l.ended; !errors.Is(ended, http.ErrServerClosed) && !errors.Is(ended, net.ErrClosed) {
		return errors.Join(err, ended)
	}
	return err
}
