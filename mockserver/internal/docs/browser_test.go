package docs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/browsertest"

	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestPageCallsMock(t *testing.T) {
	mock := mocktest.Start(t)
	host := strings.TrimSuffix(mock.URL, "/platform")
	page := browsertest.Visit(t, host+"/__admin/docs/")
	operation := "#operations-Auth_credentials-listAuthStrategies"
	page.Do(
		chromedp.WaitVisible(chromedp.CSS(operation)),
		chromedp.Click(chromedp.CSS("button.authorize")),
		chromedp.SendKeys(chromedp.CSS(".auth-container input"), mock.Token),
		chromedp.Click(chromedp.CSS(".auth-btn-wrapper button[type=submit]")),
		chromedp.Click(chromedp.CSS(".auth-btn-wrapper .btn-done")),
		chromedp.Click(chromedp.CSS(operation+" .opblock-summary-control")),
		chromedp.Click(chromedp.CSS(operation+" button.execute")),
		chromedp.WaitVisible(chromedp.CSS(operation+" .live-responses-table .response-col_status")),
	)
	answer, err := chromedp.Run(page.Ctx, chromedp.Text(chromedp.CSS(operation+" .live-responses-table")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer, "200") || !strings.Contains(answer, "availableFields") {
		t.Errorf("the page shows %s", answer)
	}
	page.Mutex.Lock()
	defer page.Mutex.Unlock()
	if !slices.Contains(page.Asked, "GET "+mock.URL+"/v1/authcredentials/strategies") {
		t.Errorf("the page requested %v", page.Asked)
	}
	for _, request := range page.Asked {
		if address := strings.SplitN(request, " ", 2)[1]; !strings.HasPrefix(address, host) && !strings.HasPrefix(address, "data:") {
			t.Errorf("the page requested another host: %s", request)
		}
	}
	if len(page.Complaints) > 0 {
		t.Errorf("errors in the console: %s", strings.Join(page.Complaints, "\n"))
	}
}
