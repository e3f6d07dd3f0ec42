package mockserver

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// pipes is a listener with unbuffered connections: a write blocks until the peer reads.
type pipes struct{ conns chan net.Conn }

func (p *pipes) Accept() (net.Conn, error) {
	conn, open := <-p.conns
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (*pipes) Close() error   { return nil }
func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// local is a connection with a loopback address.
type local struct{ net.Conn }

func (local) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4118} }

// stalled sends a request over a connection that nobody reads, and returns once the handler runs. The channel is closed when
// the handler returns.
func stalled(t *testing.T, server *Server, path string) (ended <-chan struct{}) {
	t.Helper()
	began, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	listener := &pipes{conns: make(chan net.Conn, 1)}
	serving := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(began) })
		server.ServeHTTP(w, r)
		close(done)
	})}
	go func() { _ = serving.Serve(listener) }()
	client, conn := net.Pipe()
	listener.conns <- local{conn}
	t.Cleanup(func() { close(listener.conns); _ = serving.Close(); _ = client.Close() })
	go func() { _, _ = client.Write([]byte("GET /__admin/" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")) }()
	<-began
	return done
}

// A client that never reads delays shutdown by about a second at most, whichever path it requested.
func TestStalledClientsDoNotDelayShutdown(t *testing.T) {
	for _, path := range []string{"events", "requests", "requests.har", "requests.txtar"} {
		t.Run(path, func(t *testing.T) {
			server, err := New(Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				server.sessions.Root.Journal.Add(&journal.Exchange{Body: []byte(`"` + strings.Repeat("x", 1000) + `"`)})
			}
			ended := stalled(t, server, path)
			select {
			case <-ended:
				t.Fatal("the handler ended before the client read")
			default:
			}
			began := time.Now()
			server.EndStreams()
			<-ended
			if took := time.Since(began); took > serve.WriteLimit/2 {
				t.Errorf("shutdown took %s", took)
			}
		})
	}
}

// The number of listeners is limited across all sessions, and a listener that leaves frees its place.
func TestListenersAreBounded(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.sessions.Create(server.sessions.Root, "other", nil, nil); err != nil {
		t.Fatal(err)
	}
	listen := func(ctx context.Context, base string, began chan<- struct{}) (status int) {
		request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+base+"/__admin/events", nil).WithContext(ctx)
		recorder := &announcing{ResponseRecorder: httptest.NewRecorder(), began: began}
		server.ServeHTTP(recorder, request)
		return recorder.Code
	}
	ctx, cancel := context.WithCancel(t.Context())
	began := make(chan struct{}, admin.MostListeners)
	var group sync.WaitGroup
	for i := range admin.MostListeners {
		group.Go(func() { listen(ctx, []string{"", "/__sessions/other"}[i%2], began) })
	}
	for range admin.MostListeners {
		<-began
	}
	gone, leave := context.WithCancel(t.Context())
	leave() // the accepted one ends at once
	for _, base := range []string{"", "/__sessions/other"} {
		if status := listen(gone, base, nil); status != http.StatusTooManyRequests {
			t.Errorf("one more listener: %d", status)
		}
	}
	cancel()
	group.Wait()
	if left := server.sessions.Listeners.Load(); left != 0 {
		t.Errorf("%d listeners are counted after all left", left)
	}
}

// announcing closes a channel at the first write.
type announcing struct {
	*httptest.ResponseRecorder
	began chan<- struct{}
}

func (a *announcing) Write(text []byte) (int, error) {
	if a.began != nil && strings.HasPrefix(string(text), ": listening") {
		a.began <- struct{}{}
	}
	return a.ResponseRecorder.Write(text)
}
