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

// hang is the time after which a request counts as hanging.
const hang = 2 * time.Minute

// world is a mock under load with its expected state.
type world struct {
	*plan
	base   string // URL of the host
	client *http.Client
	server *mockserver.Server
	seed   uint64
	rounds int // number of turns of each client; 0 for no limit
	ctx    context.Context

	mutex    sync.Mutex
	counts   map[string]int
	problems []string
}

// newWorld starts a mock behind breaks, which may be nil.
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

// more reports whether a client takes another turn.
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

// problem records a problem. All are counted, and the first are reported.
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

// answer is an answer of the mock.
type answer struct {
	status   int
	injected bool // a fault was injected, and nothing was changed
	text     []byte
	payload  map[string]any
}

func (a *answer) good() bool { return a.status >= 200 && a.status < 300 }

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// ask sends a request of the document, in a session if it is not empty. The value named replaces the last parameter of the
// path.
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

// send sends a request. A missing answer is a problem unless a breakage was injected, and has the status 0.
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

// expect records a problem if the answer has none of the statuses, unless a fault was injected. It reports whether it has one.
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
		panic(err) // samples are valid JSON
	}
	return text
}
