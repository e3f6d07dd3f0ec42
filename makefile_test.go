package credmock_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The Makefile names tests that run in another way than the rest. Each name begins one that exists, or it would select nothing.
func TestMakefileNamesTests(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	all := testsOf(t)
	lists := regexp.MustCompile(`(?s)\n(LARGE|CONCURRENT) := \^Test\((.*?)\)`).FindAllStringSubmatch(string(text), -1)
	if len(lists) != 2 {
		t.Fatalf("%d lists of tests", len(lists))
	}
	for _, list := range lists {
		for name := range strings.SplitSeq(strings.ReplaceAll(list[2], "$\\\n", ""), "|") {
			if !strings.Contains(all, "\nfunc Test"+name) {
				t.Errorf("%s names %s, and no test begins with Test%s", list[1], name, name)
			}
		}
	}
}

// testsOf returns the text of every test file.
func testsOf(t *testing.T) string {
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
