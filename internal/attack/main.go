// Command attack attacks this program: the mock with a hostile client, then verify and run with hostile targets. It prints counts
// and ends with 1 where a bound was broken.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/credmock/credmock/internal/attack/target"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(attack(ctx))
}

// attack does what the flags say, and returns the exit code.
func attack(ctx context.Context) int {
	var targets string
	var short bool
	var timeout time.Duration
	var atOnce int
	flag.StringVar(&targets, "targets", ".", "attack verify and run with the targets whose names match `REGEXP`; empty for none")
	flag.BoolVar(&short, "short", false, "small sizes and short times")
	flag.DurationVar(&timeout, "timeout", 30*time.Second, "what verify is given")
	flag.IntVar(&atOnce, "at-once", 2, "how many targets are attacked at a time")
	flag.Parse()
	sound := true
	if targets != "" {
		held, err := attackCommands(ctx, target.Campaign{Small: short, Timeout: timeout, AtOnce: atOnce}, targets)
		if err != nil {
			fmt.Fprintln(os.Stderr, "attack: "+err.Error())
			return 2
		}
		sound = sound && held
	}
	if !sound {
		return 1
	}
	return 0
}

// attackCommands builds the program and runs it against hostile targets.
func attackCommands(ctx context.Context, campaign target.Campaign, names string) (bool, error) {
	home, err := os.MkdirTemp("", "credmock-attack-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(home)
	if campaign.Select, err = regexp.Compile(names); err != nil {
		return false, err
	}
	campaign.Binary, campaign.Home, campaign.Progress = filepath.Join(home, "credmock"), filepath.Join(home, "targets"), os.Stdout
	if campaign.Scenarios, err = filepath.Abs("scenarios"); err != nil {
		return false, err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", campaign.Binary, "./cmd/credmock").CombinedOutput(); err != nil {
		return false, fmt.Errorf("the program does not build: %w\n%s", err, out)
	}
	outcomes, err := campaign.Run(ctx)
	return target.Summary(os.Stdout, outcomes), err
}
