package contract

import (
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

// Run judges target as a test: each check is a subtest with the check's id. A MUST that fails or cannot be judged
// fails its subtest, and so does a SHOULD with target.Strict; a check that the target lacks something for is skipped.
func Run(t *testing.T, target Target) {
	t.Helper()
	report, err := Judge(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Checks {
		t.Run(result.ID, func(t *testing.T) { report.tell(t, result) })
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
	textResult(&text, r, result)
	switch {
	case r.broken(result), r.troubled(result):
		t.Error(text.String())
	case result.Outcome == Skip:
		t.Skip(result.Reason)
	case result.Outcome != Pass && result.Level == credmock.Should:
		t.Log(text.String())
	}
}
