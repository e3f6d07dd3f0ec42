package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// mostSmall is the number of lines below which the client of a language stays.
const mostSmall = 60

// The small clients do against the mock what their first lines say, each in a module of its own.
func TestSmallClients(t *testing.T) {
	mock := mockserver.Start(t)
	for name, small := range map[string]struct {
		source, module string
		commands       []string
	}{
		"go":         {"main.go", "go.mod", []string{"go run ."}},
		"python":     {"client.py", "pyproject.toml", []string{"python3 client.py"}},
		"typescript": {"client.ts", "package.json", []string{"node node_modules/typescript/bin/tsc", "node build/client.js"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(root, "examples", "small", name)
			source, err := os.ReadFile(filepath.Join(folder, small.source))
			if err != nil || strings.Count(string(source), "\n") >= mostSmall {
				t.Errorf("%v, and %d lines", err, strings.Count(string(source), "\n"))
			}
			if _, err := os.Stat(filepath.Join(folder, small.module)); err != nil {
				t.Errorf("it is no module: %v", err)
			}
			if name == "typescript" {
				needsFile(t, filepath.Join(folder, "node_modules"))
			}
			printed := ""
			for _, command := range small.commands {
				words := strings.Fields(command)
				if _, err := exec.LookPath(words[0]); err != nil && os.Getenv("CI") == "" {
					t.Skip(words[0] + " is not installed")
				}
				printed = runSmall(t, folder, mock, words)
			}
			if want := "orders https://login.example.com/v2/token true\n"; printed != want {
				t.Errorf("it prints %q, not %q", printed, want)
			}
		})
	}
}

func needsFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil && os.Getenv("CI") == "" {
		t.Skip(path + " is not there; make test installs it")
	}
}

func runSmall(t *testing.T, folder string, mock *mockserver.Running, words []string) string {
	t.Helper()
	run := exec.CommandContext(t.Context(), words[0], words[1:]...)
	run.Dir = folder
	run.Env = append(os.Environ(), "CREDMOCK_URL="+mock.URL, "CREDMOCK_TOKEN="+mock.Token,
		"CREDMOCK_ENVIRONMENT=a31a92e5-43b7-45df-8085-4ac5a746d105")
	var stderr strings.Builder
	run.Stderr = &stderr
	text, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", words, err, text, stderr.String())
	}
	return string(text)
}
