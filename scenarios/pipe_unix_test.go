//go:build unix

package scenarios_test

import (
	"syscall"
	"testing"
)

// pipe makes a pipe that nobody writes to: whoever opens it waits.
func pipe(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
}
