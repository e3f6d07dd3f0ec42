package inspector_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func namesControls(t *testing.T, page *inspector) {
	unnamed := evaluate[[]string](t, page,
		`[...document.querySelectorAll("button, input, select, textarea, summary, a, dialog, progress, iframe")].filter(e =>
		!e.textContent.trim() && !e.ariaLabel && !e.title && !e.ariaLabelledByElements?.length && !(e.labels && e.labels.length)).
			map(e => e.outerHTML)`)
	if len(unnamed) > 0 {
		t.Errorf("no accessible name: %v", unnamed)
	}
	if odd := evaluate[int](t, page, `document.querySelectorAll("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").length`); odd > 0 {
		t.Errorf("%d elements change the order of the focus", odd)
	}
}

// faintTexts lists the visible texts whose contrast is below WCAG 2.2 (1.4.3, level AA).
const faintTexts = `(() => {
	const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
		.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (element) => {
		const colour = getComputedStyle(element).backgroundColor;
		return channels(colour)[3] === 0 && element.parentElement ? behind(element.parentElement) : colour;
	};
	const found = [];
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const element = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(":disabled")) { continue; }
		const [dark, bright] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => a - b);
		if ((bright + 0.05) / (dark + 0.05) < 4.5) { found.push(texts.currentNode.data.trim()); }
	}
	return found;
})()`

// fitsWidths checks that no width needs horizontal scrolling, in light and dark mode, and saves screenshots on request.
func fitsWidths(t *testing.T, page *inspector) {
	pictures := os.Getenv("CREDMOCK_PICTURES")
	evaluate[chromedp.Void](t, page,
		`document.querySelectorAll(".exchange.c4xx details, .exchange.c4xx .curl").forEach(e => { e.open = true })`)
	for _, width := range []int{320, 768, 1440} {
		for _, scheme := range []string{"light", "dark"} {
			page.run(t, chromedp.EmulateViewport(int64(width), 900))
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(page.Ctx, emulation.SetEmulatedMedia, media); err != nil {
				t.Fatal(err)
			}
			if wide := evaluate[int](t, page, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("at %d pixels the page is %d wide", width, wide)
			}
			if faint := evaluate[[]string](t, page, faintTexts); len(faint) > 0 {
				t.Errorf("at %d pixels, %s, low contrast: %s", width, scheme, strings.Join(faint, "; "))
			}
			for shot := 0; pictures != "" && shot < 4; shot++ {
				evaluate[chromedp.Void](t, page, fmt.Sprintf("scrollTo(0, %d * 850)", shot))
				picture, err := chromedp.Run(page.Ctx, chromedp.CaptureScreenshot())
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(pictures, fmt.Sprintf("inspector-%d-%s-%d.png", width, scheme, shot)), picture,
					0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func showsNoSecret(t *testing.T, page *inspector) {
	id := page.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientSecret": mocktest.CanarySecret, "password": mocktest.CanarySecret + "2"}))
	page.Send("PATCH", "/v1/authcredentials/"+id, mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": mocktest.CanarySecret}))
	page.Send("POST", "/v1/authcredentials",
		mocktest.Object(mocktest.OAuthBody,
			mocktest.Members{"clientSecret": mocktest.CanarySecret, "grantType": mocktest.CanarySecret, "zebra": mocktest.CanarySecret}))
	page.Send("GET", "/v1/authcredentials/"+mocktest.CanarySecret+"?a="+mocktest.CanarySecret, "")
	page.until(t, `document.querySelectorAll(".exchange").length === 4`)
	evaluate[chromedp.Void](t, page, `document.querySelectorAll("details").forEach(e => { e.open = true })`)
	page.run(t, click("[data-act=describe]"), chromedp.WaitVisible(chromedp.CSS(".showing pre")))
	if all := evaluate[string](t, page, `document.documentElement.outerHTML`); strings.Contains(all, mocktest.CanarySecret) ||
		strings.Contains(all, mocktest.CanaryToken) || !strings.Contains(all, "[masked]") {
		t.Error("the page contains a secret or a token, or masks nothing")
	}
}

func readsStatic(t *testing.T, page *inspector) {
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(page.Ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatal(err)
	}
	page.run(t, chromedp.Navigate(page.home+"?status=4xx"), chromedp.WaitVisible(chromedp.CSS(".exchange")))
	text, err := chromedp.Run(page.Ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "Development") || strings.Contains(text, "Add fault") {
		t.Errorf("without JavaScript the page reads %s", text)
	}
	statuses := evaluate[[]string](t, page, `[...document.querySelectorAll(".exchange .status")].map(status => status.innerText)`)
	if len(statuses) == 0 || slices.ContainsFunc(statuses, func(status string) bool { return !strings.HasPrefix(status, "4") }) {
		t.Errorf("without JavaScript the page has the statuses %q", statuses)
	}
}
