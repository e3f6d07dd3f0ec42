package measure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"example.com/bench/internal/process"
	"example.com/bench/internal/record"
)

// start measures the time from exec to the line that says a server listens, in turns with an empty server.
func (b *bench) start(ctx context.Context) error {
	millis := func(taken time.Duration) float64 { return record.Round(taken.Seconds() * 1000) }
	into := &b.run.Start
	for range 3*b.Turns + 1 {
		empty, err := b.begin(ctx, "empty", "", process.Command{Path: b.empty, Ready: listening})
		if err != nil {
			return err
		}
		empty.Stop()
		mock, err := b.serve(ctx)
		if err != nil {
			return err
		}
		mock.Stop()
		version, err := process.Run(ctx, process.Command{Path: b.credmock, Arguments: []string{"version"}})
		if err != nil {
			return err
		}
		into.Empty, into.Listen = append(into.Empty, millis(empty.Took)), append(into.Listen, millis(mock.Took))
		into.Version = append(into.Version, millis(version.Elapsed))
	}
	into.Empty, into.Listen, into.Version = into.Empty[1:], into.Listen[1:], into.Version[1:] // the first reads the programs from disk
	return b.newMock(ctx)
}

var newMock = regexp.MustCompile(`(?m)^BenchmarkNew\S*\s+\d+\s+([\d.]+) ns/op`)

// newMock measures a mock in a process that has loaded the document: the benchmark of the package that serves the API.
func (b *bench) newMock(ctx context.Context) error {
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkNew$", "-benchtime", "50x",
		"-count", strconv.Itoa(b.Turns), "./mockserver/internal/api")
	command.Dir, command.WaitDelay = b.Root, time.Second
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	for _, found := range newMock.FindAllSubmatch(out, -1) {
		nanos, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			return err
		}
		b.run.Start.New = append(b.run.Start.New, record.Round(nanos/1e6))
	}
	if len(b.run.Start.New) == 0 {
		return fmt.Errorf("BenchmarkNew prints no time:\n%s", out)
	}
	return nil
}

// delay is the time that a slow target takes for each answer, in milliseconds.
const delay = 50

// verify measures the suite: against its own mock, and against one that takes its time.
func (b *bench) verify(ctx context.Context) error {
	report := filepath.Join(b.Out, "verify.json")
	into := &b.run.Verify
	for range b.Turns {
		ended, err := process.Run(ctx, process.Command{Path: b.credmock, Folder: b.Out,
			Arguments: []string{"verify", "--report", "json=" + report}})
		if err != nil {
			return err
		}
		into.Seconds, into.Peak = append(into.Seconds, record.Round(ended.Elapsed.Seconds())), max(into.Peak, ended.Peak)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	var read struct{ Requests int }
	if err := json.Unmarshal(text, &read); err != nil || read.Requests == 0 {
		return errors.Join(errors.New("the report has no number of requests"), err)
	}
	into.Requests = read.Requests
	return b.verifySlow(ctx)
}

func (b *bench) verifySlow(ctx context.Context) error {
	mock, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer mock.Stop()
	fault := fmt.Sprintf(`{"delay":"%dms"}`, delay)
	if _, err := ask(ctx, "POST", "http://"+mock.address()+"/__admin/faults", fault); err != nil {
		return err
	}
	ended, err := process.Run(ctx, process.Command{Path: b.credmock, Folder: b.Out, Arguments: []string{"verify", "--url",
		"http://" + mock.address() + "/platform", "--token", "dev-token", "--viewer-token", "viewer-token", "--other-token", "other-token"}})
	b.run.Verify.Delay, b.run.Verify.Delayed = delay, record.Round(ended.Elapsed.Seconds())
	return err
}

// testsPatience is how long the tests may take.
const testsPatience = 4 * time.Minute

// tests measures make test, whose programs must be installed.
func (b *bench) tests(ctx context.Context) error {
	if !b.Tests {
		b.say("  left out")
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, testsPatience)
	defer cancel()
	ended, err := process.Run(limited, process.Command{Path: "make", Arguments: []string{"--no-print-directory", "test"}, Folder: b.Root,
		Environment: []string{"GOFLAGS=-count=1", "MAKEFLAGS="}})
	if err != nil { // the other numbers are worth keeping
		b.say("  no number, because make test fails or takes too long: %v", err)
		return nil
	}
	b.run.Tests = record.Round(ended.Elapsed.Seconds())
	return nil
}
