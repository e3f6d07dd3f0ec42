package measure

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"example.com/bench/internal/record"
)

// describe notes the machine and the versions.
func (b *bench) describe(ctx context.Context) error {
	version := func(program string, arguments ...string) string {
		out, err := exec.CommandContext(ctx, program, arguments...).Output()
		if err != nil {
			return "" // the program is not there
		}
		return strings.TrimSpace(string(out))
	}
	b.run.Machine = record.Machine{
		Processor: field("/proc/cpuinfo", "model name"), Processors: runtime.NumCPU(), Memory: memoryOf(field("/proc/meminfo", "MemTotal")),
		System: runtime.GOOS + " " + strings.TrimSpace(text("/proc/sys/kernel/osrelease")),
		Versions: map[string]string{"Go": strings.TrimPrefix(version("go", "env", "GOVERSION"), "go"),
			"credmock": firstLine(version(b.credmock, "version")), "commit": version("git", "-C", b.Root, "describe", "--always", "--dirty")},
	}
	if b.Peers {
		b.run.Machine.Versions["Node.js"] = strings.TrimPrefix(version("node", "--version"), "v")
		for name, folder := range map[string]string{record.Prism: "@stoplight/prism-cli", record.Mockoon: "@mockoon/cli"} {
			var read struct{ Version string }
			found := text(filepath.Join(b.Root, "bench", "node_modules", filepath.FromSlash(folder), "package.json"))
			if json.Unmarshal([]byte(found), &read) == nil {
				b.run.Machine.Versions[name] = read.Version
			}
		}
	}
	return nil
}

// firstLine returns the version that credmock names first.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimPrefix(line, "credmock ")
}

// text returns the text of a file, and nothing of a file that is not there.
func text(name string) string {
	found, _ := os.ReadFile(name)
	return string(found)
}

// field returns a value of a file with lines of the form NAME: VALUE.
func field(name, wanted string) string {
	for line := range strings.Lines(text(name)) {
		if found, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(found) == wanted {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memoryOf returns the bytes that a line of /proc/meminfo names in kB.
func memoryOf(value string) int64 {
	digits, _, _ := strings.Cut(value, " ")
	size, _ := strconv.ParseInt(digits, 10, 64) // 0 if the system does not tell
	return size << 10
}
