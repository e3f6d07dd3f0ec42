package inspector_test

import (
	"fmt"
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
	page.run(t, click(".place summary"), click("[data-act=describe]"), chromedp.WaitVisible(chromedp.CSS(".showing pre")))
	if text := evaluate[string](t, page, `document.querySelector(".steps").textContent`); !strings.Contains(text, "POST / HTTP/1.1") ||
		!strings.Contains(text, "curl") {
		t.Errorf("the token request is %s", text)
	}
	page.run(t, click(".showing button"), chromedp.WaitNotVisible(chromedp.CSS(".showing")))
}

func addsFault(t *testing.T, page *inspector) {
	page.run(t, click(`form[data-to=faults] button`), chromedp.WaitVisible(chromedp.CSS(`form[data-to=faults] .fault`)))
	page.run(t, chromedp.SendKeys(chromedp.CSS(`form[data-to=faults] [name=status]`), "503"),
		chromedp.SendKeys(chromedp.CSS(`form[data-to=faults] [name=times]`), "1"), click(`form[data-to=faults] button`))
	page.until(t, `document.querySelector("[data-part=faults]").textContent.includes("status 503")`)
	if status := listStatus(t, page); status != http.StatusServiceUnavailable {
		t.Errorf("the fault is not injected: %d", status)
	}
	page.until(t, `document.querySelector("[data-part=faults]").textContent.includes("hits: 1 of 1; used up")`)
	page.until(t, `document.querySelector(".exchange:first-child.c5xx .chip.odd") !== null`)
	page.run(t, click("[data-act=remove-fault]"))
	page.until(t, `!document.querySelector("[data-act=remove-fault]")`)
}

// addsDetailedFault fills every control that describes the requests and the answer of a fault.
func addsDetailedFault(t *testing.T, page *inspector) {
	set := func(values string) {
		t.Helper()
		evaluate[chromedp.Void](t, page, `Object.entries(`+values+`).forEach(([name, value]) => {
			document.querySelector("form[data-to=faults]").elements[name].value = value })`)
	}
	set(`{status: "503", methods: "GET", callers: "none", chance: "1", headers: "X-Seen: a: b\nno colon", body: '{"retry": [true]}'}`)
	page.run(t, click(`form[data-to=faults] button`))
	page.until(t, `document.querySelector("form[data-to=faults] .fault").textContent.includes("Name: value on a line")`)
	set(`{headers: "X-Seen: a: b\nX-Other: c\n"}`)
	page.run(t, click(`form[data-to=faults] button`))
	page.until(t, `document.querySelector("[data-part=faults]").textContent.includes(
		"status 503, own body, own headers for GET by none, with a chance of 1")`)
	const path = "/platform/v1/authcredentials/strategies"
	status, text, header := page.Fetch(http.MethodGet, path, "Authorization", "Bearer of no one")
	if status != http.StatusServiceUnavailable || strings.TrimSpace(text) != `{"retry":[true]}` ||
		header.Get("X-Seen") != "a: b" || header.Get("X-Other") != "c" ||
		header.Get("Content-Type") != "application/json" || listStatus(t, page) != http.StatusOK {
		t.Errorf("%d %q %v", status, text, header)
	}
	set(`{status: "502", body: "<h1>not JSON</h1>", times: "1"}`)
	page.run(t, click(`form[data-to=faults] button`))
	page.until(t, `document.querySelectorAll("[data-act=remove-fault]").length === 2`)
	status, text, _ = page.Fetch(http.MethodGet, path, "Authorization", "Bearer "+page.Token)
	if status != http.StatusBadGateway || strings.TrimSpace(text) != "<h1>not JSON</h1>" {
		t.Errorf("%d %q", status, text)
	}
	page.run(t, click("[data-act=remove-fault]"))
	page.until(t, `document.querySelectorAll("[data-act=remove-fault]").length === 1`)
	page.run(t, click("[data-act=remove-fault]"))
	page.until(t, `!document.querySelector("[data-act=remove-fault]")`)
}

// listStatus requests the strategies and returns the status, whatever the body is.
func listStatus(t *testing.T, page *inspector) int {
	t.Helper()
	status, _, _ := page.Fetch(http.MethodGet, "/platform/v1/authcredentials/strategies", "Authorization", "Bearer "+page.Token)
	return status
}

// addsMutant injects a mutant, which excludes all other effects and a second mutant.
func addsMutant(t *testing.T, page *inspector) {
	const form = `document.querySelector("form[data-to=faults]")`
	choose := func(name string) {
		t.Helper()
		evaluate[chromedp.Void](t, page,
			fmt.Sprintf(`{const control = %s.elements.mutant; control.value = %q; control.dispatchEvent(new Event("change", {bubbles: true}))}`,
				form, name))
	}
	page.run(t, chromedp.SendKeys(chromedp.CSS(`form[data-to=faults] [name=status]`), "503"))
	choose("answers/teapot")
	if free := evaluate[string](t, page,
		`[...`+form+`.elements].filter(e => e.name && !e.disabled).map(e => e.name).join()`); free != "mutant" {
		t.Errorf("with a mutant, these controls are enabled: %s", free)
	}
	page.run(t, click(`form[data-to=faults] button`))
	page.until(t, `document.querySelector("[data-part=faults]").textContent.includes("mutant answers/teapot")`)
	if status := listStatus(t, page); status != http.StatusTeapot {
		t.Errorf("the broken server answers %d", status)
	}
	if evaluate[bool](t, page, `[...`+form+`.elements].some(e => e.disabled)`) {
		t.Error("the form stays disabled")
	}
	choose("answers/sound")
	page.run(t, click(`form[data-to=faults] button`))
	page.until(t, form+`.querySelector(".fault").textContent.includes("at work already")`)
	choose("")
	page.run(t, click("[data-act=remove-fault]"))
	page.until(t, `!document.querySelector("[data-act=remove-fault]")`)
	if status := listStatus(t, page); status != http.StatusOK {
		t.Errorf("the sound server answers %d", status)
	}
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
	if text := evaluate[string](t, page, `document.querySelector(".verify").textContent`); !strings.Contains(text, "49 pass") ||
		!strings.Contains(text, "fail family/check-7") {
		t.Errorf("the run shows %s", text)
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
	if left := page.Admin(t, "GET", "sessions", "").Text; strings.Contains(left, "session-1") {
		t.Errorf("the copy is still there: %s", left)
	}
}

func switchesSession(t *testing.T, page *inspector) {
	page.run(t, chromedp.SendKeys(chromedp.CSS(`form[data-to=sessions] [name=name]`), "mine"), click(`form[data-to=sessions] [name=deliver]`),
		click(`form[data-to=sessions] button`))
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
	page.until(t, `document.querySelector("[data-part=sessions]").textContent.includes(", delivers")`)
	page.until(t, `document.querySelectorAll(".exchange").length === 1 && document.querySelector(".status").textContent === "401"`)
	page.run(t, click(`a[href="/__admin/ui/"]`), chromedp.WaitVisible(chromedp.CSS(`body[data-session=""] .exchanges`)),
		click("[data-act=delete-session]"))
	page.until(t, `!document.querySelector("[data-act=delete-session]")`)
}

func resets(t *testing.T, page *inspector) {
	const credentials = `document.querySelectorAll(".place summary").length`
	before := evaluate[int](t, page, credentials)
	page.run(t, click("[data-act=reset]"), click(".asking [value=no]"), chromedp.WaitNotVisible(chromedp.CSS(".asking")))
	if evaluate[int](t, page, credentials) != before || before == 0 {
		t.Error("a cancelled reset was executed")
	}
	page.run(t, click("[data-act=reset]"), click(".asking [value=yes]"))
	page.until(t, `document.querySelectorAll(".exchange").length === 0 && document.querySelectorAll(".place summary").length === 1 &&
		document.querySelector("[data-part=clock]").textContent.includes(" 0s ahead")`)
}
