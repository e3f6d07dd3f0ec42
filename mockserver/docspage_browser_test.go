package mockserver_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// visitor is a page in headless Chromium, what it asked for and what it complains of.
type visitor struct {
	t          *testing.T
	ctx        context.Context
	mutex      sync.Mutex
	asked      []string
	complaints []string
}

func visit(t *testing.T, address string, flags ...chromedp.ExecAllocatorOption) *visitor {
	t.Helper()
	path := needs(t, "chromium", "the page is looked at in it")
	folder, err := os.MkdirTemp("", "credmock-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // the browser may still write to it
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(folder), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	options = append(options, flags...)
	bounded, cancelLate := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancelLate)
	allocated, cancelAll := chromedp.NewExecAllocator(bounded, options...)
	t.Cleanup(cancelAll)
	made := &visitor{t: t}
	ctx, cancel := chromedp.NewContext(allocated, chromedp.WithListener(made.listen))
	t.Cleanup(cancel)
	made.ctx = ctx
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	made.do(chromedp.Navigate(address))
	return made
}

// needs returns where a program is. Where it is missing the test is skipped, but in CI it fails: there everything is to be seen.
func needs(t *testing.T, program, reason string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("%s is not installed", program)
	default:
		t.Skipf("%s is not installed, and %s (Debian package %[1]s)", program, reason)
	}
	return path
}

func (v *visitor) listen(event any) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	switch event := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if event.Type == "error" {
			v.complaints = append(v.complaints, "the console shows an error")
		}
	case *runtime.EventExceptionThrown:
		v.complaints = append(v.complaints, "exception: "+event.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError && event.Entry.Source != log.EntrySourceNetwork {
			v.complaints = append(v.complaints, "log: "+event.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		v.asked = append(v.asked, event.Request.Method+" "+event.Request.URL)
	}
}

func (v *visitor) do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, actions...); err != nil {
		v.t.Fatal(err)
	}
}

func TestTryingAnOperationOnThePageCallsTheMock(t *testing.T) {
	mock := start(t)
	host := strings.TrimSuffix(mock.URL, "/platform")
	page := visit(t, host+"/__admin/docs/")
	operation := "#operations-Auth_credentials-listAuthStrategies"
	page.do(
		chromedp.WaitVisible(chromedp.CSS(operation)),
		chromedp.Click(chromedp.CSS("button.authorize")),
		chromedp.SendKeys(chromedp.CSS(".auth-container input"), mock.Token),
		chromedp.Click(chromedp.CSS(".auth-btn-wrapper button[type=submit]")),
		chromedp.Click(chromedp.CSS(".auth-btn-wrapper .btn-done")),
		chromedp.Click(chromedp.CSS(operation+" .opblock-summary-control")),
		chromedp.Click(chromedp.CSS(operation+" button.execute")),
		chromedp.WaitVisible(chromedp.CSS(operation+" .live-responses-table .response-col_status")),
	)
	answer, err := chromedp.Run(page.ctx, chromedp.Text(chromedp.CSS(operation+" .live-responses-table")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer, "200") || !strings.Contains(answer, "availableFields") {
		t.Errorf("the page shows %s", answer)
	}
	page.mutex.Lock()
	defer page.mutex.Unlock()
	if !slices.Contains(page.asked, "GET "+mock.URL+"/v1/authcredentials/strategies") {
		t.Errorf("it asked for %v", page.asked)
	}
	for _, request := range page.asked {
		if address := strings.SplitN(request, " ", 2)[1]; !strings.HasPrefix(address, host) && !strings.HasPrefix(address, "data:") {
			t.Errorf("it asked another host: %s", request)
		}
	}
	if len(page.complaints) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(page.complaints, "\n"))
	}
}
