package rerun

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/foreign/hostile"
)

// testscript reads each written word back as one argument with the same text; only a line end is escaped.
func TestScenarioWords(t *testing.T) {
	for _, text := range hostile.Texts {
		s := &script{}
		s.comment(text)
		s.line("check", textWord(text), textWord("/x"+text).withVariable("NAME").with(text+"y"), textWord("last"))
		if s.unwritable != (foreign.Text(text).String() != text) {
			t.Errorf("%q: bent is %t", text, s.unwritable)
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
				if want := []string{plain, "/x" + plain + "the value" + plain + "y", "last"}; strings.Join(arguments,
					"\x00") != strings.Join(want, "\x00") {
					t.Errorf("%q: %q, want %q", text, arguments, want)
				}
			},
		}})
		if called != 1 {
			t.Errorf("%q: %d lines", text, called)
		}
	}
}

// quiet is a test that runs scripts without subtests.
type quiet struct{ *testing.T }

func (q quiet) Run(_ string, run func(testscript.T)) { run(q) }
func (quiet) Parallel()                              {}
func (quiet) Verbose() bool                          { return false }

// The expression of an id selects its check, whatever letters it has.
func TestExpression(t *testing.T) {
	for _, text := range hostile.Texts {
		written := expression(text)
		if !isPrintable(written) {
			t.Errorf("%q", written)
		}
		if strings.ToValidUTF8(text, "") != text {
			continue // ids are valid UTF-8
		}
		if !regexp.MustCompile("^" + written + "$").MatchString(text) {
			t.Errorf("%q does not match %q", written, text)
		}
	}
}
