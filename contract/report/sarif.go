package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage    = "https://github.com/credmock/credmock"
)

// writeSARIF writes the report for code-scanning tools. Each finding is a result. What could not be judged, and remarks about the
// run, are notifications.
func writeSARIF(w io.Writer, report Report) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "credmock", Version: report.Version, SemanticVersion: semantic(report.Version), InformationURI: homepage,
			Rules: []sarifRule{},
		}},
		Results: []sarifResult{},
		Properties: map[string]any{"target": report.Target, "seed": report.Seed, "verdict": report.Verdict, "reason": report.Reason,
			"counts": report.Counts, "coverage": report.Coverage, "notes": report.Notes},
	}
	invocation := sarifInvocation{ExecutionSuccessful: report.Verdict != Inconclusive, ExitCode: report.ExitCode()}
	if !report.Started.IsZero() {
		invocation.Start = report.Started.UTC().Format(time.RFC3339)
		invocation.End = report.Started.Add(time.Duration(report.Milliseconds) * time.Millisecond).UTC().Format(time.RFC3339)
	}
	for i, result := range report.Checks {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(result))
		if result.Outcome == Fail {
			run.Results = append(run.Results, report.sarifResults(result, i)...)
		}
		invocation.noteResult(result, i)
	}
	for _, remark := range report.remarks() {
		if remark.Standing != standingPassed {
			invocation.note("error", remark.Text, nil)
		}
	}
	run.Invocations = []sarifInvocation{invocation}
	return writeJSON(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

var semanticForm = lazy.Regexp(`^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$`)

// semantic returns the version if it is semantic, else "": builds without a release have other versions.
func semantic(version string) string {
	if semanticForm().MatchString(version) {
		return version
	}
	return ""
}

// leaking tells whether a check is about leaked secrets, which are a matter of security at any level.
func (r Result) leaking() bool { return r.family() == "redaction" }

func sarifRuleOf(result Result) sarifRule {
	properties := map[string]any{"tags": []string{result.family()}, "level": result.Level, "source": result.Source}
	if result.leaking() {
		properties["tags"] = []string{result.family(), "security", "external/cwe/cwe-200"}
		properties["security-severity"] = "8.0"
	}
	return sarifRule{result.ID, sarifMessage(result.Rule), sarifDefault{sarifLevel(result, false)}, properties}
}

func sarifLevel(result Result, strict bool) string {
	if result.leaking() || result.Level == credmock.Must || strict {
		return "error"
	}
	return "warning"
}

func (r Report) sarifResults(result Result, index int) []sarifResult {
	findings := result.Findings
	if len(findings) == 0 {
		findings = []Finding{{Seen: "a failure", Owed: result.Rule}}
	}
	list := make([]sarifResult, len(findings))
	for i, finding := range findings {
		list[i] = sarifResult{
			RuleID: result.ID, RuleIndex: index, Level: sarifLevel(result, r.Strict),
			Message:      sarifMessage(fmt.Sprintf("%s Seen: %s. Owed: %s.", result.Rule, finding.Seen, finding.Owed)),
			Locations:    []sarifLocation{r.sarifPlace(finding.Where)},
			Fingerprints: map[string]string{"credmock/v1": fingerprint(result.ID, finding)},
		}
		if finding.Reproduce != "" {
			list[i].Properties = map[string]any{"reproduce": strings.Join(finding.Lines(), "\n")}
		}
		if result.Known != "" {
			list[i].Suppressions = []sarifSuppression{{"external", "accepted", result.Known}}
		}
	}
	return list
}

// sarifPlace returns the place of a finding: the line of its operation in the document.
func (r Report) sarifPlace(where string) sarifLocation {
	line, name := 1, cmp.Or(where, "the run")
	if words := strings.Fields(where); len(words) > 1 {
		line = max(line, r.Lines[words[0]+" "+words[1]])
		for operation, at := range r.Lines {
			if _, path, _ := strings.Cut(operation, " "); line == 1 && path == words[1] {
				line = at // a method that the document does not have there
			}
		}
	}
	file := (&url.URL{Path: filepath.ToSlash(cmp.Or(r.Document, "openapi.yaml"))}).EscapedPath()
	return sarifLocation{sarifPhysical{sarifArtifact{file}, sarifRegion{line}}, []sarifLogical{{name, "resource"}}}
}

// fingerprint identifies a finding across runs.
func fingerprint(id string, finding Finding) string {
	sum := sha256.Sum256([]byte(id + "\n" + finding.Seen + "\n" + finding.Owed + "\n" + finding.Where))
	return hex.EncodeToString(sum[:16])
}

// sarifMessage returns a message without markup: viewers make links of brackets.
func sarifMessage(text string) sarifText { return sarifText{sarifString(foreign.Text(text).SARIF())} }

func (i *sarifInvocation) noteResult(result Result, index int) {
	about := &sarifRefs{result.ID, index}
	switch result.Outcome { //nolint:exhaustive // the rest needs no word
	case Trouble:
		i.note("warning", "not judged: "+result.Reason, about)
	case Skip:
		i.note("note", "skipped: "+result.Reason, about)
	}
}

func (i *sarifInvocation) note(level, text string, about *sarifRefs) {
	i.Notifications = append(i.Notifications, sarifNotification{level, sarifMessage(text), about})
}

// The parts of a SARIF log that a report uses.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		Properties  map[string]any    `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name            string      `json:"name"`
		Version         string      `json:"version"`
		SemanticVersion string      `json:"semanticVersion,omitempty"`
		InformationURI  string      `json:"informationUri"`
		Rules           []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		ShortDescription sarifText      `json:"shortDescription"`
		Default          sarifDefault   `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text sarifString `json:"text"`
	}
	// sarifString is a message without links and placeholders; see sarifMessage.
	sarifString string
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		ExitCode            int                 `json:"exitCode"`
		Start               string              `json:"startTimeUtc,omitempty"`
		End                 string              `json:"endTimeUtc,omitempty"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string     `json:"level"`
		Message sarifText  `json:"message"`
		Rule    *sarifRefs `json:"associatedRule,omitempty"`
	}
	sarifRefs struct {
		ID    string `json:"id"`
		Index int    `json:"index"`
	}
)
