package origin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestPagesOfLoopbackOriginsMayCall(t *testing.T) {
	mock := mocktest.Start(t)
	const path = "/platform/v1/authcredentials/strategies"
	for origin, shared := range map[string]bool{
		"http://localhost:5173": true, "https://127.0.0.1": true, "http://[::1]:3000": true, "http://app.localhost:3000": true,
		"https://evil.example.com": false, "http://localhost.evil.example.com": false, "null": false, "file://": false,
		"http://127.0.0.1.evil.example.com:80": false, "http://10.0.0.7": false, "http://localhost@evil.example.com": false,
	} {
		for _, answer := range []*http.Response{
			mock.FromPage("GET", path, origin),
			mock.FromPage("OPTIONS", path, origin, "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers",
				"authorization,content-type"),
		} {
			allowed := answer.Header.Get("Access-Control-Allow-Origin")
			if shared != (allowed == origin) || !shared && allowed != "" || shared && answer.Header.Get("Vary") != "Origin" {
				t.Errorf("%s %s: allowed is %q", answer.Request.Method, origin, allowed)
			}
			if answer.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: credentials are allowed", origin)
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
	if answer := mock.FromPage("OPTIONS", path, "http://localhost:1"); answer.StatusCode != 405 {
		t.Errorf("OPTIONS that is not a preflight: %d", answer.StatusCode)
	}
	for _, path := range []string{"/__admin/reset", "/__sessions/x/__admin/reset"} {
		answer := mock.FromPage("OPTIONS", path, "http://localhost:1", "Access-Control-Request-Method", "POST")
		if answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is shared with pages", path)
		}
	}
}
