package mockserver_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// resolve returns the URL that a client makes with new URL(reference, base) of JavaScript, urljoin of Python or Go's Parse.
func resolve(t *testing.T, base, reference string) string {
	t.Helper()
	from, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	to, err := from.Parse(reference)
	if err != nil {
		t.Fatal(err)
	}
	return to.String()
}

// A session is held by its path, by a header and by a port of its own, and the answers lead back the same way.
func TestSessionsAreAddressed(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "sessions", `{"name":"plain"}`)
	listening := mock.Operate("POST", "sessions", `{"name":"port","listen":true}`)
	base, _ := listening.Body["url"].(string)
	if listening.Status != 201 || strings.Contains(base, "__sessions") || strings.HasPrefix(base, mock.At("")) ||
		listening.Body["admin"] != strings.TrimSuffix(base, "/platform")+"/__admin" {
		t.Fatal(listening.Text)
	}
	for name, row := range map[string]struct{ base, header, session, location string }{
		"path":            {mock.At("plain") + "/platform", "", "plain", "/__sessions/plain/platform/"},
		"header":          {mock.URL, "plain", "plain", "/platform/"},
		"port":            {base, "", "port", "/platform/"},
		"port and header": {base, "port", "port", "/platform/"},
		"nothing":         {mock.URL, "", "", "/platform/"},
	} {
		send := func(method, path, body string) mocktest.Result {
			header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {name}}
			if row.header != "" {
				header.Set("X-Credmock-Session", row.header)
			}
			return mock.Obtain(method, resolve(t, row.base+"/", path), header, body)
		}
		made := send("POST", "v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": name}))
		location := made.Header.Get("Location")
		if made.Status != 201 || !strings.HasPrefix(location, row.location) {
			t.Fatalf("%s: %d, Location %s, %s", name, made.Status, location, made.Text)
		}
		if got := send("GET", location, ""); got.Status != 200 || !strings.Contains(got.Text, `"name":"`+name+`"`) {
			t.Errorf("%s: Location leads to %d %s", name, got.Status, got.Text)
		}
		journal := mock.In(row.session).Journal("")
		if last := journal[len(journal)-1]; last["session"] != row.session && row.session != "" ||
			last["response"].(mocktest.Members)["headers"].(mocktest.Members)["Location"] == nil && last["method"] == "POST" {
			t.Errorf("%s: the journal has %v", name, last)
		}
	}
	for name, row := range map[string]struct {
		base, header, code string
		status             int
	}{
		"no such session":       {mock.URL, "nothing", "unknown-session", 404},
		"path and another name": {mock.At("plain") + "/platform", "port", "two-sessions", 400},
		"port and another name": {base, "plain", "two-sessions", 400},
	} {
		got := mock.Obtain("GET", row.base+mocktest.StrategiesPath, http.Header{"X-Credmock-Session": {row.header}}, "")
		if got.Status != row.status || !strings.Contains(got.Text, row.code) {
			t.Errorf("%s: %d %s", name, got.Status, got.Text)
		}
	}
}

// A session that ends closes its port, and the number of ports is bounded.
func TestPortsOfSessionsEnd(t *testing.T) {
	mock := mocktest.Start(t)
	first := mock.Operate("POST", "sessions", `{"name":"s0","listen":true}`)
	for range 99 {
		if got := mock.Operate("POST", "sessions", `{"listen":true}`); got.Status != 201 {
			t.Fatal(got.Text)
		}
	}
	got := mock.Operate("POST", "sessions", `{"name":"more","listen":true}`)
	if got.Status != 409 || !strings.Contains(got.Text, "too-many-ports") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if got := mock.Operate("POST", "sessions", `{"name":"more"}`); got.Status != 201 {
		t.Errorf("the refused session is still there: %s", got.Text)
	}
	mock.Operate("DELETE", "sessions/s0", "")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for open := true; open; {
		answer, err := client.Get(first.Body["admin"].(string) + "/clock")
		if open = err == nil; open {
			answer.Body.Close()
		}
	}
}

// The port of a session is guarded as the mock is: it answers under loopback names, and to no page of another origin.
func TestPortsOfSessionsAreGuarded(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{})
	made := mock.Operate("POST", "sessions", `{"listen":true}`)
	session := &mocktest.API{Running: &mockserver.Running{URL: made.Body["url"].(string), Client: mock.Client, Token: mock.Token}, T: t}
	if status, code, _ := session.Line("GET /platform" + mocktest.StrategiesPath + " HTTP/1.1\r\nHost: evil.example\r\n\r\n"); status != 421 {
		t.Errorf("a foreign Host gets %d %s", status, code)
	}
	if got := session.FromPage("POST", "/__admin/reset", "http://localhost:5173"); got.StatusCode != 403 {
		t.Errorf("a page of another origin gets %d", got.StatusCode)
	}
}

// A client that loses the path of its session is told of in the journal of the mock.
func TestClientsThatLeaveTheirSessionAreTold(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "sessions", `{"name":"mine"}`)
	send := func(url, agent string) {
		if got := mock.Obtain("GET", url, http.Header{"User-Agent": {agent}}, ""); got.Status != 200 {
			t.Fatal(got.Text)
		}
	}
	inside := mock.At("mine") + "/platform" + mocktest.StrategiesPath
	send(mock.URL+mocktest.StrategiesPath, "lost")
	send(inside, "lost")
	send(resolve(t, inside, "/platform"+mocktest.StrategiesPath), "lost")
	send(mock.URL+mocktest.StrategiesPath, "another client")
	var left []any
	for _, one := range mock.Journal("") {
		left = append(left, one["leftSession"])
	}
	if len(left) != 3 || left[0] != nil || left[1] != "mine" || left[2] != nil {
		t.Errorf("the journal says %v", left)
	}
	mock.Operate("DELETE", "sessions/mine", "")
	send(mock.URL+mocktest.StrategiesPath, "lost")
	if journal := mock.Journal(""); journal[3]["leftSession"] != nil {
		t.Error("a session that has ended is still named")
	}
}

// The mock remembers a bounded number of clients.
func TestClientsAreForgotten(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "sessions", `{"name":"mine"}`)
	for i := range 1001 {
		mockserver.NoteClient(mock.Server, strconv.Itoa(i), "mine")
	}
	if first, last := mockserver.SessionOf(mock.Server, "0"), mockserver.SessionOf(mock.Server, "1000"); first != "" || last != "mine" {
		t.Errorf("the first client has %q, the last %q", first, last)
	}
}
