package contract

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// formats maps the name of each report format to what writes it.
var formats = map[string]func(io.Writer, Report) error{
	"text":     func(w io.Writer, report Report) error { return writeText(w, report, plain) },
	"json":     func(w io.Writer, report Report) error { return writeJSON(w, report) },
	"junit":    writeJUnit,
	"tap":      writeTAP,
	"sarif":    writeSARIF,
	"markdown": writeMarkdown,
	"html":     writeHTML,
}

// listFormats maps the name of each format of the plan to what writes it.
var listFormats = map[string]func(io.Writer, []Result) error{
	"text":     listText,
	"json":     func(w io.Writer, checks []Result) error { return writeJSON(w, checks) },
	"markdown": listMarkdown,
}

//go:embed report.schema.json
var reportSchema []byte

// ReportSchema returns the JSON Schema that every report in the format json keeps.
func ReportSchema() []byte { return slices.Clone(reportSchema) }

// Formats returns the names of the report formats that Write knows.
func Formats() []string { return sortedNames(formats) }

// ListFormats returns the names of the formats that WriteList knows.
func ListFormats() []string { return sortedNames(listFormats) }

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Write writes the report in the named format. The error is a *UsageError for an unknown format, and a *SecretError
// when the report would have shown a secret of the run; then nothing is written.
func Write(w io.Writer, format string, report Report) error {
	write, known := formats[format]
	if !known {
		return &UsageError{fmt.Sprintf("there is no report format %q; there are %s", format, strings.Join(Formats(), ", "))}
	}
	return guarded(w, format, report, write)
}

// WriteColoured writes the text report with the colours of a terminal. The errors are those of Write.
func WriteColoured(w io.Writer, report Report) error {
	return guarded(w, "text", report, func(w io.Writer, report Report) error { return writeText(w, report, coloured) })
}

// WriteList writes the planned checks in the named format. The error is a *UsageError for an unknown format.
func WriteList(w io.Writer, format string, checks []Result) error {
	write, known := listFormats[format]
	if !known {
		return &UsageError{fmt.Sprintf("there is no list format %q; there are %s", format, strings.Join(ListFormats(), ", "))}
	}
	return write(w, checks)
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func listText(w io.Writer, checks []Result) error {
	for _, check := range checks {
		if _, err := fmt.Fprintf(w, "%-60s %-6s %-10s %s\n", check.ID, check.Level, check.Source, check.Rule); err != nil {
			return err
		}
	}
	return nil
}

// listMarkdown writes the catalogue page: one table for each family.
func listMarkdown(w io.Writer, checks []Result) error {
	var page strings.Builder
	fmt.Fprintf(&page, "# Checks\n\n%d checks are planned from the document.\n", len(checks))
	family := ""
	for _, check := range checks {
		name, _, _ := strings.Cut(check.ID, "/")
		if name != family {
			family = name
			fmt.Fprintf(&page, "\n## %s\n\n| check | rule | level | source |\n|---|---|---|---|\n", family)
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", check.ID, strings.ReplaceAll(check.Rule, "|", `\|`), check.Level, check.Source)
	}
	_, err := io.WriteString(w, page.String())
	return err
}
