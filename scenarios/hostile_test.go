package scenarios_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// served returns the base URL of a server that answers as the handler does.
func served(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/platform"
}

// saying returns the base URL of a server that gives one answer to everything.
func saying(t *testing.T, body string) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
}

// recording returns the base URL of a server that notes that it was asked.
func recording(t *testing.T, asked *bool) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, _ *http.Request) {
		*asked = true
		_, _ = io.WriteString(w, `{"payload":{"id":"exec"}}`)
	})
}
