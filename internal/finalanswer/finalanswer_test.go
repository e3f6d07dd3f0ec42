package finalanswer

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Do returns at once if a server switches protocols and keeps the connection open.
func TestDo(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/upgrade" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func(c net.Conn) { _ = c.Close() }(connection)
		_, _ = connection.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
		<-release
	}))
	defer server.Close()
	defer close(release)
	for path, want := range map[string]error{"/upgrade": ErrInterim, "/": nil} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := Do(server.Client(), request)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v: %v", path, err, want)
		}
		if response != nil {
			if response.StatusCode != http.StatusTeapot {
				t.Errorf("%s: %d", path, response.StatusCode)
			}
			_ = response.Body.Close()
		}
	}
}
