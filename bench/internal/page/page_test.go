package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/bench/internal/record"
)

func TestTablesLineUp(t *testing.T) {
	got := table{{"operation", "µs"}, {"PATCH", "1,234"}}.String()
	const want = "| operation |    µs |\n| --------- | ----: |\n| PATCH     | 1,234 |\n"
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestBudgetsAreJudged(t *testing.T) {
	for _, test := range []struct {
		budget budget
		want   string
	}{
		{budget{least: true, bound: 1, measured: 1.2}, "met"},
		{budget{least: true, bound: 1, measured: 0.996}, "met"}, // the table shows 1.00
		{budget{least: true, bound: 1, measured: 0.99}, "**not met**"},
		{budget{bound: 25, measured: 25}, "met"},
		{budget{bound: 25, measured: 25.1}, "**not met**"},
		{budget{bound: 25}, "not measured"},
	} {
		if got := test.budget.met(); got != test.want {
			t.Errorf("%+v: %s", test.budget, got)
		}
	}
}

func resident(sizes ...int64) *record.Run {
	run := &record.Run{}
	for i, size := range sizes {
		run.Growth.Latest = append(run.Growth.Latest, record.Resident{Requests: i + 1, Bytes: size})
	}
	return run
}

// Memory that grows with the requests is not flat; the first quarter does not count.
func TestFlatness(t *testing.T) {
	for want, run := range map[float64]*record.Run{
		1: resident(10, 20, 50, 50, 60, 60, 50, 50), 2: resident(10, 20, 30, 30, 50, 50, 60, 60), 0: resident(1, 2),
	} {
		if got := flatness(run); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// Each value of a run reaches its place in the page: a run with another number gives another page.
func TestEveryBlockComesFromTheRun(t *testing.T) {
	empty := &record.Run{}
	empty.Growth.Throughput = []record.Level{{Operation: "PATCH", Credentials: 10}}
	for _, one := range sections {
		if one.name != "budgets" && one.write(empty) == "" {
			t.Errorf("%s is empty", one.name)
		}
	}
	run := &record.Run{Rows: []record.Row{{Operation: "PATCH", Connections: 16, Servers: map[string]record.Series{
		record.Credmock: {Rates: []float64{4321}, CPU: []float64{21.5}}, record.Floor: {Rates: []float64{8642}, CPU: []float64{43}},
		record.Prism: {Rates: []float64{43.21}, CPU: []float64{2150}}, record.Mockoon: {Note: "answers 404"}}}}}
	for name, wants := range map[string][]string{
		"servers": {"4,321", "8,642", "0.50", "21.5"}, "peers": {"43", "100", "answers 404"}, "one mock": {"4,321 PATCH"},
		"budgets": {"PATCH, 16 connections: throughput beside the floor", "0.50 |  **not met** |", "– | not measured |"},
	} {
		for _, one := range sections {
			text := one.write(run)
			for _, want := range wants {
				if one.name == name && !strings.Contains(text, want) {
					t.Errorf("%s has no %q:\n%s", name, want, text)
				}
			}
		}
	}
}

// A page with a block too many, twice or too few is refused.
func TestBlocksAreThoseOfTheSections(t *testing.T) {
	whole := ""
	for _, one := range sections {
		whole += "text\n<!-- recorded: " + one.name + " -->\nold\n<!-- end -->\n"
	}
	write := func(section) string { return "new\n" }
	if got, err := fill(whole, write); err != nil || strings.Contains(got, "old") || strings.Count(got, "\nnew\n") != len(sections) ||
		strings.Count(got, "text\n") != len(sections) {
		t.Errorf("%v\n%s", err, got)
	}
	const other = "<!-- recorded: other -->\n<!-- end -->\n"
	missing := strings.Replace(whole, "recorded: budgets", "x", 1)
	for name, text := range map[string]string{"unknown": whole + other, "twice": whole + whole, "missing": missing} {
		if _, err := fill(text, write); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Draw(&record.Run{}, folder); err == nil {
		t.Error("a missing page is no error")
	}
}
