package origin_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestHostsOfALoopbackAddress(t *testing.T) {
	mock := mocktest.Start(t)
	named := mocktest.Start(t, mockserver.Options{AllowHosts: []string{"Host.docker.internal", "mock", "192.0.2.7", "2001:db8::7"}})
	for _, row := range []struct {
		mock  *mocktest.API
		host  string
		right bool
	}{
		{mock, "127.0.0.1", true}, {mock, "127.0.0.1:4118", true}, {mock, "127.0.0.1:", true}, {mock, "127.255.3.9:1", true},
		{mock, "127.0.0.1.:80", true},
		{mock, "localhost", true}, {mock, "LocalHost:9", true}, {mock, "localhost.:9", true}, {mock, "a.b.localhost:80", true},
		{mock, "mock.localhost.", true},
		{mock, "[::1]", true}, {mock, "[::1]:80", true}, {mock, "[0:0:0:0:0:0:0:1]", true}, {mock, "[::ffff:127.0.0.1]:1", true},
		{mock, "[::FFFF:7f00:1]", true},
		{mock, "evil.example", false}, {mock, "evil.example:4118", false}, {mock, "localhost.evil.example", false},
		{mock, "127.0.0.1.evil.example", false},
		{mock, "evillocalhost", false}, {mock, ".localhost", false}, {mock, "localhost..", false}, {mock, "local host", false},
		{mock, "0.0.0.0", false}, {mock, "[::]", false}, {mock, "192.0.2.7", false}, {mock, "[::2]", false}, {mock, "[::1%25lo]", false},
		{mock, "::1", false},
		{mock, "0x7f.1", false}, {mock, "2130706433", false}, {mock, "0177.0.0.1", false}, {mock, "127.1", false}, {mock, "127.0.0.01", false},
		{mock, "user@127.0.0.1", false}, {mock, "evil.example@localhost", false}, {mock, "127.0.0.1:evil", false},
		{mock, "127.0.0.1:80:80", false},
		{mock, "[::1", false}, {mock, "::1]", false}, {mock, "[::1]evil.example", false}, {mock, "[::1]x:1", false},
		{mock, "[127.0.0.1]", false}, {mock, "[localhost]", false},
		{mock, ":4118", false}, {mock, "127.0.0.1,evil.example", false}, {mock, "127.0.0.1;evil.example", false},
		{mock, "host.docker.internal", false}, {named, "host.docker.internal:4118", true}, {named, "HOST.docker.internal.", true},
		{named, "mock", true},
		{named, "192.0.2.7:80", true}, {named, "[2001:db8::7]:80", true}, {named, "mock.evil.example", false}, {named, "x.mock", false},
		{named, "127.0.0.1", true},
	} {
		for _, path := range []string{mocktest.Strategies, "/healthz", "/__admin/state"} {
			status, code, _ := row.mock.Line("GET " + path + " HTTP/1.1\r\nHost: " + row.host +
				"\r\nAuthorization: Bearer dev-token\r\nConnection: close\r\n\r\n")
			if row.right && status != 200 || !row.right && (status != 421 || code != "not-local") && (status != 400 || code != "") {
				t.Errorf("%q %s: %d %s", row.host, path, status, code)
			}
		}
	}
}

// A probe that speaks HTTP/1.0 sends no Host. It reaches the API and not the admin surface.
func TestRequestsWithoutAHost(t *testing.T) {
	mock := mocktest.Start(t)
	for path, want := range map[string]int{"/healthz": 200, "/platform/v1/authcredentials/strategies": 200, "/__admin/state": 403} {
		if status, _, _ := mock.Line("GET " + path + " HTTP/1.0\r\nAuthorization: Bearer dev-token\r\n\r\n"); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

// A foreign host is refused on every path before anything else is checked, and is not recorded.
func TestForeignHostsAreRefusedEverywhere(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "sessions", `{"name":"mine"}`)
	for _, path := range []string{
		mocktest.Strategies, "/platform/v1/authcredentials", "/v2/auth/token", "/__oauth/token", "/", "/nowhere", "/healthz", "/readyz",
		"/__admin/", "/__admin/docs/",
		"/__admin/docs/openapi.json", "/__admin/docs/swagger-ui.css", "/__admin/ui/", "/__admin/ui/script.js", "/__admin/ui/reports/x",
		"/__admin/state?secrets=true",
		"/__admin/events", "/__sessions/mine" + mocktest.Strategies, "/__sessions/mine/__admin/reset", "/__sessions/none/x",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"} {
			request := "Host: evil.example:4118\r\nOrigin: http://evil.example:4118\r\nAuthorization: Bearer dev-token\r\n" +
				"Access-Control-Request-Method: POST\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
			status, code, header := mock.Line(method + " " + path + " HTTP/1.1\r\n" + request)
			if status != 421 || code != "not-local" && method != "HEAD" || header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: %d %s", method, path, status, code)
			}
		}
	}
	for name, request := range map[string]string{
		"absolute target":            "GET http://evil.example" + mocktest.Strategies + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"absolute target, with user": "GET http://127.0.0.1@evil.example" + mocktest.Strategies + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"a tunnel":                   "CONNECT evil.example:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	} {
		if status, code, _ := mock.Line(request); status != 421 || code != "not-local" {
			t.Errorf("%s: %d %s", name, status, code)
		}
	}
	if status, _, _ := mock.Line("GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"); status != 200 {
		t.Errorf("the target does not take precedence over the header: %d", status) // RFC 9112, 3.2.2
	}
	if kept := mock.Journal(""); len(kept) != 0 {
		t.Errorf("the journal recorded %v", kept)
	}
}

// OnlyLocal protects a handler that is not the mock itself.
func TestOnlyLocal(t *testing.T) {
	server := httptest.NewServer(mockserver.OnlyLocal(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	})))
	defer server.Close()
	mock := &mocktest.API{Running: &mockserver.Running{URL: server.URL + "/platform"}, T: t}
	for host, want := range map[string]int{"localhost": 418, "evil.example": 421} {
		if status, _, header := mock.Line("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"); status != want || want == 421 &&
			header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %d", host, status)
		}
	}
}

func TestAllowedHostsAreNames(t *testing.T) {
	for _, host := range []string{"", "*", "http://mock", "mock:80", "mock/", "a b", "user@mock", "[::1", "mock,other", "ключ"} {
		if _, err := mockserver.New(mockserver.Options{AllowHosts: []string{host}}); err == nil {
			t.Errorf("%q is accepted", host)
		}
	}
}

// arriving returns a request to a socket with an address.
func arriving(at net.Addr, method, path, token string) *http.Request {
	request := httptest.NewRequest(method, path, nil) // its Host is example.com
	request.Header.Set("Authorization", "Bearer "+token)
	if at == nil {
		return request
	}
	return request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, at))
}

// A program that calls the handler without a socket may use any host, except on the admin surface.
func TestRequestsWithoutASocket(t *testing.T) {
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	here, _ := net.Pipe()
	for _, at := range []net.Addr{nil, here.LocalAddr()} {
		for path, want := range map[string]int{mocktest.Strategies: 200, "/__admin/state": 403} {
			recorder := httptest.NewRecorder()
			if mock.ServeHTTP(recorder, arriving(at, "GET", path, mockserver.DefaultToken)); recorder.Code != want {
				t.Errorf("%v %s: %d %s", at, path, recorder.Code, recorder.Body)
			}
		}
	}
}

// Published tokens open nothing beyond loopback, unless the options name them.
func TestPublishedTokensBeyondLoopback(t *testing.T) {
	beyond := map[string]net.Addr{"address": &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 80},
		"IPv6": &net.TCPAddr{IP: net.ParseIP("2001:db8::7")}, "Unix": &net.UnixAddr{Name: "mock.sock", Net: "unix"}}
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	named := mockserver.Options{Tokens: []string{mockserver.DefaultToken}, ViewerToken: mockserver.DefaultViewerToken,
		OtherToken: mockserver.DefaultOtherToken}
	exposed, both := mockserver.Options{Exposed: true}, named
	both.Exposed = true
	ask := func(options mockserver.Options, at net.Addr, token string) int {
		mock, err := mockserver.New(options)
		if err != nil {
			t.Fatal(err)
		}
		recorder, request := httptest.NewRecorder(), arriving(at, "GET", mocktest.Strategies, token)
		request.Host = "localhost"
		mock.ServeHTTP(recorder, request)
		return recorder.Code
	}
	for _, token := range []string{mockserver.DefaultToken, mockserver.DefaultViewerToken, mockserver.DefaultOtherToken} {
		for name, at := range beyond {
			if got := ask(mockserver.Options{}, at, token); got != 401 {
				t.Errorf("%s, %s by default: %d", token, name, got)
			}
			if got := ask(named, at, token); got != 200 {
				t.Errorf("%s, %s, named: %d", token, name, got)
			}
		}
		if got := ask(mockserver.Options{}, loopback, token); got != 200 {
			t.Errorf("%s on loopback: %d", token, got)
		}
		if got := ask(exposed, loopback, token); got != 401 {
			t.Errorf("%s on loopback of an exposed mock: %d", token, got)
		}
		if got := ask(both, loopback, token); got != 200 {
			t.Errorf("%s on loopback of an exposed mock, named: %d", token, got)
		}
	}
	if got := ask(exposed, loopback, ""); got != 401 {
		t.Errorf("no token: %d", got)
	}
}

// The published keys of the development client open nothing beyond loopback either.
func TestPublishedKeysBeyondLoopback(t *testing.T) {
	const fixtures = `{organizations: [{id: 118}], principals: {
      development-client: {organization: 118, role: engineer, developmentKeys: true}}}`
	beyond, loopback := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 80}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	for name, row := range map[string]struct {
		options mockserver.Options
		at      net.Addr
		want    int
	}{
		"loopback":                        {mockserver.Options{}, loopback, 200},
		"beyond loopback":                 {mockserver.Options{}, beyond, 401},
		"beyond loopback, named":          {mockserver.Options{Fixtures: []byte(fixtures)}, beyond, 200},
		"loopback of an exposed mock":     {mockserver.Options{Exposed: true}, loopback, 401},
		"exposed mock, named in fixtures": {mockserver.Options{Exposed: true, Fixtures: []byte(fixtures)}, beyond, 200},
	} {
		asked := &mocktest.Assertions{T: t, Mock: mocktest.Start(t), Now: time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)}
		row.options.Clock = func() time.Time { return asked.Now }
		mock, err := mockserver.New(row.options)
		if err != nil {
			t.Fatal(err)
		}
		form := mocktest.AssertionForm(asked.Sign(jwa.ES384(),
			asked.Claims(mocktest.Members{"aud": "https://api.redoxengine.com/v2/auth/token"})))
		sent := arriving(row.at, "POST", "/v2/auth/token", "")
		sent.Host, sent.Body = "localhost", io.NopCloser(strings.NewReader(form.Encode()))
		sent.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		recorder := httptest.NewRecorder()
		if mock.ServeHTTP(recorder, sent); recorder.Code != row.want || row.want == 401 &&
			!strings.Contains(recorder.Body.String(), "The claim iss is not") {
			t.Errorf("%s: %d", name, recorder.Code)
		}
	}
}
