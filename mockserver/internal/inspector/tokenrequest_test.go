package inspector_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/credmock/credmock/internal/installed"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// sendsTokenRequest sends the token request of a credential, then a refresh, and shows the answer or the error.
func sendsTokenRequest(t *testing.T, page *inspector) {
	var refreshed atomic.Bool
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("client_secret") != mocktest.CanarySecret {
			w.WriteHeader(http.StatusUnauthorized)
		}
		refreshed.Store(r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == mocktest.CanarySecret+"-refresh")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"`+mocktest.CanarySecret+`-access","refresh_token":"`+mocktest.CanarySecret+
			`-refresh","expires_in":60}`)
	}))
	defer endpoint.Close()
	open := func(name, address string) { opensTokenRequest(t, page, name, address) }
	answered := func(texts ...string) { showsAnswer(t, page, texts...) }
	open("Loopback", endpoint.URL+"/token")
	page.run(t, click(".sending button"))
	answered("The endpoint gave a token.", "read from access_token", "60 seconds, read from expires_in", "kept for the next request")
	page.run(t, chromedp.SendKeys(chromedp.CSS(".sending select"), "with"))
	page.until(t, `document.querySelector(".steps").textContent.includes("grant_type=refresh_token") &&
		document.querySelector(".answer").textContent === ""`)
	page.run(t, click(".sending button"))
	answered("The endpoint gave a token.")
	if !refreshed.Load() {
		t.Error("the refresh token was not sent")
	}
	page.run(t, chromedp.EmulateViewport(320, 700))
	if !evaluate[bool](t, page,
		`(d => d.scrollWidth <= d.clientWidth && d.getBoundingClientRect().right <= 320)(document.querySelector(".showing"))`) {
		t.Error("the dialog is too wide for 320 pixels")
	}
	page.run(t, chromedp.EmulateViewport(1440, 900), click(".showing .head button"))
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	open("Nobody", closed.URL+"/token")
	page.run(t, click(".sending button"))
	answered("Nobody listens at the token endpoint.")
	if evaluate[bool](t, page, `document.querySelector(".showing").textContent.includes("undefined")`) {
		t.Error("a missing answer has a status")
	}
	page.run(t, click(".showing .head button"))
	open("Elsewhere", "http://192.0.2.7:1/token")
	page.run(t, click(".sending button"))
	answered("--allow-outbound")
	page.run(t, chromedp.SendKeys(chromedp.CSS(".sending select"), "with"), click(".sending button"))
	answered("There is no refresh token yet")
	page.run(t, click(".showing .head button"), chromedp.WaitNotVisible(chromedp.CSS(".showing")))
}

// opensTokenRequest makes a credential and opens its token request.
func opensTokenRequest(t *testing.T, page *inspector, name, address string) {
	t.Helper()
	id := page.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"name": name, "url": address, "clientId": "lab", "clientSecret": mocktest.CanarySecret}))
	page.until(t, `!!document.querySelector("#credential-`+id+`")`)
	evaluate[chromedp.Void](t, page, `document.querySelector("#credential-`+id+`").open = true`)
	page.run(t, click(`[data-act=describe][data-id="`+id+`"]`), chromedp.WaitVisible(chromedp.CSS(".showing pre")))
}

// showsAnswer waits until the dialog holds every text, and checks that the page holds no secret.
func showsAnswer(t *testing.T, page *inspector, texts ...string) {
	t.Helper()
	for _, text := range texts {
		page.until(t, fmt.Sprintf(`document.querySelector(".showing").textContent.includes(%q)`, text))
	}
	if all := evaluate[string](t, page, `document.documentElement.outerHTML`); strings.Contains(all, mocktest.CanarySecret) {
		t.Error("the page contains a secret or a token")
	}
}

// copiesAsCurl checks that the curl line of an exchange repeats the exchange and contains no secret.
func copiesAsCurl(t *testing.T, page *inspector) {
	installed.Program(t, "curl", "the line for curl is run")
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		granted := browser.SetPermissionParams{Origin: page.host, Permission: &browser.PermissionDescriptor{Name: name},
			Setting: browser.PermissionSettingGranted}
		if _, err := chromedp.CallBrowser(page.Ctx, browser.SetPermission, granted); err != nil {
			t.Fatal(err)
		}
	}
	page.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "It's \"so\"", "clientSecret": mocktest.CanarySecret}))
	page.until(t, `document.querySelector(".exchange:first-child.c2xx .what")?.textContent.includes("createAuthCredential")`)
	page.run(t, click(".exchange:first-child summary"), click(".exchange:first-child .curl summary"),
		chromedp.Click(chromedp.CSS(".exchange:first-child .curl button"))) // a real click: the clipboard needs a user gesture
	page.until(t, `document.querySelector(".said").textContent === "Copied."`)
	line, err := chromedp.Run(page.Ctx, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if shown := evaluate[string](t, page, `document.querySelector(".exchange:first-child .curl pre").textContent`); shown != line {
		t.Errorf("copied %s, shown %s", line, shown)
	}
	before := evaluate[int](t, page, `document.querySelectorAll(".exchange.c2xx").length`)
	shell := exec.CommandContext(t.Context(), "bash", "-c", line)
	shell.Env = append(os.Environ(), "CLIENT_SECRET="+mocktest.CanarySecret, "TOKEN="+page.Token)
	if output, err := shell.CombinedOutput(); err != nil || !strings.Contains(string(output), `"name":"It's \"so\""`) {
		t.Errorf("%s: %v: %s", line, err, output)
	}
	page.until(t, fmt.Sprintf(`document.querySelectorAll(".exchange.c2xx").length === %d`, before+1))
}
