// Package commandtest runs the command line within tests.
package commandtest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/command"
)

// Outcome is all that a command leaves.
type Outcome struct {
	Code           int
	Stdout, Stderr string
}

// All returns both streams.
func (o Outcome) All() string { return o.Stdout + o.Stderr }

// Run runs the command line with an environment, which may be nil.
func Run(ctx context.Context, environment map[string]string, args ...string) Outcome {
	var stdout, stderr bytes.Buffer
	lookup := func(name string) (string, bool) {
		value, set := environment[name]
		return value, set
	}
	code := command.Main(ctx, args, lookup, strings.NewReader(""), &stdout, &stderr)
	return Outcome{code, stdout.String(), stderr.String()}
}

// Write writes a file into a folder of its own, and returns its path.
func Write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
