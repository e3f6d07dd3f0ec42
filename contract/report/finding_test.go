package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// The most that the suite puts into a report.
const (
	maxFindings    = 8
	longBody       = 2000
	longestExcerpt = 1200
)

// What stands for further findings is known as soon as those before it are, and no text of a target is taken for it.
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

// The longest report that a target can bring about has a bound in every format. The texts become five times as long there.
func TestAReportIsBounded(t *testing.T) {
	const most = 32 << 20
	text := strings.Repeat(`"<`, 2500)
	report := Report{Tool: "credmock", Version: "x", Verdict: Violates, Reason: text}
	for i := range 150 {
		result := Result{ID: fmt.Sprintf("fields/get/%d", i), Rule: "x", Level: credmock.Must, Outcome: Fail, Reason: text}
		for range maxFindings {
			result.Findings = append(result.Findings, Finding{
				Seen: foreign.Text(text).Short(), Owed: foreign.Text(text).Short(), Where: foreign.Text(text).
					Short(), Reproduce: text[:2*longBody], Answer: text[:2*longestExcerpt],
			})
		}
		result.Findings = CountUntold(result.Findings, foreign.Text(text).Short())
		report.Checks = append(report.Checks, result)
		report.LeftBehind = append(report.LeftBehind, "DELETE /v1/authcredentials/"+text)
	}
	report.bound()
	for _, format := range Formats() {
		if size := len(render(t, format, report)); size > most {
			t.Errorf("%s: %d bytes", format, size)
		}
	}
	last := report.Checks[149].Findings
	if len(last) != 2 || last[1].untold != maxFindings || last[0].Reproduce != "" || last[0].Seen != foreign.Text(text).
		Short() || len(report.Checks[0].Findings) != maxFindings+1 {
		t.Errorf("the last check has %d findings: %.200v", len(last), last)
	}
}
