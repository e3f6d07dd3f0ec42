package mockserver

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Running is a mock that listens on a free port of the loopback interface.
type Running struct {
	URL         string // base of the API; it ends in /platform, and /v1 follows
	Token       string // bearer token of an engineer
	ViewerToken string // bearer token of a viewer, who may only read
	OtherToken  string // bearer token of an engineer of another organization
	Server      *Server
	Client      *http.Client // client for this mock; it adds no token
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
		URL: listening.URL + server.mock.Site.Load().Model.BasePath(), ViewerToken: given.ViewerToken, OtherToken: given.OtherToken,
		Server: server, Client: listening.Client(),
	}
	if len(given.Tokens) > 0 {
		running.Token = given.Tokens[0]
	}
	return running
}
