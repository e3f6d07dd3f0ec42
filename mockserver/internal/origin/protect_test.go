package origin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// No browser frames an answer, guesses its type or lets another origin load it, whatever the request.
func TestEveryAnswerIsProtected(t *testing.T) {
	broken := map[string]func(http.Handler) http.Handler{"teapot": mocktest.Teapot}
	mock := mocktest.Start(t, mockserver.Options{Mutants: broken, Verify: mocktest.FakeVerify})
	_, verdict, _ := mock.Post("/__admin/ui/verify", "")
	_, report, found := strings.Cut(verdict, `"report":"`)
	report, _, _ = strings.Cut(report, `"`)
	if !found {
		t.Fatalf("there is no report: %s", verdict)
	}
	mock.Operate("POST", "sessions", `{"name":"broken"}`)
	mock.Exchange("POST", "/__sessions/broken/__admin/faults", `{"mutant":"teapot"}`)
	for _, path := range []string{
		mocktest.Strategies, "/platform/v1/nothing", "/__sessions/broken" + mocktest.Strategies, "/__sessions/none/x", "/v2/auth/token",
		"/__oauth/token", "/", "/healthz", "/__admin/",
		"/__admin/docs/", "/__admin/docs", "/__admin/docs/openapi.json", "/__admin/docs/start.js", "/__admin/ui/", "/__admin/ui/script.js",
		"/__admin/requests", "/__admin/requests.har", "/__admin/requests.txtar", "/__admin/state?secrets=true", "/__admin/nothing", report,
	} {
		for _, method := range []string{"GET", "POST", "OPTIONS", "HEAD"} {
			for _, headers := range [][]string{nil, {"Host", "evil.example"},
				{"Origin", "http://localhost:1", "Access-Control-Request-Method", "GET"}, {"Prefer", "code=503"}} {
				request, err := http.NewRequest(method, mock.At("")+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; i < len(headers); i += 2 {
					request.Header.Set(headers[i], headers[i+1])
				}
				request.Host = request.Header.Get("Host")
				response, err := mock.Client.Transport.RoundTrip(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				protected(t, fmt.Sprint(method, " ", path, " ", headers), path, response.Header, path == report && response.StatusCode == http.StatusOK)
			}
		}
	}
}

func protected(t *testing.T, request, path string, header http.Header, byItself bool) {
	t.Helper()
	owes := map[string]string{"X-Content-Type-Options": "nosniff"}
	if path == "/" || strings.HasPrefix(path, "/__") {
		owes["X-Frame-Options"], owes["Referrer-Policy"], owes["Cross-Origin-Resource-Policy"] = "DENY", "no-referrer", "same-origin"
	}
	for name, want := range owes {
		if byItself && want == "DENY" {
			want = "SAMEORIGIN"
		}
		if got := header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s is %q", request, name, got)
		}
	}
	ancestors := "frame-ancestors 'none'"
	if byItself {
		ancestors = "frame-ancestors 'self'" // the inspector shows it in a frame
	}
	if policy := header.Values("Content-Security-Policy"); len(policy) != 1 || !strings.Contains(policy[0], "default-src 'none'") ||
		!strings.Contains(policy[0], ancestors) {
		t.Errorf("%s: the policy is %q", request, policy)
	}
}
