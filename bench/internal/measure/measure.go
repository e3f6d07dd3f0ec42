// Package measure runs the whole benchmark: it starts the servers, puts load on them in turns, and stops them.
package measure

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/process"
	"example.com/bench/internal/record"
)

// Settings say what a run does.
type Settings struct {
	Root     string        // of the repository
	Out      string        // the folder for programs, logs and answers
	Turn     time.Duration // how long each server works in a turn
	Turns    int
	Requests int // of the row that shows the memory
	Peers    bool
	Tests    bool
	Progress io.Writer
}

// bench is a run.
type bench struct {
	Settings
	credmock, empty, own string // programs
	run                  record.Run
}

// Run measures everything.
func Run(ctx context.Context, settings Settings) (*record.Run, error) {
	b := &bench{Settings: settings}
	b.run.Taken = time.Now().UTC().Format(time.DateOnly)
	b.run.Settings = record.Settings{Turn: settings.Turn.Seconds(), Turns: settings.Turns, Requests: settings.Requests}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"builds credmock", b.build},
		{"reads the versions", b.describe},
		{"measures the start", b.start},
		{"measures verify", b.verify},
		{"compares the servers", b.compare},
		{"measures growth", b.grow},
		{"measures lists", b.lists},
		{"measures sessions", b.sessions},
		{"measures memory over requests", b.memory},
		{"measures make test", b.tests},
	} {
		b.say("%s", step.name)
		err := step.run(ctx)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("make bench ends early: %w", ctx.Err())
		}
		if err != nil {
			return nil, fmt.Errorf("make bench %s: %w", step.name, err)
		}
	}
	return &b.run, nil
}

func (b *bench) say(format string, values ...any) {
	fmt.Fprintf(b.Progress, time.Now().Format(time.TimeOnly)+" "+format+"\n", values...)
}

func (b *bench) build(ctx context.Context) (err error) {
	b.credmock, b.empty = filepath.Join(b.Out, "credmock"), filepath.Join(b.Out, "empty")
	for program, source := range map[string]string{b.credmock: "./cmd/credmock", b.empty: "./cmd/credmock/testdata/empty"} {
		command := process.Command{Path: "go", Arguments: []string{"build", "-o", program, source}, Folder: b.Root}
		if _, err := process.Run(ctx, command); err != nil {
			return err
		}
	}
	b.own, err = os.Executable()
	return err
}

var listening = regexp.MustCompile(`^listening on http://(127\.0\.0\.1:\d+)`)

// serve starts credmock as a user has it: with its defaults, and with its log in a file.
func (b *bench) serve(ctx context.Context) (*server, error) {
	return b.begin(ctx, record.Credmock, "/platform", process.Command{
		Path: b.credmock, Arguments: []string{"serve", "--addr", "127.0.0.1:0"}, Folder: b.Out, Ready: listening,
		Log: filepath.Join(b.Out, "credmock.log")})
}

// server is a server that runs.
type server struct {
	*process.Process
	name, prefix string // the prefix of the API's paths
}

func (b *bench) begin(ctx context.Context, name, prefix string, command process.Command) (*server, error) {
	started, err := process.Start(ctx, command)
	if err != nil {
		return nil, err
	}
	return &server{started, name, prefix}, nil
}

func (s *server) address() string { return s.Said }

// turn sends a load to the server and returns the result.
func (s *server) turn(ctx context.Context, load drive.Load) (drive.Turn, error) {
	load.Address, load.CPU = s.address(), s.CPU
	turn, err := drive.Run(ctx, load)
	if err != nil {
		return turn, fmt.Errorf("%s: %w", s.name, err)
	}
	return turn, s.Trim()
}

func stopAll(servers []*server) {
	for _, one := range servers {
		one.Stop()
	}
}

func rate(turn drive.Turn) float64 {
	return record.Round(float64(turn.Requests) / turn.Elapsed.Seconds())
}

// micros returns microseconds for a request.
func micros(spent time.Duration, turn drive.Turn) float64 {
	return record.Round(spent.Seconds() * 1e6 / float64(turn.Requests))
}
