package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	pageLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	block    = regexp.MustCompile("(?ms)^```.*?^```$")
	// unnamed are the characters of a heading that its anchor leaves out.
	unnamed = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// Every link between pages leads to a file of the repository, and to a heading that this file has.
func TestLinks(t *testing.T) {
	seen := 0
	for _, name := range append(pagesOf(t, "docs"), "README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/README.md",
		"examples/scale-out/README.md") {
		for _, found := range pageLink.FindAllStringSubmatch(block.ReplaceAllString(readFile(t, name), ""), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			seen++
			if mistake := brokenLink(t, name, found[1]); mistake != "" {
				t.Errorf("%s: the link to %s %s", name, found[1], mistake)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d links", seen)
	}
}

// brokenLink returns the mistake in a link of a page, or an empty string.
func brokenLink(t *testing.T, page, link string) string {
	t.Helper()
	path, anchor, _ := strings.Cut(link, "#")
	target := page
	if path != "" {
		target = filepath.Join(filepath.Dir(page), path)
	}
	if _, err := os.Stat(filepath.Join(root, target)); err != nil {
		return "names no file"
	}
	if anchor != "" && !slices.Contains(anchors(readFile(t, target)), anchor) {
		return "names no heading"
	}
	return ""
}

func TestBrokenLinks(t *testing.T) {
	for link, want := range map[string]string{
		"contract.md":            "",
		"../README.md":           "",
		"contract.md#error-body": "",
		"contract.md#nothing":    "names no heading",
		"nothing.md":             "names no file",
	} {
		if mistake := brokenLink(t, "docs/security.md", link); mistake != want {
			t.Errorf("%s: %q, want %q", link, mistake, want)
		}
	}
}

var place = regexp.MustCompile("`((?:cmd|contract|internal|mockserver|scenarios)/[a-z/.]+)`")

// The page on the architecture names only places that exist, and leaves out no package of mock, suite and scenarios.
func TestArchitectureIsComplete(t *testing.T) {
	page := readFile(t, "docs/architecture.md")
	named := place.FindAllStringSubmatch(page, -1)
	for _, found := range named {
		if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
			t.Errorf("there is no %s", found[1])
		}
	}
	packages, err := filepath.Glob(filepath.Join(root, "*", "internal", "*"))
	if err != nil || len(packages) < 15 || len(named) < 10 {
		t.Fatalf("%d packages, %d places: %v", len(packages), len(named), err)
	}
	for _, folder := range packages {
		isBench := strings.HasPrefix(folder, filepath.Join(root, "bench"))
		if name := filepath.Base(folder); !isBench && name != "mocktest" && !regexp.MustCompile(`\b`+name+`\b`).MatchString(page) {
			t.Errorf("the page does not name %s", folder)
		}
	}
}

// anchors returns the anchors of the headings of a page, as GitHub makes them.
func anchors(page string) []string {
	var names []string
	for _, found := range heading.FindAllStringSubmatch(block.ReplaceAllString(page, ""), -1) {
		names = append(names, strings.ReplaceAll(unnamed.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return names
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The README stays short: details have pages of their own. Its reader sees a verdict early.
func TestReadmeIsShort(t *testing.T) {
	lines := strings.SplitAfter(readFile(t, "README.md"), "\n")
	if len(lines) > 121 {
		t.Errorf("the README has %d lines; 120 are allowed", len(lines)-1)
	}
	if early := strings.Join(lines[:min(25, len(lines))], ""); !strings.Contains(early, "\nverdict: conforms") {
		t.Error("the first 25 lines of the README show no verdict")
	}
}
