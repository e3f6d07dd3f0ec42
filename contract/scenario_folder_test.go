package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/foreign"
)

func TestFileName(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)
	for id, owed := range map[string]string{
		"redaction/create/echo/OAuth_2.0_2-legged": "redaction-create-echo-OAuth_2_0_2-legged", "../../etc/passwd": "__-__-etc-passwd", "/etc/passwd": "check-etc-passwd",
		"a\nb": "a_b", `a\b:c*d?e"f`: "a_b_c_d_e_f", "CON": "check-CON", "lpt9": "check-lpt9", "": "check-", "--flag": "check-flag", "Schlüssel": "Schl_ssel", "a/CON": "a-CON",
	} {
		seen := fileName(id)
		if seen != owed || !safe.MatchString(seen) {
			t.Errorf("%q: %s, owed %s", id, seen, owed)
		}
	}
	for _, text := range append(hostileTexts, strings.Repeat("long/", 1000), strings.Repeat("ü", 1000)) {
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
	folder, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.close()
	for _, id := range []string{"a/b.c", "a/b_c", "a/B_C", "a-b c", "../a", "a/../../b"} {
		if err := folder.write(id, id); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for i, file := range folder.files {
		data, err := os.ReadFile(file)
		if err != nil || seen[strings.ToLower(file)] || filepath.Dir(file) != folder.path {
			t.Errorf("%d: %s: %v", i, file, err)
		}
		if seen[strings.ToLower(file)] = true; !strings.Contains("a/b.c a/b_c a/B_C a-b c ../a a/../../b", string(data)) {
			t.Errorf("%s holds %q", file, data)
		}
	}
	if len(folder.files) != 6 {
		t.Errorf("%d files", len(folder.files))
	}
}

// A link with the name of a scenario is replaced, and what it leads to stays as it is. A folder stays, too.
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
	folder, err := openFolder(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.close()
	for _, id := range []string{"a/b", "a/c", "a/e"} {
		if err := folder.write(id, "new"); err != nil {
			t.Fatal(err)
		}
	}
	if err := folder.write("a/d", "new"); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	for _, file := range folder.files {
		info, err := os.Lstat(file)
		data, _ := os.ReadFile(file)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 || string(data) != "new" {
			t.Errorf("%s: %v, %v, %q", file, err, info.Mode(), data)
		}
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "precious" || len(folder.files) != 3 {
		t.Errorf("%q, %v, %v", data, err, folder.files)
	}
}

// testscript reads each word of a line as one argument that is what was given, a line end being an escape.
func TestScenarioWords(t *testing.T) {
	for _, text := range hostileTexts {
		s := &script{}
		s.comment(text)
		s.line("check", textWord(text), textWord("/x"+text).withVariable("NAME").with(text+"y"), textWord("last"))
		if s.bent != (foreign.Text(text).String() != text) {
			t.Errorf("%q: bent is %t", text, s.bent)
		}
		file := filepath.Join(t.TempDir(), "words.txtar")
		if err := os.WriteFile(file, []byte("env NAME=the' value'\n"+s.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		called := 0
		testscript.RunT(quiet{t}, testscript.Params{Files: []string{file}, Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"check": func(ts *testscript.TestScript, _ bool, arguments []string) {
				called++
				plain := foreign.Text(text).String()
				if owed := []string{plain, "/x" + plain + "the value" + plain + "y", "last"}; strings.Join(arguments, "\x00") != strings.Join(owed, "\x00") {
					t.Errorf("%q: %q, owed %q", text, arguments, owed)
				}
			},
		}})
		if called != 1 {
			t.Errorf("%q: %d lines", text, called)
		}
	}
}

// quiet is a test that runs scripts without tests of their own.
type quiet struct{ *testing.T }

func (q quiet) Run(_ string, run func(testscript.T)) { run(q) }
func (quiet) Parallel()                              {}
func (quiet) Verbose() bool                          { return false }

// An id selects the check that it names, whatever letters it has.
func TestExpression(t *testing.T) {
	for _, text := range hostileTexts {
		written := expression(text)
		if !isPrintable(written) {
			t.Errorf("%q", written)
		}
		if strings.ToValidUTF8(text, "") != text {
			continue // no id has other letters than those of UTF-8
		}
		if !regexp.MustCompile("^" + written + "$").MatchString(text) {
			t.Errorf("%q does not match %q", written, text)
		}
	}
}
