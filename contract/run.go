package contract

import (
	"testing"
)

// Run judges target as a Go test: each check is a subtest named by its id. A subtest fails if a MUST fails or cannot be judged,
// and with target.Strict also for a SHOULD. It is skipped if the target lacks something that the check needs. If nothing can
// be judged, the test fails with one sentence and without subtests.
func Run(t *testing.T, target Target) {
	t.Helper()
	run, err := prepare(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	found := run.judge()
	found = found.Printable()
	if !run.trouble.IsEmpty() {
		t.Fatal("verdict: " + string(found.Verdict) + ": " + found.Reason)
	}
	for _, result := range found.Checks {
		t.Run(result.ID, func(t *testing.T) { found.Tell(t, result) })
	}
	found.TellRest(t)
}
