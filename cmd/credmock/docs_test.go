package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
