package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// A tool reads a report that `credmock verify --report json=FILE` has written. It does not need the suite.
func Example() {
	text := `{"tool": "credmock", "version": "0.1.0", "verdict": "violates", "reason": "1 of 2 checks that count failed", "checks": [
		{"id": "envelope/get/meta", "rule": "The answer of get has an object meta.", "level": "must", "outcome": "pass"},
		{"id": "fields/get/url", "rule": "get shows the url that was sent.", "level": "must", "outcome": "fail",
		 "findings": [{"seen": "another value", "owed": "the one that was sent"}]}]}`
	var found report.Report
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		fmt.Println(err)
		return
	}
	for _, check := range found.Checks {
		if check.Outcome == report.Fail {
			fmt.Println(check.ID+":", check.Findings[0].Seen)
		}
	}
	fmt.Println("exit code", found.ExitCode())
	// Output:
	// fields/get/url: another value
	// exit code 1
}

func ExampleReadKnown() {
	known, err := report.ReadKnown(strings.NewReader("- id: fields/get/url\n  reason: ticket 12\n"))
	fmt.Println(len(known), err)
	_, err = report.ReadKnown(strings.NewReader("- id: fields/get/url\n"))
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// line 1: fields/get/url has no reason; say why the failure is accepted
}

func init() {
	report.JudgeBroken = func(t *testing.T) (report.Report, error) {
		mock := mockserver.Start(t)
		return contract.Judge(t.Context(), contract.Target{
			URL: mock.URL, Token: mock.Token, Transport: versionless{http.DefaultTransport}, Run: "^(envelope|auth)/.*(version|viewer|meta)",
		})
	}
	report.PlanAll = func() ([]report.Result, error) { return contract.Plan(contract.Target{}) }
}

// versionless takes meta.version from every answer.
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
