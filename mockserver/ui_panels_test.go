package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func showsCredentials(t *testing.T, page *inspector) {
	page.until(t, `document.querySelector(".place summary")?.textContent.includes("First <b>one</b>")`)
	flags := evaluate[string](t, page, `document.querySelector(".place summary").textContent`)
	if !strings.Contains(flags, "hasClientSecret: yes") || !strings.Contains(flags, "hasPassword: no") {
		t.Errorf("the flags are %s", flags)
	}
	page.run(t, click(".place summary"), click("[data-act=token-request]"), chromedp.WaitVisible(chromedp.CSS(".showing pre")))
	if text := evaluate[string](t, page, `document.querySelector(".shown").textContent`); !strings.Contains(text, "POST / HTTP/1.1") || !strings.Contains(text, "curl") {
		t.Errorf("the token request is %s", text)
	}
	page.run(t, click(".showing button"), chromedp.WaitNotVisible(chromedp.CSS(".showing")))
}

func addsFault(t *testing.T, page *inspector) {
	if !evaluate[bool](t, page, `!!document.querySelector("#faults-title")`) {
		t.Skip("this mock has no faults to offer")
	}
	page.run(t, click(`form[data-to=faults] button`), chromedp.WaitVisible(chromedp.CSS(`form[data-to=faults] .fault`)))
	page.run(t, chromedp.SendKeys(chromedp.CSS(`form[data-to=faults] [name=status]`), "503"),
		chromedp.SendKeys(chromedp.CSS(`form[data-to=faults] [name=times]`), "1"), click(`form[data-to=faults] button`))
	page.until(t, `document.querySelector("[data-part=faults]").textContent.includes("status 503")`)
	request, err := http.NewRequest(http.MethodGet, page.URL+"/v1/authcredentials/strategies", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+page.Token)
	response, err := page.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the fault does not hit: %d", response.StatusCode)
	}
	page.until(t, `document.querySelector("[data-part=faults]").textContent.includes("hits: 1 of 1; used up")`)
	page.until(t, `document.querySelector(".exchange:first-child.c5xx .chip.odd") !== null`)
	page.run(t, click("[data-act=remove-fault]"))
	page.until(t, `!document.querySelector("[data-act=remove-fault]")`)
}

func setsClock(t *testing.T, page *inspector) {
	page.run(t, chromedp.SendKeys(chromedp.CSS(`[name=advance]`), "6m"), click(`form[data-to=clock] button`))
	page.until(t, `document.querySelector("[data-part=clock]").textContent.includes("6m0s ahead")`)
	page.run(t, click("[data-act=freeze]"))
	page.until(t, `document.querySelector("[data-part=clock]").textContent.includes("frozen")`)
	page.run(t, chromedp.SendKeys(chromedp.CSS(`[name=advance]`), "soon"), click(`form[data-to=clock] button`))
	page.until(t, `document.querySelector("form[data-to=clock] .fault").textContent.includes("duration")`)
}

func runsVerify(t *testing.T, page *inspector) {
	page.run(t, click(".run button"))
	page.until(t, `document.querySelector(".word")?.textContent.includes("violates") && document.querySelector("progress").value === 50`)
	if text := evaluate[string](t, page, `document.querySelector(".verify").textContent`); !strings.Contains(text, "49 pass") || !strings.Contains(text, "fail family/check-7") {
		t.Errorf("the run tells %s", text)
	}
	report := evaluate[string](t, page, `document.querySelector("iframe").src`)
	response, err := page.Client.Get(report)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if policy := response.Header.Get("Content-Security-Policy"); response.StatusCode != http.StatusOK || !strings.Contains(policy, "sandbox") {
		t.Errorf("the report answers %d with the policy %q", response.StatusCode, policy)
	}
	if left := page.admin(t, "GET", "sessions", "").text; strings.Contains(left, "session-1") {
		t.Errorf("the copy is still there: %s", left)
	}
}

func switchesSession(t *testing.T, page *inspector) {
	page.run(t, chromedp.SendKeys(chromedp.CSS(`form[data-to=sessions] [name=name]`), "mine"), click(`form[data-to=sessions] button`))
	page.run(t, chromedp.WaitVisible(chromedp.CSS(`a[href="/__sessions/mine/__admin/ui/"]`)), click(`a[href="/__sessions/mine/__admin/ui/"]`),
		chromedp.WaitVisible(chromedp.CSS(`body[data-session=mine] .exchanges`)))
	page.until(t, `document.querySelector(".live").dataset.live === "on"`)
	request, err := http.NewRequest(http.MethodGet, page.host+"/__sessions/mine/platform/v1/authcredentials/strategies", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := page.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	page.until(t, `document.querySelectorAll(".exchange").length === 1 && document.querySelector(".status").textContent === "401"`)
	page.run(t, click(`a[href="/__admin/ui/"]`), chromedp.WaitVisible(chromedp.CSS(`body[data-session=""] .exchanges`)), click("[data-act=delete-session]"))
	page.until(t, `!document.querySelector("[data-act=delete-session]")`)
}

func resets(t *testing.T, page *inspector) {
	page.run(t, click("[data-act=reset]"), click(".asking [value=no]"), chromedp.WaitNotVisible(chromedp.CSS(".asking")))
	if evaluate[int](t, page, `document.querySelectorAll(".place summary").length`) != 1 {
		t.Error("it was reset although that was not wanted")
	}
	page.run(t, click("[data-act=reset]"), click(".asking [value=yes]"))
	page.until(t, `document.querySelectorAll(".exchange, .place summary").length === 0 && document.querySelector("[data-part=clock]").textContent.includes(" 0s ahead")`)
}
