package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// TestTheBinaryServesUntilItIsTold drives the real program, for signals and streams are where a table cannot look.
func TestTheBinaryServesUntilItIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM to send")
	}
	binary := program(t)
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

// TestAKilledVerifyIsCleanedUpAfter kills the real program in the midst of a run: nothing that it could do itself would be left
// to do.
func TestAKilledVerifyIsCleanedUpAfter(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the cache folder is set by XDG_CACHE_HOME on Linux alone")
	}
	binary := program(t)
	cache, mock := t.TempDir(), mockserver.Start(t)
	killed, writes := make(chan struct{}), atomic.Int64{}
	var victim *exec.Cmd
	ready := make(chan struct{})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mock.Server.ServeHTTP(w, r)
		if r.Method == http.MethodPatch && writes.Add(1) == 10 {
			<-ready
			_ = victim.Process.Kill() // it cannot clean up
			close(killed)
		}
	}))
	t.Cleanup(target.Close)
	verify := func(more ...string) *exec.Cmd {
		arguments := append([]string{"verify", "--url", target.URL + "/platform", "--token", mock.Token}, more...)
		program := exec.CommandContext(t.Context(), binary, arguments...)
		program.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
		return program
	}
	victim = verify()
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	close(ready)
	<-killed
	_ = victim.Wait() // it was killed
	if left := listed(t, mock); !strings.Contains(left, "credmock run ") {
		t.Fatalf("the kill came too late to leave anything behind:\n%s", left)
	}
	out, _ := verify("--run", "^strategies/listed$").CombinedOutput()
	if !regexp.MustCompile(`was cut short, and may have left behind \d+ things? .*credmock verify --clean --url ` +
		regexp.QuoteMeta(target.URL)).Match(out) {
		t.Errorf("the next run does not say so:\n%s", out)
	}
	out, err := verify("--clean").CombinedOutput()
	if err != nil || !regexp.MustCompile(`(?m)^DELETE /v1/(.|\n)*^credmock run \w{8}: \d+ things? deleted$`).Match(out) {
		t.Errorf("%v\n%s", err, out)
	}
	if left := listed(t, mock); strings.Contains(left, "credmock run ") {
		t.Errorf("something is left:\n%s", left)
	}
	if out, err = verify("--clean").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "nothing to delete") {
		t.Errorf("%v\n%s", err, out)
	}
}

// listed returns what the mock's first environment holds.
func listed(t *testing.T, mock *mockserver.Running) string {
	t.Helper()
	var all bytes.Buffer
	for _, path := range []string{"/authcredentials", "/destinations"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.URL+"/v1/environments/"+contract.DefaultEnvironment+path,
			nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+mock.Token)
		response, err := mock.Client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, err = all.ReadFrom(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
