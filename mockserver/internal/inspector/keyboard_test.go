package inspector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focusable lists what the Tab key should reach, in the order of the page. What is in the report's frame is not the page's.
const focusable = `[...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
	.filter(e => e.checkVisibility() && !e.disabled)`

// worksByKeyboard goes through the whole page with the Tab key, and does things with Enter, the space bar and Escape.
func worksByKeyboard(t *testing.T, page *inspector) {
	evaluate[chromedp.Void](t, page, `document.querySelector(".skip").focus(); window.met = [document.activeElement]; window.unseen = [];
		const meet = ({target}) => { met.push(target); if (parseFloat(getComputedStyle(target).outlineWidth) < 1 ||
			getComputedStyle(target).outlineStyle === "none") { unseen.push(target.outerHTML) } };
		document.addEventListener("focusin", meet)`)
	page.run(t, chromedp.KeyEvent(strings.Repeat(kb.Tab, evaluate[int](t, page, focusable+`.length - 1`))))
	names := func(list string) []string {
		return evaluate[[]string](t, page, list+`.map(e => e.tagName + " " + (e.name || e.ariaLabel || e.textContent.trim().slice(0, 40)))`)
	}
	if met, owed := names("met"), names(focusable); !slices.Equal(met, owed) {
		t.Errorf("the Tab key leads to\n%s\nowed\n%s", strings.Join(met, "\n"), strings.Join(owed, "\n"))
	}
	if unseen := evaluate[[]string](t, page, `unseen`); len(unseen) > 0 {
		t.Errorf("nobody sees the focus on %v", unseen)
	}
	press := func(selector, key string) {
		t.Helper()
		evaluate[chromedp.Void](t, page, `document.querySelector("`+selector+`").focus()`)
		page.run(t, chromedp.KeyEvent(key))
	}
	evaluate[chromedp.Void](t, page, `document.querySelectorAll("details").forEach(e => { e.open = false })`)
	press(".exchange summary", kb.Enter)
	page.until(t, `document.querySelector(".exchange details").open`)
	press(".run input", " ")
	page.until(t, `document.querySelector(".run input").checked`)
	press(".run input", " ")
	press(".place summary", kb.Enter)
	press("[data-act=token-request]", kb.Enter)
	page.until(t, `document.querySelector(".showing").open`)
	page.run(t, chromedp.KeyEvent(kb.Escape))
	page.until(t, `!document.querySelector(".showing").open && document.activeElement.dataset.act === "token-request"`)
}
