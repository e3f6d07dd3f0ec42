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

// BenchmarkStart starts the program and an empty server in turns, and measures the time from exec to the line that says it listens.
// The metrics are medians: "ms" and "MiB" (resident when idle) of the program, and "of-empty", its time as a multiple of the
// empty server's.
func BenchmarkStart(b *testing.B) {
	folder := b.TempDir()
	program, empty := build(b, folder, "."), build(b, folder, "./testdata/empty")
	var times, ratios, sizes []float64
	for b.Loop() {
		floor, _ := start(b, empty)
		taken, size := start(b, program, "serve", "--addr", "127.0.0.1:0")
		times, ratios, sizes = append(times, taken.Seconds()*1000), append(ratios, taken.Seconds()/floor.Seconds()), append(sizes, size)
	}
	b.ReportMetric(0, "ns/op") // the default metric includes the builds
	b.ReportMetric(middle(times), "ms")
	b.ReportMetric(middle(ratios), "of-empty")
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

// start returns how long a server takes to listen, and its resident size in MiB. The size is 0 if the system does not tell it.
func start(b *testing.B, program string, arguments ...string) (time.Duration, float64) {
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
	if err != nil || !strings.HasPrefix(line, "listening on http://127.0.0.1:") {
		b.Fatalf("the server says %q: %v", line, err)
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
