package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
)

// formats maps the name of each report format to its writer.
var formats = map[string]func(io.Writer, Report) error{
	"text":     func(w io.Writer, report Report) error { return writeText(w, report, plain) },
	"json":     func(w io.Writer, report Report) error { return writeJSON(w, report) },
	"junit":    writeJUnit,
	"tap":      writeTAP,
	"sarif":    writeSARIF,
	"markdown": writeMarkdown,
	"html":     writeHTML,
	"ctrf":     writeCTRF,
}

// listFormats maps the name of each format of the plan to its writer.
var listFormats = map[string]func(io.Writer, []Result) error{
	"text":     listText,
	"json":     func(w io.Writer, checks []Result) error { return writeJSON(w, checks) },
	"markdown": listMarkdown,
}

//go:embed report.schema.json
var reportSchema []byte

// Schema returns the JSON Schema of reports in the format json.
func Schema() []byte { return slices.Clone(reportSchema) }

// Formats returns the names of the report formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// ListFormats returns the names of the formats of the plan, sorted.
func ListFormats() []string { return slices.Sorted(maps.Keys(listFormats)) }

// Write writes the report in a format. A text that would show a secret of the run is left out, and the report says so. The error is
// a [*UsageError] if the format is unknown.
func Write(w io.Writer, format string, report Report) error {
	write, known := formats[format]
	if !known {
		return &UsageError{fmt.Sprintf("there is no report format %q; there are %s", format, strings.Join(Formats(), ", "))}
	}
	return guarded(w, report, write)
}

// WriteColoured writes the text report with the colours of a terminal. Its errors are those of [Write].
func WriteColoured(w io.Writer, report Report) error {
	return guarded(w, report, func(w io.Writer, report Report) error { return writeText(w, report, coloured) })
}

// WriteList writes planned checks in a format. The error is a [*UsageError] if the format is unknown.
func WriteList(w io.Writer, format string, checks []Result) error {
	write, known := listFormats[format]
	if !known {
		return &UsageError{fmt.Sprintf("there is no list format %q; there are %s", format, strings.Join(ListFormats(), ", "))}
	}
	return write(w, checks)
}

func writeJSON(w io.Writer, value any) error { return encode(w, value, "  ") }

func writeJSONLine(w io.Writer, value any) error { return encode(w, value, "") }

// encode writes printable JSON. Like [foreign.Text.Console], it breaks commands of CI servers without changing values.
func encode(w io.Writer, value any, indent string) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(w, strings.ReplaceAll(foreign.Text(encoded.String()).JSON(), "##", `#\u0023`))
	return err
}

func listText(w io.Writer, checks []Result) error {
	list := &textReport{}
	for _, check := range checks {
		list.say("%-60s %-6s %-10s %s\n", check.ID, check.Level, check.Source, check.Rule)
	}
	_, err := io.WriteString(w, list.String())
	return err
}

// listMarkdown writes the catalogue of checks, with a table for each family.
func listMarkdown(w io.Writer, checks []Result) error {
	page := &markdownPage{}
	page.say("# Checks\n\n%d checks are planned from the document.\n", len(checks))
	family := ""
	for _, check := range checks {
		name, _, _ := strings.Cut(check.ID, "/")
		if name != family {
			family = name
			page.say("\n## %s\n\n| check | rule | level | source |\n|---|---|---|---|\n", family)
		}
		id := strings.ReplaceAll(string(codeSpan(check.ID)), "|", `\|`) // in a table, | ends a cell even within code
		page.say("| %s | %s | %s | %s |\n", formatted(id), check.Rule, check.Level, check.Source)
	}
	_, err := io.WriteString(w, page.String())
	return err
}
