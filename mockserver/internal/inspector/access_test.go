package inspector_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestInspectorAsksForTheAdminToken(t *testing.T) {
	t.Parallel()
	page := inspect(t, mockserver.Options{AdminToken: "the-admin-token-x"})
	if evaluate[bool](t, page, `document.body.textContent.includes("Development")`) {
		t.Error("the state is shown without a token")
	}
	page.run(t, chromedp.SendKeys(chromedp.CSS("[name=token]"), "wrong"), click(".token button"))
	page.until(t, `document.querySelector("main .fault").textContent.includes("does not take")`)
	evaluate[chromedp.Void](t, page, `document.querySelector("[name=token]").value = ""`)
	page.run(t, chromedp.SendKeys(chromedp.CSS("[name=token]"), "the-admin-token-x"), click(".token button"))
	page.until(t, `document.querySelector(".live")?.dataset.live === "on"`)
	page.Send("GET", "/v1/authcredentials/strategies", "")
	page.until(t, `document.querySelectorAll(".exchange").length === 1`)
	savesExports(t, page)
	if all := evaluate[string](t, page, `document.documentElement.outerHTML`); strings.Contains(all, "the-admin-token") {
		t.Error("the page contains the token")
	}
}

// savesExports checks that the filtered exports are saved with the token, which a plain link cannot send.
func savesExports(t *testing.T, page *inspector) {
	folder, enabled, saved := t.TempDir(), true, make(chan string, 8)
	where := browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
		EventsEnabled: &enabled}
	if _, err := chromedp.CallBrowser(page.Ctx, browser.SetDownloadBehavior, where); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.ListenBrowser(page.Ctx, func(event any) {
		if progress, is := event.(*browser.EventDownloadProgress); is && progress.State != browser.DownloadProgressStateInProgress {
			saved <- progress.State.String()
		}
	}); err != nil {
		t.Fatal(err)
	}
	page.Send("GET", "/v1/organizations/118/environments", "")
	evaluate[chromedp.Void](t, page, `document.querySelector(".filter [name=operation]").value = "listEnvironments"`)
	for name, holds := range map[string]string{"credmock-main.har": `"creator"`, "credmock-main.txtar": "# What was sent to the mock"} {
		page.run(t, click(`.exports [data-id="requests`+filepath.Ext(name)+`"]`))
		select {
		case state := <-saved:
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil || !strings.Contains(string(text), holds) || !strings.Contains(string(text), "/environments") ||
				strings.Contains(string(text), "strategies") {
				t.Errorf("%s: %s, %v: %s", name, state, err, text)
			}
		case <-page.Ctx.Done():
			t.Fatalf("%s is not saved", name)
		}
	}
}

// A run gets the served document and the principals of the fixtures, and the copy of the session has none of their faults.
func TestInspectorRunUsesFixturePrincipals(t *testing.T) {
	const fixtures = `
organizations: [{id: 500}, {id: 600}]
principals:
  engineer: {organization: %s, role: engineer}
  viewer: {organization: %s, role: %s}
  other: {organization: %s, role: engineer}
faults: [{status: 503}]
`
	for name, one := range map[string]struct {
		fixtures []byte
		want     mockserver.Judged
	}{
		"without any": {nil,
			mockserver.Judged{Organization: 118, ViewerToken: mockserver.DefaultViewerToken, OtherToken: mockserver.DefaultOtherToken}},
		"own": {fmt.Appendf(nil, fixtures, "600", "600", "viewer", "500"),
			mockserver.Judged{Organization: 600, ViewerToken: mockserver.DefaultViewerToken, OtherToken: mockserver.DefaultOtherToken}},
		"everybody at home": {fmt.Appendf(nil, fixtures, "500", "500", "viewer", "500"),
			mockserver.Judged{Organization: 500, ViewerToken: mockserver.DefaultViewerToken}},
		"a viewer elsewhere": {fmt.Appendf(nil, fixtures, "500", "600", "viewer", "600"),
			mockserver.Judged{Organization: 500, OtherToken: mockserver.DefaultOtherToken}},
		"a viewer who writes": {fmt.Appendf(nil, fixtures, "500", "500", "engineer", "600"),
			mockserver.Judged{Organization: 500, OtherToken: mockserver.DefaultOtherToken}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := credmock.Default()
			one.want.Spec, one.want.Token = spec, mockserver.DefaultToken
			status := 0
			mock := mocktest.Start(t, mockserver.Options{Spec: spec, Fixtures: one.fixtures,
				Verify: func(_ context.Context, judged mockserver.Judged) ([]byte, string, error) {
					base := judged.URL
					if judged.URL, judged.Progress = "", nil; !reflect.DeepEqual(judged, one.want) {
						t.Errorf("the run judges %+v", judged)
					}
					response, err := http.Get(base + "/v1/authcredentials/strategies")
					if err != nil {
						return nil, "", err
					}
					status = response.StatusCode
					return nil, "conforms", response.Body.Close()
				}})
			for body, want := range map[string]int{`{}`: http.StatusUnauthorized, `{"here":true}`: http.StatusServiceUnavailable} {
				if one.fixtures == nil {
					want = http.StatusUnauthorized
				}
				if _, text, _ := mock.Post("/__admin/ui/verify", body); status != want || !strings.Contains(text, "conforms") {
					t.Errorf("%s: %d: %s", body, status, text)
				}
			}
		})
	}
}

func TestInspectorAccess(t *testing.T) {
	open, closed := mocktest.Start(t, mockserver.Options{Verify: mocktest.FakeVerify}),
		mocktest.Start(t, mockserver.Options{Verify: mocktest.FakeVerify, AdminToken: "t"})
	for name, one := range map[string]struct {
		mock    *mocktest.API
		method  string
		path    string
		headers []string
		status  int
	}{
		"the page":                {open, "GET", "/__admin/ui/", nil, 200},
		"without the slash":       {open, "GET", "/__admin/ui", nil, 200}, // after the redirect
		"a script":                {open, "GET", "/__admin/ui/script.js", nil, 200},
		"a template":              {open, "GET", "/__admin/ui/page.html", nil, 404},
		"outside of the folder":   {open, "GET", "/__admin/ui/..%2Fui.go", nil, 404},
		"no such report":          {open, "GET", "/__admin/ui/reports/x", nil, 404},
		"under a stranger's name": {open, "GET", "/__admin/ui/", []string{"Host", "evil.example.com"}, 421},
		"a link from elsewhere": {open, "GET", "/__admin/ui/",
			[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		"a frame elsewhere": {open, "GET", "/__admin/ui/",
			[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		"a frame of a neighbour": {open, "GET", "/__admin/ui/",
			[]string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "frame"}, 403},
		"a run for another page":        {open, "POST", "/__admin/ui/verify", []string{"Origin", "http://evil.example.com"}, 403},
		"a run without the token":       {closed, "POST", "/__admin/ui/verify", nil, 401},
		"a run with the token":          {closed, "POST", "/__admin/ui/verify", []string{"Authorization", "Bearer t"}, 200},
		"the page of no such session":   {open, "GET", "/__sessions/none/__admin/ui/", nil, 404},
		"the page, to send to it":       {open, "POST", "/__admin/ui/", nil, 405},
		"the page without the token":    {closed, "GET", "/__admin/ui/", nil, 200},
		"the page with another's token": {closed, "GET", "/__admin/ui/", []string{"Authorization", "Bearer u"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			status, text, header := one.mock.Fetch(one.method, one.path, one.headers...)
			if status != one.status {
				t.Errorf("answers %d: %.200s", status, text)
			}
			if one.mock == closed && one.method == "GET" && strings.Contains(text, "Development") {
				t.Error("shows the state")
			}
			if status == http.StatusOK && one.method == "GET" && !strings.Contains(header.Get("Content-Security-Policy"), "script-src 'self'") {
				t.Error("has no policy")
			}
		})
	}
}

// Only one run is possible at a time, in a copy of the session or on request in the session itself. A mock without Verify
// offers none.
func TestInspectorVerifyTargets(t *testing.T) {
	began, proceed := make(chan string), make(chan bool)
	mock := mocktest.Start(t, mockserver.Options{Verify: func(_ context.Context, judged mockserver.Judged) ([]byte, string, error) {
		began <- judged.URL
		<-proceed
		return nil, "conforms", nil
	}})
	run := func(body string) {
		response, err := mock.Client.Post(strings.TrimSuffix(mock.URL, "/platform")+"/__admin/ui/verify", "application/json",
			strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Error(err)
		}
	}
	for body, path := range map[string]string{`{}`: "/__sessions/session-1/platform", `{"here":true}`: "/platform"} {
		var running sync.WaitGroup
		running.Go(func() { run(body) })
		if base := <-began; !strings.HasSuffix(base, path) || !strings.HasPrefix(base, "http://127.0.0.1:") {
			t.Errorf("%s judges %s", body, base)
		}
		if status, text, _ := mock.Fetch("POST", "/__admin/ui/verify"); status != http.StatusConflict ||
			!strings.Contains(text, "verify-running") {
			t.Errorf("a second run answers %d %s", status, text)
		}
		proceed <- true
		running.Wait() // so that the next run does not overlap
	}
	none := mocktest.Start(t)
	if _, text, _ := none.Fetch("GET", "/__admin/ui/"); strings.Contains(text, "Run verify") {
		t.Error("a mock without Verify offers a run")
	}
	if status, _, _ := none.Fetch("POST", "/__admin/ui/verify"); status != http.StatusNotFound {
		t.Errorf("a run without Verify answers %d", status)
	}
}
