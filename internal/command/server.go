package command

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/credmock/credmock"
)

// The limits of a connection. They are wide enough for a client that is stepped through in a debugger, and end the
// connections of clients that have gone.
const (
	headerLimit = 10 * time.Second
	readLimit   = 2 * time.Minute
	writeLimit  = 2 * time.Minute
	idleLimit   = 2 * time.Minute
	drainLimit  = 10 * time.Second
)

// listener is a mock that is being served.
type listener struct {
	server *http.Server
	socket net.Listener
	ended  chan error
	scheme string
}

// listen begins to serve. The error says in one sentence why the address cannot be had.
func listen(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) (*listener, error) {
	return listenWith(ctx, address, handler, logger, nil)
}

// listenWith begins to serve, over TLS where there is a configuration for it.
func listenWith(ctx context.Context, address string, handler http.Handler, logger *slog.Logger, secure *tls.Config) (*listener, error) {
	var config net.ListenConfig
	socket, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, listenFault(address, err)
	}
	l := &listener{socket: socket, scheme: "http", ended: make(chan error, 1), server: &http.Server{
		Handler: handler, ReadHeaderTimeout: headerLimit, ReadTimeout: readLimit, WriteTimeout: writeLimit,
		IdleTimeout: idleLimit, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}}
	if secure != nil {
		socket, l.scheme = tls.NewListener(socket, secure), "https"
	}
	go func() { l.ended <- l.server.Serve(socket) }()
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
func (l *listener) root() string { return l.scheme + "://" + l.socket.Addr().String() }

// base returns the base URL of the API: the path is that of the document's server.
func (l *listener) base(spec *credmock.Spec) string {
	return l.root() + spec.Operation("credential", "get").Prefix
}

// abandon ends everything at once, for when no client is left that anybody cares for.
func (l *listener) abandon() {
	_ = errors.Join(l.server.Close(), <-l.ended) // it is going away in any case
}

// stop lets running requests end, for a while.
func (l *listener) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close()
	}
	if ended := <-l.ended; !errors.Is(ended, http.ErrServerClosed) {
		return errors.Join(err, ended)
	}
	return err
}
