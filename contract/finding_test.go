package contract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

func TestFindingsAreCounted(t *testing.T) {
	s := newSession(t.Context(), withDefaults(Target{URL: "http://127.0.0.1/platform"}))
	p := s.probe(&check{id: "x/y"})
	for i := range 10_000 {
		p.fail(nil, "", fmt.Sprint("member ", i), "nothing")
		p.fail(nil, "", "member 1", "nothing") // told already
	}
	if last := p.findings[len(p.findings)-1]; len(p.findings) != maxFindings+1 || last.Seen != "more of this kind (9992)" || last.Owed != "nothing" {
		t.Errorf("%d findings, the last %+v", len(p.findings), last)
	}
}

// What stands for further findings is known as soon as those before it are, and no text of a target is taken for it.
func TestMoreOfThisKindIsNoText(t *testing.T) {
	known := KnownFailure{ID: "x/y", Reason: "x", Finding: "member"}
	for _, row := range []struct {
		finding Finding
		known   bool
	}{{more(3, "x"), true}, {Finding{Seen: "a member"}, true}, {Finding{Seen: moreOfThisKind + " (3)"}, false}} {
		if known.matches(row.finding) != row.known {
			t.Errorf("%+v", row.finding)
		}
	}
}

// A finding is printable and short, whatever a target has answered.
func TestAFindingIsShort(t *testing.T) {
	s := newSession(t.Context(), withDefaults(Target{URL: "http://127.0.0.1/platform"}))
	get := s.spec.Operation("credential", "get")
	for _, text := range append(hostileTexts, strings.Repeat("\u202e", 1<<20), strings.Repeat("x", 8<<20), strings.Repeat("\xff", 1<<20)) {
		p := s.probe(&check{id: "x/y"})
		e := &exchange{
			operation: get, method: "GET", template: get.Path, path: fill(get.Path, map[string]string{"id": text}), principal: engineer, status: 200,
			header: http.Header{"Content-Type": {text}}, body: []byte(text),
		}
		p.fail(e, "/payload/"+text, text, text)
		finding := p.findings[0]
		for name, one := range map[string]string{"seen": finding.Seen, "owed": finding.Owed, "where": finding.Where, "again": finding.Reproduce, "answer": finding.Answer} {
			if len(one) > 4*longestText || !isPrintable(strings.ReplaceAll(strings.ReplaceAll(one, "\n", ""), "\t", "")) || name != "answer" && strings.Contains(one, "\n") {
				t.Errorf("%s has %d bytes: %.300q", name, len(one), one)
			}
		}
	}
}

// The longest report that a target can bring about has a bound in every format. The texts become five times as long there.
func TestAReportIsBounded(t *testing.T) {
	const most = 32 << 20
	text := strings.Repeat(`"<`, 2500)
	report := Report{Tool: "credmock", Version: "x", Verdict: Violates, Reason: text}
	for i := range 150 {
		result := Result{ID: fmt.Sprintf("fields/get/%d", i), Rule: "x", Level: credmock.Must, Outcome: Fail, Reason: text}
		for range maxFindings {
			result.Findings = append(result.Findings, Finding{
				Seen: told(text), Owed: told(text), Where: told(text), Reproduce: text[:2*longBody], Answer: text[:2*longestExcerpt],
			})
		}
		result.Findings = withMore(result.Findings, told(text))
		report.Checks = append(report.Checks, result)
		report.LeftBehind = append(report.LeftBehind, "DELETE /v1/authcredentials/"+text)
	}
	report.bound()
	for _, format := range Formats() {
		if size := len(render(t, format, report)); size > most {
			t.Errorf("%s: %d bytes", format, size)
		}
	}
	last := report.Checks[149].Findings
	if len(last) != 2 || last[1].untold != maxFindings || last[0].Reproduce != "" || last[0].Seen != told(text) || len(report.Checks[0].Findings) != maxFindings+1 {
		t.Errorf("the last check has %d findings: %.200v", len(last), last)
	}
}
