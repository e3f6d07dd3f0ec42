package origin_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/browsertest"

	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// hostilePage is a page of another site in a browser, and the mock that it attacks.
type hostilePage struct {
	*browsertest.Visitor
	*mocktest.API
	origin string
}

// attack opens a page of evil.example, whose name resolves to this machine. The site serves its own pages below /page
// and passes every other request to the mock, like a rebound name.
func attack(t *testing.T, html func(mock string) string) *hostilePage {
	t.Helper()
	mock := mocktest.Start(t, mockserver.Options{Verify: mocktest.FakeVerify})
	target, err := url.Parse(mock.At(""))
	if err != nil {
		t.Fatal(err)
	}
	rebound := httputil.NewSingleHostReverseProxy(target) // keeps the Host header
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/page") {
			rebound.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>x</title><body>"+html(mock.At("")))
	}))
	t.Cleanup(site.Close)
	origin := strings.Replace(site.URL, "127.0.0.1", "evil.example", 1)
	return &hostilePage{browsertest.Visit(t, origin+"/page", chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1")), mock, origin}
}

// value returns the result of a script in the page.
func value[T any](page *hostilePage, script string) T {
	page.Visitor.T.Helper()
	found, err := chromedp.Run(page.Ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		page.Visitor.T.Fatalf("%s: %v", script, err)
	}
	return found
}

// arrives waits until an expression is true in the page that the browser navigates to. Leaving a page ends a poll.
func (p *hostilePage) arrives(expression string) {
	p.Visitor.T.Helper()
	for p.Ctx.Err() == nil {
		if _, err := chromedp.Run(p.Ctx, chromedp.Poll[bool](expression)); err == nil {
			return
		}
	}
	p.Visitor.T.Fatalf("%s never comes true", expression)
}

// A page whose name was rebound to this machine is refused everywhere, with the published token too.
func TestReboundPage(t *testing.T) {
	t.Parallel()
	page := attack(t, func(string) string { return "" })
	page.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "kept from pages", "clientSecret": mocktest.CanarySecret}))
	before := page.Operate("GET", "state", "").Text
	for _, request := range []string{
		`"/platform/v1/environments/` + mocktest.Development + `/authcredentials", {headers: {Authorization: "Bearer dev-token"}}`,
		`"/platform/v1/authcredentials", {method: "POST",` +
			`headers: {Authorization: "Bearer dev-token", "Content-Type": "application/json"}, body: '` + mocktest.Object(mocktest.OAuthBody) + `'}`,
		`"/__admin/state?secrets=true"`, `"/__admin/reset", {method: "POST"}`, `"/__admin/docs/openapi.json"`, `"/__admin/ui/"`, `"/healthz"`,
		`"/v2/auth/token", {method: "POST", body: new URLSearchParams({grant_type: "client_credentials"})}`, `"/__oauth/token", {method: "POST"}`,
	} {
		got := value[string](page, `fetch(`+request+`).then(async answer => answer.status + " " + await answer.text())`)
		if !strings.HasPrefix(got, "421 ") || !strings.Contains(got, "not-local") || strings.Contains(got, "kept from pages") {
			t.Errorf("%s: %s", request, got)
		}
	}
	if after := page.Operate("GET", "state", "").Text; after != before {
		t.Error("the page changed something")
	}
}

// A page of another site can frame nothing of the mock, and can navigate a visitor only to its pages.
func TestFramesOfAnotherSite(t *testing.T) {
	t.Parallel()
	framed := []string{"/", "/healthz", "/platform/v1/authcredentials/strategies", "/__admin/docs/", "/__admin/docs/openapi.json",
		"/__admin/ui/", "/__admin/requests", "/__admin/state?secrets=true"}
	page := attack(t, func(mock string) string {
		var frames strings.Builder
		for i, path := range framed {
			fmt.Fprintf(&frames, `<iframe src="%s%s" onload="document.body.dataset.done%d = 1"></iframe>`, mock, path, i)
		}
		return frames.String() + `<img src="` + mock +
			`/__admin/docs/favicon-32x32.png" onload="document.body.dataset.image = 'seen'" onerror="document.body.dataset.image = 'refused'">`
	})
	if _, err := chromedp.Run(page.Ctx,
		chromedp.Poll[bool](fmt.Sprintf(`Object.keys(document.body.dataset).length === %d`, len(framed)+1))); err != nil {
		t.Fatal(err)
	}
	if image := value[string](page, `document.body.dataset.image`); image != "refused" {
		t.Errorf("an image of the mock is %s", image)
	}
	page.Mutex.Lock()
	refusals := strings.Join(page.Complaints, "\n")
	page.Mutex.Unlock()
	if found := strings.Count(refusals, "frame-ancestors"); found != len(framed) {
		t.Errorf("%d of %d frames are refused:\n%s", found, len(framed), refusals)
	}
	page.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": mocktest.CanarySecret}))
	for path, want := range map[string]string{"/__admin/state?secrets=true": "cross-origin", "/__admin/requests": "cross-origin",
		"/__admin/ui/": "Exchanges", "/__admin/docs/": "Auth"} {
		page.Do(chromedp.Navigate(page.origin + "/page"))
		_ = value[chromedp.Void](page, `void (location.href = "`+page.At("")+path+`")`)
		page.arrives(`location.hostname === "127.0.0.1" && !!document.body?.innerText.includes("` + want + `")`)
		if shown := value[string](page, `document.documentElement.outerHTML`); strings.Contains(shown, mocktest.CanarySecret) {
			t.Errorf("%s shows a secret", path)
		}
	}
}
