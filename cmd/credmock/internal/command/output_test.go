package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/output"
)

// A link that stands where the part of a file would be written is not followed, whatever its name: the name is made up.
func TestWrittenFiles(t *testing.T) {
	folder := t.TempDir()
	name, victim := filepath.Join(folder, "ready"), file(t, "victim", "precious")
	if err := os.Symlink(victim, name+".part"); err != nil {
		t.Skipf("there are no links here: %v", err)
	}
	for _, text := range []string{"one", "another"} {
		if err := output.WriteWhole(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("%q %v", got, err)
		}
		if err := os.Chmod(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is not kept: %v %v", info, err)
	}
	if got, err := os.ReadFile(victim); err != nil || string(got) != "precious" {
		t.Errorf("the link was followed: %q %v", got, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 2 {
		t.Errorf("something is left behind: %v %v", left, err)
	}
}

// Reports go to devices and pipes as they stand, the standard streams included.
func TestReportsToStreams(t *testing.T) {
	for name, stream := range map[string]bool{os.DevNull: true, "/dev/stdout": true, t.TempDir(): false, file(t, "f", ""): false,
		"nowhere": false} {
		if _, err := os.Stat(name); strings.HasPrefix(name, "/dev/") && err != nil {
			continue // not on this system
		}
		if info, err := os.Stat(name); name == "/dev/stdout" && err == nil && info.Mode().IsRegular() {
			continue // the test's output is a file
		}
		if output.IsStream(name) != stream {
			t.Errorf("%s: %t", name, !stream)
		}
	}
	if seen := invoke(t.Context(), nil, words("verify --list --report json="+os.DevNull)...); seen.code != 0 {
		t.Error(seen)
	}
}
