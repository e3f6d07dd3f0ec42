package report_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/credmock/credmock/contract/report"
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
	// line 1: fields/get/url has no reason; say why the failure is borne with
}
