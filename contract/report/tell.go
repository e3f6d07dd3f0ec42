package report

import (
	"io"
	"strings"
)

// T is the part of *testing.T that Tell uses.
type T interface {
	Helper()
	Log(arguments ...any)
	Skip(arguments ...any)
	Error(arguments ...any)
	Fatal(arguments ...any)
}

// Printable returns a copy of the report in which every text is printable and has one line. Answers keep their lines.
func (r Report) Printable() Report { return printed(r) }

// Tell ends the test of one check: a result that counts against the target fails it.
func (r Report) Tell(t T, result Result) {
	t.Helper()
	var text strings.Builder
	// The output of a test is guarded like a report.
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

// TellRest fails the test for problems of the whole run: stale entries, things left behind, and an inconclusive verdict.
func (r Report) TellRest(t T) {
	t.Helper()
	for _, entry := range r.Stale {
		t.Error("the known failure " + entry.place() + " is stale: " + entry.Why)
	}
	for _, left := range r.LeftBehind {
		t.Error("left behind: " + left)
	}
	if r.Verdict == Inconclusive {
		t.Error("verdict: " + string(r.Verdict) + ": " + r.Reason)
	}
}

func writeResult(w io.Writer, report Report) error {
	_, err := io.WriteString(w, report.resultText(report.Checks[0]))
	return err
}
