package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign/hostile"
)

// hostileReport returns a report with the text wherever a report can hold text from elsewhere.
func hostileReport(foreign string) Report {
	report := Report{
		Tool: "credmock", Version: "v" + foreign, Target: "http://h/" + foreign, Verdict: Violates, Reason: foreign, Accept: []string{foreign},
		Counts:       map[Outcome]int{Fail: 1},
		Capabilities: []Capability{{Name: foreign, Present: true, Provenance: foreign}, {Name: foreign, Provenance: foreign}},
		Stale:        []StaleEntry{{ID: foreign, Line: 3, Why: foreign}}, LeftBehind: []string{foreign},
	}
	finding := Finding{Seen: foreign, Owed: foreign, Where: foreign, Reproduce: foreign, Answer: foreign, Steps: []string{foreign, foreign},
		Difference: &Difference{Member: foreign, Kind: "trimmed", Seen: foreign, Owed: foreign, At: 1}}
	for _, outcome := range []Outcome{Fail, Fail, Fail, Skip, Trouble, Trouble, Pass} {
		result := Result{ID: "fields/get/x" + fmt.Sprint(len(report.Checks)) + foreign, Rule: "x" + foreign, Level: credmock.Must,
			Source: credmock.Documented, Outcome: outcome}
		switch {
		case outcome == Fail:
			result.Findings = []Finding{finding, finding}
		case outcome != Pass:
			result.Reason = "x" + foreign
		}
		report.Checks = append(report.Checks, result)
	}
	report.Causes = []Cause{
		{Title: "x" + foreign, Checks: []string{report.Checks[0].ID, report.Checks[1].ID}, Places: []string{foreign, foreign + "2"},
			Follows: []string{"a/b" + foreign}, Finding: finding},
		{Title: "x", Checks: []string{report.Checks[2].ID}, Finding: finding},
	}
	report.Checks[1].Known = "x" + foreign
	report.Checks[2].Level = credmock.Should
	report.Checks[5].Level, report.Checks[5].Reason = credmock.Should, foreign
	return report
}

// Every format has the same structure with any text as with a harmless one, and no text steers a reader.
func TestNoTextChangesAReport(t *testing.T) {
	if len(hostile.Texts) < 40 {
		t.Fatalf("only %d texts", len(hostile.Texts))
	}
	structures := map[string]func(*testing.T, string) []string{
		"text": textStructure, "json": jsonStructure, "sarif": jsonStructure, "junit": xmlStructure, "html": htmlStructure, "ctrf": jsonStructure,
		"markdown": markdownStructure, "tap": tapStructure,
	}
	for _, format := range Formats() {
		structure := structures[format]
		if structure == nil {
			t.Fatalf("no structure for %s", format)
		}
		want := structure(t, render(t, format, hostileReport("harmless")))
		for _, foreign := range hostile.Texts {
			output := render(t, format, hostileReport(foreign))
			isHarmless(t, format, foreign, output)
			if seen := structure(t, output); !slices.Equal(seen, want) {
				t.Errorf("%s: %q makes it\n%s\nowed\n%s\n%s", format, foreign, strings.Join(seen, "|"), strings.Join(want, "|"), output)
			}
		}
	}
}

// So has the text report with every finding.
func TestNoTextChangesAVerboseReport(t *testing.T) {
	verbose := func(foreign string) string {
		report := hostileReport(foreign)
		report.Verbose = true
		return render(t, "text", report)
	}
	want := textStructure(t, verbose("harmless"))
	for _, foreign := range hostile.Texts {
		output := verbose(foreign)
		isHarmless(t, "text", foreign, output)
		if seen := textStructure(t, output); !slices.Equal(seen, want) {
			t.Errorf("%q makes it\n%s", foreign, output)
		}
	}
}

func TestNoTextChangesAList(t *testing.T) {
	structures := map[string]func(*testing.T, string) []string{"text": textStructure, "json": jsonStructure, "markdown": markdownStructure}
	for _, format := range ListFormats() {
		list := func(foreign string) string {
			var out strings.Builder
			checks := []Result{{ID: "a/" + foreign, Rule: foreign, Level: credmock.Must, Source: credmock.Documented}, {ID: "a/b", Rule: "x"}}
			if err := WriteList(&out, format, checks); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		want := structures[format](t, list("harmless"))
		for _, foreign := range hostile.Texts {
			output := list(foreign)
			isHarmless(t, format, foreign, output)
			if seen := structures[format](t, output); !slices.Equal(seen, want) {
				t.Errorf("%s: %q makes it\n%s\nowed\n%s\n%s", format, foreign, strings.Join(seen, "|"), strings.Join(want, "|"), output)
			}
		}
	}
}

// isHarmless expects printable letters only, and no line with a command of a CI server.
func isHarmless(t *testing.T, format, foreign, output string) {
	t.Helper()
	for _, line := range strings.Split(output, "\n") {
		if at := strings.IndexFunc(line, func(letter rune) bool { return !unicode.IsPrint(letter) }); at >= 0 {
			t.Errorf("%s: %q writes %+q", format, foreign, line)
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || format != "sarif" && strings.Contains(line, "##[") ||
			strings.Contains(line, "##vso") {
			t.Errorf("%s: %q writes a command: %s", format, foreign, line)
		}
	}
}

// textStructure returns the beginning of each line, which is never foreign.
func textStructure(_ *testing.T, output string) []string {
	var lines []string
	for _, line := range strings.Split(output, "\n") {
		lines = append(lines, line[:min(len(line), 2)])
	}
	return lines
}

// jsonStructure returns the names of members and the types of values.
func jsonStructure(t *testing.T, output string) []string {
	decoder := json.NewDecoder(strings.NewReader(output))
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		t.Fatal("something follows")
	}
	var list []string
	visit(value, "", func(pointer string, value any) { list = append(list, fmt.Sprintf("%s %T", pointer, value)) })
	slices.Sort(list)
	return list
}

// visit calls see for every value with its pointer.
func visit(value any, pointer string, see func(pointer string, value any)) {
	see(pointer, value)
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			visit(inner, pointer+"/"+name, see)
		}
	case []any:
		for i, inner := range value {
			visit(inner, fmt.Sprint(pointer, "/", i), see)
		}
	}
}

// xmlStructure returns the elements and the names of their attributes.
func xmlStructure(t *testing.T, output string) []string {
	return elements(t, xml.NewDecoder(strings.NewReader(output)))
}

func elements(t *testing.T, decoder *xml.Decoder) []string {
	var list []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			for _, attribute := range token.Attr {
				name += " " + attribute.Name.Local
				if attribute.Name.Local == "href" || attribute.Name.Local == "src" {
					name += "=" + attribute.Value
				}
			}
			list = append(list, name)
		case xml.EndElement:
			list = append(list, "/"+token.Name.Local)
		case xml.Comment, xml.ProcInst, xml.Directive:
			list = append(list, fmt.Sprintf("%T", token))
		}
	}
}

var ownCode = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`)

// htmlStructure returns the structure of the page, with its own script and style.
func htmlStructure(t *testing.T, output string) []string {
	codes := ownCode.FindAllString(output, -1)
	if len(codes) != 2 || strings.Count(output, "<script") != 1 {
		t.Fatalf("%d codes", len(codes))
	}
	decoder := xml.NewDecoder(strings.NewReader(ownCode.ReplaceAllString(output, "<$1></$1>")))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	return append(elements(t, decoder), codes...)
}

// markdownStructure returns the blocks of the page and their tags. It fails at a link or a picture.
func markdownStructure(t *testing.T, output string) []string {
	source := []byte(output)
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	var list []string
	err := ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node.Kind() {
		case ast.KindRawHTML, ast.KindLink, ast.KindAutoLink, ast.KindImage:
			t.Errorf("it has a %s:\n%s", node.Kind(), output)
		case ast.KindText, ast.KindString, ast.KindEmphasis:
			return ast.WalkContinue, nil
		}
		name := node.Kind().String()
		if block, is := node.(*ast.HTMLBlock); is {
			name += strings.Join(tag.FindAllString(string(block.Lines().Value(source)), -1), "")
		}
		list = append(list, name)
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var tag = regexp.MustCompile(`<[^>]*>`)

var tapLines = map[string]*regexp.Regexp{
	"version": regexp.MustCompile(`^TAP version 14$`), "plan": regexp.MustCompile(`^1\.\.\d+$`),
	"comment": regexp.MustCompile(`^# (credmock|verdict)`),
	"point":   regexp.MustCompile(`^(not )?ok \d+ - (\\.|[^\\#])*$`),
	"skip":    regexp.MustCompile(`^ok \d+ - (\\.|[^\\#])* # SKIP (\\.|[^\\#])*$`),
	"todo":    regexp.MustCompile(`^not ok \d+ - (\\.|[^\\#])* # TODO (\\.|[^\\#])*$`), "begin": regexp.MustCompile(`^  ---$`),
	"end":    regexp.MustCompile(`^  \.\.\.$`),
	"member": regexp.MustCompile(`^  (    |  - )?[a-z]+: "(\\.|[^"\\])*"$`), "list": regexp.MustCompile(`^  findings:$`),
	"last": regexp.MustCompile(`^$`),
}

// tapStructure returns the kind of each line.
func tapStructure(t *testing.T, output string) []string {
	var list []string
	for _, line := range strings.Split(output, "\n") {
		kind := ""
		for name, form := range tapLines {
			if form.MatchString(line) {
				kind += name
			}
		}
		if kind == "" {
			t.Errorf("no line of TAP: %s", line)
		}
		list = append(list, kind)
	}
	return list
}
