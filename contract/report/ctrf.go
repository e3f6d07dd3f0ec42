package report

import (
	"io"
	"time"
)

// The members of a CTRF report (https://ctrf.io), as in its JSON Schema.
type (
	ctrfReport struct {
		Format    string      `json:"reportFormat"`
		Version   string      `json:"specVersion"`
		Timestamp string      `json:"timestamp,omitempty"`
		Generator string      `json:"generatedBy"`
		Results   ctrfResults `json:"results"`
	}
	ctrfResults struct {
		Tool    ctrfTool       `json:"tool"`
		Summary ctrfSummary    `json:"summary"`
		Tests   []ctrfTest     `json:"tests"`
		Extra   map[string]any `json:"extra"`
	}
	ctrfTool struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	ctrfSummary struct {
		Tests   int   `json:"tests"`
		Passed  int   `json:"passed"`
		Failed  int   `json:"failed"`
		Skipped int   `json:"skipped"`
		Pending int   `json:"pending"`
		Other   int   `json:"other"`
		Start   int64 `json:"start"`
		Stop    int64 `json:"stop"`
	}
	ctrfTest struct {
		Name      string   `json:"name"`
		Status    string   `json:"status"`
		RawStatus string   `json:"rawStatus"`
		Duration  int64    `json:"duration"`
		Start     int64    `json:"start,omitempty"`
		Stop      int64    `json:"stop,omitempty"`
		Suite     []string `json:"suite,omitempty"`
		Message   string   `json:"message,omitempty"`
		Trace     string   `json:"trace,omitempty" print:"lines"`
		Tags      []string `json:"tags,omitempty"`
	}
)

// ctrfStatuses are the statuses of CTRF for standings. A failure that does not count is no failure of the run.
var ctrfStatuses = map[standing]string{
	standingPassed: "passed", standingFailed: "failed", standingTroubled: "failed", standingKnown: "other", standingWarned: "other",
	standingUnjudged: "skipped", standingSkipped: "skipped",
}

// writeCTRF writes the report in the Common Test Report Format: a test for each check, and some for the run.
func writeCTRF(w io.Writer, report Report) error {
	start := millisecondsOf(report.Started)
	page := ctrfReport{Format: "CTRF", Version: "0.0.0", Generator: "credmock", Results: ctrfResults{
		Tool: ctrfTool{"credmock", report.Version}, Tests: []ctrfTest{},
		Summary: ctrfSummary{Start: start, Stop: start + report.Milliseconds},
		Extra:   map[string]any{"target": report.Target, "seed": report.Seed, "verdict": report.Verdict, "reason": report.Reason},
	}}
	if !report.Started.IsZero() {
		page.Timestamp = report.Started.UTC().Format(time.RFC3339)
	}
	for _, result := range report.Checks {
		page.Results.add(report.ctrfTest(result))
	}
	for _, remark := range report.remarks() {
		page.Results.add(ctrfTest{Name: remark.ID, Status: ctrfStatuses[remark.Standing], RawStatus: standingWords[remark.Standing],
			Message: remark.Text, Suite: []string{"run"}})
	}
	return writeJSON(w, printed(page))
}

func millisecondsOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// ctrfTest returns a check as a test.
func (r Report) ctrfTest(result Result) ctrfTest {
	stands := r.standing(result)
	test := ctrfTest{
		Name: result.ID, Status: ctrfStatuses[stands], RawStatus: standingWords[stands], Duration: int64(result.Milliseconds),
		Start: millisecondsOf(result.Started), Suite: []string{result.family()}, Message: result.Reason,
		Tags: []string{string(result.Level), string(result.Source)},
	}
	if test.Start > 0 {
		test.Stop = test.Start + test.Duration
	}
	if result.Outcome == Fail {
		test.Message, test.Trace = headline(result), r.resultText(result)
	}
	if result.Known != "" {
		test.Message = "known failure: " + result.Known
	}
	return test
}

// add adds a test and counts it.
func (r *ctrfResults) add(test ctrfTest) {
	r.Tests = append(r.Tests, test)
	r.Summary.Tests++
	switch test.Status {
	case "passed":
		r.Summary.Passed++
	case "failed":
		r.Summary.Failed++
	case "skipped":
		r.Summary.Skipped++
	default:
		r.Summary.Other++
	}
}
