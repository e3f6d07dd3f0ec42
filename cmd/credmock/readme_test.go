package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// The README's table of flags is the one of --help.
func TestReadmeFlags(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	help, err := exec.Command("go", "run", ".", "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[a-z-]+)`).FindAllStringSubmatch(string(help), -1)
	for _, flag := range flags {
		if flag[1] != "--help" && !strings.Contains(string(text), "`"+flag[1]+"`") {
			t.Errorf("the README does not know the flag %s of serve", flag[1])
		}
	}
	if len(flags) < 5 {
		t.Errorf("only %d flags in --help", len(flags))
	}
}
