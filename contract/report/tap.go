package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
)

// writeTAP writes the report for consumers of TAP 14: a test point for each check, and some for the run.
func writeTAP(w io.Writer, report Report) error {
	tap := &tapReport{}
	remarks := report.remarks()
	tap.say("TAP version 14\n1..%d\n# credmock %s judges %s (seed %d)\n",
		len(report.Checks)+len(remarks), report.Version, report.Target, report.Seed)
	for _, result := range report.Checks {
		tap.result(report, result)
	}
	for _, remark := range remarks {
		tap.point(remark.Standing == standingPassed, remark.ID, "")
		if remark.Standing != standingPassed {
			tap.diagnosis([]tapMember{{"message", remark.Text}})
		}
	}
	for _, note := range report.told() {
		tap.say("# %s\n", note)
	}
	tap.say("# verdict: %s: %s\n", report.judgement(), report.Reason)
	_, err := io.WriteString(w, tap.String())
	return err
}

// tapReport is a TAP report under construction.
type tapReport struct {
	strings.Builder
	number int
}

func (t *tapReport) say(format string, arguments ...any) {
	fmt.Fprintf(t, format, escaped(arguments, foreign.Text.TAP)...)
}

// result writes a check. A failure that does not count has the directive TODO.
func (t *tapReport) result(report Report, result Result) {
	directive := ""
	stands := report.standing(result)
	switch stands { //nolint:exhaustive // the rest has no directive
	case standingSkipped:
		directive = "SKIP " + result.Reason
	case standingUnjudged:
		directive = "SKIP not judged, and would not count: " + result.Reason
	case standingKnown:
		directive = "TODO known failure: " + result.Known
	case standingWarned:
		directive = "TODO a SHOULD, which does not count"
	}
	fine := stands == standingPassed || stands == standingSkipped || stands == standingUnjudged
	t.point(fine, result.ID, directive)
	if !fine {
		t.diagnosis(tapMembers(report, result), result.Findings...)
	}
}

// point writes a test point.
func (t *tapReport) point(fine bool, id, directive string) {
	word := "ok"
	if !fine {
		word = "not ok"
	}
	t.number++
	t.say("%s %d - %s", word, t.number, id)
	if directive != "" {
		t.say(" # %s", directive)
	}
	t.say("\n")
}

// tapMember is a member of a diagnosis.
type tapMember struct{ name, value string }

func tapMembers(report Report, result Result) []tapMember {
	members := []tapMember{{"rule", result.Rule}, {"level", string(result.Level)}, {"source", string(result.Source)},
		{"outcome", standingWords[report.standing(result)]}, {"milliseconds", fmt.Sprint(result.Milliseconds)}}
	if result.Reason != "" {
		members = append(members, tapMember{"reason", result.Reason})
	}
	if result.Known != "" {
		members = append(members, tapMember{"known", result.Known})
	}
	return members
}

// diagnosis writes the YAML block of a test point. Every value is JSON, which is also YAML.
func (t *tapReport) diagnosis(members []tapMember, findings ...Finding) {
	t.say("  ---\n")
	for _, member := range members {
		t.member("  ", member)
	}
	if len(findings) > 0 {
		t.say("  findings:\n")
	}
	for _, finding := range findings {
		t.member("    - ", tapMember{"seen", finding.Seen})
		t.member("      ", tapMember{"owed", finding.Owed})
		t.member("      ", tapMember{"where", finding.Where})
		if finding.Reproduce != "" {
			t.member("      ", tapMember{"reproduce", strings.Join(finding.Lines(), "\n")})
		}
	}
	t.say("  ...\n")
}

func (t *tapReport) member(indent string, member tapMember) {
	var value strings.Builder
	_ = writeJSONLine(&value, member.value) // encoding a text never fails
	t.say("%s%s: %s", formatted(indent), member.name, formatted(value.String()))
}
