package folder

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/foreign/hostile"
)

func TestFileName(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)
	for id, owed := range map[string]string{
		"redaction/create/echo/OAuth_2.0_2-legged": "redaction-create-echo-OAuth_2_0_2-legged", "../../etc/passwd": "__-__-etc-passwd",
		"/etc/passwd": "check-etc-passwd",
		"a\nb":        "a_b", `a\b:c*d?e"f`: "a_b_c_d_e_f", "CON": "check-CON", "lpt9": "check-lpt9", "": "check-", "--flag": "check-flag",
		"Schlüssel": "Schl_ssel", "a/CON": "a-CON",
	} {
		seen := fileName(id)
		if seen != owed || !safe.MatchString(seen) {
			t.Errorf("%q: %s, owed %s", id, seen, owed)
		}
	}
	for _, text := range append(hostile.Texts, strings.Repeat("long/", 1000), strings.Repeat("ü", 1000)) {
		if seen := fileName(text); len(seen) > 200 || !safe.MatchString(seen) {
			t.Errorf("%q: %s", text, seen)
		}
	}
	long := strings.Repeat("x", longestName)
	if fileName(long) != long || fileName(long+"a") == fileName(long+"b") {
		t.Errorf("%s, %s and %s", fileName(long), fileName(long+"a"), fileName(long+"b"))
	}
}

func TestEveryScenarioHasAFileOfItsOwn(t *testing.T) {
	folder, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for _, id := range []string{"a/b.c", "a/b_c", "a/B_C", "a-b c", "../a", "a/../../b"} {
		if err := folder.Write(id, id); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for i, file := range folder.Files {
		data, err := os.ReadFile(file)
		if err != nil || seen[strings.ToLower(file)] || filepath.Dir(file) != folder.path {
			t.Errorf("%d: %s: %v", i, file, err)
		}
		if seen[strings.ToLower(file)] = true; !strings.Contains("a/b.c a/b_c a/B_C a-b c ../a a/../../b", string(data)) {
			t.Errorf("%s holds %q", file, data)
		}
	}
	if len(folder.Files) != 6 {
		t.Errorf("%d files", len(folder.Files))
	}
}

// A link with the name of a scenario is replaced, and its target stays. A folder of that name stays too.
func TestNoLinkIsFollowed(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(directory, "a-b.txtar")); err != nil {
		t.Skip("there are no links here")
	}
	if err := os.Symlink(filepath.Join(t.TempDir(), "nothing"), filepath.Join(directory, "a-c.txtar")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(directory, "a-d.txtar"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "a-e.txtar"), []byte("of an earlier run, and longer"), 0o644); err != nil {
		t.Fatal(err)
	}
	folder, err := Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for _, id := range []string{"a/b", "a/c", "a/e"} {
		if err := folder.Write(id, "new"); err != nil {
			t.Fatal(err)
		}
	}
	if err := folder.Write("a/d", "new"); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	for _, file := range folder.Files {
		info, err := os.Lstat(file)
		data, _ := os.ReadFile(file)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 || string(data) != "new" {
			t.Errorf("%s: %v, %v, %q", file, err, info.Mode(), data)
		}
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "precious" || len(folder.Files) != 3 {
		t.Errorf("%q, %v, %v", data, err, folder.Files)
	}
}
