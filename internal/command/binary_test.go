package command

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestTheBinaryServesUntilItIsTold drives the real program, for signals and streams are where a table cannot look.
func TestTheBinaryServesUntilItIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM to send")
	}
	binary := filepath.Join(t.TempDir(), "credmock")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/credmock/credmock/cmd/credmock").CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) { serveUntil(t, binary, signal) })
	}
}

func serveUntil(t *testing.T, binary string, signal os.Signal) {
	program := exec.CommandContext(t.Context(), binary, "serve", "--addr", "127.0.0.1:0", "--token", "token-of-the-test", "--log", "json")
	program.Env = append(os.Environ(), "CREDMOCK_VIEWER_TOKEN=viewer-of-the-test")
	var log bytes.Buffer
	program.Stderr = &log
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	match := regexp.MustCompile(`^listening on (http://127\.0\.0\.1:\d+/platform)$`).FindStringSubmatch(lines.Text())
	if match == nil {
		_ = program.Process.Kill() // it is lost in any case
		t.Fatalf("the first line is %q; stderr:\n%s", lines.Text(), log.String())
	}
	for token, status := range map[string]int{"token-of-the-test": 200, "viewer-of-the-test": 200, "dev-token": 401} {
		if seen := get(t, match[1]+"/v1/authcredentials/strategies", token); seen != status {
			t.Errorf("status %d, owed %d", seen, status)
		}
	}
	if err := program.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if lines.Scan() {
		t.Errorf("standard output has another line: %q", lines.Text())
	}
	if err := program.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, log.String())
	}
	if strings.Contains(log.String(), "of-the-test") {
		t.Errorf("the log shows a token:\n%s", log.String())
	}
}

func get(t *testing.T, address, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}
