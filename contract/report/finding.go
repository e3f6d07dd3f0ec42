package report

import (
	"strconv"

	"github.com/credmock/credmock/internal/foreign"
)

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
