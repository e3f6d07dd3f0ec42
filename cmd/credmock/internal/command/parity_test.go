package command_test

import (
	"bytes"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

// childURL and childRun tell a child of this test binary what to judge as a Go test.
const (
	childURL = "CREDMOCK_PARITY_URL"
	childRun = "CREDMOCK_PARITY_RUN"
)

// TestParityChild is the Go test of a user: contract.Run, and no more. It is run by TestParity alone.
func TestParityChild(t *testing.T) {
	if os.Getenv(childURL) == "" {
		t.Skip("TestParity runs it, with a server to judge")
	}
	contract.Run(t, contract.Target{
		URL: os.Getenv(childURL), Token: mockserver.DefaultToken, ViewerToken: mockserver.DefaultViewerToken,
		OtherToken: mockserver.DefaultOtherToken, Run: os.Getenv(childRun),
	})
}

// full judges every mutant: go test ./cmd/credmock/internal/command -run Parity -full. Else it is one in thirty-seven, of many families,
// and with -short one in a hundred and eleven.
var full = flag.Bool("full", false, "let TestParity judge every mutant")

// A mutant that a check catches is caught through all three doors: the command line, a scenario and a Go test.
func TestParity(t *testing.T) {
	seen, step := 0, 37
	switch {
	case *full:
		step = 1
	case testing.Short():
		step *= 3
	}
	for i, m := range mutants.All() {
		if m.Killer == "" || len(m.Accept) > 0 || m.Bounded || m.Level != "must" || i%step != 0 {
			continue
		}
		seen++
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			for door, open := range map[string]func(*testing.T, string, string) bool{"command line": throughCommand, "scenario": throughScenario,
				"Go test": throughTest} {
				if open(t, serveMutant(t, m), m.Selection()) {
					t.Errorf("it passes through the %s", door)
				}
			}
		})
	}
	if seen < 400/step {
		t.Errorf("only %d mutants", seen)
	}
}

// A sound server passes through all three.
func TestParityOfSound(t *testing.T) {
	for _, run := range []string{"^envelope/", "^required/update/grantType$"} {
		mock := mockserver.Start(t)
		if !throughCommand(t, mock.URL, run) || !throughScenario(t, mock.URL, run) || !throughTest(t, mock.URL, run) {
			t.Errorf("%s fails through one of the doors", run)
		}
	}
}

func serveMutant(t *testing.T, m mutants.Mutant) string {
	t.Helper()
	sound, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(m.Wrap(sound))
	t.Cleanup(server.Close)
	return server.URL + "/platform"
}

var principalFlags = []string{"--viewer-token", mockserver.DefaultViewerToken, "--other-token", mockserver.DefaultOtherToken}

func throughCommand(t *testing.T, url, selection string) bool {
	t.Helper()
	code, _, stderr := run(t, append([]string{"verify", "--url", url, "--run", selection}, principalFlags...)...)
	if code > 1 && code != 3 {
		t.Errorf("exit %d: %s", code, stderr)
	}
	return code == 0
}

func throughScenario(t *testing.T, url, selection string) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "verify.txtar")
	if err := os.WriteFile(file, []byte("verify --run '"+selection+"'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	summary, err := scenarios.RunFiles(t.Context(), []string{file}, scenarios.Params{
		URL: url, Token: mockserver.DefaultToken, ViewerToken: mockserver.DefaultViewerToken, OtherToken: mockserver.DefaultOtherToken,
	}, &output)
	if err != nil {
		t.Fatal(err)
	}
	return summary.Count(scenarios.Passed) == 1
}

func throughTest(t *testing.T, url, selection string) bool {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestParityChild$", "-test.v")
	child.Env = append(os.Environ(), childURL+"="+url, childRun+"="+selection)
	output, err := child.CombinedOutput()
	if !strings.Contains(string(output), "TestParityChild/") {
		t.Errorf("no check ran as a subtest:\n%s", output)
	}
	return err == nil
}
