package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/foreign"
)

// KnownFailure is an entry of the ledger of known failures: a check that may fail for now, and why.
type KnownFailure struct {
	// ID is the id of the check.
	ID string
	// Reason says why the failure is accepted. It is required.
	Reason string
	// Expires is the last day on which the entry holds. If zero, it holds until it is removed.
	Expires time.Time
	// Finding is a part of a finding, or a regular expression that matches it. If empty, every finding of the check is known.
	Finding string
	// Line is the line of the entry in its file. May be zero.
	Line int
}

// StaleEntry is an entry of the ledger that is no longer true.
type StaleEntry struct {
	ID   string `json:"id"`
	Line int    `json:"line,omitempty"`
	Why  string `json:"why"`

	ownWhy string
}

// place returns the place of the entry for a report.
func (e StaleEntry) place() string {
	if e.Line == 0 {
		return e.ID
	}
	return fmt.Sprintf("%s (line %d)", e.ID, e.Line)
}

// matches tells whether a finding is the entry's. A finding that only counts others is of the kind before it.
func (k KnownFailure) matches(finding Finding) bool {
	if k.Finding == "" || finding.untold > 0 || strings.Contains(finding.Seen, k.Finding) {
		return true
	}
	expression, err := regexp.Compile(k.Finding)
	return err == nil && expression.MatchString(finding.Seen)
}

// expired tells whether the entry's last day has ended. Days are in UTC, so that a run ends the same everywhere.
func (k KnownFailure) expired(now time.Time) bool {
	return !k.Expires.IsZero() && now.UTC().Format(time.DateOnly) > k.Expires.Format(time.DateOnly)
}

// Check refuses an incomplete entry. The error is a [*UsageError] or nil.
func (k KnownFailure) Check() error {
	if k.ID == "" || strings.TrimSpace(k.Reason) == "" {
		return &UsageError{"a known failure needs the id of a check and a reason"}
	}
	return nil
}

// Weigh marks known failures and collects stale entries. An entry is not stale if its check was not selected or could not be
// judged. planned has the ids of all checks, selected or not.
func (r *Report) Weigh(known []KnownFailure, planned map[string]bool, now time.Time) {
	results := map[string]*Result{}
	for i := range r.Checks {
		result := &r.Checks[i]
		results[result.ID] = result
		if result.Outcome == Fail {
			result.Known = reasonFor(*result, known)
		}
	}
	for _, entry := range known {
		if why := entry.stale(results[entry.ID], planned, now); !why.IsEmpty() {
			r.Stale = append(r.Stale, StaleEntry{ID: entry.ID, Line: entry.Line, Why: why.String(), ownWhy: why.Own()})
		}
	}
}

// reasonFor returns why a failure is accepted. It is "" if one of the findings is in no entry: that finding is new.
func reasonFor(result Result, known []KnownFailure) string {
	var reasons []string
	for _, finding := range result.Findings {
		found := false
		for _, entry := range known {
			if entry.ID == result.ID && entry.matches(finding) {
				found = true
				if !slices.Contains(reasons, entry.Reason) {
					reasons = append(reasons, entry.Reason)
				}
			}
		}
		if !found {
			return ""
		}
	}
	return strings.Join(reasons, "; ")
}

// stale returns why the entry is no longer true, or "". result is nil if the check was not selected.
func (k KnownFailure) stale(result *Result, planned map[string]bool, now time.Time) (why foreign.Mixed) {
	switch {
	case result == nil && !planned[k.ID]:
		return foreign.Say("no check has this id")
	case result == nil:
		return why
	case result.Outcome == Pass:
		return foreign.Say("the check passes now; take the entry out")
	case result.Outcome == Fail && !k.matchesAny(result.Findings):
		return foreign.Say("the check fails, but no longer with this finding")
	case k.expired(now):
		return foreign.Say("it expired on %s", k.Expires.Format(time.DateOnly))
	}
	return why
}

func (k KnownFailure) matchesAny(findings []Finding) bool {
	for _, finding := range findings {
		if finding.untold == 0 && k.matches(finding) {
			return true
		}
	}
	return false
}
