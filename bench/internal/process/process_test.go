//go:build linux

package process

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests run this program as another one: it burns CPU time, says so, and waits for its end.
func TestMain(m *testing.M) {
	if rounds, err := strconv.Atoi(os.Getenv("BENCH_BURN")); err == nil {
		burn(rounds)
		var usage syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		fmt.Fprintln(os.Stderr, "a line of the log")
		fmt.Println("burnt", usage.Utime.Nano()+usage.Stime.Nano())
		if os.Getenv("BENCH_WAIT") != "" {
			bounded, cancel := context.WithTimeout(context.Background(), time.Minute) // it ends even if nobody ends it
			ended, stop := signal.NotifyContext(bounded, os.Interrupt, syscall.SIGTERM)
			<-ended.Done()
			stop()
			cancel()
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func burn(rounds int) {
	sum := sha256.Sum256(nil)
	for range rounds {
		for range 10_000 {
			sum = sha256.Sum256(sum[:])
		}
	}
}

func burner(t *testing.T, rounds int, waits bool) Command {
	t.Setenv("BENCH_BURN", strconv.Itoa(rounds))
	if waits {
		t.Setenv("BENCH_WAIT", "yes")
	}
	return Command{Path: os.Args[0], Ready: regexp.MustCompile(`^burnt (\d+)$`), Log: filepath.Join(t.TempDir(), "log")}
}

// The CPU time of another process is the one that it measures itself.
func TestCPUIsThatOfTheProcess(t *testing.T) {
	program, err := Start(t.Context(), burner(t, 5, true))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Stop()
	seen, err := program.CPU()
	own, _ := strconv.Atoi(program.Said)
	if err != nil || seen < time.Duration(own) || seen > time.Duration(own)+50*time.Millisecond {
		t.Errorf("the process used %v, and says %v; %v", seen, time.Duration(own), err)
	}
}

// A program that does ten times as much uses about ten times as much CPU time, whatever else the machine does.
func TestCPUFollowsTheWork(t *testing.T) {
	used := func(rounds int) float64 {
		ended, err := Run(t.Context(), burner(t, rounds, false))
		if err != nil || ended.Peak < 1<<20 {
			t.Fatal(ended, err)
		}
		return ended.CPU.Seconds()
	}
	idle, one, ten := used(0), used(5), used(50)
	if ratio := (ten - idle) / (one - idle); ratio < 5 || ratio > 20 {
		t.Errorf("%.1f times the CPU time", ratio)
	}
}

func TestMemoryIsRead(t *testing.T) {
	program, err := Start(t.Context(), burner(t, 0, true))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Stop()
	now, err := program.Memory()
	if err := program.ResetPeak(); err != nil {
		t.Fatal(err)
	}
	peak, peakErr := program.Peak()
	if err != nil || peakErr != nil || now < 1<<20 || now > 1<<30 || peak < now/2 {
		t.Error(now, peak, err, peakErr)
	}
}

func TestStatusBytes(t *testing.T) {
	const status = "Name:\tcredmock\nVmHWM:\t   22172 kB\nVmRSS:\t   19628 kB\nRssAnon:\tmany\n"
	for name, want := range map[string]int64{"VmHWM": 22172 << 10, "VmRSS": 19628 << 10, "RssAnon": 0, "VmSwap": 0, "Name": 0} {
		if got, err := statusBytes(status, name); got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
}

// A program ends with its context, and its log is kept.
func TestProgramsEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	command := burner(t, 0, true)
	program, err := Start(ctx, command)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	program.Stop()
	if err := syscall.Kill(program.cmd.Process.Pid, 0); err == nil {
		t.Error("the program still runs")
	}
	if text, err := os.ReadFile(command.Log); err != nil || !strings.Contains(string(text), "a line of the log") {
		t.Errorf("the log has %q, %v", text, err)
	}
}

func TestAProgramThatIsNeverReady(t *testing.T) {
	command := burner(t, 0, false)
	command.Ready = regexp.MustCompile("never (x)")
	if _, err := Start(t.Context(), command); err == nil || !strings.Contains(err.Error(), "says nothing of being ready") {
		t.Error(err)
	}
	if _, err := Start(t.Context(), Command{Path: filepath.Join(t.TempDir(), "missing")}); err == nil {
		t.Error("a missing program starts")
	}
}
