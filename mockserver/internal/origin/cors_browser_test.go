package origin_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/browsertest"

	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// A front end in a browser uses the API of a mock at another port, with its own headers, with and without credentials,
// in a session too. It uses no admin surface.
func TestFrontEndsCall(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>x</title>")
	}))
	t.Cleanup(site.Close)
	_, sitePort, err := net.SplitHostPort(strings.TrimPrefix(site.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	mock := mocktest.Start(t, mockserver.Options{AllowOrigins: []string{"http://app.example:" + sitePort}})
	mock.Operate("POST", "sessions", `{"name":"page"}`)
	port, _ := mock.Operate("POST", "sessions", `{"listen":true}`).Body["url"].(string)
	names := chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1")
	page := &hostilePage{Visitor: browsertest.Visit(t, site.URL, names), API: mock}
	for from, allowed := range map[string]bool{"localhost": true, "app.example": true, "other.example": false} {
		page.Do(chromedp.Navigate("http://" + from + ":" + sitePort + "/"))
		for url, base := range map[string]string{mock.URL: "", mock.At("page") + "/platform": "/__sessions/page", port: ""} {
			for _, credentials := range []string{"omit", "include"} {
				call := `fetch("` + url + `/v1/authcredentials", {method: "POST", ` +
					`credentials: "` + credentials + `", headers: {` +
					`Authorization: "Bearer dev-token", "Content-Type": "application/json", "X-Requested-With": "fetch", traceparent: "00-1-2-01"}, ` +
					`body: '` + mocktest.Object(mocktest.OAuthBody) + `'}).then(a => a.status + " " + a.headers.get("Location"), () => "blocked")`
				got := value[string](page, call)
				if want := "201 " + base + "/platform/v1/authcredentials/"; allowed != strings.HasPrefix(got, want) || !allowed && got != "blocked" {
					t.Errorf("%s, credentials %s, %s: %s", from, credentials, url, got)
				}
			}
		}
		for size, want := range map[int]string{1 << 20: "401", 1<<20 + 1: "401", 5 << 20: "401"} {
			got := value[string](page, fmt.Sprintf(`fetch("%s/platform/v1/authcredentials", {method: "POST", body: "x".repeat(%d), `+
				`headers: {Authorization: "Bearer wrong"}}).then(a => "" + a.status, () => "blocked")`, mock.At(""), size))
			if allowed && got != want {
				t.Errorf("%s: a body of %d bytes gets %s", from, size, got)
			}
		}
		reset := value[string](page, `fetch("`+mock.At("")+`/__admin/reset", {method: "POST"}).then(a => "shared", () => "blocked")`)
		if reset != "blocked" {
			t.Errorf("%s: the admin surface is %s", from, reset)
		}
	}
}
