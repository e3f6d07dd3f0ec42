package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkStart starts the program and two empty servers in turns, and measures the time from exec to the line that says it listens.
// The metrics are medians: "ms" and "MiB" (resident when idle) of the program, and its time as a multiple of the other two: "of-empty"
// knows nothing, and "of-libraries" has the libraries of the program in it.
func BenchmarkStart(b *testing.B) {
	compareStarts(b, "listening on http://127.0.0.1:", "serve", "--addr", "127.0.0.1:0")
}

// BenchmarkVersion measures a command that does nothing else, as BenchmarkStart does.
func BenchmarkVersion(b *testing.B) { compareStarts(b, "credmock ", "version") }

func compareStarts(b *testing.B, says string, arguments ...string) {
	folder := b.TempDir()
	program, empty, libraries := build(b, folder, "."), build(b, folder, "./testdata/empty"), build(b, folder, "./testdata/libraries")
	var times, ofEmpty, ofLibraries, sizes []float64
	for b.Loop() {
		floor, _ := start(b, "listening on", empty)
		loaded, _ := start(b, "listening on", libraries)
		taken, size := start(b, says, program, arguments...)
		times, sizes = append(times, taken.Seconds()*1000), append(sizes, size)
		ofEmpty, ofLibraries = append(ofEmpty, taken.Seconds()/floor.Seconds()), append(ofLibraries, taken.Seconds()/loaded.Seconds())
	}
	b.ReportMetric(0, "ns/op") // the default metric includes the builds
	b.ReportMetric(middle(times), "ms")
	b.ReportMetric(middle(ofEmpty), "of-empty")
	b.ReportMetric(middle(ofLibraries), "of-libraries")
	b.ReportMetric(middle(sizes), "MiB")
}

func build(b *testing.B, folder, source string) string {
	b.Helper()
	binary := filepath.Join(folder, "built-"+strings.Trim(strings.ReplaceAll(source, "/", "-"), ".-"))
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, source).CombinedOutput(); err != nil {
		b.Fatalf("%s does not build: %v\n%s", source, err, out)
	}
	return binary
}

// start returns how long a program takes to say its first line, and its resident size in MiB then. The size is 0 if the system does not
// tell it.
func start(b *testing.B, says, program string, arguments ...string) (time.Duration, float64) {
	b.Helper()
	server := exec.CommandContext(b.Context(), program, arguments...)
	stdout, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	taken := time.Since(began)
	size := resident(server.Process.Pid)
	_, _ = server.Process.Kill(), server.Wait() // the measurement is done
	if err != nil || !strings.HasPrefix(line, says) {
		b.Fatalf("%s says %q: %v", program, line, err)
	}
	return taken, size
}

func resident(process int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(after, &kib); err != nil {
		return 0
	}
	return kib / 1024
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
