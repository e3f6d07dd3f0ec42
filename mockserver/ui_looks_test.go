package mockserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func namesControls(t *testing.T, page *inspector) {
	unnamed := evaluate[[]string](t, page, `[...document.querySelectorAll("button, input, select, summary, a, dialog, progress, iframe")].filter(e =>
		!e.textContent.trim() && !e.ariaLabel && !e.title && !e.ariaLabelledByElements?.length && !(e.labels && e.labels.length)).map(e => e.outerHTML)`)
	if len(unnamed) > 0 {
		t.Errorf("nobody can name %v", unnamed)
	}
	if odd := evaluate[int](t, page, `document.querySelectorAll("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").length`); odd > 0 {
		t.Errorf("%d elements change the order of the focus", odd)
	}
}

// fitsWidths wants no width to need scrolling sideways, in light and in dark, and takes pictures where they are wanted.
func fitsWidths(t *testing.T, page *inspector) {
	pictures := os.Getenv("CREDMOCK_PICTURES")
	page.run(t, click(".exchange.c4xx:nth-child(3) summary"))
	for _, width := range []int{320, 800, 1400} {
		for _, scheme := range []string{"light", "dark"} {
			page.run(t, chromedp.EmulateViewport(int64(width), 900))
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(page.ctx, emulation.SetEmulatedMedia, media); err != nil {
				t.Fatal(err)
			}
			if wide := evaluate[int](t, page, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("at %d pixels the page is %d wide", width, wide)
			}
			for shot := 0; pictures != "" && shot < 4; shot++ {
				evaluate[chromedp.Void](t, page, fmt.Sprintf("scrollTo(0, %d * 850)", shot))
				picture, err := chromedp.Run(page.ctx, chromedp.CaptureScreenshot())
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(pictures, fmt.Sprintf("inspector-%d-%s-%d.png", width, scheme, shot)), picture, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func showsNoSecret(t *testing.T, page *inspector) {
	id := page.create(object(oauthBody, members{"clientSecret": canarySecret, "password": canarySecret + "2"}))
	page.send("PATCH", "/v1/authcredentials/"+id, object(patchBody, members{"name": canarySecret}))
	page.send("POST", "/v1/authcredentials", object(oauthBody, members{"clientSecret": canarySecret, "grantType": canarySecret, "zebra": canarySecret}))
	page.send("GET", "/v1/authcredentials/"+canarySecret+"?a="+canarySecret, "")
	page.until(t, `document.querySelectorAll(".exchange").length === 4`)
	evaluate[chromedp.Void](t, page, `document.querySelectorAll("details").forEach(e => { e.open = true })`)
	page.run(t, click("[data-act=token-request]"), chromedp.WaitVisible(chromedp.CSS(".showing pre")))
	if all := evaluate[string](t, page, `document.documentElement.outerHTML`); strings.Contains(all, canarySecret) || !strings.Contains(all, "[masked]") {
		t.Error("a secret stands in the page, or nothing is masked")
	}
}

func readsStatic(t *testing.T, page *inspector) {
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(page.ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatal(err)
	}
	page.run(t, chromedp.Navigate(page.home+"?status=4xx"), chromedp.WaitVisible(chromedp.CSS(".exchange")))
	text, err := chromedp.Run(page.ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "Development") || !strings.Contains(text, "400") || strings.Contains(text, "Add fault") || strings.Contains(text, "201") {
		t.Errorf("without JavaScript the page reads %s", text)
	}
}
