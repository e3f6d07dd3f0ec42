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

// Each row of the pages that say what the program does not do names the tests that show it, and these tests exist.
func TestRowsNameTheirTests(t *testing.T) {
	tests := testNames(t)
	for _, page := range tabled {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		rows, faults := checkRows(string(text), tests)
		if rows < 10 {
			t.Errorf("%s: only %d rows", page, rows)
		}
		for _, fault := range faults {
			t.Errorf("%s: %s", page, fault)
		}
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]*)`")

// checkRows returns how many rows the tables of a page have whose last column is headed "test", and what is wrong with them.
func checkRows(page string, tests []string) (rows int, faults []string) {
	columns := 0 // of the table that is read; 0 outside such a table
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
			faults = append(faults, checkRow(cells, columns, tests)...)
		}
	}
	return rows, faults
}

func checkRow(cells []string, columns int, tests []string) (faults []string) {
	if len(cells) != columns || slices.Contains(cells, "") {
		faults = append(faults, cells[0]+": not every column says something")
	}
	named := testName.FindAllStringSubmatch(cells[len(cells)-1], -1)
	if len(named) == 0 {
		faults = append(faults, cells[0]+": it names no test")
	}
	for _, one := range named {
		if !slices.Contains(tests, one[1]) {
			faults = append(faults, cells[0]+": there is no "+one[1])
		}
	}
	return faults
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
		"| x | `TestThere` |":                  "x: not every column says something",
	} {
		rows, faults := checkRows(head+row+"\n", []string{"TestThere", "FuzzThere"})
		if rows != 1 || strings.Join(faults, "; ") != want {
			t.Errorf("%s: %d rows, %v; want %q", row, rows, faults, want)
		}
	}
	if rows, _ := checkRows("| a | b |\n|---|---|\n| x | y |\n", nil); rows != 0 {
		t.Errorf("%d rows of another table", rows)
	}
}
