package main_test

import (
	"context"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver"
)

var picture = flag.String("picture", "", "`FILE` to write a picture of the inspector to")

// TestPicture takes the picture of the inspector in the README; make picture runs it. It does nothing without -picture.
func TestPicture(t *testing.T) {
	if *picture == "" {
		t.Skip("-picture names no file")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	mock := mockserver.Start(t)
	fillForPicture(t, mock)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute))
	allocated, cancelAll := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancelAll()
	bounded, cancelLate := context.WithTimeout(allocated, time.Minute)
	defer cancelLate()
	ctx, cancel := chromedp.NewContext(bounded)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1120, 780), chromedp.Navigate(strings.TrimSuffix(mock.URL, "/platform")+"/__admin/ui/")); err != nil {
		t.Fatal(err)
	}
	light := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, light); err != nil {
		t.Fatal(err)
	}
	err = chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS("[data-live=on]")), chromedp.Click(chromedp.CSS(".exchange.c4xx summary")))
	if err != nil {
		t.Fatal(err)
	}
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*picture, shot, 0o644); err != nil { //nolint:gosec // it is for everybody
		t.Fatal(err)
	}
}

// fillForPicture stores credentials and sends a request that is refused.
func fillForPicture(t *testing.T, mock *mockserver.Running) {
	t.Helper()
	const environment = `"environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105"`
	const endpoint = `"url":"https://auth.example.com/oauth/token"`
	for _, body := range []string{
		`{"name":"Lab results",` + environment + `,"grantType":"client_credentials",` + endpoint + `,"clientId":"lab","clientSecret":"not-a-real-secret"}`,
		`{"name":"Image archive",` + environment + `,"authStrategy":"AwsSigv4","accessKey":"EXAMPLE","secretKey":"not-a-real-secret",` +
			`"serviceName":"s3","awsRegion":"eu-central-1"}`,
		`{"name":"Orders",` + environment + `,"grantType":"password",` + endpoint + `,"clientSecrt":"not-a-real-secret"}`,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, mock.URL+"/v1/authcredentials", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+mock.Token)
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
}
