package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each row of the pages on limits and threats names its tests, and these tests exist.
func TestRowsNameTheirTests(t *testing.T) {
	tests := testNames(t)
	for _, page := range tabled {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		rows, mistakes := checkRows(string(text), tests)
		if rows < 10 {
			t.Errorf("%s: only %d rows", page, rows)
		}
		for _, mistake := range mistakes {
			t.Errorf("%s: %s", page, mistake)
		}
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]*)`")

// checkRows looks at the tables of a page with "test" as their last heading. It returns the number of rows and their mistakes.
func checkRows(page string, tests []string) (rows int, mistakes []string) {
	columns := 0 // of the current table; 0 outside such a table
	for line := range strings.Lines(page) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		switch last := cells[len(cells)-1]; {
		case last == "test":
			columns = len(cells)
		case columns == 0 || strings.Trim(line, "|- ") == "":
		default:
			rows++
			mistakes = append(mistakes, checkRow(cells, columns, tests)...)
		}
	}
	return rows, mistakes
}

func checkRow(cells []string, columns int, tests []string) (mistakes []string) {
	if len(cells) != columns || slices.Contains(cells, "") {
		mistakes = append(mistakes, cells[0]+": a column is empty")
	}
	named := testName.FindAllStringSubmatch(cells[len(cells)-1], -1)
	if len(named) == 0 {
		mistakes = append(mistakes, cells[0]+": it names no test")
	}
	for _, one := range named {
		if !slices.Contains(tests, one[1]) {
			mistakes = append(mistakes, cells[0]+": there is no "+one[1])
		}
	}
	return mistakes
}

// testNames returns the names of all tests and fuzz targets of the module.
func testNames(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{"node_modules", "testdata", ".git", ".bin"}, entry.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if function, is := declared.(*ast.FuncDecl); is && function.Recv == nil {
				names = append(names, function.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestCheckRows(t *testing.T) {
	const head = "| a | b | test |\n|---|---|---|\n"
	for row, want := range map[string]string{
		"| x | y | `TestThere` |":              "",
		"| x | y | `TestThere`, `FuzzThere` |": "",
		"| x | y | `TestGone` |":               "x: there is no TestGone",
		"| x | y | by hand |":                  "x: it names no test",
		"| x | `TestThere` |":                  "x: a column is empty",
	} {
		rows, mistakes := checkRows(head+row+"\n", []string{"TestThere", "FuzzThere"})
		if rows != 1 || strings.Join(mistakes, "; ") != want {
			t.Errorf("%s: %d rows, %v; want %q", row, rows, mistakes, want)
		}
	}
	if rows, _ := checkRows("| a | b |\n|---|---|\n| x | y |\n", nil); rows != 0 {
		t.Errorf("%d rows of another table", rows)
	}
}
