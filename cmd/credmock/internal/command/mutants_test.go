package command_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/command"
)

func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	code = command.Main(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &diagnostics)
	return code, out.String(), diagnostics.String()
}

func TestMutantsList(t *testing.T) {
	for _, format := range []string{"text", "markdown"} {
		code, stdout, stderr := run(t, "mutants", "--list", "--format", format)
		if code != 0 || strings.Count(stdout, "\n") < 150 || stderr != "" {
			t.Errorf("%s: exit %d, %d lines, %s", format, code, strings.Count(stdout, "\n"), stderr)
		}
	}
}

func TestMutantsMatrix(t *testing.T) {
	code, stdout, _ := run(t, "mutants", "--run", "^required/update/")
	if code != 0 || !strings.Contains(stdout, "killed") || !strings.Contains(stdout, "0 not as they must be") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestMutantsUsage(t *testing.T) {
	for _, args := range [][]string{
		{"mutants", "--run", "("}, {"mutants", "--run", "^nothing$"}, {"mutants", "--serve", "nothing"}, {"mutants", "--format", "xml"},
		{"mutants", "extra"},
	} {
		if code, _, stderr := run(t, args...); code != 2 || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", args, code, stderr)
		}
	}
}

// A served mutant is broken as the catalogue says, for whoever asks.
func TestMutantsServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	lines := &firstLine{got: make(chan string, 1)}
	ended := make(chan int, 1)
	go func() {
		ended <- command.Main(ctx, []string{"mutants", "--serve", "required/update/grant-type", "--addr", "127.0.0.1:0"},
			func(string) (string, bool) { return "", false }, strings.NewReader(""), lines, &bytes.Buffer{})
	}()
	select {
	case url := <-lines.got:
		code, stdout, _ := run(t, "verify", "--url", strings.TrimPrefix(url, "listening on "), "--run", "^required/update/grantType$")
		if code != 1 {
			t.Errorf("exit %d\n%s", code, stdout)
		}
	case code := <-ended:
		t.Fatalf("it ended with %d", code)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit %d", code)
	}
}

// firstLine hands on the first line that is written.
type firstLine struct {
	buffer bytes.Buffer
	got    chan string
	done   bool
}

func (f *firstLine) Write(p []byte) (int, error) {
	f.buffer.Write(p)
	if line, rest, whole := strings.Cut(f.buffer.String(), "\n"); whole && !f.done && rest == "" {
		f.done = true
		f.got <- line
	}
	return len(p), nil
}

// On an address that other machines can reach, serve does not begin without a token for the admin surface.
func TestAdminTokenBeyondLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0"} {
		var out, diagnostics bytes.Buffer
		args := []string{"serve", "--addr", address}
		code := command.Main(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &diagnostics)
		if code != 2 || !strings.Contains(diagnostics.String(), "give --admin-token") || out.Len() > 0 {
			t.Errorf("%s: exit %d: %s%s", address, code, out.String(), diagnostics.String())
		}
	}
}
