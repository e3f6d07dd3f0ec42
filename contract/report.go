package contract

import (
	"fmt"
	"slices"
	"time"

	"github.com/credmock/credmock"
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

// The exit codes of a run (the design's section 4).
const (
	ExitConforms     = 0
	ExitViolates     = 1
	ExitUsage        = 2
	ExitInconclusive = 3
	ExitStale        = 4
	ExitLeftBehind   = 5
	ExitInterrupted  = 130
)

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
	Reason       string             `json:"reason"`
	Counts       map[Outcome]int    `json:"counts"`
	Requests     int                `json:"requests"`
	Milliseconds int64              `json:"milliseconds"`
	Capabilities []CapabilityReport `json:"capabilities"`
	Checks       []Result           `json:"checks"`
	// Interrupted tells that the caller ended the run early.
	Interrupted bool `json:"interrupted,omitempty"`
	// KnownFailures is how many of the failures the ledger lists: they do not count.
	KnownFailures int `json:"knownFailures,omitempty"`
	// Stale are the entries of the ledger that no longer say what is so.
	Stale []StaleEntry `json:"stale,omitempty"`
	// LeftBehind names what this run created and could not delete, as METHOD and path.
	LeftBehind []string `json:"leftBehind,omitempty"`

	// detector knows the secrets of the run, so that no report is written that shows one. A report that was read
	// from a file has none.
	detector *leak.Detector
	// session holds what was sent and received, for the scenarios that reproduce a failure.
	session *session
}

// CapabilityReport says whether the target can do something, and how that was found out.
type CapabilityReport struct {
	Name       string `json:"name"`
	Present    bool   `json:"present"`
	Provenance string `json:"provenance"`
}

// Result is one check and its outcome.
type Result struct {
	ID      string            `json:"id"`
	Rule    string            `json:"rule"`
	Level   credmock.Level    `json:"level"`
	Source  credmock.Evidence `json:"source"`
	Outcome Outcome           `json:"outcome"`
	// Reason says why a check was skipped or troubled.
	Reason string `json:"reason,omitempty"`
	// Known is why a failure is borne with, as the ledger says it.
	Known    string    `json:"known,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Finding is one thing that a check saw and should not have, or missed and should have seen. It never holds a secret.
type Finding struct {
	Seen      string `json:"seen"`
	Owed      string `json:"owed"`
	Where     string `json:"where"`
	Reproduce string `json:"reproduce,omitempty"`
	// Answer is the beginning of what the target answered, where it holds no secret.
	Answer string `json:"answer,omitempty" print:"lines"`

	scope string // of the request that it is about
	turn  int    // of that request in its scope
	// untold is how many findings this one stands for.
	untold int
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

// report sums the run up.
func (r *run) report(left []string, trouble string, interrupted bool) Report {
	report := Report{
		Tool: "credmock", Version: credmock.ToolVersion, Target: r.base, Seed: r.target.Seed, Strict: r.target.Strict,
		Accept: r.target.Accept, Counts: map[Outcome]int{Pass: 0, Fail: 0, Skip: 0, Trouble: 0},
		Requests: int(r.requests.Load()), Milliseconds: time.Since(r.started).Milliseconds(),
		Checks: r.results, LeftBehind: left, Interrupted: interrupted, detector: r.detector, session: r.session,
	}
	for _, name := range []capability{capabilityEnvironments, capabilitySecond, capabilityDestinations, capabilityViewer, capabilityOther} {
		if have, known := r.capabilities[name]; known {
			report.Capabilities = append(report.Capabilities, have)
		}
	}
	report.settleLedger(r.target.Known, r.planned(), r.started)
	for _, result := range report.Checks {
		report.Counts[result.Outcome]++
		if result.Known != "" {
			report.KnownFailures++
		}
	}
	report.Verdict, report.Reason = report.verdict(r.refusedAll(), trouble, r.hint())
	report.bound()
	return report
}

// planned returns the ids of all checks that follow from the document, selected or not.
func (r *run) planned() map[string]bool {
	ids := map[string]bool{}
	for _, c := range plan(r.spec, r.target.Accept) {
		ids[c.id] = true
	}
	return ids
}

// refusedAll says so where the target has done nothing at all that was asked.
func (r *run) refusedAll() string {
	if slices.ContainsFunc(r.everything(), (*exchange).success) {
		return ""
	}
	return "the target refused everything; " + r.lookAtURL()
}

// verdict weighs the results; it never says that a target conforms which nothing was seen of. The hint says what to look
// at where checks could not be judged.
func (r Report) verdict(refusedAll, trouble, hint string) (Verdict, string) {
	broken, troubled := 0, 0
	for _, result := range r.Checks {
		if r.broken(result) {
			broken++
		}
		if r.troubled(result) {
			troubled++
		}
	}
	unjudged := ""
	if troubled > 0 && hint != "" {
		unjudged = "; " + hint
	}
	switch {
	case trouble != "":
		return Inconclusive, trouble
	case refusedAll != "":
		return Inconclusive, refusedAll
	case broken > 0:
		return Violates, fmt.Sprintf("%d of %d checks that count failed", broken, len(r.Checks)) + unjudged
	case r.Interrupted:
		return Inconclusive, "the run was interrupted"
	case troubled > 0:
		return Inconclusive, fmt.Sprintf("%d checks that count could not be judged", troubled) + unjudged
	case r.Counts[Pass]+r.Counts[Fail] == 0:
		return Inconclusive, "nothing was checked: every selected check was skipped"
	}
	if r.KnownFailures > 0 {
		return Conforms, fmt.Sprintf("every check that counts passed, but for %d known failures", r.KnownFailures)
	}
	return Conforms, "every check that counts passed"
}
