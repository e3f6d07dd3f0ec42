package report

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/browsertest"
)

// largeReport returns a report of the whole plan, with results of every standing.
func largeReport(t *testing.T) Report {
	t.Helper()
	report := fullReport()
	planned, err := PlanAll()
	if err != nil {
		t.Fatal(err)
	}
	finding := sampleReport().Checks[2].Findings
	for i, result := range planned {
		result.Outcome = Pass
		switch {
		case i%61 == 7:
			result.Outcome, result.Findings = Fail, finding
		case i%97 == 5:
			result.Outcome, result.Findings, result.Known = Fail, finding[:1], "ticket 12: the gateway answers for the service"
		case i%53 == 3:
			result.Outcome, result.Reason = Skip, "the target does not list basicNoForm for SMART_Backend"
		case i%211 == 9:
			result.Outcome, result.Reason = Trouble, "GET /v1/authcredentials/{id} got no answer: the connection was closed"
		}
		report.Checks = append(report.Checks, result)
	}
	return report
}

// fullReport returns a sample with causes, a former run and a timeline.
func fullReport() Report {
	report := sampleReport()
	report.Started = time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	shown := report.Checks[2].Findings[0]
	shown.Difference = &Difference{Member: "clientId", Kind: "trimmed", Seen: `"two"`, Owed: `"  two"`, At: 1}
	report.Causes = []Cause{{Title: "Values lose the blanks at their ends.", Checks: []string{"redaction/get/echo"}, Finding: shown}}
	report.Former = &Comparison{New: []string{"redaction/get/echo"}, Fixed: []string{"a/b"}}
	report.Capabilities = append(report.Capabilities, Capability{Name: "AwsSigv4", Present: true, Provenance: "listed", Strategy: true})
	for i := range 100 {
		report.Exchanges = append(report.Exchanges, Exchange{Request: []string{"GET /v1/x", "PATCH /v1/x/{id}"}[i%2],
			Status: []int{200, 404, 500, 0}[i%4], Started: report.Started.Add(time.Duration(i) * time.Millisecond)})
	}
	return report
}

// get runs an action and returns its result.
func get[T any](t *testing.T, b *browsertest.Visitor, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(b.Ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// ask returns the value of an expression in the page.
func ask[T any](t *testing.T, b *browsertest.Visitor, expression string) T {
	t.Helper()
	return get(t, b, chromedp.Evaluate[T](expression))
}

// execute evaluates an expression in the page.
func execute(t *testing.T, b *browsertest.Visitor, expression string) {
	t.Helper()
	ask[chromedp.Void](t, b, expression)
}

// command sends a command of the DevTools protocol.
func command[P, R any](t *testing.T, b *browsertest.Visitor, command cdp.Command[P, R], parameters P) {
	t.Helper()
	if _, err := chromedp.Call(b.Ctx, command, parameters); err != nil {
		t.Fatal(err)
	}
}

func resize(t *testing.T, b *browsertest.Visitor, width int, scheme string) {
	t.Helper()
	b.Do(chromedp.EmulateViewport(int64(width), 900))
	command(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

func pageOf(t *testing.T, report Report) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(name, []byte(render(t, "html", report)), 0o600); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(name)}).String()
}

const shownChecks = `document.querySelectorAll(".check:not([hidden])").length`

func TestThePageWorksInABrowser(t *testing.T) {
	report := largeReport(t)
	b := browsertest.Visit(t, pageOf(t, report))
	b.Do(chromedp.WaitVisible(chromedp.CSS(".filter")))
	t.Run("links", func(t *testing.T) { linksLead(t, b) })
	t.Run("filter", func(t *testing.T) { filterWorks(t, b, report) })
	t.Run("keyboard", func(t *testing.T) { keyboardWorks(t, b) })
	t.Run("copy", func(t *testing.T) { copyWorks(t, b) })
	t.Run("widths", func(t *testing.T) { fits(t, b) })
	t.Run("axe", func(t *testing.T) { isAccessible(t, b) })
	t.Run("without JavaScript", func(t *testing.T) { readsWithoutScript(t, b, report) })
	for _, asked := range b.Asked {
		if !strings.HasPrefix(asked, "GET file:") && !strings.HasPrefix(asked, "GET data:") {
			b.Complaints = append(b.Complaints, "request: "+asked)
		}
	}
	if len(b.Complaints) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(b.Complaints, "\n"))
	}
}

// isAccessible expects nothing that axe finds, in light and in dark colours.
func isAccessible(t *testing.T, b *browsertest.Visitor) {
	source, err := os.ReadFile(npm(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.Navigate(pageOf(t, fullReport())), chromedp.WaitVisible(chromedp.CSS(".filter")))
	execute(t, b, string(source)+"; 0")
	for _, scheme := range []string{"light", "dark"} {
		resize(t, b, 1200, scheme)
		execute(t, b, `window.found = null; axe.run().then(r => { window.found = r.violations.map(v => v.id + ": " + v.nodes[0].html) }); 0`)
		get(t, b, chromedp.Poll[bool](`window.found !== null`))
		for _, one := range ask[[]string](t, b, `window.found`) {
			t.Errorf("%s: %s", scheme, one)
		}
	}
}

// linksLead follows a link of a cause, which opens its check, and looks at the marked difference and the lanes.
func linksLead(t *testing.T, b *browsertest.Visitor) {
	if marks := ask[[]string](t, b, `[...document.querySelectorAll(".cause mark")].map(e => e.textContent)`); len(marks) < 2 ||
		marks[0] != "" || marks[1] != "  " {
		t.Errorf("the marks are %q", marks)
	}
	if lanes := ask[int](t, b, `document.querySelectorAll(".lanes svg").length`); lanes != 2 {
		t.Errorf("%d lanes", lanes)
	}
	execute(t, b, `document.querySelector(".tile.passed").click(); document.querySelector(".cause .links a").click()`)
	get(t, b, chromedp.Poll[bool](`document.querySelector(".check:target:not([hidden]) details").open`))
	if id := ask[string](t, b, `document.querySelector(".check:target .id").textContent`); id != "redaction/get/echo" {
		t.Errorf("the link leads to %s", id)
	}
	for _, owed := range []string{"1 new", "fixed"} {
		if text := ask[string](t, b, `document.querySelector(".compared").textContent`); !strings.Contains(text, owed) {
			t.Errorf("the comparison is %s", text)
		}
	}
	execute(t, b, `location.hash = ""; document.querySelector("[type=reset]").click()`)
}

func filterWorks(t *testing.T, b *browsertest.Visitor, report Report) {
	all := len(report.Checks)
	if shown := ask[int](t, b, shownChecks); shown != all {
		t.Errorf("%d of %d checks are shown at first", shown, all)
	}
	failures := report.tally(report.Checks)[standingFailed]
	b.Do(chromedp.Click(chromedp.CSS(`.tile.failed`)))
	if shown := ask[int](t, b, shownChecks); shown != failures {
		t.Errorf("%d checks are shown, but %d failed", shown, failures)
	}
	b.Do(chromedp.SendKeys(chromedp.CSS(`[name=text]`), "no such words"))
	if shown, nothing := ask[int](t, b, shownChecks), ask[bool](t, b, `document.querySelector(".nothing").checkVisibility()`); shown != 0 ||
		!nothing {
		t.Errorf("%d checks are shown where none matches; it says so: %t", shown, nothing)
	}
	b.Do(chromedp.Click(chromedp.CSS(`.clear`)), chromedp.WaitNotVisible(chromedp.CSS(`.nothing`)))
	if shown := ask[int](t, b, shownChecks); shown != all {
		t.Errorf("%d of %d checks are shown after clearing", shown, all)
	}
	cell := `.cell[data-family="redaction"][data-column="update"]`
	b.Do(chromedp.Click(chromedp.CSS(cell)))
	strangers := ask[int](t, b, `document.querySelectorAll(".check:not([hidden]):not([data-family=redaction][data-column=update])").length`)
	if shown := ask[int](t, b, shownChecks); shown == 0 || strangers > 0 ||
		!strings.Contains(ask[string](t, b, "location.hash"), "family=redaction") {
		t.Errorf("a cell shows %d checks, %d of them of others", shown, strangers)
	}
	b.Do(chromedp.Click(chromedp.CSS(cell)))
	if shown := ask[int](t, b, shownChecks); shown != all {
		t.Errorf("%d of %d checks are shown after the cell is let go", shown, all)
	}
}

func keyboardWorks(t *testing.T, b *browsertest.Visitor) {
	// The protocol sends a key and its text separately, so the page could not stop the text as it does for a real key.
	execute(t, b, `document.activeElement.blur(); document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true}))`)
	b.Do(chromedp.KeyEvent("redaction"))
	if text := ask[string](t, b, `document.querySelector("[name=text]").value`); text != "redaction" {
		t.Errorf("the text of the filter is %q", text)
	}
	if shown := ask[int](t, b, shownChecks); shown == 0 || shown == ask[int](t, b, `document.querySelectorAll(".check").length`) {
		t.Errorf("typing shows %d checks", shown)
	}
	b.Do(chromedp.Click(chromedp.CSS(`[type=reset]`)), chromedp.WaitVisible(chromedp.CSS(".check")))
	unnamed := ask[[]string](t, b, `[...document.querySelectorAll("button, input, select, summary")].filter(e =>
		!e.textContent.trim() && !e.ariaLabel && !(e.labels && e.labels.length)).map(e => e.outerHTML)`)
	if len(unnamed) > 0 {
		t.Errorf("nobody can name %v", unnamed)
	}
}

func copyWorks(t *testing.T, b *browsertest.Visitor) {
	execute(t, b, `document.querySelector(".check.failed .copy").click()`)
	get(t, b, chromedp.Poll[bool](`[...document.querySelectorAll(".copy")].some(e => e.textContent === "Copied")`))
}

// fits expects no horizontal scrolling at any width, light or dark. It takes screenshots on request.
func fits(t *testing.T, b *browsertest.Visitor) {
	pictures := os.Getenv("CREDMOCK_PICTURES")
	for _, width := range []int{320, 800, 1400} {
		for _, scheme := range []string{"light", "dark"} {
			resize(t, b, width, scheme)
			execute(t, b, `scrollTo(0, 0)`)
			if wide := ask[int](t, b, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("at %d pixels the page is %d wide", width, wide)
			}
			if pictures == "" {
				continue
			}
			for i, place := range []string{"0", `document.querySelector(".filter").offsetTop`, `document.querySelector(".matrix").offsetTop`} {
				execute(t, b, `scrollTo(0, `+place+`)`)
				picture := get(t, b, chromedp.CaptureScreenshot())
				name := filepath.Join(pictures, fmt.Sprintf("report-%d-%s-%d.png", width, scheme, i))
				if err := os.WriteFile(name, picture, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func readsWithoutScript(t *testing.T, b *browsertest.Visitor, report Report) {
	command(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.Do(chromedp.Navigate(pageOf(t, report)), chromedp.WaitVisible(chromedp.CSS(".check")))
	text := get(t, b, chromedp.Text(chromedp.CSS("body")))
	for _, want := range []string{"violates", "redaction/get/echo", "clientSecret of OAuth_2.0_2-legged, base64",
		"no viewer token was given"} {
		if !strings.Contains(text, want) {
			t.Errorf("without JavaScript nothing is said of %q", want)
		}
	}
	if strings.Contains(text, "Clear") {
		t.Error("without JavaScript the filter is shown, and does nothing")
	}
}

func TestThePageOfASoundTargetIsGreen(t *testing.T) {
	page := render(t, "html", greenReport())
	if !strings.Contains(page, `class="banner conforms"`) || strings.Contains(page, `class="check failed"`) {
		t.Error("it is not")
	}
	if report := (Report{Checks: []Result{{ID: "a/b", Rule: hostileText, Level: credmock.Must, Outcome: Pass}}}); strings.Contains(render(t,
		"html", report), "<b>d</b>") {
		t.Error("text becomes markup")
	}
}
