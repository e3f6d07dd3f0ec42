package main_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// step is one command of the README and the lines printed below it.
type step struct{ command, printed string }

// console returns the commands of the README's console blocks in order.
func console(t *testing.T) []step {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			command, printed, _ := strings.Cut(part, "\n")
			steps = append(steps, step{command, printed})
		}
	}
	return steps
}

// What differs from run to run is compared by its form alone.
var volatile = []struct {
	form *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`"id":"[0-9a-f-]{36}"`), `"id":"<uuid>"`},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`), "<time>"},
	{regexp.MustCompile(`\b\d+ms\b`), "<duration>"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "<address>"},
}

func settled(text string) string {
	for _, one := range volatile {
		text = one.form.ReplaceAllString(text, one.as)
	}
	return strings.TrimSpace(text)
}

// matches compares output with what the README prints, where a line of dots stands for any number of lines.
func matches(got, printed string) bool {
	var pattern strings.Builder
	for line := range strings.Lines(settled(printed) + "\n") {
		if line == "...\n" {
			pattern.WriteString(`(?s:.*)`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line))
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(settled(got) + "\n")
}

// The README's commands are run as they stand, and must print what it says they print.
func TestReadme(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "credmock")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	address, ran := "", 0
	for _, step := range console(t) {
		// The built binary stands for `go run`, and a free port for the one that may be taken here.
		command := strings.ReplaceAll(step.command, "go run ./cmd/credmock", binary)
		if strings.HasSuffix(command, " serve") {
			var first string
			first, address = serve(t, binary)
			check(t, step, first)
			ran++
			continue
		}
		command = strings.ReplaceAll(command, "127.0.0.1:4118", address)
		shell := exec.Command("bash", "-c", command)
		shell.Dir = root
		output, err := shell.Output()
		if err != nil {
			t.Errorf("$ %s\n%v", step.command, err)
		}
		check(t, step, string(output))
		ran++
	}
	if ran < 5 {
		t.Errorf("only %d commands in the README", ran)
	}
}

func check(t *testing.T, step step, got string) {
	t.Helper()
	if !matches(got, step.printed) {
		t.Errorf("$ %s\nprints:\n%s\nand the README says:\n%s", step.command, got, step.printed)
	}
}

// serve starts the mock on a free port and returns its first line and its address.
func serve(t *testing.T, binary string) (first, address string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, binary, "serve", "--addr", "127.0.0.1:0")
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = server.Wait()
	})
	first, err = bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(first)
	return first, address
}

// The README's table of flags is the one of --help.
func TestReadmeFlags(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	help, err := exec.Command("go", "run", ".", "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[a-z-]+)`).FindAllStringSubmatch(string(help), -1)
	for _, flag := range flags {
		if flag[1] != "--help" && !strings.Contains(string(text), "`"+flag[1]+"`") {
			t.Errorf("the README does not know the flag %s of serve", flag[1])
		}
	}
	if len(flags) < 5 {
		t.Errorf("only %d flags in --help", len(flags))
	}
}
