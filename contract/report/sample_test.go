package report

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/installed"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

var updateReports = flag.Bool("update-reports", false, "write the golden reports of testdata anew")

// hostileText is text with a meaning in some format.
const hostileText = "a|b `c` <b>d</b> & \"e\" 'f' ]]> {{g}} --> # TODO \\ \x1b[31m\x00 ü \u202e\nnot ok 99 </script>"

// sampleReport returns a report with a result of every standing and everything else that a report can hold.
func sampleReport() Report {
	report := Report{
		Tool: "credmock", Version: "0.1.0", Target: "http://127.0.0.1:4118/platform", Seed: 7, Accept: []string{"meta-string"},
		Requests: 42, Milliseconds: 1234, KnownFailures: 1,
		Counts: map[Outcome]int{Pass: 2, Fail: 4, Skip: 1, Trouble: 2},
		Capabilities: []Capability{
			NewCapability("environments", true, foreign.Say("listEnvironments answered 200")),
			NewCapability("viewer", false, foreign.Say("no viewer token was given")),
		},
		Stale:      []StaleEntry{{ID: "fields/get/url", Line: 4, Why: "the check passes now; take the entry out"}},
		LeftBehind: []string{"DELETE /v1/authcredentials/71"},
	}
	report.because(Violates, foreign.Say("2 of 9 checks that count failed"))
	add := func(id, rule string, level credmock.Level, outcome Outcome, reason foreign.Own, known string, findings ...Finding) {
		result := Result{ID: id, Rule: rule, Level: level, Source: credmock.Documented, Known: known, Findings: findings}
		result.Because(outcome, foreign.Say(reason))
		report.Checks = append(report.Checks, result)
	}
	curl := `curl -sS -i "$URL/v1/authcredentials/$ID" -H "Authorization: Bearer $TOKEN"`
	add("envelope/get/meta", "The answer of get has an object meta.", credmock.Must, Pass, "", "")
	add("fields/get/url", "get shows the url that was sent.", credmock.Must, Pass, "", "")
	add("redaction/get/echo", "No success of get shows a secret.", credmock.Must, Fail, "", "",
		Finding{Seen: "clientSecret of OAuth_2.0_2-legged, base64", Owed: "no secret in any form",
			Where: "GET /v1/authcredentials/{id} 200 /payload/note", Reproduce: curl},
		Finding{Seen: "clientSecret of OAuth_2.0_2-legged, reversed", Owed: "no secret in any form",
			Where: "GET /v1/authcredentials/{id} 200 header X-Debug", Reproduce: curl})
	add("errors/create/garbled", "A body that is no JSON is refused.", credmock.Must, Fail, "", "",
		Finding{Seen: hostileText, Owed: hostileText, Where: "POST /v1/authcredentials 500", Reproduce: hostileText})
	add("flags/get/hasPassword", "get shows hasPassword.", credmock.Must, Fail, "", "ticket 12: "+hostileText,
		Finding{Seen: "the member is missing", Owed: "hasPassword", Where: "GET /v1/authcredentials/{id} 200 /payload"})
	add("envelope/error/version", "Errors carry meta.version.", credmock.Should, Fail, "", "",
		Finding{Seen: "the member is missing", Owed: "version", Where: "GET /v1/authcredentials/{id} 404 /meta"})
	add("auth/update/viewer", "A viewer cannot update.", credmock.Must, Skip, "no viewer token was given", "")
	add("lifecycle/delete/gone", "What is deleted is gone.", credmock.Must, Trouble, "DELETE got no answer", "")
	add("errors/update/huge", "A huge body is refused.", credmock.Should, Trouble, "the connection was closed", "")
	return report
}

// greenReport returns a report of a run without failures.
func greenReport() Report {
	report := sampleReport()
	report.because(Conforms, foreign.Say("every check that counts passed"))
	report.Checks, report.Stale, report.LeftBehind, report.KnownFailures = report.Checks[:2], nil, nil, 0
	report.Counts = map[Outcome]int{Pass: 2, Fail: 0, Skip: 0, Trouble: 0}
	return report
}

// realReport is the report of a run in which some checks failed and some were skipped. It is judged once.
var realReport Report

// sampleReports returns a sample, a green one and a real one.
func sampleReports(t *testing.T) map[string]Report {
	t.Helper()
	if realReport.Verdict == "" {
		var err error
		realReport, err = JudgeBroken(t)
		if err != nil || realReport.Verdict != Violates || realReport.Counts[Skip] == 0 || realReport.Counts[Pass] == 0 {
			t.Fatalf("the run ended with %v, verdict %s, %v", err, realReport.Verdict, realReport.Counts)
		}
	}
	return map[string]Report{"sample": sampleReport(), "green": greenReport(), "real": realReport}
}

func render(t *testing.T, format string, report Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, format, report); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.String()
}

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, seen string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateReports {
		if err := os.WriteFile(path, []byte(seen), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if seen != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, seen, want)
	}
}

// npm returns the path of a file in node_modules.
func npm(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(filepath.Join("..", "..", "node_modules", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(full); err != nil {
		installed.Missing(t, "%s is not installed; `npm ci --ignore-scripts` does that", path)
	}
	return full
}

// node runs node with a text on standard input.
func node(t *testing.T, stdin string, arguments ...string) string {
	t.Helper()
	path := installed.Program(t, "node", "the report is read with it")
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Logf("node ended with %v: %s", err, stderr.String())
	}
	return string(out)
}

// JudgeBroken judges a target that breaks some rules, and PlanAll plans every check. A test of package report_test sets them,
// since package contract imports this one.
var (
	JudgeBroken func(t *testing.T) (Report, error)
	PlanAll     func() ([]Result, error)
)
