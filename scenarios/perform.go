package scenarios

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock/internal/foreign"
)

// perform runs one script to its end. Both doors, `go test` and the command line, lead here.
func (p *production) perform(ctx context.Context, file string) (result Result) {
	scene := newScene(ctx, p, file)
	stage := &stage{scene: scene, verbose: p.Verbose, outcome: Passed}
	scene.stage = stage
	start := time.Now()
	defer func() {
		if recovered := recover(); recovered != nil && recovered != any(ended{}) {
			panic(recovered)
		}
		result = stage.result(file, time.Since(start))
	}()
	if faults := scene.check(); len(faults) > 0 {
		stage.outcome = Failed
		stage.Log(strings.Join(faults, "\n"))
		return
	}
	deadline, _ := ctx.Deadline()
	testscript.RunT(stage, testscript.Params{
		Files:    []string{file},
		Setup:    scene.setup,
		Cmds:     scene.commands(),
		Deadline: deadline,
	})
	return
}

// check returns what is wrong with the script, before its first line runs.
func (s *scene) check() []string {
	data, err := readScript(s.file)
	if err != nil {
		return []string{"FAIL: " + unreadable(s.file, err)}
	}
	if s.folder, err = filepath.Abs(filepath.Dir(s.file)); err != nil {
		return []string{"FAIL: " + unreadable(s.file, err)}
	}
	archive := txtar.Parse(data)
	guard := &guard{file: s.file, folder: s.folder, trusted: s.AllowExec, commands: slices.Collect(maps.Keys(language())), longest: map[string]int{}}
	if faults := guard.refusals(archive); len(faults) > 0 {
		return faults
	}
	return checkNames(s.file, archive)
}

// stage is the testscript.T of one script. It masks all that is written, and ends the script by a panic that
// perform catches, so that the deferred functions of testscript run as they do under go test.
type stage struct {
	scene   *scene
	verbose bool
	outcome Outcome
	reason  string
	log     strings.Builder
}

// ended is what FailNow and Skip panic with.
type ended struct{}

// Run runs the one script that perform asked for.
func (s *stage) Run(_ string, script func(testscript.T)) { script(s) }

// Parallel does nothing: whoever calls perform decides what runs beside what.
func (s *stage) Parallel() {}

// Verbose makes testscript keep the transcript of passed phases.
func (s *stage) Verbose() bool { return s.verbose }

// Log takes the transcript, masked and printable.
func (s *stage) Log(arguments ...any) {
	text := withoutVariables(fmt.Sprint(arguments...))
	text = strings.ReplaceAll(text, s.scene.file, foreign.Text(s.scene.file).String())
	s.log.WriteString(s.printable(text, foreign.Text.Lines))
}

// printable masks and escapes a text. Secrets are masked before, for an escape may stand within one, and after, for what is
// escaped may read as another.
func (s *stage) printable(text string, escape func(foreign.Text) string) string {
	text = s.scene.secrets.mask(text)
	if len(text) > logLimit {
		text = foreign.FirstBytes(text, logLimit/2) + "…\n…" + strings.ToValidUTF8(text[len(text)-logLimit/2:], "")
	}
	return s.scene.secrets.mask(escape(foreign.Text(text)))
}

// Skip ends the script without a verdict.
func (s *stage) Skip(arguments ...any) {
	s.outcome, s.reason = Skipped, s.printable(strings.TrimSpace(fmt.Sprint(arguments...)), foreign.Text.String)
	panic(ended{})
}

// Fatal fails the script with a message.
func (s *stage) Fatal(arguments ...any) {
	s.Log(append(arguments, "\n")...)
	s.FailNow()
}

// FailNow fails the script.
func (s *stage) FailNow() {
	if s.outcome == Passed {
		s.outcome = Failed
	}
	if s.scene.ctx.Err() != nil {
		s.scene.unanswered = true // the time is over: nothing is said of the server
	}
	panic(ended{})
}

func (s *stage) result(file string, duration time.Duration) Result {
	outcome := s.outcome
	if outcome == Failed && s.scene.unanswered {
		outcome = Trouble
	}
	for i, left := range s.scene.leftBehind {
		s.scene.leftBehind[i] = s.printable(left, foreign.Text.String)
	}
	return Result{
		File: file, Outcome: outcome, Reason: s.reason, Log: strings.TrimSpace(s.log.String()), Duration: duration,
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
