// Package browsertest opens a page in headless Chromium, for tests.
package browsertest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/credmock/credmock/internal/installed"
)

// Visitor is a page in headless Chromium with its requests and its console errors.
type Visitor struct {
	T          *testing.T
	Ctx        context.Context
	Mutex      sync.Mutex
	Asked      []string // method and URL of each request
	Complaints []string // messages of the console, and exceptions
}

// Visit opens an address in a browser of its own, which ends with the test.
func Visit(t *testing.T, address string, flags ...chromedp.ExecAllocatorOption) *Visitor {
	t.Helper()
	path := installed.Program(t, "chromium", "the page is looked at in it (Debian package chromium)")
	folder, err := os.MkdirTemp("", "credmock-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // the browser may still write to it
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(folder), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true))
	options = append(options, flags...)
	bounded, cancelLate := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancelLate)
	allocated, cancelAll := chromedp.NewExecAllocator(bounded, options...)
	t.Cleanup(cancelAll)
	made := &Visitor{T: t}
	ctx, cancel := chromedp.NewContext(allocated, chromedp.WithListener(made.listen))
	t.Cleanup(cancel)
	made.Ctx = ctx
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	made.Do(chromedp.Navigate(address))
	return made
}

func (v *Visitor) listen(event any) {
	v.Mutex.Lock()
	defer v.Mutex.Unlock()
	switch event := event.(type) {
	case *runtime.EventConsoleAPICalled:
		v.Complaints = append(v.Complaints, "console: "+string(event.Type))
	case *runtime.EventExceptionThrown:
		v.Complaints = append(v.Complaints, "exception: "+event.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if event.Entry.Source != log.EntrySourceNetwork {
			v.Complaints = append(v.Complaints, "log: "+event.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		v.Asked = append(v.Asked, event.Request.Method+" "+event.Request.URL)
	}
}

// Do runs actions in the page.
func (v *Visitor) Do(actions ...chromedp.Action[chromedp.Void]) {
	v.T.Helper()
	if err := chromedp.Do(v.Ctx, actions...); err != nil {
		v.T.Fatal(err)
	}
}
