package report

import (
	"strconv"

	"github.com/credmock/credmock/internal/foreign"
)

// moreOfThisKind stands for the findings that are not told. Behind it stands how many these are.
const moreOfThisKind = "more of this kind"

// Alike tells whether two findings say the same, whatever request they come from.
func (f Finding) Alike(other Finding) bool {
	return f.Seen == other.Seen && f.Owed == other.Owed && f.Where == other.Where
}

// CountUntold returns the findings that are told with one more that is only counted.
func CountUntold(told []Finding, owed string) []Finding {
	if last := len(told) - 1; last >= 0 && told[last].untold > 0 {
		return append(told[:last], more(told[last].untold+1, told[last].Owed))
	}
	return append(told, more(1, owed))
}

// more returns what stands for a number of findings.
func more(untold int, owed string) Finding {
	return Finding{Seen: moreOfThisKind + " (" + strconv.Itoa(untold) + ")", Owed: owed, untold: untold}
}

// reportBudget is how many bytes the findings of a report may have. Where there are more, each further check tells its first
// finding, without a request to repeat and without an answer.
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

// firstOf returns the first of many findings in few words, and how many there are besides.
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
