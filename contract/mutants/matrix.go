package mutants

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// Judge judges a running mutant with the checks that the regular expression run selects, all when it is empty, and
// returns the ids of those that failed and the verdict.
type Judge func(ctx context.Context, m Mutant, handler http.Handler, run string) (failed []string, verdict string, err error)

// Row is one line of the kill matrix.
type Row struct {
	Mutant  string   `json:"mutant"`
	Killer  string   `json:"killer,omitempty"`
	Failed  []string `json:"failed"`
	Verdict string   `json:"verdict"`
	// Killed tells that the intended checks failed; where there is none, that the verdict is the one owed.
	Killed bool `json:"killed"`
	// Accused tells that a sound variant was not said to conform.
	Accused bool `json:"accused,omitempty"`
}

// Right tells whether the suite said of the mutant what it must.
func (r Row) Right() bool { return r.Killed && !r.Accused }

// Selection returns the regular expression that selects the checks that a mutant is tagged with; empty, which is all,
// for sound variants and where the verdict alone tells.
func (m Mutant) Selection() string {
	switch {
	case m.Killer == "":
		return ""
	case m.Also == "":
		return "^" + regexp.QuoteMeta(m.Killer) + "$"
	}
	return "^(" + regexp.QuoteMeta(m.Killer) + "|" + regexp.QuoteMeta(m.Also) + ")$"
}

// Examine wraps a fresh sound server, has it judged with the selected checks, and weighs what came of it.
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
