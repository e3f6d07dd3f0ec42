package contract

import (
	"testing"
)

// Run judges target as a test: each check is a subtest with the check's id. A MUST that fails or cannot be judged
// fails its subtest, and so does a SHOULD with target.Strict; a check that the target lacks something for is skipped.
func Run(t *testing.T, target Target) {
	t.Helper()
	found, err := Judge(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	found = found.Printable()
	for _, result := range found.Checks {
		t.Run(result.ID, func(t *testing.T) { found.Tell(t, result) })
	}
	found.TellRest(t)
}
