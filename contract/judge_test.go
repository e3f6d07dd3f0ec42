package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// Endless headers end a request, and the report says so.
func TestHeadersAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 1000 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("h", 200))
		}
	}))
	defer server.Close()
	for name, transport := range map[string]http.RoundTripper{"our transport": nil, "one that was given": server.Client().Transport} {
		report, err := Judge(t.Context(), Target{URL: server.URL + "/platform", Token: "dev-token", Transport: transport})
		if err != nil || report.Verdict != Inconclusive || !strings.Contains(report.Reason, "headers exceeded") {
			t.Errorf("%s: %s: %s %v", name, report.Verdict, report.Reason, err)
		}
	}
}

// Beyond their bound, scenarios have only the check itself.
func TestScenariosAreBounded(t *testing.T) {
	mock := mockserver.Start(t)
	for _, bound := range []int{wire.DefaultBounds.Scenarios, 1, 0} {
		target := Target{URL: mock.URL, Token: mock.Token, Transport: versionless{http.DefaultTransport},
			Run: "^envelope/(get|list|create)/version$"}
		run, err := prepare(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		run.Bounds.Scenarios = bound
		failed, whole := 0, 0
		for _, result := range run.judge().Checks {
			if result.Outcome == report.Fail {
				failed++
			}
			if strings.Contains(result.Scenario, "\nrequest ") {
				whole++
			}
			if result.Outcome == report.Fail && !strings.Contains(result.Scenario, "\nverify ") {
				t.Errorf("bound %d: %s: %q", bound, result.ID, result.Scenario)
			}
		}
		if want := map[int]int{0: 0, 1: 1}; failed != 3 || bound <= 1 && whole != want[bound] || bound > 1 && whole != failed {
			t.Errorf("bound %d: %d of %d scenarios have requests", bound, whole, failed)
		}
	}
}

// Run passes if only known failures fail.
func TestRunAcceptsKnownFailures(t *testing.T) {
	mock := mockserver.Start(t)
	Run(t, Target{
		URL: mock.URL, Token: mock.Token, Transport: versionless{http.DefaultTransport}, Run: "^envelope/get/(version|meta)$",
		Known: []report.KnownFailure{{ID: "envelope/get/version", Reason: "ticket 12"}},
	})
}

func TestLedgerWithoutReasonsIsRefused(t *testing.T) {
	_, err := Judge(t.Context(), Target{URL: "http://127.0.0.1:1/platform", Known: []report.KnownFailure{{ID: "envelope/get/version"}}})
	var fault *report.UsageError
	if !errors.As(err, &fault) {
		t.Errorf("the error is %v", err)
	}
}

// versionless removes meta.version from every answer.
type versionless struct{ http.RoundTripper }

func (v versionless) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := v.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(`"version":"1.0.0"`), []byte(`"vers1on":"1.0.0"`))))
	return answer, err
}
