// Package report has what a run of the suite found, and writes it: as text, JSON, JUnit, TAP, SARIF, Markdown and HTML. It also reads
// the ledger of known failures.
//
// It does not know how the suite judges, so a tool can read and write reports without the suite.
package report

import (
	"io"
	"strconv"
	"strings"

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
	Reason       string          `json:"reason"`
	Counts       map[Outcome]int `json:"counts"`
	Requests     int             `json:"requests"`
	Milliseconds int64           `json:"milliseconds"`
	Capabilities []Capability    `json:"capabilities"`
	Checks       []Result        `json:"checks"`
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
	ID      string            `json:"id"`
	Rule    string            `json:"rule"`
	Level   credmock.Level    `json:"level"`
	Source  credmock.Evidence `json:"source"`
	Outcome Outcome           `json:"outcome"`
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

// Finding is a violation that a check has found: the value that it saw, and the one that it should have seen. It never holds a
// secret. All of its texts count as the target's, except for the own parts given to SetReproduce.
type Finding struct {
	Seen      string `json:"seen"`
	Owed      string `json:"owed"`
	Where     string `json:"where"`
	Reproduce string `json:"reproduce,omitempty"`
	// Answer is the beginning of the target's answer, unless that holds a secret.
	Answer string `json:"answer,omitempty" print:"lines"`

	ownReproduce string
	untold       int // the number of findings that this one counts
}

// SetReproduce sets the command that reproduces the finding.
func (f *Finding) SetReproduce(command foreign.Mixed) {
	f.Reproduce, f.ownReproduce = command.String(), command.Own()
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

// broken tells whether a result counts against the target.
func (r Report) broken(result Result) bool {
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
	for _, result := range r.Checks {
		r.Counts[result.Outcome]++
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

// verdict returns the verdict and its reason. A target that was not seen never conforms.
func (r *Report) verdict(causes Causes) (Verdict, foreign.Mixed) {
	broken, troubled := 0, 0
	for _, result := range r.Checks {
		if r.broken(result) {
			broken++
		}
		if r.troubled(result) {
			troubled++
		}
	}
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
		return Violates, foreign.Say("%d of %d checks that count failed%s", broken, len(r.Checks), unjudged)
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
		t.Error("verdict: " + r.judgement() + ": " + r.Reason)
	}
}

func writeResult(w io.Writer, report Report) error {
	_, err := io.WriteString(w, report.resultText(report.Checks[0]))
	return err
}

// moreOfThisKind begins the text of a finding that only counts others.
const moreOfThisKind = "more of this kind"

// Alike tells whether two findings say the same, apart from their requests.
func (f Finding) Alike(other Finding) bool {
	return f.Seen == other.Seen && f.Owed == other.Owed && f.Where == other.Where
}

// CountUntold counts one more finding that is not reported itself, in the last of the findings.
func CountUntold(told []Finding, owed string) []Finding {
	if last := len(told) - 1; last >= 0 && told[last].untold > 0 {
		return append(told[:last], more(told[last].untold+1, told[last].Owed))
	}
	return append(told, more(1, owed))
}

// more returns a finding that counts others.
func more(untold int, owed string) Finding {
	return Finding{Seen: moreOfThisKind + " (" + strconv.Itoa(untold) + ")", Owed: owed, untold: untold}
}

// reportBudget bounds the bytes of a report's findings. Beyond it a check reports only its first finding, without request and
// answer.
const reportBudget = 4 << 20

// bound bounds the texts of the report, and its findings by a budget of bytes.
func (r *Report) bound(budget int) {
	r.Reason = foreign.Text(r.Reason).Short()
	for i, left := range r.LeftBehind {
		r.LeftBehind[i] = foreign.Text(left).Short()
	}
	for i := range r.Capabilities {
		r.Capabilities[i].Provenance = foreign.Text(r.Capabilities[i].Provenance).Short()
	}
	size := 0
	for i := range r.Checks {
		check := &r.Checks[i]
		check.Reason = foreign.Text(check.Reason).Short()
		for _, finding := range check.Findings {
			size += len(finding.Seen) + len(finding.Owed) + len(finding.Where) + len(finding.Reproduce) + len(finding.Answer)
		}
		if size > budget {
			check.Findings = firstOf(check.Findings)
		}
	}
}

// firstOf returns the first of many findings, shortened, and the number of the others.
func firstOf(findings []Finding) []Finding {
	if len(findings) == 0 {
		return nil
	}
	first := findings[0]
	first.Reproduce, first.Answer = "", ""
	untold := 0
	for _, finding := range findings[1:] {
		untold += max(1, finding.untold)
	}
	if untold == 0 {
		return []Finding{first}
	}
	return []Finding{first, more(untold, first.Owed)}
}
