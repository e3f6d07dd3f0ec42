// Package installed is for tests that need a program of the machine.
package installed

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program. If it is missing, the test is skipped, or fails in CI.
func Program(t *testing.T, name, reason string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "%s is not installed, and %s", name, reason)
	}
	return path
}

// Missing skips the test, or fails it in CI.
func Missing(t *testing.T, format string, arguments ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, arguments...)
	}
	t.Skipf(format, arguments...)
}
