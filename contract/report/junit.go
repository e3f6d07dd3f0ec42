package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The elements of a JUnit report, as in the schemas of Jenkins and Surefire.
type (
	junitReport struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Time     string       `xml:"time,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string           `xml:"name,attr"`
		Timestamp  string           `xml:"timestamp,attr,omitempty"`
		Time       string           `xml:"time,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Errors     int              `xml:"errors,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperties struct {
		List []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string      `xml:"name,attr"`
		ClassName string      `xml:"classname,attr"`
		Time      string      `xml:"time,attr"`
		Skipped   *junitText  `xml:"skipped"`
		Error     *junitFault `xml:"error"`
		Failure   *junitFault `xml:"failure"`
		Output    *junitText  `xml:"system-out"`
	}
	junitText struct {
		Text string `xml:",chardata" print:"lines"`
	}
	junitFault struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata" print:"lines"`
	}
)

// seconds returns milliseconds as seconds.
func seconds(milliseconds float64) string { return fmt.Sprintf("%.3f", milliseconds/1000) }

// junitTime returns a time without its zone, as the schemas want it; "" for none.
func junitTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05")
}

// writeJUnit writes the report for a CI server: a suite for each family, and one for the run.
func writeJUnit(w io.Writer, report Report) error {
	root := junitReport{Name: "credmock", Time: seconds(float64(report.Milliseconds))}
	root.add(junitRun(report))
	for _, family := range report.families() {
		suite, took := junitSuite{Name: "credmock." + family.Name}, 0.0
		for _, result := range family.Checks {
			suite.add(report.junitCase(result))
			took += result.Milliseconds
			if at := junitTime(result.Started); suite.Timestamp == "" || at != "" && at < suite.Timestamp {
				suite.Timestamp = at
			}
		}
		suite.Time = seconds(took)
		root.add(suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(printed(root)); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (r *junitReport) add(suite junitSuite) {
	r.Suites = append(r.Suites, suite)
	r.Tests += suite.Tests
	r.Failures += suite.Failures
	r.Errors += suite.Errors
}

func (s *junitSuite) add(one junitCase) {
	s.Cases = append(s.Cases, one)
	s.Tests++
	switch {
	case one.Failure != nil:
		s.Failures++
	case one.Error != nil:
		s.Errors++
	case one.Skipped != nil:
		s.Skipped++
	}
}

// junitCase returns a check as a test case. A failure that does not count becomes output of the case.
func (r Report) junitCase(result Result) junitCase {
	one := junitCase{Name: result.ID, ClassName: "credmock." + result.family(), Time: seconds(result.Milliseconds)}
	text := r.resultText(result)
	switch r.standing(result) {
	case standingFailed:
		one.Failure = &junitFault{Type: string(result.Level), Message: headline(result), Text: text}
	case standingTroubled:
		one.Error = &junitFault{Type: "not judged", Message: result.Reason, Text: text}
	case standingSkipped:
		one.Skipped = &junitText{result.Reason}
	case standingUnjudged:
		one.Skipped = &junitText{"not judged, and would not count: " + result.Reason}
	case standingKnown:
		one.Skipped, one.Output = &junitText{"known failure: " + result.Known}, &junitText{text}
	case standingWarned:
		one.Output = &junitText{text}
	case standingPassed:
	}
	return one
}

// headline returns the first finding of a check in one line.
func headline(result Result) string {
	if len(result.Findings) == 0 {
		return result.Rule
	}
	line := "seen: " + result.Findings[0].Seen + "; owed: " + result.Findings[0].Owed
	if more := len(result.Findings) - 1; more > 0 {
		line += fmt.Sprintf(" (and %d more)", more)
	}
	return line
}

// junitRun returns the suite for remarks about the whole run.
func junitRun(report Report) junitSuite {
	properties := []junitProperty{
		{"version", report.Version}, {"target", report.Target}, {"seed", fmt.Sprint(report.Seed)},
		{"strict", fmt.Sprint(report.Strict)}, {"verdict", string(report.Verdict)}, {"reason", report.Reason},
	}
	for _, note := range report.told() {
		properties = append(properties, junitProperty{"note", note})
	}
	for _, capability := range report.Capabilities {
		name := "capability " + capability.Name
		properties = append(properties, junitProperty{name, fmt.Sprintf("%t: %s", capability.Present, capability.Provenance)})
	}
	if len(report.Accept) > 0 {
		properties = append(properties, junitProperty{"accept", strings.Join(report.Accept, ",")})
	}
	suite := junitSuite{Name: "credmock.run", Timestamp: junitTime(report.Started), Time: seconds(0), Properties: &junitProperties{properties}}
	for _, remark := range report.remarks() {
		one := junitCase{Name: remark.ID, ClassName: suite.Name, Time: seconds(0)}
		switch remark.Standing { //nolint:exhaustive // a remark stands in three ways
		case standingFailed:
			one.Failure = &junitFault{Type: "run", Message: remark.Text}
		case standingTroubled:
			one.Error = &junitFault{Type: "run", Message: remark.Text}
		default:
			one.Output = &junitText{remark.Text}
		}
		suite.add(one)
	}
	return suite
}
