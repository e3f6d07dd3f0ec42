// Package process runs the programs that are measured, and tells how much CPU time and memory they use. A program ends with the context,
// with Stop, or with this process.
package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Command is a program to run.
type Command struct {
	Path        string
	Arguments   []string
	Folder      string         // the working folder; empty for that of this process
	Environment []string       // in addition to that of this process
	Ready       *regexp.Regexp // finds the line of standard output that says the program is ready; its group is kept
	Log         string         // the file that gets standard error; empty for none
}

// patience is how long a program may take until it is ready.
const patience = 60 * time.Second

// Process is a program that runs.
type Process struct {
	Said   string        // the group of Ready
	Took   time.Duration // from exec to the line
	cmd    *exec.Cmd
	log    *os.File
	cancel context.CancelFunc
}

// Start starts a program and returns once it is ready.
func Start(ctx context.Context, command Command) (*Process, error) {
	ctx, cancel := context.WithCancel(ctx)
	started := &Process{cmd: build(ctx, command), cancel: cancel}
	if command.Log != "" {
		var err error
		// Appending lets Trim shorten the file while the program writes it.
		if started.log, err = os.OpenFile(command.Log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
			cancel()
			return nil, err
		}
		started.cmd.Stderr = started.log
	}
	if err := started.untilReady(command.Ready); err != nil {
		started.Stop()
		return nil, fmt.Errorf("%s does not start: %w", command.Path, err)
	}
	return started, nil
}

func build(ctx context.Context, command Command) *exec.Cmd {
	cmd := exec.CommandContext(ctx, command.Path, command.Arguments...)
	cmd.Env = append(os.Environ(), command.Environment...)
	cmd.Dir, cmd.WaitDelay, cmd.SysProcAttr = command.Folder, time.Second, ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with its children
	return cmd
}

func (p *Process) untilReady(ready *regexp.Regexp) error {
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	found := make(chan error, 1)
	lines := bufio.NewReader(stdout)
	go func() {
		for {
			line, err := lines.ReadString('\n')
			if match := ready.FindStringSubmatch(strings.TrimRight(line, "\r\n")); match != nil {
				p.Took, p.Said = time.Since(began), match[1]
				found <- nil
				break
			}
			if err != nil {
				found <- errors.New("it says nothing of being ready")
				return
			}
		}
		_, _ = io.Copy(io.Discard, lines) // until the program ends
	}()
	select {
	case err := <-found:
		return err
	case <-time.After(patience):
		return errors.New("it takes too long")
	}
}

// Stop ends the program.
func (p *Process) Stop() {
	p.cancel()
	if p.cmd.Process != nil {
		_ = p.cmd.Wait() // it was killed
	}
	if p.log != nil {
		p.log.Close()
	}
}

// Trim empties the log if it has grown long.
func (p *Process) Trim() error {
	if p.log == nil {
		return nil
	}
	info, err := p.log.Stat()
	if err != nil || info.Size() < 64<<20 {
		return err
	}
	return p.log.Truncate(0)
}

// Ended is what a program used from its start to its end.
type Ended struct {
	Elapsed time.Duration
	CPU     time.Duration
	Peak    int64 // bytes of memory
}

// Run runs a program to its end. A program that fails is an error, which repeats the end of its output.
func Run(ctx context.Context, command Command) (Ended, error) {
	cmd := build(ctx, command)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return Ended{}, fmt.Errorf("%s: %w\n%s", command.Path, err, out[max(0, len(out)-2000):])
	}
	ended := Ended{Elapsed: time.Since(began), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		ended.Peak = usage.Maxrss << 10
	}
	return ended, nil
}
