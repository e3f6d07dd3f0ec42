// Package report holds the results of a run of the suite, and writes them as text, JSON, JUnit, CTRF, TAP, SARIF, Markdown and HTML. It
// also reads the list of known failures.
//
// It does not know how the suite judges, so a tool can read and write reports without the suite.
package report

import (
	"io"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report/coverage"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// Outcome is the outcome of one check.
type Outcome string

// The outcomes of a check.
const (
	Pass    Outcome = "pass"
	Fail    Outcome = "fail"
	Skip    Outcome = "skip"    // the target lacks what the check needs
	Trouble Outcome = "trouble" // the check could not be judged
)

// Verdict is the verdict of a whole run.
type Verdict string

// The verdicts of a run.
const (
	Conforms     Verdict = "conforms"     // every MUST passed, and all could be judged
	Violates     Verdict = "violates"     // a MUST failed, or with Strict a SHOULD
	Inconclusive Verdict = "inconclusive" // it could not be judged
)

// The exit codes of a run.
const (
	ExitConforms     = 0
	ExitViolates     = 1
	ExitUsage        = 2
	ExitInconclusive = 3
	ExitStale        = 4
	ExitLeftBehind   = 5
	ExitInterrupted  = 130
)

// UsageError says that a setting of the user cannot be used, such as an unknown name or an invalid expression.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Report is the result of a run. Its JSON form is stable: members are added, but never changed.
type Report struct {
	Tool    string `json:"tool"`
	Version string `json:"version"`
	Target  string `json:"target"`
	// Mock is true if the target is the mock of this process.
	Mock    bool     `json:"mock,omitempty"`
	Seed    int64    `json:"seed"`
	Strict  bool     `json:"strict"`
	Accept  []string `json:"accept,omitempty"`
	Verdict Verdict  `json:"verdict"`
	// Reason explains the verdict in a sentence.
	Reason string          `json:"reason"`
	Counts map[Outcome]int `json:"counts"`
	// Standings counts the checks by outcome and by whether they count: a broken SHOULD is a warning, and no failure.
	Standings map[string]int `json:"standings,omitempty"`
	// Started is when the run began.
	Started      time.Time    `json:"started,omitzero"`
	Requests     int          `json:"requests"`
	Milliseconds int64        `json:"milliseconds"`
	Capabilities []Capability `json:"capabilities"`
	// Causes are what the failures have in common, the worst first.
	Causes []Cause  `json:"causes,omitempty"`
	Checks []Result `json:"checks"`
	// Notes say how the run differed from an ordinary one, a sentence each.
	Notes []string `json:"notes,omitempty"`
	// Coverage is the part of the contract that was judged. It is nil for a report of an earlier version.
	Coverage *coverage.Coverage `json:"coverage,omitempty"`
	// Interrupted is true if the caller ended the run early.
	Interrupted bool `json:"interrupted,omitempty"`
	// KnownFailures is the number of failures that do not count because the ledger lists them.
	KnownFailures int `json:"knownFailures,omitempty"`
	// Stale are the entries of the ledger that are no longer true.
	Stale []StaleEntry `json:"stale,omitempty"`
	// LeftBehind are the things that this run created and could not delete, as METHOD and path.
	LeftBehind []string `json:"leftBehind,omitempty"`

	// Document is the name of the file with the document, for formats that point into it; empty for the embedded one.
	Document string `json:"-"`
	// Lines are the lines of the operations in the document, by method and path.
	Lines map[string]int `json:"-"`
	// Exchanges are the requests of the run, in the order in which they began.
	Exchanges []Exchange `json:"-"`
	// Former is the comparison with a former run; nil if there is none.
	Former *Comparison `json:"compared,omitempty"`
	// Verbose makes the text report show every finding, and not only the causes.
	Verbose bool `json:"-"`
	// Detector knows the secrets of the run, so that no report shows one. It is nil for a report read from a file.
	Detector *leak.Detector `json:"-"`

	ownReason string // the own part of Reason
}

// Capability is something that the target can or cannot do, and how the run found out.
type Capability struct {
	Name       string `json:"name"`
	Present    bool   `json:"present"`
	Provenance string `json:"provenance"`
	// Strategy is true if the capability is that of taking a strategy of this name.
	Strategy bool `json:"strategy,omitempty"`

	provenance foreign.Mixed
}

// NewCapability returns a capability with its provenance.
func NewCapability(name string, present bool, provenance foreign.Mixed) Capability {
	return Capability{Name: name, Present: present, Provenance: provenance.String(), provenance: provenance}
}

// Why returns the provenance with its origin.
func (c Capability) Why() foreign.Mixed { return c.provenance }

// Result is one check and its outcome.
type Result struct {
	ID     string            `json:"id"`
	Rule   string            `json:"rule"`
	Level  credmock.Level    `json:"level"`
	Source credmock.Evidence `json:"source"`
	// Cites is the page and the heading on which the rule stands.
	Cites   string  `json:"cites,omitempty"`
	Outcome Outcome `json:"outcome"`
	// Standing is the outcome in the words of every format, such as passed, failed or warning; see [Report.Standing].
	Standing string `json:"standing,omitempty"`
	// Started is when the check began, and Milliseconds how long it took. Checks run side by side.
	Started      time.Time `json:"started,omitzero"`
	Milliseconds float64   `json:"milliseconds,omitempty"`
	// Reason says why the check was skipped or could not be judged.
	Reason string `json:"reason,omitempty"`
	// Known is the ledger's reason for accepting the failure.
	Known    string    `json:"known,omitempty"`
	Findings []Finding `json:"findings,omitempty"`

	// Scenario is a scenario file that fails for the same reason; see [Report.WriteScenarios]. It is empty unless the check
	// failed.
	Scenario string `json:"-"`

	ownReason string
	optional  bool // it was skipped for want of a strategy
}

// SkipFor skips the check for want of a capability. Want of a strategy is told with the capabilities alone.
func (r *Result) SkipFor(lacking Capability) {
	r.Because(Skip, lacking.Why())
	r.optional = lacking.Strategy
}

// Because sets the outcome of the check and its reason.
func (r *Result) Because(outcome Outcome, reason foreign.Mixed) {
	r.Outcome, r.Reason, r.ownReason = outcome, reason.String(), reason.Own()
}

// ExitCode returns the exit code of `credmock verify` for this report.
func (r Report) ExitCode() int {
	switch {
	case r.Interrupted:
		return ExitInterrupted
	case r.Verdict == Violates:
		return ExitViolates
	case r.Verdict == Inconclusive:
		return ExitInconclusive
	case len(r.Stale) > 0:
		return ExitStale
	case len(r.LeftBehind) > 0:
		return ExitLeftBehind
	}
	return ExitConforms
}

// Broken tells whether a result counts against the target.
func (r Report) Broken(result Result) bool {
	return result.Outcome == Fail && result.Known == "" && (result.Level == credmock.Must || r.Strict)
}

// troubled tells whether a result prevents the verdict that the target conforms.
func (r Report) troubled(result Result) bool {
	return result.Outcome == Trouble && (result.Level == credmock.Must || r.Strict)
}

// Causes are the reasons why a run has not judged everything. Each may be empty.
type Causes struct {
	Trouble foreign.Mixed // why nothing could be judged
	Refusal foreign.Mixed // set if the target refused everything
	Hint    foreign.Mixed // what to look at if checks could not be judged
	TooFew  foreign.Mixed // set if too little was judged
}

// Conclude counts the results and sets the verdict with its reason. It shortens long texts.
func (r *Report) Conclude(causes Causes) {
	r.Counts = map[Outcome]int{Pass: 0, Fail: 0, Skip: 0, Trouble: 0}
	r.Standings = map[string]int{}
	for i, result := range r.Checks {
		r.Counts[result.Outcome]++
		r.Checks[i].Standing = r.Standing(result)
		r.Standings[r.Standing(result)]++
		if result.Known != "" {
			r.KnownFailures++
		}
	}
	r.because(r.verdict(causes))
	r.bound(reportBudget)
}

func (r *Report) because(verdict Verdict, reason foreign.Mixed) {
	r.Verdict, r.Reason, r.ownReason = verdict, reason.String(), reason.Own()
}

// counting returns how many checks count and were not skipped, and how many of them failed and could not be judged.
func (r Report) counting() (broken, troubled, all int) {
	for _, result := range r.Checks {
		if result.Outcome != Skip && (result.Level == credmock.Must || r.Strict) {
			all++
		}
		if r.Broken(result) {
			broken++
		}
		if r.troubled(result) {
			troubled++
		}
	}
	return broken, troubled, all
}

// verdict returns the verdict and its reason. A target that was not seen never conforms.
func (r *Report) verdict(causes Causes) (Verdict, foreign.Mixed) {
	broken, troubled, counting := r.counting()
	var unjudged foreign.Mixed
	if troubled > 0 && !causes.Hint.IsEmpty() {
		unjudged = foreign.Say("; %s", causes.Hint)
	}
	switch {
	case !causes.Trouble.IsEmpty():
		return Inconclusive, causes.Trouble
	case !causes.Refusal.IsEmpty():
		return Inconclusive, causes.Refusal
	case broken > 0:
		return Violates, foreign.Say("%d of %d checks that count failed%s", broken, counting, unjudged)
	case r.Interrupted:
		return Inconclusive, foreign.Say("the run was interrupted")
	case troubled > 0:
		return Inconclusive, foreign.Say("%d checks that count could not be judged%s", troubled, unjudged)
	case !causes.TooFew.IsEmpty():
		return Inconclusive, causes.TooFew
	case r.Counts[Pass]+r.Counts[Fail] == 0:
		return Inconclusive, foreign.Say("nothing was checked: every selected check was skipped")
	}
	if r.KnownFailures > 0 {
		return Conforms, foreign.Say("every check that counts passed, but for %d known failures", r.KnownFailures)
	}
	return Conforms, foreign.Say("every check that counts passed")
}

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
	if err := guarded(&text, one, writeResult); err != nil {
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
		t.Error("verdict: " + r.judgement() + ": " + r.Reason)
	}
}

func writeResult(w io.Writer, report Report) error {
	_, err := io.WriteString(w, report.resultText(report.Checks[0]))
	return err
}
