package mockserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/mocktest/forms"
)

// The journal never holds a secret that a client sent in a wrong place, in any encoding: the caller's own token, known or not,
// a secret of the same body, or one of an earlier credential.
func TestJournalHoldsNoSecret(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	texts := sendSecrets(server)
	for _, form := range []string{"requests?limit=1000", "requests.har", "requests.txtar", "ui/"} {
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/__admin/"+form, nil))
		seen := recorder.Body.String()
		if recorder.Code != http.StatusOK || len(seen) < 10_000 {
			t.Fatalf("%s: %d, %d bytes", form, recorder.Code, len(seen))
		}
		for _, text := range texts {
			if form == "ui/" {
				text = html.EscapeString(text)
				_, seen, _ = strings.Cut(seen, "exchanges-title") // the part before it echoes the chosen filter
				seen, _, _ = strings.Cut(seen, "credentials-title")
			}
			if strings.Contains(seen, text) || strings.Contains(seen, strings.Trim(string(view.AppendValue(nil, text)), `"`)) {
				t.Errorf("%s has %q", form, text)
			}
		}
	}
}

// sendSecrets sends secrets in headers, bodies, paths and queries, and returns their forms.
func sendSecrets(server *Server) (texts []string) {
	const earlier, own, unknown = "earlier-s3cr3t-of-another", "own-s3cr3t-of-this-one", "t0ken-that-nobody-knows"
	send := func(token, method, path, agent, body string) int {
		request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
		for name, value := range map[string]string{
			"Authorization": "Bearer " + token, "Content-Type": "application/json", "User-Agent": "x " + agent, "Accept": agent, "Prefer": agent,
		} {
			request.Header.Set(name, value)
		}
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		return recorder.Code
	}
	const environment, api = "a31a92e5-43b7-45df-8085-4ac5a746d105", "/platform/v1/authcredentials"
	body := func(secret, text string) string {
		quoted := string(view.AppendValue(nil, text))
		url := string(view.AppendValue(nil, "https://a.example.com/?t="+text))
		return `{"environmentId":"` + environment + `","authStrategy":"OAuth_2.0_2-legged","grantType":"client_credentials","clientSecret":"` +
			secret +
			`","name":` + quoted + `,"url":` + url + `,"scopes":` + quoted + `,` + quoted + `:1}`
	}
	send(DefaultToken, http.MethodPost, api, "curl", strings.Replace(body(earlier, "n"), `,"n":1`, "", 1))
	for _, secret := range []string{earlier, own, unknown, DefaultToken} {
		for _, text := range forms.Of(secret) {
			texts = append(texts, text)
			token := DefaultToken
			if secret == unknown {
				token = unknown
			}
			send(token, http.MethodPost, api, strings.ReplaceAll(text, "\x00", ""), body(own, text))
			send(token, http.MethodPost, api, strings.ReplaceAll(text, "\x00", ""),
				strings.Replace(body(own, text), ","+string(view.AppendValue(nil, text))+":1", "", 1))
			send(token, http.MethodGet, api+"/"+url.PathEscape(text)+"?q="+url.QueryEscape(text), "curl", "")
		}
	}
	return texts
}

// The journal of a mock that received many large bodies stays within its memory limit and is read in pieces.
func TestJournalIsBounded(t *testing.T) {
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{
		`{"delegates":[` + strings.Repeat("1,", 16_000) + `1]}`, `{"delegates":[` + strings.Repeat(`"",`, 10_900) + `""]}`,
		`{` + strings.TrimSuffix(manyNames(4300), ",") + `}`, `{"name":"` + strings.Repeat("x", 32_000) + `"}`,
	}
	live := func() int {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := live()
	for i := range 2500 {
		body := bodies[3] // the cheapest to reject
		if i < 8*len(bodies) {
			body = bodies[i%len(bodies)]
		}
		request := httptest.NewRequest(http.MethodPost, "/platform/v1/authcredentials", strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+DefaultToken)
		request.Header.Set("Content-Type", "application/json")
		server.ServeHTTP(httptest.NewRecorder(), request)
	}
	if grown := live() - before; grown > journal.JournalBytes*5/4 {
		t.Errorf("%d MiB are held", grown>>20)
	}
	for _, form := range []string{"requests?limit=1000", "requests.har", "requests.txtar"} {
		most := &mostWritten{ResponseRecorder: httptest.NewRecorder()}
		server.ServeHTTP(most, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/__admin/"+form, nil))
		if most.Code != http.StatusOK || most.written == 0 || form != "requests.txtar" && most.most > 8<<20 {
			t.Errorf("%s: %d, %d bytes, %d of them at once", form, most.Code, most.written, most.most)
		}
	}
	runtime.KeepAlive(server)
}

func manyNames(count int) string {
	var names strings.Builder
	for i := range count {
		fmt.Fprintf(&names, `"k%d":1,`, i)
	}
	return names.String()
}

// mostWritten records the longest write.
type mostWritten struct {
	*httptest.ResponseRecorder
	most, written int
}

func (m *mostWritten) Write(text []byte) (int, error) {
	m.most, m.written = max(m.most, len(text)), m.written+len(text)
	return len(text), nil
}

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
