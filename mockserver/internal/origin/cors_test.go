package origin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

const strategies = "/platform/v1/authcredentials/strategies"

func TestPagesOfLoopbackOriginsMayCall(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{AllowOrigins: []string{"https://App.example.com", "http://10.0.0.8:80"}})
	for origin, shared := range map[string]bool{
		"http://localhost:5173": true, "https://127.0.0.1": true, "http://[::1]:3000": true, "http://app.localhost:3000": true,
		"https://evil.example.com": false, "http://localhost.evil.example.com": false, "null": false, "file://": false,
		"http://127.0.0.1.evil.example.com:80": false, "http://10.0.0.7": false, "http://localhost@evil.example.com": false,
		"https://app.example.com": true, "http://app.example.com": false, "https://app.example.com:8443": false,
		"https://app.example.com.evil.example": false, "http://10.0.0.8": true,
	} {
		for _, answer := range []*http.Response{
			mock.FromPage("GET", strategies, origin),
			mock.FromPage("OPTIONS", strategies, origin, "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers",
				"authorization,content-type"),
		} {
			allowed := answer.Header.Get("Access-Control-Allow-Origin")
			if shared != (allowed == origin) || !shared && allowed != "" || shared && answer.Header.Get("Vary") != "Origin" {
				t.Errorf("%s %s: allowed is %q", answer.Request.Method, origin, allowed)
			}
			if (answer.Header.Get("Access-Control-Allow-Credentials") == "true") != shared {
				t.Errorf("%s: credentials are not allowed like the origin", origin)
			}
			if answer.Request.Method != "OPTIONS" {
				continue
			}
			if want := map[bool]int{true: 204, false: 405}[shared]; answer.StatusCode != want {
				t.Errorf("preflight of %s: %d, want %d", origin, answer.StatusCode, want)
			}
			if methods := answer.Header.Get("Access-Control-Allow-Methods"); shared && !strings.Contains(methods, "PATCH") {
				t.Errorf("%s: methods are %q", origin, methods)
			}
		}
	}
	if answer := mock.FromPage("OPTIONS", strategies, "http://localhost:1"); answer.StatusCode != 405 {
		t.Errorf("OPTIONS that is not a preflight: %d", answer.StatusCode)
	}
}

// An origin that may call the API may not use the admin surface, allowed by name or not.
func TestAdminSurfaceIsSharedWithNoOrigin(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{AllowOrigins: []string{"https://app.example.com"}})
	for _, origin := range []string{"http://localhost:1", "https://app.example.com"} {
		for _, path := range []string{"/__admin/reset", "/__sessions/x/__admin/reset", "/__admin/ui/", "/%5f_admin/reset"} {
			answer := mock.FromPage("OPTIONS", path, origin, "Access-Control-Request-Method", "POST")
			if answer.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s is shared with pages of %s", path, origin)
			}
		}
		if answer := mock.FromPage("POST", "/__admin/reset", origin); answer.StatusCode != 403 {
			t.Errorf("%s: a reset is answered with %d", origin, answer.StatusCode)
		}
	}
}

// A preflight allows whatever headers a page asks for: the origin is judged already.
func TestPreflightAllowsRequestedHeaders(t *testing.T) {
	mock := mocktest.Start(t)
	for _, asked := range []string{"authorization,content-type,x-requested-with,traceparent", "x-credmock-session", ""} {
		answer := mock.FromPage("OPTIONS", strategies, "http://localhost:5173", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", asked, "Access-Control-Request-Private-Network", "true")
		if got := answer.Header.Get("Access-Control-Allow-Headers"); answer.StatusCode != 204 || got != asked {
			t.Errorf("%q: %d, allowed are %q", asked, answer.StatusCode, got)
		}
		if answer.Header.Get("Access-Control-Allow-Private-Network") != "true" {
			t.Error("a page of the internet may not call this machine")
		}
	}
}

func TestAllowedOriginsAreOrigins(t *testing.T) {
	for _, origin := range []string{"", "*", "null", "app.example.com", "https://app.example.com/", "https://app.example.com/x",
		"https://*.example.com", "https://me@app.example.com", "ftp://app.example.com", "https://",
		"https://app.example.com?x", "https://app.example.com:x"} {
		if _, err := mockserver.New(mockserver.Options{AllowOrigins: []string{origin}}); err == nil {
			t.Errorf("%q is accepted", origin)
		}
	}
}
