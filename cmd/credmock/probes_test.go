package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// run runs the program with further variables, and returns its exit code and its streams.
func run(t *testing.T, environment []string, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	command := exec.CommandContext(t.Context(), program(t), arguments...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = &out, &diagnostics
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), diagnostics.String()
}

// start starts the program and returns what ends it.
func start(t *testing.T, environment []string, arguments ...string) (stop func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program(t), arguments...)
	command.Env = append(os.Environ(), environment...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = errors.Join(command.Process.Signal(os.Interrupt), command.Wait()) // it ends in any case
		}
	}
	t.Cleanup(stop)
	return stop
}

// freeAddress returns an address of this machine at which nobody listens.
func freeAddress(t *testing.T, host string) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// The health check of a container begins before the mock, and finds it by the variables that the mock reads.
func TestHealthcheckReadsWhatServeReads(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	for name, more := range map[string][]string{
		"HTTP": nil, "HTTPS": {"CREDMOCK_TLS=true", "CREDMOCK_TLS_CA=" + authority}, "every interface": {"CREDMOCK_ADMIN_TOKEN=admin-token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := map[bool]string{true: "0.0.0.0", false: "127.0.0.1"}[name == "every interface"]
			address := freeAddress(t, host)
			environment := append([]string{"CREDMOCK_ADDR=" + address}, more...)
			if code, _, stderr := run(t, environment, "healthcheck"); code == 0 || !strings.HasPrefix(stderr, "credmock: ") {
				t.Fatalf("without a mock: exit code %d, %s", code, stderr)
			}
			start(t, environment, "serve")
			if code, stdout, stderr := run(t, environment, "healthcheck", "--wait", "20s"); code != 0 || stdout != "ready\n" {
				t.Errorf("exit code %d, %s%s", code, stdout, stderr)
			}
			code, stdout, stderr := run(t, environment, "token")
			if known := host == "127.0.0.1"; known != (code == 0) || known == (stdout == "") {
				t.Errorf("token: exit code %d, %s%s", code, stdout, stderr)
			}
		})
	}
}

func TestHealthcheckFlags(t *testing.T) {
	mock := freeAddress(t, "127.0.0.1")
	start(t, nil, "serve", "--addr", mock)
	if code, _, stderr := run(t, nil, "healthcheck", "--wait", "--addr", mock); code != 0 {
		t.Fatal(stderr)
	}
	for name, row := range map[string]struct {
		arguments []string
		code      int
		stderr    string
	}{
		"the URL wins":            {[]string{"--addr", "127.0.0.1:1", "--url", "http://" + mock}, 0, ``},
		"a wait that is too long": {[]string{"--addr", "127.0.0.1:1", "--wait=100ms"}, 1, `does not answer: .*refused`},
		"no wait":                 {[]string{"--addr", mock, "--wait", "0s"}, 2, `must be more than nothing`},
		"a chosen port":           {[]string{"--addr", "127.0.0.1:0"}, 2, `--addr has port 0`},
		"no port":                 {[]string{"--addr", "127.0.0.1"}, 2, `--addr must be a host and a port`},
		"another word":            {[]string{"--wait", "soon"}, 2, `takes flags alone`},
	} {
		code, _, stderr := run(t, nil, append([]string{"healthcheck"}, row.arguments...)...)
		if code != row.code || !regexp.MustCompile(row.stderr).MatchString(stderr) || strings.Count(stderr, "\n") > 1 {
			t.Errorf("%s: exit code %d, %s", name, code, stderr)
		}
	}
}

// serve runs a command against a fresh mock, passes its streams on, and ends with its exit code.
func TestServeRunsACommand(t *testing.T) {
	t.Setenv("CREDMOCK_PROGRAM", program(t))
	for name, row := range map[string]struct {
		arguments      []string
		code           int
		stdout, stderr string
	}{
		"its URL":       {[]string{"--", "sh", "-c", `echo $CREDMOCK_URL`}, 0, `http://127\.0\.0\.1:\d+/platform\n`, `listening on http.*`},
		"its exit code": {[]string{"--", "sh", "-c", `echo out; exit 7`}, 7, `out\n`, `.*`},
		"its signal":    {[]string{"--", "sh", "-c", `kill -9 $$`}, 137, ``, `.*`},
		"our commands": {[]string{"--token", "a-token-of-mine", "--", "sh", "-c",
			`$CREDMOCK_PROGRAM healthcheck && $CREDMOCK_PROGRAM verify --run ^envelope/ --report text=/dev/null`}, 0, `ready\n`, `.*`},
		"over TLS": {[]string{"--tls", "--tls-ca", filepath.Join(t.TempDir(), "ca.pem"), "--", "sh", "-c", `$CREDMOCK_PROGRAM healthcheck`},
			0, `ready\n`, `.*`},
		"no program":     {[]string{"--", "no-program-of-this-name"}, 2, ``, `credmock: [^\n]*there is no program no-program-of-this-name\n`},
		"not to be run":  {[]string{"--", "./probes_test.go"}, 2, ``, `credmock: [^\n]*is there and may not be run\n`},
		"no command":     {[]string{"--"}, 2, ``, `credmock: a command must follow --[^\n]*\n`},
		"without dashes": {[]string{"sh"}, 2, ``, `credmock: [^\n]* follows --[^\n]*\n`},
		"no authority":   {[]string{"--tls", "--", "true"}, 2, ``, `credmock: --tls needs --tls-ca here[^\n]*\n`},
		"no address":     {[]string{"--addr", "127.0.0.1:1x", "--", "echo", "ran"}, 2, ``, `credmock: --addr: [^\n]*\n`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t, nil, append([]string{"serve"}, row.arguments...)...)
			if code != row.code || !regexp.MustCompile("(?s)^(?:"+row.stdout+")$").MatchString(stdout) ||
				!regexp.MustCompile("(?s)^(?:"+row.stderr+")$").MatchString(stderr) {
				t.Errorf("exit code %d, stdout %q, stderr:\n%s", code, stdout, stderr)
			}
		})
	}
}

// The end of the mock is told to the command, and one that does not listen is killed.
func TestCommandsAreToldToEnd(t *testing.T) {
	for name, row := range map[string]struct {
		script string
		code   int
	}{
		"it listens":         {`trap 'exit 3' TERM; echo begun; while :; do sleep 0.01; done`, 3},
		"it does not listen": {`trap '' TERM; echo begun; while :; do sleep 0.01; done`, 137},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), program(t), "serve", "--", "sh", "-c", row.script)
			stdout, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "begun\n" {
				t.Fatalf("%q %v", line, err)
			}
			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_ = command.Wait() // the state says how it ended
			if code := command.ProcessState.ExitCode(); code != row.code {
				t.Errorf("exit code %d", code)
			}
		})
	}
}
