package inspector_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// lit lists the marked pieces of the requests, and the marked fields.
const (
	litPieces = `[...document.querySelectorAll(".steps pre .lit")].map(e => e.textContent)`
	litFields = `[...document.querySelectorAll(".keys .lit strong")].map(e => e.textContent)`
)

// showsSteps opens a request of each strategy: its steps, the places of its fields, and what the endpoints think of it.
func showsSteps(t *testing.T, page *inspector) {
	root := strings.TrimSuffix(page.URL, "/platform")
	oauth := mocktest.Members{"clientId": "lab", "clientSecret": mocktest.CanarySecret, "basicNoForm": true, "url": root + "/__oauth/token"}
	for _, row := range []struct {
		name, steps, field, pieces, answer string
		body                               mocktest.Members
	}{
		{"oauth", "Platform,Token endpoint,Destination", "clientSecret", "[masked]", "The destination accepts the request.",
			mocktest.Merged(mocktest.OAuthBody, oauth)},
		{"smart", "Platform,Token endpoint,Destination", "clientId", `"chart","chart",[masked]`, "The endpoint gave a token.",
			mocktest.Merged(mocktest.OAuthBody, oauth, mocktest.Members{"authStrategy": "SMART_Backend", "clientId": "chart", "scopes": "s",
				"clientSecret": nil})},
		{"wif", "Platform,Token endpoint,Token endpoint,Destination", "scope", `["a","b"]`, "The endpoint refuses.",
			mocktest.Merged(mocktest.WifBody, mocktest.Members{"audience": "//iam.googleapis.com/projects/1/p",
				"token_url": root + "/__sts/v1/token", "scope": []string{"a", "b"}, "lifetime": "0s",
				"service_account_impersonation_url": root + "/__iam/v1/projects/-/serviceAccounts/a@b.example.com:generateAccessToken"})},
		{"sigv4", "Platform,Destination", "sessionToken", "[masked],[masked]", "The destination accepts the request.",
			mocktest.Merged(mocktest.AwsBody, mocktest.Members{"secretKey": mocktest.CanarySecret, "sessionToken": mocktest.CanarySecret + "-s"})},
	} {
		id := page.Create(mocktest.Object(row.body, mocktest.Members{"name": row.name}))
		if row.name == "oauth" {
			page.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"endpoint":null,"authCredential":"`+id+`"}`)
		}
		opensRequest(t, page, id)
		evaluate[chromedp.Void](t, page,
			`document.querySelector(".further input").checked = document.querySelector(".further").checkVisibility()`)
		steps := evaluate[string](t, page, `[...document.querySelectorAll(".steps > li > h3")].map(e => e.textContent).join()`)
		if steps != row.steps {
			t.Errorf("%s has the steps %s", row.name, steps)
		}
		evaluate[chromedp.Void](t, page, fmt.Sprintf(`[...document.querySelectorAll(".keys button")].find(e =>
			e.querySelector("strong").textContent === %q).focus()`, row.field))
		if pieces := strings.Join(evaluate[[]string](t, page, litPieces), ","); pieces != row.pieces {
			t.Errorf("%s: %s stands at %s", row.name, row.field, pieces)
		}
		page.run(t, click(".sending button"))
		page.until(t, fmt.Sprintf(`document.querySelector(".answer").textContent === %q`, row.answer))
		if all := evaluate[string](t, page, `document.documentElement.outerHTML`); strings.Contains(all, mocktest.CanarySecret) {
			t.Errorf("%s: the page contains a secret", row.name)
		}
		if row.name == "wif" && !evaluate[bool](t, page, `document.querySelector(".steps").textContent.includes("It accepts the request.") &&
			document.querySelector(".steps").textContent.includes("The lifetime must be from 1s to 43200s.")`) {
			t.Error("the steps do not say what each endpoint thought")
		}
		page.run(t, click(".showing .head button"), chromedp.WaitNotVisible(chromedp.CSS(".showing")))
	}
	marksPlaces(t, page, page.Newest())
}

// opensRequest opens the request of a credential.
func opensRequest(t *testing.T, page *inspector, id string) {
	t.Helper()
	page.until(t, `!!document.querySelector("#credential-`+id+`")`)
	evaluate[chromedp.Void](t, page, `document.querySelector("#credential-`+id+`").open = true`)
	page.run(t, click(`[data-act=describe][data-id="`+id+`"]`), chromedp.WaitVisible(chromedp.CSS(".showing pre")))
}

// marksPlaces moves with keyboard and pointer over a signed request, at 320 pixels and in dark mode.
func marksPlaces(t *testing.T, page *inspector, id string) {
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(page.Ctx, emulation.SetEmulatedMedia, dark); err != nil {
		t.Fatal(err)
	}
	page.run(t, chromedp.EmulateViewport(320, 700))
	opensRequest(t, page, id)
	page.run(t, chromedp.KeyEvent(strings.Repeat(kb.Tab, 2))) // from Close over Send to the first field
	if fields := evaluate[[]string](t, page, litFields); !slices.Equal(fields, []string{"accessKey"}) {
		t.Errorf("the Tab key marks %v", fields)
	}
	// Neither an outline nor a line is a colour, and a screen reader reads the description.
	if !evaluate[bool](t, page, `[...document.querySelectorAll(".steps .lit")].every(e => getComputedStyle(e).outlineStyle === "solid" &&
		getComputedStyle(e).textDecorationLine.includes("underline")) && document.querySelector(".caption").textContent ===
		"accessKey: in header Authorization" && document.activeElement.textContent.includes("in header Authorization")`) {
		t.Error("a mark shows by colour alone, or is not described")
	}
	if !evaluate[bool](t, page, `[...document.querySelectorAll(".steps pre .related")].every(e => e.tabIndex === 0 &&
		e.getAttribute("aria-describedby").split(" ").every(id => document.getElementById(id)))`) {
		t.Error("a piece cannot have the focus, or nothing describes it")
	}
	evaluate[chromedp.Void](t, page, `[...document.querySelectorAll(".steps pre .related")].at(-1).focus()`)
	if fields := evaluate[[]string](t, page, litFields); !slices.Equal(fields, []string{"secretKey", "serviceName", "awsRegion"}) {
		t.Errorf("the signature marks %v", fields)
	}
	x, y := centerOf(t, page, `.keys li:last-child button`)
	page.run(t, chromedp.MouseEvent("mouseMoved", x, y))
	if pieces := evaluate[[]string](t, page, litPieces); len(pieces) != 2 {
		t.Errorf("the pointer marks %v", pieces)
	}
	if !evaluate[bool](t, page,
		`(d => d.scrollWidth <= d.clientWidth && d.getBoundingClientRect().right <= 320)(document.querySelector(".showing"))`) {
		t.Error("the dialog is too wide for 320 pixels")
	}
	if faint := evaluate[[]string](t, page, faintTexts); len(faint) > 0 {
		t.Errorf("low contrast in dark mode: %v", faint)
	}
	light := emulation.SetEmulatedMediaParams{}
	if _, err := chromedp.Call(page.Ctx, emulation.SetEmulatedMedia, light); err != nil {
		t.Fatal(err)
	}
	page.run(t, chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS(".showing")), chromedp.EmulateViewport(1440, 900))
}

// centerOf returns the center of an element.
func centerOf(t *testing.T, page *inspector, selector string) (x, y float64) {
	t.Helper()
	at := evaluate[[]float64](t, page, fmt.Sprintf(`(e => { e.scrollIntoView({block: "center", behavior: "instant"});
		const box = e.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] })(document.querySelector(%q))`, selector))
	return at[0], at[1]
}
