package mockserver

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver/internal/session"
)

// Running is a mock that listens on a free port of the loopback interface, or a session of one. Its methods fail the test that
// started it if they are used wrongly, so call them from the goroutine of that test.
type Running struct {
	URL         string // base of the API; it ends in /platform, and /v1 follows
	AdminURL    string // base of the admin surface; it ends in /__admin
	Token       string // bearer token of an engineer
	ViewerToken string // bearer token of a viewer, who may only read
	OtherToken  string // bearer token of an engineer of another organization
	Server      *Server
	Client      *http.Client // client for this mock; it adds no token

	test    testing.TB
	session *session.Session
}

// Start runs a mock until the test ends. It takes at most one Options, and fails the test if they are invalid.
func Start(t testing.TB, options ...Options) *Running {
	t.Helper()
	if len(options) > 1 {
		t.Fatal("mockserver.Start takes one Options at most")
	}
	chosen := Options{}
	if len(options) == 1 {
		chosen = options[0]
	}
	server, err := New(chosen)
	if err != nil {
		t.Fatalf("the mock does not start: %v", err)
	}
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	t.Cleanup(server.EndStreams)
	given := server.options
	running := &Running{
		ViewerToken: given.ViewerToken, OtherToken: given.OtherToken, Server: server, Client: listening.Client(),
	}
	if len(given.Tokens) > 0 {
		running.Token = given.Tokens[0]
	}
	return running.in(t, server.sessions.Root, listening.URL)
}

// in returns a copy of the handle for a session, whose root URL is given.
func (r Running) in(t testing.TB, of *session.Session, root string) *Running {
	r.test, r.session = t, of
	r.URL, r.AdminURL = root+r.Server.mock.Site.Load().Model.BasePath(), root+"/__admin"
	return &r
}

// Session returns a session of the mock until the test ends: a copy with the same records and clock, an empty journal, no faults
// but those of the fixtures, and a port of its own. Parallel tests can share a mock that way.
func (r *Running) Session(t testing.TB) *Running {
	t.Helper()
	made, err := r.Server.sessions.Create(r.session, "", nil, nil)
	if err != nil {
		t.Fatalf("no session: %v", err)
	}
	t.Cleanup(func() { r.Server.sessions.Remove(made.Name) })
	if err := r.Server.mock.OpenPort(made); err != nil {
		t.Fatalf("the session has no port: %v", err)
	}
	return r.in(t, made, *made.Root.Load())
}

// Limits of a port of a session.
const (
	portHeaderLimit = 10 * time.Second // for a client to send its headers
	portStopLimit   = time.Second      // for running requests when the session ends
)

// listenOnLoopback serves the session of a port on the loopback interface.
func listenOnLoopback(handler http.Handler) (root string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: portHeaderLimit, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	go func() { _ = server.Serve(listener) }() // it always ends with an error, here the one of Shutdown
	return "http://" + listener.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), portStopLimit)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // it is going away in any case
		}
	}, nil
}
