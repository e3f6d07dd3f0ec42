package client

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// attackOf attacks a mock with something wrong, a little.
func attackOf(t *testing.T, requests int, wrong func(http.Handler) http.Handler) *Result {
	t.Helper()
	watch := &Watch{}
	mock, err := mockserver.New(mockserver.Options{Logger: slog.New(slog.NewTextHandler(watch, nil))})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(wrong(mock))
	server.Config.ErrorLog = log.New(watch, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(mock.EndStreams)
	result, err := Attack{
		Root: server.URL, Token: mockserver.DefaultToken, Viewer: mockserver.DefaultViewerToken, Requests: requests, Workers: 2, Seed: 7,
		Patience: time.Minute, Settle: 500 * time.Millisecond, MayGrow: 8 << 20, Log: watch,
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// isWorkers tells whether a request is one of the attack's own and no probe, for a probe would end the attack before it begins.
func isWorkers(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/__sessions/w") && strings.Contains(r.URL.Path, "/v1/")
}

// wrong is a way to break a mock, and the beginning of what the attack must say of it.
type wrong struct {
	name, owed string
	mock       func(http.Handler) http.Handler
}

// before answers the requests of the attack's workers, unless do says that the mock shall.
func before(do func(w http.ResponseWriter, r *http.Request) bool) func(http.Handler) http.Handler {
	return func(mock http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !isWorkers(r) || !do(w, r) {
				mock.ServeHTTP(w, r)
			}
		})
	}
}

// wrongAnswers are those that the attack sees in answers.
var wrongAnswers = []wrong{
	{"a 500", "status 500", before(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true })},
	{"a 501 of its own", "status 501", before(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(501); return true })},
	{"a body that comes back", "a canary came back", before(func(w http.ResponseWriter, r *http.Request) bool {
		_, err := io.Copy(w, r.Body)
		return err == nil
	})},
	{"a bearer in a header", "a canary came back", before(func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		return false
	})},
	{"a panic", "panics in the log", before(func(http.ResponseWriter, *http.Request) bool { panic("broken on purpose") })},
	{"no answer", "no answer", before(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })},
}

// TestTheAttackSees breaks a mock on purpose, once for each thing that the attack looks for.
func TestTheAttackSees(t *testing.T) {
	var kept [][]byte
	var keeping sync.Mutex
	var count atomic.Int64
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	for _, row := range append(wrongAnswers, []wrong{
		{"a heap that grows", "the heap grew", before(func(http.ResponseWriter, *http.Request) bool {
			keeping.Lock()
			defer keeping.Unlock()
			kept = append(kept, make([]byte, 1<<18))
			return false
		})},
		{"goroutines that stay", "goroutines stayed", before(func(http.ResponseWriter, *http.Request) bool {
			go func() { <-forever }()
			return false
		})},
		{"a log that tells", "canaries in the log", before(func(_ http.ResponseWriter, r *http.Request) bool {
			if server, is := r.Context().Value(http.ServerContextKey).(*http.Server); is {
				server.ErrorLog.Print(r.Header.Get("Authorization"))
			}
			return false
		})},
		{"a mock that loses everything", "the mock is no longer sound", func(mock http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/__sessions/probe-") && count.Add(1) > 5 {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				mock.ServeHTTP(w, r)
			})
		}},
	}...) {
		t.Run(row.name, func(t *testing.T) {
			count.Store(0)
			result := attackOf(t, 400, row.mock)
			for kind := range result.Broken {
				if strings.HasPrefix(kind, row.owed) {
					return
				}
			}
			t.Errorf("the attack saw %v, and not: %s", result.Broken, row.owed)
		})
	}
	runtime.KeepAlive(&kept)
}

// An answer that does not come is told, and does not stop the attack.
func TestTheAttackDoesNotWait(t *testing.T) {
	watch := &Watch{}
	mock := mockserver.Start(t)
	var once atomic.Bool
	forever := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isWorkers(r) && !once.Swap(true) {
			<-forever // the context would not end: further requests stand in the way of seeing that the client went
			return
		}
		mock.Server.ServeHTTP(w, r)
	}))
	defer server.Close()
	defer close(forever)
	result, err := Attack{Root: server.URL, Settle: time.Second, Token: mock.Token, Viewer: mock.ViewerToken, Requests: 40, Workers: 1,
		Patience: 3 * time.Second, Log: watch}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if told := fmt.Sprint(result.Broken); !strings.Contains(told, "no answer in time") && !strings.Contains(told, "no end in time") {
		t.Errorf("the attack saw %s", told)
	}
	if result.Sound() {
		t.Error("the attack calls this sound")
	}
}

// Every path that the attack reads is one of the mock's: one that is renamed would no longer be attacked.
func TestThePathsAreThere(t *testing.T) {
	mock := mockserver.Start(t)
	root := strings.TrimSuffix(mock.URL, "/platform")
	mock.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range adminPaths {
		answer, err := mock.Client.Get(root + "/__admin/" + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if missing := answer.StatusCode == http.StatusNotFound; missing != (path == "requests/1") {
			t.Errorf("/__admin/%s answers %d", path, answer.StatusCode)
		}
	}
}

// Two attacks of one seed send the same.
func TestTheSeedDecides(t *testing.T) {
	spec := credmock.Default()
	made, err := newPool(spec, 3, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	var sent [2]string
	for i := range sent {
		r := &run{Attack: Attack{Token: "t", Workers: 1, Seed: 3}, tally: newTally(), address: "127.0.0.1:1", spec: spec, prefix: "/platform",
			pool: made}
		w := r.newWorker(0)
		for range 300 {
			sent[i] += string(w.next().text)
		}
	}
	if sent[0] != sent[1] {
		t.Error("they differ")
	}
}

func TestMarks(t *testing.T) {
	for _, text := range []string{mark, "x" + mark + "y", strings.ToUpper(mark), "Y25yeVF6N1h3M0t2", "636e72795"} {
		want := text != "636e72795"
		if marked([]byte(text), true) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
	if marked([]byte(strings.ToUpper(mark)), false) {
		t.Error("a quick look sees other forms")
	}
}
