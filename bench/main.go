// Program bench measures credmock as a user has it, beside other servers, and draws the page about it. It is a module of its own, because
// what it needs is nothing of credmock's.
//
//	bench measure -root .. -out out -record recorded.json
//	bench draw -root .. -record recorded.json
//
// measure starts this program again as "bench floor" and "bench static STATUS FILE": the servers that credmock is compared with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"example.com/bench/internal/measure"
	"example.com/bench/internal/page"
	"example.com/bench/internal/record"
	"example.com/bench/internal/rival"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("give measure or draw; see the comment of main.go")
	}
	switch rest := arguments[1:]; arguments[0] {
	case "measure":
		return measureAll(ctx, rest)
	case "draw":
		return draw(rest)
	case "floor":
		return rival.Serve(ctx, os.Stdout, rival.Floor())
	case "static":
		return static(ctx, rest)
	}
	return fmt.Errorf("%q is neither measure nor draw", arguments[0])
}

// most is how long a run may take, whatever happens.
const most = 20 * time.Minute

func measureAll(ctx context.Context, arguments []string) error {
	var settings measure.Settings
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	flags.StringVar(&settings.Root, "root", "..", "the root of the repository")
	flags.StringVar(&settings.Out, "out", "out", "the folder for programs, logs and bench.txt")
	name := flags.String("record", "recorded.json", "the file for the numbers")
	flags.DurationVar(&settings.Turn, "time", 200*time.Millisecond, "how long each server works in a turn")
	flags.IntVar(&settings.Turns, "turns", 9, "how many turns each server has")
	flags.IntVar(&settings.Requests, "requests", 1_000_000, "how many requests the row of memory sends")
	flags.BoolVar(&settings.Peers, "peers", true, "measure Prism and Mockoon, too")
	flags.BoolVar(&settings.Tests, "tests", true, "measure make test, too")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if settings.Turns < 1 || settings.Turn <= 0 || settings.Requests < 1 {
		return errors.New("-time, -turns and -requests must be more than nothing")
	}
	var err error
	if settings.Out, err = filepath.Abs(settings.Out); err != nil {
		return err
	}
	if settings.Root, err = filepath.Abs(settings.Root); err != nil {
		return err
	}
	if err := os.MkdirAll(settings.Out, 0o755); err != nil {
		return err
	}
	settings.Progress = os.Stderr
	ctx, cancel := context.WithTimeout(ctx, most+time.Duration(settings.Requests)*100*time.Microsecond)
	defer cancel()
	measured, err := measure.Run(ctx, settings)
	if err != nil {
		return err
	}
	return keep(measured, settings.Out, *name)
}

// keep writes the numbers, and prints the tables.
func keep(measured *record.Run, out, name string) error {
	if err := measured.Write(name); err != nil {
		return err
	}
	benchmarks, err := os.Create(filepath.Join(out, "bench.txt"))
	if err != nil {
		return err
	}
	defer benchmarks.Close()
	if err := measured.WriteBenchmarks(benchmarks); err != nil {
		return err
	}
	fmt.Print(page.Terminal(measured))
	return benchmarks.Close()
}

func draw(arguments []string) error {
	flags := flag.NewFlagSet("draw", flag.ContinueOnError)
	root := flags.String("root", "..", "the root of the repository")
	name := flags.String("record", "recorded.json", "the file with the numbers")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	measured, err := record.Read(*name)
	if err != nil {
		return err
	}
	files, err := page.Draw(measured, *root)
	if err != nil {
		return err
	}
	for file, content := range files {
		if err := os.WriteFile(filepath.Join(*root, file), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func static(ctx context.Context, arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("static needs a status and a file")
	}
	status, err := strconv.Atoi(arguments[0])
	if err != nil {
		return err
	}
	body, err := os.ReadFile(arguments[1])
	if err != nil {
		return err
	}
	return rival.Serve(ctx, os.Stdout, rival.Static(status, body))
}
