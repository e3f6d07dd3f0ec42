package inspector_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/browsertest"

	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// inspector is a mock and its page in a browser.
type inspector struct {
	*browsertest.Visitor
	*mocktest.API
	host string
	home string // URL of the page
}

func (i *inspector) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(i.Ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// until waits until an expression is true.
func (i *inspector) until(t *testing.T, expression string) {
	t.Helper()
	if _, err := chromedp.Run(i.Ctx, chromedp.Poll[bool](expression)); err != nil {
		text, _ := chromedp.Run(i.Ctx, chromedp.Evaluate[string](`document.body.innerText`))
		t.Fatalf("%s: %v; the page reads %s", expression, err, text)
	}
}

func inspect(t *testing.T, options mockserver.Options) *inspector {
	t.Helper()
	mock := mocktest.Start(t, options)
	host := strings.TrimSuffix(mock.URL, "/platform")
	made := &inspector{API: mock, host: host, home: host + "/__admin/ui/"}
	made.Visitor = browsertest.Visit(t, made.home)
	t.Cleanup(made.quiet)
	return made
}

// quiet checks that the browser logged no error.
func (i *inspector) quiet() {
	i.Mutex.Lock()
	defer i.Mutex.Unlock()
	if len(i.Complaints) > 0 {
		i.Visitor.T.Errorf("errors in the console: %s", strings.Join(i.Complaints, "\n"))
	}
}

// Admin sends a request to the JSON surface.
func (i *inspector) Admin(t *testing.T, method, path, body string) mocktest.Result {
	t.Helper()
	return i.Raw(method, i.host+"/__admin/"+path, http.Header{}, strings.NewReader(body))
}

func TestInspector(t *testing.T) {
	t.Parallel() // it mostly waits for the page
	page := inspect(t, mockserver.Options{
		Verify:  mocktest.FakeVerify,
		Mutants: map[string]func(http.Handler) http.Handler{"answers/teapot": mocktest.Teapot, "answers/sound": mocktest.Sound},
		Tokens:  []string{mocktest.CanaryToken}, ViewerToken: mocktest.CanaryToken + "-viewer", OtherToken: mocktest.CanaryToken + "-other",
	})
	t.Run("nothing yet", func(t *testing.T) { showsFirstStep(t, page) })
	page.until(t, `document.querySelector(".live").dataset.live === "on"`)
	t.Run("an exchange appears live", func(t *testing.T) { appearsLive(t, page) })
	t.Run("a refusal is marked", func(t *testing.T) { refusalMarked(t, page) })
	t.Run("filter", func(t *testing.T) { filtersExchanges(t, page) })
	t.Run("curl", func(t *testing.T) { copiesAsCurl(t, page) })
	t.Run("credentials", func(t *testing.T) { showsCredentials(t, page) })
	t.Run("token request", func(t *testing.T) { sendsTokenRequest(t, page) })
	t.Run("steps", func(t *testing.T) { showsSteps(t, page) })
	t.Run("faults", func(t *testing.T) { addsFault(t, page) })
	t.Run("a fault in detail", func(t *testing.T) { addsDetailedFault(t, page) })
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
	if !evaluate[bool](t, page,
		`document.querySelector("[aria-label='A first request']").checkVisibility() && !document.querySelector(".chosen").checkVisibility()`) {
		t.Error("the first step is missing")
	}
}

func appearsLive(t *testing.T, page *inspector) {
	page.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "First <b>one</b>", "clientSecret": mocktest.CanarySecret}))
	page.until(t, `document.querySelector(".exchange.c2xx .what")?.textContent.includes("createAuthCredential")`)
	page.Send("GET", "/v1/authcredentials/strategies", "")
	page.until(t, `document.querySelector(".exchange:first-child .what").textContent.includes("listAuthStrategies")`)
}

func refusalMarked(t *testing.T, page *inspector) {
	page.Send("POST", "/v1/authcredentials",
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": mocktest.CanarySecret, "grantType": "password"}))
	page.until(t, `document.querySelector(".exchange:first-child.c4xx .marked")?.textContent.includes("grantType")`)
	page.run(t, click(".exchange:first-child summary"), chromedp.WaitVisible(chromedp.CSS(".exchange:first-child .marked mark")))
	if link := evaluate[string](t, page, `document.querySelector(".exchange:first-child .why a").textContent`); link != "/grantType" {
		t.Errorf("the reason points to %q", link)
	}
	if !evaluate[bool](t, page, `!!document.querySelector(document.querySelector(".exchange:first-child .why a").hash)`) {
		t.Error("the link has no target")
	}
	page.Send("POST", "/v1/authcredentials", `{"name":"n","environmentId":"`+mocktest.Development+`","authStrategy":"AwsSigv4"}`)
	page.until(t, `document.querySelector(".exchange:first-child .marked mark")?.textContent === "{"`)
	if !evaluate[bool](t, page, `document.querySelector(".exchange:nth-child(2) details").open`) {
		t.Error("an open row is closed")
	}
	page.Send("POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecrt": mocktest.CanarySecret}))
	page.until(t, `document.querySelector(".exchange:first-child .marked .name")?.textContent === '"[unknown 1]"'`)
}

// staysBounded sends more exchanges than the page holds, faster than it refreshes.
func staysBounded(t *testing.T, page *inspector) {
	for range 150 {
		page.Send("GET", "/v1/authcredentials/strategies", "")
	}
	last := page.Admin(t, "GET", "requests?limit=1", "").Body["last"]
	page.until(t, fmt.Sprintf(`document.querySelectorAll(".exchange").length === 100 &&
		document.querySelector(".exchange").dataset.id === "%v"`, last))
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
		t.Error("the page says that nothing was sent")
	}
	evaluate[chromedp.Void](t, page, choose("status", "")+choose("operation", ""))
	page.until(t, `document.querySelectorAll(".exchange").length === 5`)
}

func evaluate[T any](t *testing.T, i *inspector, expression string) T {
	t.Helper()
	value, err := chromedp.Run(i.Ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// click clicks an element as soon as it is visible and not covered. The check and the click are one step, since a live page may
// change between two.
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
