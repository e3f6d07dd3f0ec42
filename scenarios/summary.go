package scenarios

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/engine"
)

// Outcome is the outcome of one script.
type Outcome string

// The outcomes of a script.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // it needs what this run does not have
	Trouble Outcome = "trouble" // the server gave no answer, so nothing can be said of it
)

// Result is one script and its outcome. It never holds a token or a secret.
type Result struct {
	File    string
	Outcome Outcome
	// Reason says why a script was skipped.
	Reason string
	// Log is the transcript: passed phases by their headings, a failed one whole.
	Log        string
	Duration   time.Duration
	Assertions int
	// LeftBehind names the resources that the script created and could not delete, as METHOD and path.
	LeftBehind []string
}

func newResult(file string, ending engine.Result) Result {
	return Result{
		File: file, Outcome: Outcome(ending.Outcome), Reason: ending.Reason, Log: ending.Log, Duration: ending.Duration,
		Assertions: ending.Assertions, LeftBehind: ending.LeftBehind,
	}
}

// words begin the line of a script.
var words = map[Outcome]string{Passed: "ok  ", Failed: "FAIL", Skipped: "skip", Trouble: "FAIL"}

func (r Result) write(out io.Writer, verbose bool) {
	note := ""
	switch {
	case r.Outcome == Skipped:
		note = ": " + r.Reason
	case r.Assertions == 0 && r.Outcome == Passed:
		note = " (asserts nothing)"
	}
	fmt.Fprintf(out, "%s %s %dms%s\n", words[r.Outcome], foreign.Text(r.File), r.Duration.Milliseconds(), note)
	if r.Log != "" && (verbose || r.Outcome == Failed || r.Outcome == Trouble) {
		fmt.Fprintln(out, "    "+strings.ReplaceAll(r.Log, "\n", "\n    "))
	}
	for _, left := range r.LeftBehind {
		fmt.Fprintf(out, "    left behind: %s\n", left)
	}
}

// report hands the result to a test.
func (r Result) report(t *testing.T) {
	t.Helper()
	for _, left := range r.LeftBehind {
		t.Errorf("left behind: %s", left)
	}
	switch r.Outcome {
	case Skipped:
		t.Skip(r.Reason)
	case Failed, Trouble:
		t.Error("\n" + r.Log)
	default:
		t.Log("\n" + r.Log)
	}
}

// Summary is the outcome of a run.
type Summary struct {
	Results []Result
	// Target is the base URL of the server; empty for a fresh mock for each script.
	Target string
	// Refused is the flag of a token that the server refuses, such as --token; empty for none. It ended the run.
	Refused string
	// Interrupted tells that the run was ended before all scripts had run.
	Interrupted bool
	// Stopped tells that the run ended at its first failure.
	Stopped bool
	// TimedOut tells that the time of the run was over before all scripts had run.
	TimedOut bool
}

// failed tells whether a script failed.
func (s Summary) failed() bool { return s.Count(Failed)+s.Count(Trouble) > 0 }

// Count returns how many scripts had the outcome.
func (s Summary) Count(outcome Outcome) int {
	count := 0
	for _, result := range s.Results {
		if result.Outcome == outcome {
			count++
		}
	}
	return count
}

// Assertions returns how many assertions were made.
func (s Summary) Assertions() int {
	count := 0
	for _, result := range s.Results {
		count += result.Assertions
	}
	return count
}

// ExitCode is the exit code that `credmock run` ends with.
func (s Summary) ExitCode() int {
	switch {
	case s.Interrupted:
		return report.ExitInterrupted
	case s.Count(Failed) > 0:
		return report.ExitViolates
	case s.Refused != "" || s.Count(Trouble) > 0 || s.TimedOut || s.Assertions() == 0:
		return report.ExitInconclusive
	case s.leftBehind() > 0:
		return report.ExitLeftBehind
	}
	return report.ExitConforms
}

// withoutPassword returns a URL as it may be shown.
func withoutPassword(target string) string {
	shown, err := url.Parse(target)
	if err != nil {
		return "the server of the URL"
	}
	return shown.Redacted()
}

func (s Summary) leftBehind() int {
	count := 0
	for _, result := range s.Results {
		count += len(result.LeftBehind)
	}
	return count
}

func (s Summary) write(out io.Writer) {
	against := "a fresh mock for each"
	if s.Target != "" {
		against = foreign.Text(withoutPassword(s.Target)).String()
	}
	fmt.Fprintf(out, "\n%s: %d passed, %d failed, %d skipped; %s; against %s\n", bound.Count(len(s.Results), "scenario"),
		s.Count(Passed), s.Count(Failed)+s.Count(Trouble), s.Count(Skipped), bound.Count(s.Assertions(), "assertion"), against)
	switch {
	case s.Interrupted:
		fmt.Fprintln(out, "interrupted: not every scenario ran")
	case s.Stopped:
		fmt.Fprintln(out, "the run ended at its first failure (--fail-fast): not every scenario ran")
	case s.Refused != "":
		fmt.Fprintln(out, "inconclusive: the server answers 401 to the token of "+s.Refused+"; give the one that it knows")
	case s.TimedOut:
		fmt.Fprintln(out, "inconclusive: the time was over before every scenario had run; give more with --timeout")
	case s.Count(Trouble) > 0:
		fmt.Fprintln(out, "inconclusive: a request got no answer that can be judged")
	case s.Count(Failed) == 0 && s.Assertions() == 0:
		fmt.Fprintln(out, "inconclusive: checked nothing, as no scenario made an assertion")
	}
	if left := s.leftBehind(); left > 0 {
		fmt.Fprintf(out, "%s could not be deleted; each is named above\n", bound.Count(left, "thing"))
	}
}
