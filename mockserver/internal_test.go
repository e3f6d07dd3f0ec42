package mockserver

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
)

const hidden = "cnry-93af"

// ask sends a request to a mock after tamper has changed its only credential or its code, and returns the answer and the log.
func ask(t *testing.T, tamper func(*Server, *store.Record)) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var logged bytes.Buffer
	server, err := New(Options{Logger: slog.New(slog.NewTextHandler(&logged, nil)), Fixtures: []byte(`
organizations:
  - id: 1
    environments:
      - {id: e, name: E, environmentFlag: Staging, credentials: [{id: c, name: c, grantType: client_credentials, url: u, clientSecret: ` +
		hidden + `}]}
`)})
	if err != nil {
		t.Fatal(err)
	}
	tamper(server, server.sessions.Root.Store.Get(store.ResourceCredential, "c"))
	request := httptest.NewRequest(http.MethodGet, "/platform/v1/authcredentials/c", nil)
	request.Header.Set("Authorization", "Bearer "+DefaultToken)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	return recorder, logged.String()
}

func TestInvalidAnswerIsReplaced(t *testing.T) {
	for name, row := range map[string]struct {
		tamper func(*Server, *store.Record)
		want   string
	}{
		"wrong type":     {func(_ *Server, r *store.Record) { r.Values["name"] = []any{hidden} }, "/payload/name"},
		"wrong enum":     {func(_ *Server, r *store.Record) { r.Values["grantType"] = hidden }, "/payload/grantType"},
		"member missing": {func(_ *Server, r *store.Record) { delete(r.Values, "url") }, "/payload/url"},
		"panic":          {func(s *Server, _ *store.Record) { panicking(s) }, "internal"},
		"panic in form":  {func(_ *Server, r *store.Record) { r.Strategy = "none" }, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, logged := ask(t, row.tamper)
			if answer.Code != http.StatusInternalServerError || !strings.Contains(answer.Body.String(), row.want) {
				t.Errorf("%d: %s", answer.Code, answer.Body)
			}
			if strings.Contains(answer.Body.String()+logged, hidden) {
				t.Errorf("the value is disclosed: %s %s", answer.Body, logged)
			}
			if !strings.Contains(logged, "status=500") {
				t.Errorf("not logged: %s", logged)
			}
		})
	}
}

// panicking makes the action panic with a value that must not be disclosed.
func panicking(server *Server) {
	at, _ := server.mock.Site.Load().Router.Find("/platform/v1/authcredentials/c")
	broken := *at.Routes[http.MethodGet]
	broken.Act = func(*serve.Call) *serve.Reply { panic(hidden) }
	at.Routes[http.MethodGet] = &broken
}

func TestOtherStrategySecretIsNotShown(t *testing.T) {
	answer, _ := ask(t, func(_ *Server, r *store.Record) {
		r.Values["secretKey"], r.Values["sessionToken"], r.Values["verificationToken"] = hidden, hidden, hidden
	})
	if answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), hidden) {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
}

// Shutdown ends a delay.
func TestShutdownEndsDelay(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	began, ended := make(chan bool), make(chan bool)
	server.mock.Pause = func(ctx context.Context, _ time.Duration) {
		close(began)
		<-ctx.Done()
	}
	go func() {
		request := httptest.NewRequest(http.MethodGet, "/platform/v1/authcredentials/strategies", nil)
		request.Header.Set("Prefer", "delay=60000")
		server.ServeHTTP(httptest.NewRecorder(), request)
		close(ended)
	}()
	<-began
	server.EndStreams()
	<-ended
}

// A streamed list is validated before its first byte is written.
func TestInvalidStreamedListIsReplaced(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range serve.MaxBuffered * 3 {
		Create(server, `{"name":"n","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","grantType":"client_credentials","url":"u"}`)
	}
	list := server.sessions.Root.Store.List(store.ResourceCredential, "a31a92e5-43b7-45df-8085-4ac5a746d105")
	for _, one := range list[1:] {
		one.Values["name"] = []any{hidden}
	}
	request := httptest.NewRequest(http.MethodGet, "/platform/v1/environments/a31a92e5-43b7-45df-8085-4ac5a746d105/authcredentials", nil)
	request.Header.Set("Authorization", "Bearer "+DefaultToken)
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, request)
	if text := answer.Body.String(); answer.Code != http.StatusInternalServerError || !strings.Contains(text, "/payload/name") ||
		strings.Contains(text, hidden) || !strings.Contains(text, "Only the first 100 mistakes") {
		t.Errorf("%d %s", answer.Code, text)
	}
}

// Streaming stops when the client disconnects.
func TestStreamStopsWhenClientLeaves(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		Create(server, `{"name":"n","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","grantType":"client_credentials","url":"u"}`)
	}
	for _, path := range []string{"/platform/v1/environments/a31a92e5-43b7-45df-8085-4ac5a746d105/authcredentials", "/__admin/state"} {
		ctx, cancel := context.WithCancel(context.Background())
		request := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+path, nil)
		request.Header.Set("Authorization", "Bearer "+DefaultToken)
		answer := &leaver{header: http.Header{}, leave: cancel}
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("%s: the connection is not ended: %v", path, err)
				}
			}()
			server.ServeHTTP(answer, request)
		}()
		if answer.length == 0 || answer.length > 2*serve.ChunkSize {
			t.Errorf("%s: %d bytes were written", path, answer.length)
		}
	}
}

// leaver is a client that disconnects after the first piece of an answer.
type leaver struct {
	header http.Header
	leave  func()
	length int
}

func (l *leaver) Header() http.Header { return l.header }
func (l *leaver) WriteHeader(int)     {}
func (l *leaver) Write(text []byte) (int, error) {
	l.leave()
	l.length += len(text)
	return len(text), nil
}

// A running clock stops at the end of its range, and a clock outside the range shows the nearest end.
func TestRunningClockStopsAtEndOfRange(t *testing.T) {
	base := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	one := &session.Clock{Base: func() time.Time { return base }}
	if err := one.Set(session.ClockChange{To: &session.Latest}); err != nil || !one.Now().Equal(session.Latest) {
		t.Fatalf("%v %s", err, one.Now())
	}
	base = base.Add(time.Hour)
	if !one.Now().Equal(session.Latest) {
		t.Errorf("the clock shows %s", one.Now())
	}
	for at, want := range map[time.Time]time.Time{{}: session.Earliest, session.Latest.AddDate(1, 0, 0): session.Latest} {
		if far := (&session.Clock{Base: func() time.Time { return at }}); !far.Now().Equal(want) {
			t.Errorf("%s is shown as %s", at, far.Now())
		}
	}
}
