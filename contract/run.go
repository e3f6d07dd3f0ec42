package contract

import (
	"io"
	"strings"
	"testing"
)

// Run judges target as a test: each check is a subtest with the check's id. A MUST that fails or cannot be judged
// fails its subtest, and so does a SHOULD with target.Strict; a check that the target lacks something for is skipped.
func Run(t *testing.T, target Target) {
	t.Helper()
	report, err := Judge(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	report = printed(report)
	for _, result := range report.Checks {
		t.Run(result.ID, func(t *testing.T) { report.tell(t, result) })
	}
	for _, entry := range report.Stale {
		t.Errorf("the known failure %s is stale: %s", entry.place(), entry.Why)
	}
	for _, left := range report.LeftBehind {
		t.Errorf("left behind: %s", left)
	}
	if report.Verdict == Inconclusive {
		t.Errorf("verdict: %s: %s", report.Verdict, report.Reason)
	}
}

func (r Report) tell(t *testing.T, result Result) {
	t.Helper()
	var text strings.Builder
	// What a test prints is a report as well: it goes through the same guard.
	one := r
	one.Checks = []Result{result}
	if err := guarded(&text, "text", one, writeResult); err != nil {
		t.Fatal(err)
	}
	switch r.standing(result) {
	case standingFailed, standingTroubled:
		t.Error(text.String())
	case standingKnown:
		t.Skip("a known failure: " + text.String())
	case standingSkipped:
		t.Skip(result.Reason)
	case standingWarned, standingUnjudged:
		t.Log(text.String())
	case standingPassed:
	}
}

func writeResult(w io.Writer, report Report) error {
	_, err := io.WriteString(w, report.resultText(report.Checks[0]))
	return err
}
