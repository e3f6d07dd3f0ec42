// Package report has what a run of the suite found, and writes it: as text, JSON, JUnit, TAP, SARIF, Markdown and HTML. It also reads
// the ledger of known failures.
//
// It does not know how the suite judges, so a tool can read and write reports without the suite.
package report

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// Outcome is what came of one check.
type Outcome string

// The outcomes of a check.
const (
	Pass    Outcome = "pass"
	Fail    Outcome = "fail"
	Skip    Outcome = "skip"    // the target lacks what the check needs
	Trouble Outcome = "trouble" // the check could not be judged
)

// Verdict is what came of the whole run.
type Verdict string

// The verdicts of a run.
const (
	Conforms     Verdict = "conforms"     // every MUST passed and none was troubled
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

// UsageError says that settings of the user cannot be used: a name or an expression that is wrong, or nothing selected.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Report is everything that a run found. Its JSON form is stable: members are added, never changed.
type Report struct {
	Tool    string   `json:"tool"`
	Version string   `json:"version"`
	Target  string   `json:"target"`
	Seed    int64    `json:"seed"`
	Strict  bool     `json:"strict"`
	Accept  []string `json:"accept,omitempty"`
	Verdict Verdict  `json:"verdict"`
	// Reason says in a sentence why the verdict is what it is.
	Reason       string          `json:"reason"`
	Counts       map[Outcome]int `json:"counts"`
	Requests     int             `json:"requests"`
	Milliseconds int64           `json:"milliseconds"`
	Capabilities []Capability    `json:"capabilities"`
	Checks       []Result        `json:"checks"`
	// Interrupted tells that the caller ended the run early.
	Interrupted bool `json:"interrupted,omitempty"`
	// KnownFailures is how many of the failures the ledger lists: they do not count.
	KnownFailures int `json:"knownFailures,omitempty"`
	// Stale are the entries of the ledger that no longer say what is so.
	Stale []StaleEntry `json:"stale,omitempty"`
	// LeftBehind names what this run created and could not delete, as METHOD and path.
	LeftBehind []string `json:"leftBehind,omitempty"`

	// Detector knows the secrets of the run, so that no report is written that shows one. It is nil for a report that was read from a
	// file.
	Detector *leak.Detector `json:"-"`

	ownReason string // the own part of Reason
}

// Capability says whether the target can do something, and how that was found out.
type Capability struct {
	Name       string `json:"name"`
	Present    bool   `json:"present"`
	Provenance string `json:"provenance"`

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
	// Reason says why a check was skipped or troubled.
	Reason string `json:"reason,omitempty"`
	// Known is why the failure is accepted, as the ledger says it.
	Known    string    `json:"known,omitempty"`
	Findings []Finding `json:"findings,omitempty"`

	// Scenario is a scenario file that fails for the same reason; see [Report.WriteScenarios]. It is empty unless the check failed.
	Scenario string `json:"-"`

	ownReason string
}

// Because sets the outcome of the check and the reason for it.
func (r *Result) Because(outcome Outcome, reason foreign.Mixed) {
	r.Outcome, r.Reason, r.ownReason = outcome, reason.String(), reason.Own()
}

// Finding is one thing that a check saw and should not have, or missed and should have seen. It never holds a secret. All of its texts
// count as the target's, except for what SetReproduce was given as own.
type Finding struct {
	Seen      string `json:"seen"`
	Owed      string `json:"owed"`
	Where     string `json:"where"`
	Reproduce string `json:"reproduce,omitempty"`
	// Answer is the beginning of what the target answered, where it holds no secret.
	Answer string `json:"answer,omitempty" print:"lines"`

	ownReproduce string
	untold       int // how many findings this one stands for
}

// SetReproduce sets the command that shows the finding again.
func (f *Finding) SetReproduce(command foreign.Mixed) {
	f.Reproduce, f.ownReproduce = command.String(), command.Own()
}

// ExitCode is the exit code that `credmock verify` ends with for this report.
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

// troubled tells whether a result keeps the verdict from being that the target conforms.
func (r Report) troubled(result Result) bool {
	return result.Outcome == Trouble && (result.Level == credmock.Must || r.Strict)
}

// Causes say why a run has not judged all that it was to judge. Each may be empty.
type Causes struct {
	Trouble foreign.Mixed // why nothing could be judged
	Refusal foreign.Mixed // that the target refused everything
	Hint    foreign.Mixed // what to look at if checks could not be judged
}

// Conclude counts the results and sets the verdict and its reason. It shortens what is too long.
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

// verdict weighs the results. It never says that a target conforms of which nothing was seen.
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
	case r.Counts[Pass]+r.Counts[Fail] == 0:
		return Inconclusive, foreign.Say("nothing was checked: every selected check was skipped")
	}
	if r.KnownFailures > 0 {
		return Conforms, foreign.Say("every check that counts passed, but for %d known failures", r.KnownFailures)
	}
	return Conforms, foreign.Say("every check that counts passed")
}
