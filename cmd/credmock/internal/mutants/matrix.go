package mutants

import (
	"fmt"
	"io"
	"strings"

	"github.com/credmock/credmock/contract/mutants"
)

// matrixTable writes the kill matrix as it comes about, and keeps the first error of its writer.
type matrixTable struct {
	w        io.Writer
	markdown bool
	err      error
}

func newMatrixTable(w io.Writer, format string) *matrixTable {
	return &matrixTable{w: w, markdown: format == "markdown"}
}

func (t *matrixTable) say(format string, arguments ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", arguments...)
	}
}

// catalogue writes what there is, without judging it.
func (t *matrixTable) catalogue(list []mutants.Mutant) error {
	if t.markdown {
		t.say("| mutant | what is broken, or why it is sound | caught by |\n|---|---|---|")
	}
	for _, m := range list {
		if t.markdown {
			t.say("| `%s` | %s | %s |", m.Name, cell(m.Rule), killerOf(m))
			continue
		}
		t.say("%-52s %-44s %s", m.Name, killerOf(m), m.Rule)
	}
	return t.err
}

// killerOf says what must come of a mutant.
func killerOf(m mutants.Mutant) string {
	switch {
	case m.Sound:
		return "nothing: it is sound"
	case m.Killer == "":
		return "the verdict: " + m.Verdict
	case m.Also != "":
		return m.Killer + " and " + m.Also
	}
	return m.Killer
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func (t *matrixTable) begin() {
	if t.markdown {
		t.say("| mutant | must be caught by | came out | failed checks |\n|---|---|---|---|")
	}
}

func (t *matrixTable) row(m mutants.Mutant, row mutants.Row) {
	word := "killed"
	switch {
	case row.Accused:
		word = "ACCUSED"
	case m.Sound:
		word = "sound"
	case !row.Killed:
		word = "SURVIVED"
	}
	if t.markdown {
		t.say("| `%s` | %s | %s, %s | %d |", m.Name, killerOf(m), word, row.Verdict, len(row.Failed))
		return
	}
	t.say("%-9s %-52s %-13s %-44s %d failed", word, m.Name, row.Verdict, killerOf(m), len(row.Failed))
}

// end sums the matrix up.
func (t *matrixTable) end(list []mutants.Mutant, wrong int) error {
	sound := 0
	for _, m := range list {
		if m.Sound {
			sound++
		}
	}
	t.say("\n%d broken servers and %d sound ones; %d not as they must be", len(list)-sound, sound, wrong)
	return t.err
}
