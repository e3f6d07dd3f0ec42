package mockserver

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
)

// recordedWriter notes, for each write of an answer, whether the journal has the exchange already.
type recordedWriter struct {
	*httptest.ResponseRecorder
	isRecorded func() bool
	ends       []int  // length of the answer after each write
	recorded   []bool // the journal had the exchange at that write
}

func (w *recordedWriter) note() {
	w.ends = append(w.ends, w.Body.Len())
	w.recorded = append(w.recorded, w.isRecorded())
}

func (w *recordedWriter) Write(text []byte) (int, error) {
	written, err := w.ResponseRecorder.Write(text)
	w.note()
	return written, err
}

// Hijack notes the end of the answer: a connection that is reset has no other.
func (w *recordedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.note()
	return nil, nil, errors.New("there is no connection")
}

// A client that has read an answer, or as much of it as there is, finds the exchange in the journal.
func TestJournalHasExchangeBeforeLastBytes(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	server.mock.Pause = func(context.Context, time.Duration) {}
	const list, short = "environments/" + developmentID + "/authcredentials", "authcredentials/strategies"
	many := strings.Repeat(`,{"name":"one of many","grantType":"client_credentials","url":"https://a.example.com"}`, 150)
	instruct(t, server, "PUT", "/__admin/state", `{"organizations":[{"id":118,"environments":[{"id":"`+developmentID+
		`","credentials":[`+many[1:]+`]}]}]}`)
	own := `{"status":503,"body":"` + strings.Repeat("long ", 2000) + `"`
	for _, path := range []string{list, short} {
		for _, breakage := range append(faults.Breakages, "") {
			checkRecorded(t, server, "GET", path, `{"breakage":"`+breakage+`","delay":"1ms"}`)
		}
	}
	checkRecorded(t, server, "GET", short, own+`}`)
	checkRecorded(t, server, "GET", short, own+`,"breakage":"slow"}`)
	checkRecorded(t, server, "HEAD", short, `{"delay":"1ms"}`)
	checkRecorded(t, server, "GET", "nowhere", `{"delay":"1ms"}`)
}

// checkRecorded checks that the journal has an exchange before the last bytes of its answer. White space at the end does
// not count: a client of JSON need not read it.
func checkRecorded(t *testing.T, server *Server, method, path, fault string) {
	t.Helper()
	instruct(t, server, "DELETE", "/__admin/faults", "")
	instruct(t, server, "POST", "/__admin/faults", fault)
	last := func() int64 {
		_, _, last := server.sessions.Root.Journal.Find(func(*journal.Exchange) bool { return false })
		return last
	}
	before := last()
	w := &recordedWriter{ResponseRecorder: httptest.NewRecorder(), isRecorded: func() bool { return last() == before+1 }}
	serveRecorded(server, w, method, "/platform/v1/"+path, "")
	read := len(strings.TrimSpace(w.Body.String()))
	at := slices.IndexFunc(w.ends, func(end int) bool { return end >= read })
	if at < 0 || !w.recorded[at] || !w.isRecorded() {
		t.Errorf("%s %s with %.40s: the journal has the exchange at no or a later write: %v of bytes %v", method, path, fault, w.recorded, w.ends)
	}
}

const developmentID = "a31a92e5-43b7-45df-8085-4ac5a746d105"

// instruct sends a request that must succeed.
func instruct(t *testing.T, server *Server, method, path, body string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	serveRecorded(server, recorder, method, path, body)
	if recorder.Code >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %.1000s", method, path, recorder.Code, recorder.Body)
	}
}

// serveRecorded serves a request. A connection that is aborted is no failure.
func serveRecorded(server *Server, w http.ResponseWriter, method, path, body string) {
	defer func() { _ = recover() }()
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+DefaultToken)
	server.ServeHTTP(w, request)
}
