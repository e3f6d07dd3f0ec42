package mutants

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// Judge judges a running mutant with the checks that run selects (all if it is empty). It returns the ids of failed checks and
// the verdict.
type Judge func(ctx context.Context, m Mutant, handler http.Handler, run string) (failed []string, verdict string, err error)

// Row is one line of the kill matrix.
type Row struct {
	Mutant  string   `json:"mutant"`
	Killer  string   `json:"killer,omitempty"`
	Failed  []string `json:"failed"`
	Verdict string   `json:"verdict"`
	// Killed is true if the intended checks failed or, without such checks, if the verdict is the intended one.
	Killed bool `json:"killed"`
	// Accused is true if a sound variant did not conform.
	Accused bool `json:"accused,omitempty"`
}

// Right tells whether the suite judged the mutant correctly.
func (r Row) Right() bool { return r.Killed && !r.Accused }

// Selection returns the regular expression of the mutant's checks. It is "" (all checks) for sound variants and mutants without a
// killer.
func (m Mutant) Selection() string {
	switch {
	case m.Killer == "":
		return ""
	case m.Also == "":
		return "^" + regexp.QuoteMeta(m.Killer) + "$"
	}
	return "^(" + regexp.QuoteMeta(m.Killer) + "|" + regexp.QuoteMeta(m.Also) + ")$"
}

// Examine wraps a fresh sound server in the mutant, judges it with the selected checks, and compares the result.
func Examine(ctx context.Context, m Mutant, sound http.Handler, judge Judge, run string) (Row, error) {
	failed, verdict, err := judge(ctx, m, m.Wrap(sound), run)
	row := Row{Mutant: m.Name, Killer: m.Killer, Failed: failed, Verdict: verdict}
	if err != nil {
		return row, fmt.Errorf("%s cannot be judged: %w", m.Name, err)
	}
	if m.Killer == "" {
		row.Killed = verdict == m.Verdict
	} else {
		row.Killed = slices.Contains(failed, m.Killer) && (m.Also == "" || slices.Contains(failed, m.Also))
	}
	row.Accused = m.Sound && verdict != conforms
	return row, nil
}
