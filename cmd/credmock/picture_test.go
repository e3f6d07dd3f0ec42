package main_test

import (
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/browsertest"

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
	mock := mockserver.Start(t)
	fillForPicture(t, mock)
	page := browsertest.Visit(t, strings.TrimSuffix(mock.URL, "/platform")+"/__admin/ui/")
	page.Do(chromedp.EmulateViewport(1120, 780))
	light := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}}
	if _, err := chromedp.Call(page.Ctx, emulation.SetEmulatedMedia, light); err != nil {
		t.Fatal(err)
	}
	page.Do(chromedp.WaitVisible(chromedp.CSS("[data-live=on]")), chromedp.Click(chromedp.CSS(".exchange.c4xx summary")))
	shot, err := chromedp.Run(page.Ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*picture, shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

// fillForPicture stores credentials and sends a request that is refused.
func fillForPicture(t *testing.T, mock *mockserver.Running) {
	t.Helper()
	for _, fields := range []string{
		`"name":"Lab results","grantType":"client_credentials","url":"https://auth.example.com/oauth/token","clientSecret":"not-a-real-secret"`,
		`"name":"Image archive","authStrategy":"AwsSigv4","accessKey":"E","secretKey":"not-a-real-secret","serviceName":"s3","awsRegion":"eu"`,
		`"name":"Orders","grantType":"password","url":"https://auth.example.com/oauth/token","clientSecrt":"not-a-real-secret"`,
	} {
		body := strings.NewReader(`{"environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105",` + fields + `}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, mock.URL+"/v1/authcredentials", body)
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
