package credmock_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

var (
	reference = regexp.MustCompile(`docs/contract\.md#([a-z0-9-]+)`)
	page      = regexp.MustCompile(`\bdocs/[a-z-]+(?:/[a-z-]+)*\.md`)
	ghost     = regexp.MustCompile(`(contract|design)'s sections?`)
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// Every link from code to the contract's page leads to a heading, every page that code names exists, and no code names a section
// of a document that is not here.
func TestReferencesToTheContract(t *testing.T) {
	contract, err := os.ReadFile("docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(string(contract), -1) {
		anchors[strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(found[1]))] = true
	}
	seen := 0
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git" || entry.Name() == ".bin") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || filepath.Base(path) == "contractpage_test.go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range reference.FindAllStringSubmatch(string(text), -1) {
			if seen++; !anchors[found[1]] {
				t.Errorf("%s: docs/contract.md has no heading for #%s", path, found[1])
			}
		}
		for _, found := range page.FindAllString(string(text), -1) {
			if _, err := os.Stat(found); err != nil {
				t.Errorf("%s: there is no %s", path, found)
			}
		}
		if found := ghost.Find(text); found != nil {
			t.Errorf("%s: %q names a section of a document that is not here", path, found)
		}
		return nil
	})
	if err != nil || seen < 5 {
		t.Errorf("%d references, %v", seen, err)
	}
}

// The reference explains every extension of the document, and no other.
func TestExtensionsAreExplained(t *testing.T) {
	reference, err := os.ReadFile("docs/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	extension := regexp.MustCompile(`[^/]\bx-[a-z]+(-[a-z]+)*\b`)
	_, section, _ := strings.Cut(string(reference), "\n## The document\n")
	section, _, _ = strings.Cut(section, "\n## ")
	in := func(text string) []string {
		var names []string
		for _, found := range extension.FindAllString(text, -1) {
			names = append(names, found[1:])
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	explained, used := in(section), in(string(credmock.Document()))
	if !slices.Equal(explained, used) {
		t.Errorf("the document has %v, the reference explains %v", used, explained)
	}
}
