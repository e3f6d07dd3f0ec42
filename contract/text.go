package contract

import (
	"fmt"
	"io"
	"strings"

	"github.com/credmock/credmock"
)

// writeText writes the report for people: what keeps it from being green first, the verdict last.
func writeText(w io.Writer, report Report) error {
	var text strings.Builder
	fmt.Fprintf(&text, "credmock %s judges %s (seed %d)\n", report.Version, report.Target, report.Seed)
	textCapabilities(&text, report)
	textSkips(&text, report)
	for _, result := range report.Checks {
		if result.Outcome == Fail || result.Outcome == Trouble {
			textResult(&text, report, result)
		}
	}
	for _, left := range report.LeftBehind {
		fmt.Fprintf(&text, "\nleft behind: %s\n", left)
	}
	fmt.Fprintf(&text, "\n%d passed, %d failed, %d skipped, %d in trouble; %d requests in %d ms\n",
		report.Counts[Pass], report.Counts[Fail], report.Counts[Skip], report.Counts[Trouble], report.Requests, report.Milliseconds)
	fmt.Fprintf(&text, "verdict: %s: %s\n", report.Verdict, report.Reason)
	_, err := io.WriteString(w, text.String())
	return err
}

func textCapabilities(text *strings.Builder, report Report) {
	for _, capability := range report.Capabilities {
		word := "has"
		if !capability.Present {
			word = "lacks"
		}
		fmt.Fprintf(text, "  %-5s %s: %s\n", word, capability.Name, capability.Provenance)
	}
}

// textSkips sums up the skips of checks that would count, by their reason: they are never hidden.
func textSkips(text *strings.Builder, report Report) {
	var reasons []string
	byReason := map[string][]string{}
	for _, result := range report.Checks {
		if result.Outcome != Skip || result.Level != credmock.Must {
			continue
		}
		if byReason[result.Reason] == nil {
			reasons = append(reasons, result.Reason)
		}
		byReason[result.Reason] = append(byReason[result.Reason], result.ID)
	}
	for _, reason := range reasons {
		ids := byReason[reason]
		fmt.Fprintf(text, "\nSKIP  %d checks that would count, for %s:\n      %s\n", len(ids), reason, strings.Join(ids, ", "))
	}
}

func textResult(text *strings.Builder, report Report, result Result) {
	word := map[Outcome]string{Fail: "FAIL", Trouble: "????"}[result.Outcome]
	if result.Outcome == Fail && !report.broken(result) {
		word = "WARN"
	}
	fmt.Fprintf(text, "\n%s  %s  (%s, %s)\n      %s\n", word, result.ID, result.Level, result.Source, result.Rule)
	if result.Reason != "" {
		fmt.Fprintf(text, "      %s\n", result.Reason)
	}
	for _, finding := range result.Findings {
		fmt.Fprintf(text, "      seen:  %s\n      owed:  %s\n", finding.Seen, finding.Owed)
		if finding.Where != "" {
			fmt.Fprintf(text, "      where: %s\n", finding.Where)
		}
		if finding.Reproduce != "" {
			fmt.Fprintf(text, "      again: %s\n", finding.Reproduce)
		}
	}
}
