package credmock_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The lists of tests in the Makefile name tests that exist: one that is renamed would silently run in another way.
func TestMakefileNamesTests(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	lists := regexp.MustCompile(`(?ms)^(LARGE|CONCURRENT) := \^Test\((.*?)\)\S*$`).FindAllStringSubmatch(string(text), -1)
	if len(lists) != 2 {
		t.Fatalf("%d lists", len(lists))
	}
	tests := allTests(t)
	for _, list := range lists {
		for name := range strings.SplitSeq(strings.NewReplacer("$\\\n", "", "$", "").Replace(list[2]), "|") {
			if !strings.Contains(tests, "func Test"+name) {
				t.Errorf("%s: no test has a name that begins with Test%s", list[1], name)
			}
		}
	}
}

// allTests returns the text of all test files.
func allTests(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
