package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// hang is after which time a request is one that hangs.
const hang = 2 * time.Minute

// world is a mock under load, and what is known of it.
type world struct {
	*plan
	base   string // the URL of the host
	client *http.Client
	server *mockserver.Server
	seed   uint64
	rounds int // how many turns each client has; 0 for as many as there is time
	ctx    context.Context

	mutex    sync.Mutex
	counts   map[string]int
	problems []string
}

// newWorld starts a mock behind a handler that may break it; nil breaks nothing.
func newWorld(ctx context.Context, t testing.TB, rounds int, breaks func(*plan, http.Handler) http.Handler) *world {
	t.Helper()
	made := &world{plan: newPlan(credmock.Default()), seed: 1, rounds: rounds, ctx: ctx, counts: map[string]int{}}
	server, err := mockserver.New(mockserver.Options{Fixtures: made.fixtures(t, 1)})
	if err != nil {
		t.Fatal(err)
	}
	made.server = server
	var handler http.Handler = server
	if breaks != nil {
		handler = breaks(made.plan, handler)
	}
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * clients}
	t.Cleanup(transport.CloseIdleConnections)
	made.base, made.client = listener.URL, &http.Client{Transport: transport, Timeout: hang}
	return made
}

// more tells whether a client goes on to its next turn.
func (w *world) more(turn int) bool {
	if w.rounds > 0 {
		return turn < w.rounds
	}
	return w.ctx.Err() == nil
}

func (w *world) count(what string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.counts[what]++
}

func (w *world) counted(what string) int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.counts[what]
}

// problem notes what is wrong. All are counted, and the first are told.
func (w *world) problem(format string, arguments ...any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.counts["problems"]++
	if len(w.problems) < 20 {
		w.problems = append(w.problems, fmt.Sprintf(format, arguments...))
	}
}

// tell prints the counts, sorted by name.
func (w *world) tell(t testing.TB) {
	t.Helper()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(w.counts)) {
		lines = append(lines, fmt.Sprintf("%9d %s", w.counts[name], name))
	}
	t.Logf("seed %d\n%s", w.seed, strings.Join(lines, "\n"))
}

// answer is what the mock answered.
type answer struct {
	status   int
	injected bool // a fault was asked for, and nothing was done
	text     []byte
	payload  map[string]any
}

func (a *answer) good() bool { return a.status >= 200 && a.status < 300 }

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// ask sends a request of the document, in a session where its path is given. What the path's parameter names is last.
func (w *world) ask(session string, operation *credmock.Operation, body map[string]any, named string, prefer ...string) *answer {
	path := session + operation.Prefix + parameter.ReplaceAllLiteralString(operation.Path, url.PathEscape(named))
	header := http.Header{"Authorization": {"Bearer " + mockserver.DefaultToken}}
	if len(prefer) > 0 {
		header.Set("Prefer", prefer[0])
	}
	var text []byte
	if body != nil {
		header.Set("Content-Type", operation.MediaType)
		text = encode(body)
	}
	got := w.send(operation.Method, path, header, text)
	w.count(fmt.Sprintf("%s %d", operation.ID, got.status))
	return got
}

// own sends a request to the admin surface of a session.
func (w *world) own(session, method, path, body string) *answer {
	return w.send(method, session+"/__admin/"+path, http.Header{}, []byte(body))
}

// send sends a request. What is no answer is a problem, unless a breakage was asked for, and comes back with the status 0.
func (w *world) send(method, path string, header http.Header, body []byte) *answer {
	w.count("requests")
	request, err := http.NewRequest(method, w.base+path, bytes.NewReader(body))
	if err != nil {
		w.problem("%s %s: %v", method, path, err)
		return &answer{}
	}
	request.Header = header
	response, err := w.client.Do(request)
	if err != nil {
		return &answer{text: []byte(err.Error())}
	}
	defer response.Body.Close()
	got := &answer{status: response.StatusCode}
	if got.text, err = io.ReadAll(response.Body); err != nil {
		return &answer{text: []byte(err.Error())}
	}
	got.injected = response.Header.Get("X-Credmock-Fault") != "" && !got.good()
	if got.status >= 500 && !got.injected {
		w.problem("%s %s: %d %s", method, path, got.status, got.text)
	}
	var envelope struct{ Payload map[string]any }
	if json.Unmarshal(got.text, &envelope) == nil {
		got.payload = envelope.Payload
	}
	return got
}

// expect notes a problem where the answer has none of the statuses; one that was injected is no problem. It tells whether it has.
func (w *world) expect(got *answer, what string, statuses ...int) bool {
	if got.injected {
		w.count("injected")
		return false
	}
	if !slices.Contains(statuses, got.status) {
		w.problem("%s: %d, expected %v: %.300s", what, got.status, statuses, got.text)
		return false
	}
	return true
}

func encode(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // what a sample makes is JSON
	}
	return text
}
