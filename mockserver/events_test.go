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

// pipes is a listener whose connections wait for whoever reads: nothing is buffered in between.
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

// local is a connection that seems to come from this machine.
type local struct{ net.Conn }

func (local) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4118} }

// deaf makes a request over a connection from which nobody reads, and returns when the handler is at work. The channel is closed
// when that has ended.
func deaf(t *testing.T, server *Server, path string) (ended <-chan struct{}) {
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

// A client that never reads holds up the end of the mock for about a second, whatever it asked for.
func TestDeafClientsDoNotHoldUpTheEnd(t *testing.T) {
	for _, path := range []string{"events", "requests", "requests.har", "requests.txtar"} {
		t.Run(path, func(t *testing.T) {
			server, err := New(Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				server.sessions.Root.Journal.Add(&journal.Exchange{Body: []byte(`"` + strings.Repeat("x", 1000) + `"`)})
			}
			ended := deaf(t, server, path)
			select {
			case <-ended:
				t.Fatal("it ended before anybody read")
			default:
			}
			began := time.Now()
			server.EndStreams()
			<-ended
			if took := time.Since(began); took > serve.WriteLimit/2 {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// There are as many listeners as there may be, of all sessions together, and one that goes makes room.
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
	leave() // one that is taken ends at once
	for _, base := range []string{"", "/__sessions/other"} {
		if status := listen(gone, base, nil); status != http.StatusTooManyRequests {
			t.Errorf("one more listener: %d", status)
		}
	}
	cancel()
	group.Wait()
	if left := server.sessions.Listeners.Load(); left != 0 {
		t.Errorf("%d listeners are counted when all have gone", left)
	}
}

// announcing says when the first byte was written.
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
