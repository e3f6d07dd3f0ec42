package target

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// Campaign says how the commands are attacked.
type Campaign struct {
	Binary    string         // the built program
	Home      string         // an empty folder
	Scenarios string         // a folder of scenario files
	Small     bool           // sizes and times of a short run
	Checks    string         // what verify is given as --run; empty for all checks
	Timeout   time.Duration  // what verify is given; sound kinds get half a minute at least
	Grace     time.Duration  // how far beyond its time a command may end; if 0, ten seconds
	AtOnce    int            // how many targets are attacked at a time
	Select    *regexp.Regexp // of the names of kinds; may be nil, for all
	Progress  io.Writer      // gets a line for each outcome; may be nil
}

// Run attacks the commands with every kind, and returns what became of them in the order of the kinds.
func (c Campaign) Run(ctx context.Context) ([]Outcome, error) {
	tool, err := prepare(c.Binary, c.Home)
	if err != nil {
		return nil, err
	}
	kinds := slices.DeleteFunc(Kinds(), func(kind Kind) bool { return c.Select != nil && !c.Select.MatchString(kind.Name) })
	found := make([][]Outcome, len(kinds))
	slots := make(chan struct{}, max(1, c.AtOnce))
	var wait sync.WaitGroup
	var mutex sync.Mutex
	for i, kind := range kinds {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			outcomes := c.attack(ctx, tool, kind)
			mutex.Lock()
			defer mutex.Unlock()
			found[i] = outcomes
			for j := range outcomes {
				c.tell(&outcomes[j])
			}
		})
	}
	wait.Wait()
	return slices.Concat(found...), ctx.Err()
}

func (c Campaign) tell(outcome *Outcome) {
	if c.Progress != nil {
		fmt.Fprintln(c.Progress, outcome.line())
	}
}

// attack runs the commands against one target.
func (c Campaign) attack(ctx context.Context, tool *program, kind Kind) []Outcome {
	directory := filepath.Join(c.Home, kind.Name)
	own, err := prepare(tool.binary, directory)
	if err != nil {
		return []Outcome{{Kind: kind.Name, Failure: err.Error()}}
	}
	server, err := Start(ctx, kind, c.Small)
	if err != nil {
		return []Outcome{{Kind: kind.Name, Failure: err.Error()}}
	}
	defer server.Close()
	one := &attack{Campaign: c, tool: own, kind: kind, server: server, directory: filepath.Join(directory, "work")}
	if err := os.MkdirAll(one.directory, 0o755); err != nil {
		return []Outcome{{Kind: kind.Name, Failure: err.Error()}}
	}
	outcomes := []Outcome{one.verify(ctx)}
	if written := one.written(); len(written) > 0 {
		outcomes = append(outcomes, one.play(ctx, "run written", written...))
	}
	return append(outcomes, one.play(ctx, "run", one.examples()...))
}

// attack is one kind at work.
type attack struct {
	Campaign
	tool      *program
	kind      Kind
	server    *Server
	directory string
}

func (a *attack) verify(ctx context.Context) Outcome {
	before := a.stored()
	arguments := append([]string{"verify"}, a.principals()...)
	timeout := a.Timeout
	if a.kind.Sound {
		timeout = max(timeout, 30*time.Second)
	}
	arguments = append(arguments, "--timeout", timeout.String(), "--scenarios", "written", "--run", a.Checks)
	for _, format := range report.Formats() {
		arguments = append(arguments, "--report", format+"=report."+format)
	}
	made := a.perform(ctx, "verify", timeout, arguments)
	_ = filepath.WalkDir(a.directory, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			name, _ := filepath.Rel(a.directory, path)
			made.Outputs[name] = beginning(path)
		}
		return nil
	})
	made.Outputs["standard output"] = append(made.Outputs["standard output"], made.Outputs["report.text"]...)
	a.obey(ctx, made.Outputs["report.json"])
	made.Marked = made.Marked || exists(a.tool.marker())
	made.Left = max(0, a.stored()-before)
	return made
}

func (a *attack) play(ctx context.Context, name string, files ...string) Outcome {
	before := a.stored()
	arguments := append([]string{"run", "--verbose", "--timeout", a.Timeout.String()}, a.principals()...)
	made := a.perform(ctx, name, a.Timeout, append(arguments, files...))
	made.Left = max(0, a.stored()-before)
	return made
}

func (a *attack) perform(ctx context.Context, name string, limit time.Duration, arguments []string) Outcome {
	a.server.witness.forget()
	a.server.served.Store(0)
	made := a.tool.run(ctx, a.directory, limit, max(a.Grace, killOvertime), arguments...)
	made.Grace = a.Grace
	made.Kind, made.Command, made.Sound, made.Hides = a.kind.Name, name, a.kind.Sound, a.kind.Hides
	made.secrets = a.server.witness.detector()
	made.Strayed = a.server.witness.strays()
	return made
}

func (a *attack) principals() []string {
	return []string{"--url", a.server.URL, "--token", engineerToken, "--viewer-token", viewerToken, "--other-token", otherToken}
}

// manyWritten is how many of the scenarios that verify wrote are played: a target that breaks everything gives hundreds.
const manyWritten = 4

// textual are the kinds whose text may become something else in a file: a short run plays what was written of these alone.
var textual = regexp.MustCompile(`^(escape|echo|id)-`)

// written are the scenario files that verify wrote.
func (a *attack) written() []string {
	if a.Small && !textual.MatchString(a.kind.Name) {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(a.directory, "written", "*.txtar")) // the pattern is right
	limit := manyWritten
	if a.Small {
		limit = 1
	}
	return files[:min(len(files), limit)]
}

// examples are the scenario files that are played; a short run takes one.
func (a *attack) examples() []string {
	names := []string{"credential-create.txtar", "strategies-list.txtar", "destinations.txtar"}
	if a.Small {
		names = names[:1]
	}
	for i, name := range names {
		names[i] = filepath.Join(a.Scenarios, name)
	}
	return names
}

// obey gives the curl lines of a report to a shell that knows no command but ours.
func (a *attack) obey(ctx context.Context, report []byte) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		return
	}
	var read struct {
		Checks []struct {
			Findings []struct{ Reproduce string }
		}
	}
	if json.Unmarshal(report, &read) != nil {
		return
	}
	var lines []string
	for _, check := range read.Checks {
		for _, finding := range check.Findings {
			lines = append(lines, finding.Reproduce)
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	for _, line := range lines[:min(len(lines), 40)] {
		limited, cancel := context.WithTimeout(ctx, 2*time.Second)
		command := exec.CommandContext(limited, shell, "-c", line)
		command.Dir, command.Env = a.directory, []string{"PATH=" + a.tool.bin()}
		_ = command.Run() // what it ends with says nothing
		cancel()
	}
}

// stored counts what the mock behind the target holds.
func (a *attack) stored() int {
	count := 0
	for _, path := range a.listPaths() {
		asked := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
		asked.Header.Set("Authorization", "Bearer "+engineerToken)
		asked.RemoteAddr = "127.0.0.1:1"
		recorder := httptest.NewRecorder()
		a.server.mock.ServeHTTP(recorder, asked)
		count += bytes.Count(recorder.Body.Bytes(), []byte(strconv.Quote(a.server.idName())+":"))
	}
	return count
}

// listPaths are the paths that list what can be created, in every environment of the engineer.
func (a *attack) listPaths() []string {
	var paths []string
	for _, operation := range a.server.spec.Operations {
		if operation.Action == "list" && a.server.spec.Operation(operation.Resource, "create") != nil {
			for _, environment := range environments {
				paths = append(paths, pathtemplate.Fill(operation.Prefix+operation.Path, environment))
			}
		}
	}
	return paths
}

// environments are those of the engineer in the mock's own fixtures.
var environments = []string{"a31a92e5-43b7-45df-8085-4ac5a746d105", "5f6a1c0b-2f0e-4d0c-9f63-8b7f5f3c2e21"}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func beginning(path string) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, outputBound+1))
	return text
}
