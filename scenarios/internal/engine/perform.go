package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/guard"
)

// Script runs one script to its end, for go test and for the command line.
func (r *Run) Script(ctx context.Context, file string) (result Result) {
	scene := newScene(ctx, r, file)
	stage := &stage{scene: scene, verbose: r.Verbose, outcome: passed}
	scene.stage = stage
	start := time.Now()
	defer func() {
		if recovered := recover(); recovered != nil && recovered != any(ended{}) {
			panic(recovered)
		}
		result = stage.ending(time.Since(start))
	}()
	if mistakes := scene.check(); len(mistakes) > 0 {
		stage.outcome = failed
		stage.Log(strings.Join(mistakes, "\n"))
		return
	}
	deadline, _ := ctx.Deadline()
	if err := scene.fetchTokens(); err != nil {
		scene.unanswered = true
		stage.Fatal("FAIL: ", err)
	}
	remove, err := scene.withoutMark()
	if err != nil {
		stage.Fatal("FAIL: ", bound.Unreadable(file, err))
	}
	defer remove()
	testscript.RunT(stage, testscript.Params{
		Files:    []string{scene.played},
		Setup:    scene.setup,
		Cmds:     scene.commands(),
		Deadline: deadline,
	})
	return
}

// withoutMark makes a copy of a script that begins with a byte order mark, for testscript takes the mark for a command. It
// returns a function that removes the copy.
func (s *scene) withoutMark() (remove func(), err error) {
	s.played, remove = s.file, func() {}
	whole, err := os.ReadFile(s.file)
	text := bytes.TrimPrefix(whole, []byte(strictjson.Mark))
	if err != nil || len(text) == len(whole) {
		return remove, err
	}
	folder, err := os.MkdirTemp("", "credmock-script-")
	if err != nil {
		return remove, err
	}
	s.played, remove = filepath.Join(folder, filepath.Base(s.file)), func() { _ = os.RemoveAll(folder) } // a copy harms nobody
	//nolint:gosec // the folder was just made
	return remove, os.WriteFile(s.played, text, 0o600)
}

// check returns the mistakes in the script, before its first line runs.
func (s *scene) check() []string {
	data, err := bound.ReadScript(s.file)
	if err != nil {
		return []string{"FAIL: " + bound.Unreadable(s.file, err)}
	}
	if s.folder, err = filepath.Abs(filepath.Dir(s.file)); err != nil {
		return []string{"FAIL: " + bound.Unreadable(s.file, err)}
	}
	archive := txtar.Parse(data)
	checker := &guard.Guard{File: s.file, Folder: s.folder, Trusted: s.AllowExec, Commands: slices.Collect(maps.Keys(language())),
		Longest: map[string]int{}}
	if mistakes := checker.Refusals(archive); len(mistakes) > 0 {
		return mistakes
	}
	return guard.CheckNames(s.file, archive)
}

// stage is the testscript.T of one script. It masks all that is written, and ends the script by a panic that
// run.script catches, so that the deferred functions of testscript run as they do under go test.
type stage struct {
	scene   *scene
	verbose bool
	outcome string
	reason  string
	log     strings.Builder
}

// ended is what FailNow and Skip panic with.
type ended struct{}

// Run runs the one script of the run.
func (s *stage) Run(_ string, script func(testscript.T)) { script(s) }

// Parallel does nothing: the caller of run.script decides what runs beside what.
func (s *stage) Parallel() {}

// Verbose makes testscript keep the transcript of passed phases.
func (s *stage) Verbose() bool { return s.verbose }

// Log takes the transcript, masked and printable.
func (s *stage) Log(arguments ...any) {
	text := withoutVariables(fmt.Sprint(arguments...))
	text = strings.ReplaceAll(text, cmp.Or(s.scene.played, s.scene.file), foreign.Text(s.scene.file).String())
	s.log.WriteString(s.printable(text, foreign.Text.Lines))
}

// printable masks and escapes a text. Secrets are masked before, for an escape may stand within one, and after, for what is
// escaped may read as another.
func (s *stage) printable(text string, escape func(foreign.Text) string) string {
	text = s.scene.secrets.Mask(text)
	if len(text) > bound.LogLimit {
		text = foreign.FirstBytes(text, bound.LogLimit/2) + "…\n…" + strings.ToValidUTF8(text[len(text)-bound.LogLimit/2:], "")
	}
	return s.scene.secrets.Mask(escape(foreign.Text(text)))
}

// Skip ends the script without a verdict.
func (s *stage) Skip(arguments ...any) {
	s.outcome, s.reason = skipped, s.printable(strings.TrimSpace(fmt.Sprint(arguments...)), foreign.Text.String)
	panic(ended{})
}

// Fatal fails the script with a message.
func (s *stage) Fatal(arguments ...any) {
	s.Log(append(arguments, "\n")...)
	s.FailNow()
}

// FailNow fails the script.
func (s *stage) FailNow() {
	if s.outcome == passed {
		s.outcome = failed
	}
	if s.scene.ctx.Err() != nil {
		s.scene.unanswered = true // the time is over: nothing is said of the server
	}
	panic(ended{})
}

// showLast adds the last answer to the transcript of a failed script, unless the transcript has it: that leaves out the phases
// that passed.
func (s *stage) showLast() {
	if s.scene.last == nil || s.scene.lastShown == "" {
		return
	}
	shown := s.printable(s.scene.lastShown, foreign.Text.Lines)
	if !strings.Contains(s.log.String(), strings.TrimSpace(shown)) {
		fmt.Fprintf(&s.log, "\nthe last answer was: %s\n%s\n", s.printable(s.scene.last.String(), foreign.Text.String), shown)
	}
}

func (s *stage) ending(duration time.Duration) Result {
	outcome := s.outcome
	if outcome == failed {
		s.showLast()
	}
	if outcome == failed && s.scene.unanswered {
		outcome = trouble
	}
	for i, left := range s.scene.leftBehind {
		s.scene.leftBehind[i] = s.printable(left, foreign.Text.String)
	}
	return Result{
		Outcome: outcome, Reason: s.reason, Log: strings.TrimSpace(s.log.String()), Duration: duration,
		Assertions: s.scene.asserted, LeftBehind: s.scene.leftBehind,
	}
}

// withoutVariables drops the list of variables that testscript begins a verbose transcript with: it says more of
// the machine than of the script.
func withoutVariables(transcript string) string {
	if !strings.HasPrefix(transcript, "WORK=") {
		return transcript
	}
	_, rest, _ := strings.Cut(transcript, "\n\n")
	return rest
}
