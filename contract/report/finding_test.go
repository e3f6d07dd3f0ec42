package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// The longest findings of the suite.
const (
	maxFindings    = 8
	longBody       = 2000
	longestExcerpt = 1200
)

// Only the suite makes a finding that counts others: no text of a target is taken for one.
func TestMoreOfThisKindIsNoText(t *testing.T) {
	known := KnownFailure{ID: "x/y", Reason: "x", Finding: "member"}
	for _, row := range []struct {
		finding Finding
		known   bool
	}{{more(3, "x"), true}, {Finding{Seen: "a member"}, true}, {Finding{Seen: moreOfThisKind + " (3)"}, false}} {
		if known.matches(row.finding) != row.known {
			t.Errorf("%+v", row.finding)
		}
	}
}

// The longest report that a target can cause has a bound in every format, of eight times its budget: formats escape what texts hold.
// An eighth of the budget shows that as well.
func TestAReportIsBounded(t *testing.T) {
	t.Parallel()
	const budget, checks = reportBudget / 8, 150 / 8
	text := strings.Repeat(`"<`, 2500)
	short := foreign.Text(text).Short()
	report := Report{Tool: "credmock", Version: "x", Verdict: Violates, Reason: text}
	for i := range checks {
		result := Result{ID: fmt.Sprintf("fields/get/%d", i), Rule: "x", Level: credmock.Must, Outcome: Fail, Reason: text}
		for range maxFindings {
			result.Findings = append(result.Findings, Finding{
				Seen: short, Owed: short, Where: short, Reproduce: text[:2*longBody], Answer: text[:2*longestExcerpt],
			})
		}
		result.Findings = CountUntold(result.Findings, short)
		report.Checks = append(report.Checks, result)
		report.LeftBehind = append(report.LeftBehind, "DELETE /v1/authcredentials/"+text)
	}
	report.bound(budget)
	for _, format := range Formats() {
		if size := len(render(t, format, report)); size > 8*budget {
			t.Errorf("%s: %d bytes", format, size)
		}
	}
	last := report.Checks[checks-1].Findings
	if len(last) != 2 || last[1].untold != maxFindings || last[0].Reproduce != "" || last[0].Seen != short ||
		len(report.Checks[0].Findings) != maxFindings+1 {
		t.Errorf("the last check has %d findings: %.200v", len(last), last)
	}
}
