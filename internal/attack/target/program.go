package target

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// program is the built program, and where its commands may leave traces.
type program struct {
	binary string
	home   string // holds the folder of commands that leave a mark, and nothing else
}

// The bounds of one command.
const (
	peakBound     = 400 << 20
	killPeak      = 1 << 30 // beyond this a command is ended, so that it harms nobody else on the machine
	overtimeBound = 10 * time.Second
	killOvertime  = 30 * time.Second // beyond this a command counts as hanging, and is ended
	outputBound   = 64 << 20
)

// marker returns the file that exists once a target's text became a command.
func (p *program) marker() string { return filepath.Join(p.home, "marked") }

func (p *program) bin() string { return filepath.Join(p.home, "bin") }

// Prepare makes a folder with the command that leaves a mark, and a curl that does nothing, for the lines of a report.
func prepare(binary, home string) (*program, error) {
	p := &program{binary: binary, home: home}
	mark := "#!/bin/sh\n: > '" + p.marker() + "'\n"
	return p, errors.Join(os.MkdirAll(p.bin(), 0o755),
		os.WriteFile(filepath.Join(p.bin(), markerCommand), []byte(mark), 0o755),
		os.WriteFile(filepath.Join(p.bin(), "curl"), []byte("#!/bin/sh\n"), 0o755))
}

// run runs one command in a folder of its own to its end, and notes what became of it. The limit is how long it may take, and the
// patience how far beyond that it is ended.
func (p *program) run(ctx context.Context, directory string, limit, patience time.Duration, arguments ...string) Outcome {
	_ = os.Remove(p.marker()) // of an earlier command
	made := Outcome{Limit: limit, Outputs: map[string][]byte{}}
	var hung atomic.Bool
	command := exec.CommandContext(ctx, p.binary, arguments...)
	command.Dir = directory
	command.Env = append(os.Environ(), "PATH="+p.bin()+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1")
	stdout, stderr := &bounded{}, &bounded{}
	command.Stdout, command.Stderr = stdout, stderr
	command.WaitDelay = time.Second
	started := time.Now()
	if err := command.Start(); err != nil {
		made.Failure = err.Error()
		return made
	}
	watch := watchMemory(command.Process)
	killer := time.AfterFunc(limit+patience, func() { hung.Store(true); _ = command.Process.Kill() })
	err := command.Wait()
	killer.Stop()
	made.Took = time.Since(started)
	made.Peak = watch.end()
	made.Exit = command.ProcessState.ExitCode()
	made.Ended = hung.Load() || watch.ended.Load()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		made.Failure = err.Error()
	}
	made.Outputs["standard output"], made.Outputs["standard error"] = stdout.text.Bytes(), stderr.text.Bytes()
	_, missing := os.Stat(p.marker())
	made.Marked = missing == nil
	return made
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ text bytes.Buffer }

func (b *bounded) Write(text []byte) (int, error) {
	if room := outputBound + 1 - b.text.Len(); room > 0 {
		b.text.Write(text[:min(room, len(text))])
	}
	return len(text), nil
}

// memoryWatch follows how much memory a process has at most. The system's own account at its end would count what this
// program had when it began the process.
type memoryWatch struct {
	process *os.Process
	stop    chan struct{}
	done    chan struct{}
	peak    int64
	ended   atomic.Bool
}

func watchMemory(process *os.Process) *memoryWatch {
	watch := &memoryWatch{process: process, stop: make(chan struct{}), done: make(chan struct{})}
	go watch.follow()
	return watch
}

func (w *memoryWatch) follow() {
	defer close(w.done)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		w.peak = max(w.peak, peakOf(w.process.Pid))
		if w.peak > killPeak && !w.ended.Swap(true) {
			_ = w.process.Kill()
		}
		select {
		case <-w.stop:
			return
		case <-ticker.C:
		}
	}
}

func (w *memoryWatch) end() int64 {
	close(w.stop)
	<-w.done
	return w.peak
}

// peakOf returns the peak of a process's memory in bytes; 0 where the system does not tell.
func peakOf(process int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, isPeak := strings.CutPrefix(string(line), "VmHWM:"); isPeak {
			kibibytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kibibytes << 10
		}
	}
	return 0
}
