package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver"
)

// inspector is the page in a browser, and the mock that it shows.
type inspector struct {
	*visitor
	*api
	host string
	home string // the address of the page
}

func (i *inspector) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(i.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// until waits for an expression to be true.
func (i *inspector) until(t *testing.T, expression string) {
	t.Helper()
	if _, err := chromedp.Run(i.ctx, chromedp.Poll[bool](expression)); err != nil {
		text, _ := chromedp.Run(i.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		t.Fatalf("%s: %v; the page reads %s", expression, err, text)
	}
}

func evaluate[T any](t *testing.T, i *inspector, expression string) T {
	t.Helper()
	value, err := chromedp.Run(i.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// click clicks an element as soon as a mouse could: it is shown, and nothing lies over it. Looking and clicking are one step, for a
// live page may move between two.
func click(selector string) chromedp.Action[chromedp.Void] {
	poll := chromedp.Poll[bool](fmt.Sprintf(`(() => {
		const element = document.querySelector(%q);
		if (!element || !element.checkVisibility() || element.disabled) return false;
		element.scrollIntoView({block: "center", behavior: "instant"});
		const box = element.getBoundingClientRect();
		if (!element.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2))) return false;
		element.focus();
		element.click();
		return true;
	})()`, selector))
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := poll(ctx, target)
		return chromedp.Void{}, err
	}
}

func inspect(t *testing.T, options mockserver.Options) *inspector {
	t.Helper()
	mock := start(t, options)
	host := strings.TrimSuffix(mock.URL, "/platform")
	made := &inspector{api: mock, host: host, home: host + "/__admin/ui/"}
	made.visitor = visit(t, made.home)
	t.Cleanup(made.quiet)
	return made
}

// quiet holds the page to not having complained of anything.
func (i *inspector) quiet() {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if len(i.complaints) > 0 {
		i.visitor.t.Errorf("the browser complains: %s", strings.Join(i.complaints, "\n"))
	}
}

// admin asks the JSON surface.
func (i *inspector) admin(t *testing.T, method, path, body string) result {
	t.Helper()
	return i.raw(method, i.host+"/__admin/"+path, http.Header{}, strings.NewReader(body))
}

const (
	canarySecret = "canary-7f3a9b1c5d2e"
	canaryToken  = "engineer-2c81e07b9a4f"
)

// teapot is a server that is broken beyond doubt, and sound is one that is not.
func teapot(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
}

func sound(mock http.Handler) http.Handler { return mock }

func fakeVerify(ctx context.Context, judged mockserver.Judged) ([]byte, string, error) {
	for done := range 50 {
		outcome := "pass"
		if done == 7 {
			outcome = "fail"
		}
		judged.Progress(done+1, 50, fmt.Sprintf("family/check-%d", done), outcome)
	}
	return []byte("<!DOCTYPE html><html lang=en><title>r</title><table class=matrix><tr><td>" + judged.URL + "</table>"), "violates", ctx.Err()
}

func TestInspector(t *testing.T) {
	t.Parallel() // most of the time it waits for the page
	page := inspect(t, mockserver.Options{
		Verify: fakeVerify, Mutants: map[string]func(http.Handler) http.Handler{"answers/teapot": teapot, "answers/sound": sound},
		Tokens: []string{canaryToken}, ViewerToken: canaryToken + "-viewer", OtherToken: canaryToken + "-other",
	})
	t.Run("nothing yet", func(t *testing.T) { showsFirstStep(t, page) })
	page.until(t, `document.querySelector(".live").dataset.live === "on"`)
	t.Run("an exchange appears live", func(t *testing.T) { appearsLive(t, page) })
	t.Run("a refusal is marked", func(t *testing.T) { refusalMarked(t, page) })
	t.Run("filter", func(t *testing.T) { filtersExchanges(t, page) })
	t.Run("curl", func(t *testing.T) { copiesAsCurl(t, page) })
	t.Run("credentials", func(t *testing.T) { showsCredentials(t, page) })
	t.Run("token request", func(t *testing.T) { sendsTokenRequest(t, page) })
	t.Run("faults", func(t *testing.T) { addsFault(t, page) })
	t.Run("mutant", func(t *testing.T) { addsMutant(t, page) })
	t.Run("clock", func(t *testing.T) { setsClock(t, page) })
	t.Run("verify", func(t *testing.T) { runsVerify(t, page) })
	t.Run("names", func(t *testing.T) { namesControls(t, page) })
	t.Run("keyboard", func(t *testing.T) { worksByKeyboard(t, page) })
	t.Run("widths", func(t *testing.T) { fitsWidths(t, page) })
	t.Run("sessions", func(t *testing.T) { switchesSession(t, page) })
	t.Run("reset", func(t *testing.T) { resets(t, page) })
	t.Run("many", func(t *testing.T) { staysBounded(t, page) })
	t.Run("no secret", func(t *testing.T) { showsNoSecret(t, page) })
	t.Run("without JavaScript", func(t *testing.T) { readsStatic(t, page) })
}

func showsFirstStep(t *testing.T, page *inspector) {
	if !evaluate[bool](t, page, `document.querySelector("[aria-label='A first request']").checkVisibility() && !document.querySelector(".chosen").checkVisibility()`) {
		t.Error("nothing says how to begin")
	}
}

func appearsLive(t *testing.T, page *inspector) {
	page.create(object(oauthBody, members{"name": "First <b>one</b>", "clientSecret": canarySecret}))
	page.until(t, `document.querySelector(".exchange.c2xx .what")?.textContent.includes("createAuthCredential")`)
	page.send("GET", "/v1/authcredentials/strategies", "")
	page.until(t, `document.querySelector(".exchange:first-child .what").textContent.includes("listAuthStrategies")`)
}

func refusalMarked(t *testing.T, page *inspector) {
	page.send("POST", "/v1/authcredentials", object(oauthBody, members{"clientSecret": canarySecret, "grantType": "password"}))
	page.until(t, `document.querySelector(".exchange:first-child.c4xx .marked")?.textContent.includes("grantType")`)
	page.run(t, click(".exchange:first-child summary"), chromedp.WaitVisible(chromedp.CSS(".exchange:first-child .marked mark")))
	if link := evaluate[string](t, page, `document.querySelector(".exchange:first-child .why a").textContent`); link != "/grantType" {
		t.Errorf("the reason points to %q", link)
	}
	if !evaluate[bool](t, page, `!!document.querySelector(document.querySelector(".exchange:first-child .why a").hash)`) {
		t.Error("the link leads nowhere")
	}
	page.send("POST", "/v1/authcredentials", `{"name":"n","environmentId":"`+development+`","authStrategy":"AwsSigv4"}`)
	page.until(t, `document.querySelector(".exchange:first-child .marked mark")?.textContent === "{"`)
	if !evaluate[bool](t, page, `document.querySelector(".exchange:nth-child(2) details").open`) {
		t.Error("what was open is closed")
	}
	page.send("POST", "/v1/authcredentials", object(oauthBody, members{"clientSecrt": canarySecret}))
	page.until(t, `document.querySelector(".exchange:first-child .marked .name")?.textContent === '"[unknown 1]"'`)
}

// staysBounded sends more than the page holds, faster than it looks.
func staysBounded(t *testing.T, page *inspector) {
	for range 150 {
		page.send("GET", "/v1/authcredentials/strategies", "")
	}
	last := page.admin(t, "GET", "requests?limit=1", "").body["last"]
	page.until(t, fmt.Sprintf(`document.querySelectorAll(".exchange").length === 100 && document.querySelector(".exchange").dataset.id === "%v"`, last))
	page.run(t, click("[data-act=clear]"))
	page.until(t, `document.querySelectorAll(".exchange").length === 0`)
}

func filtersExchanges(t *testing.T, page *inspector) {
	choose := func(name, value string) string {
		return fmt.Sprintf(`{const control = document.querySelector(".filter [name=%s]"); control.value = %q;
			control.dispatchEvent(new Event("change", {bubbles: true}))}`, name, value)
	}
	evaluate[chromedp.Void](t, page, choose("status", "4xx"))
	page.until(t, `document.querySelectorAll(".exchange.c4xx").length === 3 && document.querySelectorAll(".exchange").length === 3`)
	evaluate[chromedp.Void](t, page, choose("operation", "listAuthStrategies"))
	page.until(t, `document.querySelectorAll(".exchange").length === 0 && document.querySelector(".empty.chosen").checkVisibility()`)
	if evaluate[bool](t, page, `document.querySelector("[aria-label='A first request']").checkVisibility()`) {
		t.Error("it is said that nothing was sent yet")
	}
	evaluate[chromedp.Void](t, page, choose("status", "")+choose("operation", ""))
	page.until(t, `document.querySelectorAll(".exchange").length === 5`)
}
