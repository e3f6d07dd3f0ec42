package main_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reference is the page that holds the help of every command.
const reference = "docs/reference.md"

var update = flag.Bool("update", false, "write the help of every command into "+reference)

// helped finds a help text in the reference: a comment with the command, and the block below it.
var helped = regexp.MustCompile("(?ms)^<!-- (credmock help[a-z -]*) -->\n\n```text\n(.*?)^```$")

// The reference has the help of every command as the program prints it: -update writes it anew.
func TestReferenceIsPrinted(t *testing.T) {
	stored := readFile(t, reference)
	var commands []string
	printed := helped.ReplaceAllStringFunc(stored, func(part string) string {
		command := helped.FindStringSubmatch(part)[1]
		commands = append(commands, strings.TrimPrefix(command, "credmock help "))
		return "<!-- " + command + " -->\n\n```text\n" + credmock(t, strings.Fields(command)[1:]...) + "```"
	})
	if *update {
		if err := os.WriteFile(filepath.Join(root, reference), []byte(printed), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if printed != stored {
		t.Errorf("%s is not what credmock help prints; run go test ./cmd/credmock -run %s -update", reference, t.Name())
	}
	_, list, _ := strings.Cut(credmock(t, "help"), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		if name := strings.Fields(line)[0]; name != "help" && name != "completion" && !slices.Contains(commands, name) {
			t.Errorf("%s has no help of %s", reference, name)
		}
	}
	if len(commands) < 8 {
		t.Errorf("%s has the help of only %d commands", reference, len(commands))
	}
}

// docs/checks.md is what --list prints: make docs writes it anew.
func TestCatalogueOfChecks(t *testing.T) {
	if readFile(t, "docs/checks.md") != credmock(t, "verify", "--list", "--report", "markdown=-") {
		t.Error("docs/checks.md is not what `credmock verify --list --report markdown=-` prints; run make docs")
	}
}

// docs/recipes.md is what recipe --page prints: make docs writes it anew.
func TestPageOfRecipes(t *testing.T) {
	if readFile(t, "docs/recipes.md") != credmock(t, "recipe", "--page") {
		t.Error("docs/recipes.md is not what `credmock recipe --page` prints; run make docs")
	}
}

// docs/kill-matrix.md has a row for every mutant.
func TestKillMatrix(t *testing.T) {
	stored := readFile(t, "docs/kill-matrix.md")
	rows := 0
	for line := range strings.Lines(credmock(t, "mutants", "--list")) {
		name := strings.Fields(line)[0]
		rows++
		if !strings.Contains(stored, "| `"+name+"` |") {
			t.Errorf("docs/kill-matrix.md has no row for %s; run make docs", name)
		}
	}
	if rows < 200 || strings.Contains(stored, "SURVIVED") || strings.Contains(stored, "ACCUSED") {
		t.Errorf("%d mutants, and the matrix must show no survivor and no accusation", rows)
	}
}
