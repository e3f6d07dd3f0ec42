package main_test

import (
	"flag"
	"os"
	"os/exec"
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
	program := filepath.Join(t.TempDir(), "credmock")
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	path := filepath.Join(root, reference)
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	printed := helped.ReplaceAllStringFunc(string(stored), func(part string) string {
		command := helped.FindStringSubmatch(part)[1]
		commands = append(commands, strings.TrimPrefix(command, "credmock help "))
		help, err := exec.Command(program, strings.Fields(command)[1:]...).Output()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		return "<!-- " + command + " -->\n\n```text\n" + string(help) + "```"
	})
	if *update {
		if err := os.WriteFile(path, []byte(printed), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if printed != string(stored) {
		t.Errorf("%s is not what credmock help prints; run go test ./cmd/credmock -run %s -update", reference, t.Name())
	}
	help, err := exec.Command(program, "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(help), "Available Commands:\n")
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
	stored, err := os.ReadFile(filepath.Join(root, "docs", "checks.md"))
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command("go", "run", ".", "verify", "--list", "--report", "markdown=-").Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(stored) != string(printed) {
		t.Error("docs/checks.md is not what `credmock verify --list --report markdown=-` prints; run make docs")
	}
}

// docs/kill-matrix.md has a row for every mutant.
func TestKillMatrix(t *testing.T) {
	stored, err := os.ReadFile(filepath.Join(root, "docs", "kill-matrix.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed, err := exec.Command("go", "run", ".", "mutants", "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(listed)) {
		name := strings.Fields(line)[0]
		rows++
		if !strings.Contains(string(stored), "| `"+name+"` |") {
			t.Errorf("docs/kill-matrix.md has no row for %s; run make docs", name)
		}
	}
	if rows < 200 || strings.Contains(string(stored), "SURVIVED") || strings.Contains(string(stored), "ACCUSED") {
		t.Errorf("%d mutants, and the matrix must show no survivor and no accusation", rows)
	}
}
