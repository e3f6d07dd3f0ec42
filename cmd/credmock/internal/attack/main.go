// Command attack attacks this program: it attacks the mock with a hostile client, then verify and run with hostile targets. It
// prints counts, and ends with 1 if a bound was broken.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/credmock/credmock/internal/attack/client"
	"github.com/credmock/credmock/internal/attack/target"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(attack(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// attack does what the flags say, and returns the exit code.
func attack(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	var requests int
	var seed uint64
	var targets string
	campaign := target.Campaign{Progress: stdout}
	flags := flag.NewFlagSet("attack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&requests, "requests", 1_000_000, "how many requests the mock gets; 0 for none")
	flags.Uint64Var(&seed, "seed", 1, "makes two attacks send the same")
	flags.StringVar(&targets, "targets", ".", "attack verify and run with the targets whose names match `REGEXP`; empty for none")
	flags.BoolVar(&campaign.Small, "short", false, "small sizes")
	flags.DurationVar(&campaign.Timeout, "timeout", 30*time.Second, "what verify is given")
	flags.DurationVar(&campaign.Grace, "grace", 10*time.Second, "how far beyond its time a command may end")
	flags.IntVar(&campaign.AtOnce, "at-once", 2, "how many targets are attacked at a time")
	if flags.Parse(arguments) != nil {
		return 2
	}
	sound := true
	if requests > 0 {
		held, err := attackMock(ctx, requests, seed, stdout)
		if err != nil {
			fmt.Fprintln(stderr, "attack: "+err.Error())
			return 2
		}
		sound = held
	}
	if targets != "" {
		held, err := attackCommands(ctx, campaign, targets, stdout)
		if err != nil {
			fmt.Fprintln(stderr, "attack: "+err.Error())
			return 2
		}
		sound = sound && held
	}
	if !sound {
		return 1
	}
	return 0
}

// attackMock serves a mock and sends it requests.
func attackMock(ctx context.Context, requests int, seed uint64, out io.Writer) (bool, error) {
	mock, err := serve(ctx)
	if err != nil {
		return false, err
	}
	result, err := client.Attack{
		Root: mock.root, Token: engineerToken, Viewer: viewerToken, Requests: requests, Seed: seed, Log: mock.log,
		Progress: func(sent int64) { fmt.Fprintf(out, "%d requests sent\n", sent) },
	}.Run(ctx)
	if result == nil {
		return false, err
	}
	if ended := mock.stop(); ended != nil {
		result.Broken[ended.Error()]++
	}
	result.Summary(out) // also of what was sent before an interruption
	return result.Sound(), err
}

// shortChecks are those that verify makes in a short run: a few of each kind of request.
const shortChecks = `^(redaction/create|envelope|lifecycle|in-use)`

// attackCommands builds the program and runs it against hostile targets.
func attackCommands(ctx context.Context, campaign target.Campaign, names string, out io.Writer) (bool, error) {
	home, err := os.MkdirTemp("", "credmock-attack-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(home)
	if campaign.Select, err = regexp.Compile(names); err != nil {
		return false, err
	}
	if campaign.Small {
		campaign.Checks = shortChecks
	}
	campaign.Binary, campaign.Home = filepath.Join(home, "credmock"), filepath.Join(home, "targets")
	if campaign.Scenarios, err = filepath.Abs("scenarios"); err != nil {
		return false, err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", campaign.Binary, "./cmd/credmock").CombinedOutput(); err != nil {
		return false, fmt.Errorf("the program does not build: %w\n%s", err, out)
	}
	outcomes, err := campaign.Run(ctx)
	return target.Summary(out, outcomes), err
}
