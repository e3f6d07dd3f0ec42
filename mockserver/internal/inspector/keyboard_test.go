package inspector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focusable lists the elements that the Tab key should reach, in document order. The report's frame is excluded.
const focusable = `[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
	.filter(e => e.checkVisibility() && !e.disabled)`

// worksByKeyboard moves through the whole page with the Tab key and operates it with Enter, Space and Escape.
func worksByKeyboard(t *testing.T, page *inspector) {
	evaluate[chromedp.Void](t, page, `document.querySelector(".skip").focus(); window.reached = [document.activeElement]; window.unseen = [];
		const meet = ({target}) => { reached.push(target); if (parseFloat(getComputedStyle(target).outlineWidth) < 1 ||
			getComputedStyle(target).outlineStyle === "none") { unseen.push(target.outerHTML) } };
		document.addEventListener("focusin", meet)`)
	page.run(t, chromedp.KeyEvent(strings.Repeat(kb.Tab, evaluate[int](t, page, focusable+`.length - 1`))))
	names := func(list string) []string {
		return evaluate[[]string](t, page, list+`.map(e => e.tagName + " " + (e.name || e.ariaLabel || e.textContent.trim().slice(0, 40)))`)
	}
	if reached, want := names("reached"), names(focusable); !slices.Equal(reached, want) {
		t.Errorf("the Tab key reaches\n%s\nwant\n%s", strings.Join(reached, "\n"), strings.Join(want, "\n"))
	}
	if unseen := evaluate[[]string](t, page, `unseen`); len(unseen) > 0 {
		t.Errorf("the focus is invisible on %v", unseen)
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
	press("[data-act=describe]", kb.Enter)
	page.until(t, `document.querySelector(".showing").open`)
	page.run(t, chromedp.KeyEvent(kb.Escape))
	page.until(t, `!document.querySelector(".showing").open && document.activeElement.dataset.act === "describe"`)
}
