package credmock_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The lists of tests in the Makefile name tests that exist: one that is renamed would silently run in another way. A test of
// concurrency is in a package of the race pass, and no other test has its name: the other pass leaves the name out.
func TestMakefileNamesTests(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	lists := regexp.MustCompile(`(?ms)^(LARGE|CONCURRENT) := \^Test\((.*?)\)\$\$$`).FindAllStringSubmatch(string(text), -1)
	raced := regexp.MustCompile(`(?m)^RACED := (.*)$`).FindStringSubmatch(string(text))
	if len(lists) != 2 || raced == nil {
		t.Fatalf("%d lists of tests, and packages %q", len(lists), raced)
	}
	folders := foldersOfTests(t)
	for _, list := range lists {
		for name := range strings.SplitSeq(strings.NewReplacer("$\\\n", "").Replace(list[2]), "|") {
			found := folders["Test"+name]
			if len(found) == 0 {
				t.Errorf("%s: there is no Test%s", list[1], name)
			}
			for _, folder := range found {
				if list[1] == "CONCURRENT" && !slices.Contains(strings.Fields(raced[1]), folder) {
					t.Errorf("Test%s of %s would not run: RACED does not name the package", name, folder)
				}
			}
		}
	}
}

// foldersOfTests returns the folders that have a test of each name.
func foldersOfTests(t *testing.T) map[string][]string {
	t.Helper()
	folders, test := map[string][]string{}, regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range test.FindAllStringSubmatch(string(text), -1) {
			folders[found[1]] = append(folders[found[1]], "./"+filepath.ToSlash(filepath.Dir(path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}
