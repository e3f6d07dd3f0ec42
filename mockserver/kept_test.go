package mockserver

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/view"
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
