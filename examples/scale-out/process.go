package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// process is a child process. It ends with its context at the latest.
type process struct {
	command *exec.Cmd
	folder  string
	log     string // file with its output
	ended   chan struct{}
}

// launch starts a program in a folder. The log file gets the name of the process.
func launch(ctx context.Context, folder, name string, environment []string, program string, arguments ...string) (*process, error) {
	made := &process{
		command: exec.CommandContext(ctx, program, arguments...), //nolint:gosec // the caller chooses the program
		folder:  folder,
		log:     filepath.Join(folder, name+".log"),
		ended:   make(chan struct{}),
	}
	log, err := os.Create(made.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	made.command.Dir = folder
	made.command.Env = append(os.Environ(), environment...)
	made.command.Stdout, made.command.Stderr = log, log
	if err := made.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = made.command.Wait() // a process that was killed has no other result
		close(made.ended)
	}()
	return made, nil
}

// kill ends a process at once, as a crash does.
func (p *process) kill() {
	if p != nil {
		_ = p.command.Process.Kill() // it may have ended before
		<-p.ended
	}
}

// failure kills a process that does not serve, and returns an error with its log.
func (p *process) failure(reason error) error {
	p.kill()
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s does not serve: %w\n%s", filepath.Base(p.command.Path), reason, strings.TrimSpace(string(text)))
}
