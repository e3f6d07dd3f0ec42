package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// needNginx skips a test if nginx is not installed. In CI it fails instead.
func needNginx(t *testing.T) {
	t.Helper()
	_, err := findNginx()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// startFarm starts two mocks behind nginx. Without nginx the test is skipped, or fails in CI.
func startFarm(t *testing.T) *farm {
	t.Helper()
	needNginx(t)
	folder := t.TempDir()
	program, err := build(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	made, err := start(t.Context(), folder, program, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.stop)
	return made
}

// The build takes most of the time, so the tests share a farm.
func TestFarm(t *testing.T) {
	shared := startFarm(t)
	one := &session{farm: shared, name: "one"}
	if err := one.create(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("requests", func(t *testing.T) { testRequests(t, shared) })
	t.Run("hosts", func(t *testing.T) { testHosts(t, shared) })
	t.Run("admin token", func(t *testing.T) { testAdminToken(t, shared) })
	t.Run("address", func(t *testing.T) { testAddress(t, shared) })
	t.Run("events", func(t *testing.T) { testEvents(t, one) })
	t.Run("unnamed sessions", func(t *testing.T) { testUnnamed(t, shared) })
	t.Run("show", func(t *testing.T) {
		if err := shared.show(t.Context(), t.Output(), 64); err != nil {
			t.Error(err)
		}
	})
}

const (
	list   = prefix + "/environments/" + environment + "/authcredentials"
	header = "X-Credmock-Session"
)

// The session one exists.
var requests = []struct {
	method, path, body string
	headers            []string
	status             int
	code               string // "" for none
}{
	{"GET", list, "", nil, 400, "session-needed"},
	{"GET", "/", "", nil, 400, "session-needed"},
	{"POST", "/__admin/reset", "", nil, 400, "session-needed"},
	{"GET", "/__admin/ui/", "", nil, 400, "session-needed"},
	{"GET", "/__sessions/", "", nil, 400, "session-needed"},
	{"GET", list, "", []string{header, "one/.."}, 400, "session-needed"},
	{"GET", list, "", []string{header, "one, two"}, 400, "session-needed"},
	{"GET", list, "", []string{header, strings.Repeat("a", 65)}, 400, "session-needed"},
	{"GET", "//__sessions/one" + list, "", nil, 400, "session-needed"},
	{"GET", "/x/../__sessions/one" + list, "", nil, 400, "session-needed"},
	{"GET", "/__sessions/%6fne" + list, "", nil, 400, "session-needed"},
	{"GET", "/__sessions/one%2f.." + list, "", nil, 400, "session-needed"},

	{"GET", "/__sessions/one" + list, "", nil, 200, ""},
	{"GET", "/__sessions/one" + list, "", []string{header, "one"}, 200, ""},
	{"GET", list, "", []string{header, "one"}, 200, ""},
	{"GET", "/__sessions/one" + list, "", []string{header, "other"}, 400, "two-sessions"},
	{"GET", "/__ADMIN/sessions", "", []string{header, "one"}, 404, "not-found"},
	{"GET", "/__sessions/one/healthz", "", nil, 200, ""},
	{"GET", "/__sessions/one/__admin/ui/", "", nil, 200, ""},
	{"GET", "/__sessions/ONE" + list, "", nil, 404, "unknown-session"},
	{"GET", "/__sessions/other" + list, "", nil, 404, "unknown-session"},
	{"GET", list, "", []string{header, "other"}, 404, "unknown-session"},
	{"POST", "/__sessions/one" + prefix + "/authcredentials", strings.Repeat(" ", 2<<20), nil, 413, "content-too-large"},

	{"POST", "/__sessions/one/__admin/faults", `{"breakage":"reset","times":1}`, nil, 201, ""},
	{"GET", "/__sessions/one" + list, "", nil, 502, "no-answer"}, // and nginx does not try again
	{"GET", "/__sessions/one" + list, "", nil, 200, ""},

	{"GET", "/__admin/sessions", "", nil, 400, "ask-each-mock"},
	{"POST", "/__admin/sessions", "", nil, 400, "name-needed"},
	{"POST", "/__admin/sessions", `{"seed":7}`, nil, 400, "name-needed"},
	{"POST", "/__admin/sessions", `{"name":""}`, nil, 400, "name-needed"},
	{"POST", "/__admin/sessions", `{"n\u0061me":"two"}`, nil, 400, "name-needed"},
	{"POST", "/__admin/sessions", `{"name":"two","listen" : true}`, nil, 400, "name-needed"},
	{"POST", "/__admin/sessions", `{"name":"two"}`, []string{header, "one"}, 400, "copy-refused"},
	{"POST", "/__admin/sessions", `{"name":"two"}`, []string{header, "0"}, 400, "copy-refused"},
	{"POST", "/__sessions/one/__admin/sessions", `{"name":"two"}`, nil, 400, "copy-refused"},
	{"POST", "/__sessions/one/__admin//sessions", `{"name":"two"}`, nil, 400, "copy-refused"},
	{"POST", "/__admin/sessions", `{"name":"two","n\u0061me":"three"}`, nil, 400, "duplicate-member"},
	{"POST", "/__admin/sessions", `{"seed":{"name":"two"}}`, nil, 400, "type"},
	{"POST", "/__admin/sessions", `{"from":"\"name\":\"two\""}`, nil, 400, "name-needed"},
	{"POST", "/__admin/sessions", `{"name":"one"}`, nil, 409, "name-taken"},

	{"POST", "/__admin/sessions", `{"seed":7,"name" : "two"}`, nil, 201, ""},
	{"GET", "/__sessions/two" + list, "", nil, 200, ""},
	{"POST", "//__admin/x/../%73essions?", `{"name":"three"}`, nil, 201, ""},
	{"GET", "/__sessions/three" + list, "", nil, 200, ""},
	{"DELETE", "/__admin/sessions/two", "", nil, 200, ""},
	{"DELETE", "/__admin/sessions/three", "", []string{header, "three"}, 200, ""},
	{"GET", "/__sessions/two" + list, "", nil, 404, "unknown-session"},
	{"GET", "/__sessions/three" + list, "", nil, 404, "unknown-session"},
}

// Each request gets the answer of the session that it names, or an error: never the answer of another session.
func testRequests(t *testing.T, shared *farm) {
	for _, row := range requests {
		given, err := shared.send(t.Context(), shared.address, row.method, row.path, row.body, row.headers...)
		if err != nil {
			t.Fatal(err)
		}
		if given.status != row.status || row.code != "" && !given.is(row.status, row.code) {
			t.Errorf("%s %s %.60s %q: %d %s", row.method, row.path, row.body, row.headers, given.status, given.text)
		}
	}
}

// The mock checks the name under which a browser reached nginx.
func testHosts(t *testing.T, shared *farm) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+shared.address+"/__sessions/one"+list, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "rebound.example"
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("status %d", response.StatusCode)
	}
}

// Every caller of nginx comes from this machine, so the mocks ask for the admin token.
func testAdminToken(t *testing.T, shared *farm) {
	for path, method := range map[string]string{
		"/__admin/sessions": http.MethodPost, "/__admin/sessions/one": http.MethodDelete, "/__sessions/one/__admin/state": http.MethodGet,
	} {
		given, err := shared.send(t.Context(), shared.address, method, path, `{"name":"two"}`, "Authorization", "Bearer "+shared.token)
		if err != nil || !given.is(http.StatusUnauthorized, "unauthorized") {
			t.Errorf("%s %s: %d %s (%v)", method, path, given.status, given.text, err)
		}
	}
}

// The addresses in answers lead through nginx. It reads the name also in a body that follows the headers later.
func testAddress(t *testing.T, shared *farm) {
	patient := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	defer patient.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+shared.address+"/__admin/sessions",
		strings.NewReader(`{"name":"addressed"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+shared.admin)
	request.Header.Set("Expect", "100-continue")
	response, err := patient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if want := "http://" + shared.address + "/__sessions/addressed/platform"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%s %s (%v)", response.Status, text, err)
	}
}

// An event arrives while its stream goes on.
func testEvents(t *testing.T, one *session) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+one.address+"/__sessions/one/__admin/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+one.admin)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		switch lines.Text() {
		case ": listening":
			if err := one.check(t.Context()); err != nil {
				t.Fatal(err)
			}
		case "event: exchange":
			return
		}
	}
	t.Errorf("the stream has ended: %v", lines.Err())
}

// No request above was answered from the unnamed session. Its journal has those that named a session in vain.
func testUnnamed(t *testing.T, shared *farm) {
	for _, one := range shared.mocks {
		given, err := shared.send(t.Context(), one.address, http.MethodGet, "/__admin/requests", "")
		var journal struct{ Requests []struct{ Status int } }
		if err != nil || given.status != http.StatusOK || json.Unmarshal(given.text, &journal) != nil {
			t.Fatalf("%d %s (%v)", given.status, given.text, err)
		}
		for _, request := range journal.Requests {
			if request.Status < http.StatusBadRequest {
				t.Errorf("%d requests, one with status %d", len(journal.Requests), request.Status)
			}
		}
	}
}

// A program that does not serve is an error, with its log.
func TestFarmDoesNotStart(t *testing.T) {
	needNginx(t)
	_, err := start(t.Context(), t.TempDir(), "ls", 2)
	if err == nil || !strings.Contains(err.Error(), "ls does not serve: it has ended\n") {
		t.Errorf("error: %v", err)
	}
}
