package report

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock"
)

func TestALedgerIsRead(t *testing.T) {
	known, err := ReadKnown(strings.NewReader(`
# what we know
- id: redaction/get/echo
  reason: ticket 12
- id: fields/get/url
  reason: >-
    the gateway
    cuts it
  expires: 2030-01-31
  finding: ^another .* url$
`))
	if err != nil || len(known) != 2 {
		t.Fatalf("%v, %v", known, err)
	}
	want := KnownFailure{"fields/get/url", "the gateway cuts it", time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC), "^another .* url$", 5}
	if known[1] != want || known[0].Line != 3 {
		t.Errorf("it is %+v", known)
	}
	for _, empty := range []string{"", "# nothing is known\n", "[]", "---\n"} {
		if known, err := ReadKnown(strings.NewReader(empty)); err != nil || len(known) != 0 {
			t.Errorf("%q: %v, %v", empty, known, err)
		}
	}
}

func TestAWrongLedgerIsRefusedByLine(t *testing.T) {
	for text, want := range map[string]string{
		"id: a/b\nreason: c\n":   "line 1: a ledger is a list",
		"- id: a/b\n  reason:\n": "line 1: a/b has no reason",
		"- reason: c\n":          "line 1: the entry has no id",
		"- id: a/b\n  reson: c\n": `line 2: the key "reson" is not known here; there are id, ` +
			`reason, expires and finding`,
		"- id: a/b\n  reason: [c]\n":                       `line 2: "reason" must be text`,
		"- id: a/b\n  id: a/c\n":                           `line 2: "id" stands there twice`,
		"- a/b\n":                                          "line 1: an entry has the members",
		"- id: a/b\n  reason: c\n  expires: soon\n":        "line 3: expires must be a date",
		"- id: a/b\n  reason: c\n- id: a/b\n  reason: d\n": "line 3: a/b is listed on line 1 already",
		"- id: a/b\n   reason: c\n":                        "line 2: this is not YAML",
		"[]\n---\n[]\n":                                    "there is a second document",
	} {
		_, err := ReadKnown(strings.NewReader(text))
		var fault *UsageError
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// ledgerReport returns a report with a check that passes, one with a finding, one with two, and a skipped one.
func ledgerReport() Report {
	return Report{Checks: []Result{
		{ID: "a/passes", Level: credmock.Must, Outcome: Pass},
		{ID: "a/fails", Level: credmock.Must, Outcome: Fail, Findings: []Finding{{Seen: "a (strange) answer"}, more(1, "x")}},
		{ID: "a/both", Level: credmock.Must, Outcome: Fail, Findings: []Finding{{Seen: "status 500"}, {Seen: "status 502"}}},
		{ID: "a/skipped", Level: credmock.Must, Outcome: Skip},
	}}
}

func TestTheLedgerIsWeighed(t *testing.T) {
	now := time.Date(2030, 1, 31, 23, 0, 0, 0, time.UTC)
	planned := map[string]bool{"a/passes": true, "a/fails": true, "a/both": true, "a/skipped": true, "a/unselected": true}
	day := func(day int) time.Time { return time.Date(2030, 1, day, 0, 0, 0, 0, time.UTC) }
	for name, one := range map[string]struct {
		known           []KnownFailure
		accepted, stale string
	}{
		"nothing":          {nil, "", ""},
		"listed":           {[]KnownFailure{{ID: "a/fails"}}, "a/fails", ""},
		"by its words":     {[]KnownFailure{{ID: "a/fails", Finding: "a (strange)"}}, "a/fails", ""},
		"by an expression": {[]KnownFailure{{ID: "a/fails", Finding: "^a .* answer$"}}, "a/fails", ""},
		"no expression":    {[]KnownFailure{{ID: "a/fails", Finding: "(strange"}}, "a/fails", ""},
		"another finding": {[]KnownFailure{{ID: "a/fails", Finding: "nothing"}}, "",
			"a/fails: the check fails, but no longer with this finding"},
		"one of two": {[]KnownFailure{{ID: "a/both", Finding: "500"}}, "", ""},
		"two of two": {[]KnownFailure{{ID: "a/both", Finding: "500"}, {ID: "a/both", Finding: "502"}}, "a/both", ""},
		"three of two": {[]KnownFailure{{ID: "a/both", Finding: "50[02]"}, {ID: "a/both", Finding: "503"}}, "a/both",
			"a/both: the check fails, but no longer with this finding"},
		"passes":             {[]KnownFailure{{ID: "a/passes"}}, "", "a/passes: the check passes now; take the entry out"},
		"passes and expired": {[]KnownFailure{{ID: "a/passes", Expires: day(1)}}, "", "a/passes: the check passes now; take the entry out"},
		"skipped":            {[]KnownFailure{{ID: "a/skipped"}}, "", ""},
		"not selected":       {[]KnownFailure{{ID: "a/unselected", Expires: day(1)}}, "", ""},
		"no such check":      {[]KnownFailure{{ID: "a/gone"}}, "", "a/gone: no check has this id"},
		"expires today":      {[]KnownFailure{{ID: "a/fails", Expires: day(31)}}, "a/fails", ""},
		"expired":            {[]KnownFailure{{ID: "a/fails", Expires: day(30)}}, "a/fails", "a/fails: it expired on 2030-01-30"},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range one.known {
				one.known[i].Reason = "a reason"
			}
			report := ledgerReport()
			report.Weigh(one.known, planned, now)
			var accepted, stale []string
			for _, result := range report.Checks {
				if result.Known != "" {
					accepted = append(accepted, result.ID)
				}
			}
			for _, entry := range report.Stale {
				stale = append(stale, entry.ID+": "+entry.Why)
			}
			if strings.Join(accepted, ", ") != one.accepted || strings.Join(stale, ", ") != one.stale {
				t.Errorf("accepted: %v; stale: %v", accepted, stale)
			}
		})
	}
}

func TestExitCodesHaveAnOrder(t *testing.T) {
	for _, one := range []struct {
		report Report
		code   int
	}{
		{Report{Verdict: Violates, Stale: []StaleEntry{{}}, LeftBehind: []string{""}}, ExitViolates},
		{Report{Verdict: Inconclusive, Stale: []StaleEntry{{}}, LeftBehind: []string{""}}, ExitInconclusive},
		{Report{Verdict: Conforms, Stale: []StaleEntry{{}}, LeftBehind: []string{""}}, ExitStale},
		{Report{Verdict: Conforms, LeftBehind: []string{""}}, ExitLeftBehind},
		{Report{Verdict: Conforms}, ExitConforms},
		{Report{Verdict: Violates, Interrupted: true}, ExitInterrupted},
	} {
		if code := one.report.ExitCode(); code != one.code {
			t.Errorf("%+v ends with %d, want %d", one.report, code, one.code)
		}
	}
}

func TestTheTemplateIsALedger(t *testing.T) {
	output := render(t, "text", sampleReport())
	at, end := strings.Index(output, "\n- id:"), strings.Index(output, "\n\n2 passed")
	if at < 0 || end < at {
		t.Fatalf("there is no template in\n%s", output)
	}
	template := output[at:end]
	if _, err := ReadKnown(strings.NewReader(template)); err == nil {
		t.Error("it can be given as it is, without a reason")
	}
	known, err := ReadKnown(strings.NewReader(strings.ReplaceAll(template, "reason:", "reason: ticket 13")))
	if err != nil || len(known) != 2 {
		t.Fatalf("%v, %v", known, err)
	}
	report := sampleReport()
	report.Stale = nil
	report.Weigh(known, map[string]bool{}, time.Now())
	if report.Checks[2].Known == "" || report.Checks[3].Known == "" || len(report.Stale) > 0 {
		t.Errorf("it does not hold what failed: %+v", report.Stale)
	}
}

func TestCompare(t *testing.T) {
	former, run := sampleReport(), sampleReport()
	if seen := Compare(former, run); len(seen.New)+len(seen.Fixed) > 0 || len(seen.Still) != 3 || seen.Worse() {
		t.Errorf("the same run: %+v", seen)
	}
	run.Checks = slices.Clone(run.Checks)
	run.Checks[2].Outcome, run.Checks[0].Outcome = Pass, Fail
	run.Checks = slices.Delete(run.Checks, 1, 2)
	seen := Compare(former, run)
	if !slices.Equal(seen.New, []string{"envelope/get/meta"}) || !slices.Equal(seen.Fixed, []string{"redaction/get/echo"}) ||
		!slices.Equal(seen.Gone, []string{"fields/get/url"}) || len(seen.Still) != 2 || !seen.Worse() {
		t.Errorf("%+v", seen)
	}
}
