package serve_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// oddBytes are texts that are not UTF-8, that control a terminal or that end a token in some format.
var oddBytes = []string{
	"\xff", "\xc3(", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\u009b31m", "\u202e", "\u2028", "\ufeff", "'\"`$(id)", "</script><b>",
	"[object Object]", "-- x --",
}

// The journal is valid in every format, whatever a client sends.
func TestJournalIsValidForAnyInput(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "sessions", `{"name":"odd"}`)
	sent := 0
	for _, odd := range oddBytes {
		escaped := url.PathEscape(odd)
		for _, line := range []string{
			"GET /platform/v1/authcredentials/strategies", "GET /platform/v1/authcredentials/" + escaped,
			"GET /platform/v1/authcredentials?x=" + odd,
			"GET /platform/" + escaped, "GET /__sessions/odd/platform/v1/authcredentials/" + escaped,
			"GET /__sessions/" + escaped + "/platform/v1/authcredentials/strategies",
			"BREW /platform/v1/authcredentials", "POST /platform/v1/authcredentials", "POST /v2/auth/token",
		} {
			if strings.Contains(line, " x --") || strings.Contains(line, "?x=[object ") {
				continue // a blank ends the path
			}
			request := line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer dev-token\r\n"
			body := `{"name":"` + odd + `","` + odd + `":"` + odd + `","url":"` + odd + `"}`
			for _, name := range []string{"User-Agent", "Accept", "Origin", "Prefer", "Cookie", "X-" + strings.Map(letterOnly, odd)} {
				request += name + ": " + odd + "\r\n"
			}
			if mock.WireBytes(request+"Content-Type: application/json"+odd+fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body)) > 0 {
				sent++
			}
			mock.WireBytes(request + fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		}
	}
	if kept := len(mock.Journal("?limit=1000")); sent < 50 || kept < 50 {
		t.Fatalf("%d answered, %d recorded", sent, kept)
	}
	for _, base := range []string{"", "odd"} {
		checkForms(t, mock, mock.At(base)+"/__admin/")
	}
}

// letterOnly drops all but lower case letters, which a header name may have.
func letterOnly(letter rune) rune {
	if letter >= 'a' && letter <= 'z' {
		return letter
	}
	return -1
}

func checkForms(t *testing.T, mock *mocktest.API, admin string) {
	t.Helper()
	var list struct{ Requests []struct{ ID int } }
	if got := mock.Obtain("GET", admin+"requests?limit=1000", http.Header{}, ""); json.Unmarshal([]byte(got.Text), &list) != nil ||
		len(list.Requests) == 0 {
		t.Fatalf("requests: %d %.200s", got.Status, got.Text)
	}
	paths := []string{"requests", "requests?status=4xx", "requests.har", "requests.txtar", "ui/", "ui/?status=4xx"}
	for _, one := range list.Requests {
		paths = append(paths, fmt.Sprintf("requests/%d", one.ID))
	}
	for _, path := range paths {
		got := mock.Obtain("GET", admin+path, http.Header{}, "")
		if got.Status != 200 || !utf8.ValidString(got.Text) {
			t.Errorf("%s: %d", path, got.Status)
		}
		if isJSON := strings.HasPrefix(path, "requests") && !strings.HasSuffix(path, ".txtar"); isJSON && !json.Valid([]byte(got.Text)) {
			t.Errorf("%s is not JSON", path)
		}
		if strings.ContainsAny(got.Text, "\u009b\u202e\x1b") {
			t.Errorf("%s holds control characters", path)
		}
	}
}

// The event of an exchange with odd bytes is valid JSON.
func TestEventsAreValidForAnyInput(t *testing.T) {
	mock := mocktest.Start(t)
	response, err := mock.Client.Get(mock.At("") + "/__admin/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	lines.Scan() // the stream has subscribed
	for _, odd := range []string{"\xff", "\u009b"} {
		mock.WireBytes("GET /platform" + mocktest.StrategiesPath + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: " + odd + "\r\n\r\n")
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
		}
		var event struct{ Status int }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "data: ")), &event); err != nil || event.Status != 401 ||
			strings.Contains(lines.Text(), odd) {
			t.Errorf("%q: %v %s", odd, err, lines.Text())
		}
	}
}

// A query that is malformed, repeats a parameter or has an unknown one is refused and has no effect.
func TestInvalidQueriesAreRefused(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	broken := []string{"nonsense%zz=1", "a;b=1", "%", "x=%f", "status=4%zz", ";"}
	for path, repeated := range map[string]string{
		"GET requests": "status=4xx&status=5xx", "GET requests.har": "limit=1&limit=2", "GET requests.txtar": "session=a&session=b",
		"GET requests/1": "", "GET state": "secrets=true&secrets=false", "GET events": "", "GET faults": "", "GET mutants": "",
		"GET sessions": "",
		"GET clock":    "", "GET snapshots": "", "POST credentials/" + id + "/token-request": "send=true&send=true", "POST reset": "",
		"DELETE requests": "",
		"DELETE faults":   "", "POST clock": "", "PUT state": "", "POST sessions": "", "GET ui/": "status=4xx&status=5xx",
		"DELETE sessions/x": "",
	} {
		method, path, _ := strings.Cut(path, " ")
		for _, query := range append(broken, repeated, "cnry-unknown=cnry-value", "=1") {
			if query == "" {
				continue
			}
			got := mock.Obtain(method, mock.At("")+"/__admin/"+path+"?"+query, http.Header{}, "")
			if got.Status != 400 || strings.Contains(got.Text, "cnry") || strings.Contains(got.Text, "zz") {
				t.Errorf("%s %s?%s: %d %.200s", method, path, query, got.Status, got.Text)
			}
		}
	}
	for _, path := range []string{"/healthz", "/__admin/docs/", "/__admin/"} {
		for query, status := range map[string]int{"a%zz=1": 400, "cache=1": 200} {
			if path == "/__admin/" && status == 200 {
				continue
			}
			if got := mock.Obtain("GET", mock.At("")+path+"?"+query, http.Header{}, ""); got.Status != status {
				t.Errorf("%s?%s: %d", path, query, got.Status)
			}
		}
	}
	if len(mock.Journal("")) != 1 || mock.Send("GET", "/v1/authcredentials/"+id, "").Status != 200 {
		t.Error("a refused query had an effect")
	}
}

// A token request with an invalid query is not sent.
func TestInvalidQuerySendsNothing(t *testing.T) {
	mock := mocktest.Start(t)
	calls := make(chan struct{}, 10)
	endpoint := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) { calls <- struct{}{}; w.WriteHeader(200) })
	id := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"url": endpoint, "clientId": "lab", "clientSecret": "hush-hush"}))
	for _, query := range []string{"send=true&%zz", "send=true;x", "send=true&send=true", "send=true&x=1",
		"send=true&grant=first&grant=refresh"} {
		if got := mock.Operate("POST", "credentials/"+id+"/token-request?"+query, ""); got.Status != 400 || len(calls) > 0 {
			t.Errorf("%s: %d, sent %d times", query, got.Status, len(calls))
		}
	}
}

// No answer, journal or log repeats a name or value that a client chose.
func TestClientNamesAreNotRepeated(t *testing.T) {
	kept := &mocktest.Vault{}
	mock := mocktest.Start(t, mockserver.Options{Logger: slog.New(slog.NewTextHandler(kept, nil)), AdminToken: ""})
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	name := "cnryname7Q"
	bodies := []string{
		`{"` + name + `":1}`, `{"organizations":[{"id":118,"environments":[{"` + name + `":1e999}]}]}`,
		`{"organizations":[{"` + name + `":1}]}`, `{"organizations":{"` + name + `":1}}`, `{"organizations":[{"id":{"` + name + `":1}}]}`,
		`{"organizations":[{"id":118,"environments":[{"id":"` + mocktest.Development + `","credentials":[{"` + name + `":{"` + name +
			`":1e999}}]}]}]}`,
		`{"` + name + `":1,"` + name + `":2}`, `{"name":"` + name, `["` + name + `"]`, `"` + name + `"`, name, `{"name":{"` + name + `":1e999}}`,
		`{"name":["` + name + `"]}`,
		`{"times":"` + name + `"}`, `{"set":"` + name + `"}`, `{"operations":["` + name + `"]}`, `{"operations":[{"` + name + `":1}]}`,
		`{"mutant":"` + name + `"}`, `{"snapshot":"` + name + `"}`,
		`{"from":"` + name + `"}`, `{"breakage":"` + name + `","delay":"` + name + `"}`,
	}
	for _, path := range []string{
		"POST reset", "POST snapshots", "PUT state", "POST faults", "POST sessions", "POST clock", "POST ui/verify", "DELETE faults/" + name,
		"GET requests/" + name,
		"DELETE sessions/" + name, "POST credentials/" + name + "/token-request", "POST credentials/" + id + "/token-request",
		"GET ui/reports/" + name, "GET ui/" + name,
		"GET docs/" + name, "PUT " + name, "GET " + name, name + " requests", "GET requests?" + name + "=1", "GET requests?status=" + name,
		"GET requests?session=" + name,
		"GET requests?operation=" + name, "GET requests?since=" + name, "GET requests?limit=" + name, "GET state?secrets=" + name,
	} {
		method, path, _ := strings.Cut(path, " ")
		for _, body := range bodies {
			header := http.Header{"User-Agent": {"x"}, "X-" + name: {name}, "Cookie": {name}, "Content-Type": {"application/json; " + name}}
			keepStart(kept, mock.Obtain(method, mock.At("")+"/__admin/"+path, header, body))
		}
	}
	for _, path := range []string{"/v1/authcredentials", "/v1/authcredentials/" + id, "/v1/" + name, "/v1/authcredentials/" + name,
		"/v1/destinations/" + mocktest.Inbox, "/v1/authcredentials?" + name + "=1"} {
		for _, method := range []string{"GET", "POST", "PATCH", "PUT", name} {
			for _, body := range bodies {
				header := http.Header{"X-" + name: {name}, "Content-Type": {"application/json"}, "Prefer": {name + "=" + name}}
				keepStart(kept, mock.Obtain(method, mock.URL+path, header, body))
			}
		}
	}
	for _, form := range []string{"requests?limit=1000", "requests.har", "requests.txtar"} {
		got := mock.Obtain("GET", mock.At("")+"/__admin/"+form, http.Header{}, "")
		if strings.Contains(strings.ReplaceAll(got.Text, `"name":"`+name+`"`, ""), name) {
			t.Errorf("%s repeats the name", form)
		}
	}
	if seen := kept.Seen.String(); strings.Contains(strings.ToLower(seen), strings.ToLower(name)) {
		at := strings.Index(strings.ToLower(seen), strings.ToLower(name))
		t.Errorf("an answer or the log repeats the name: %s", seen[max(0, at-200):min(len(seen), at+100)])
	}
}

func keepStart(kept *mocktest.Vault, got mocktest.Result) {
	fmt.Fprintf(kept, "%d %.2000s %v\n", got.Status, got.Text, got.Header)
}

// serveFunc serves a handler and returns its URL.
func serveFunc(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: answer, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String() + "/t"
}
