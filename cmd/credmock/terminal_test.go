//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// terminal runs the commands of a page: in a shell that keeps its variables, with a server beside it.
type terminal struct {
	t       *testing.T
	context context.Context
	port    string // replaces the port of the page
	folder  string
	own     bool // the folder belongs to the page, so files may be written there
	env     []string
	input   io.Writer
	output  *bufio.Reader

	server *exec.Cmd // nil for none
	rest   *bytes.Buffer
	log    *bytes.Buffer
	read   chan struct{} // closed when the server's output was read to its end
}

// A page must end within patience, and a log must have its line within logPatience.
const (
	patience    = 2 * time.Minute
	logPatience = 10 * time.Second
)

// openTerminal starts a shell for a page, with the programs of a folder.
func openTerminal(t *testing.T, programs, page string) *terminal {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") == "" {
			t.Skipf("%s is not installed", tool)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	home := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	m := &terminal{t: t, context: ctx, port: freePort(t), folder: home, own: true}
	if page == "README.md" {
		m.own = false
		m.folder, _ = filepath.Abs(root)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "CREDMOCK_") && !strings.HasSuffix(strings.ToLower(name), "_proxy") && name != "HOME" {
			m.env = append(m.env, variable)
		}
	}
	m.env = append(m.env, "PATH="+programs+":"+os.Getenv("PATH"), "HOME="+home, "CREDMOCK_ADDR=127.0.0.1:"+m.port)
	m.env = append(m.env, toolchain(t)...)
	m.shell()
	t.Cleanup(m.stop)
	return m
}

// toolchain returns the variables with which Go builds in a page's folder: from this checkout, with the caches of this user.
func toolchain(t *testing.T) []string {
	t.Helper()
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	folders, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules, builds, _ := strings.Cut(strings.TrimSpace(string(folders)), "\n")
	return []string{"CHECKOUT=" + checkout, "GOMODCACHE=" + modules, "GOCACHE=" + builds, "GOPATH=", "GOBIN="}
}

// freePort returns a free port. The system does not assign ports of this range itself, so the port stays free.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := fmt.Sprint(20_000 + rand.IntN(12_000))
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// asks finds commands whose default is the address of the page. They get the address of the test.
var asks = regexp.MustCompile(`\bcredmock (?:token|healthcheck)\b`)

// mark ends the output of a command; its exit code follows.
const mark = "\x1e"

func (m *terminal) shell() {
	m.t.Helper()
	shell := exec.CommandContext(m.context, "bash", "--noprofile", "--norc")
	shell.Dir, shell.Env = m.folder, m.env
	// Processes that the shell leaves running end with it.
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	input, err := shell.StdinPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	output, err := shell.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		_ = shell.Cancel() // it may have ended
		_ = shell.Wait()
	})
	m.input, m.output = input, bufio.NewReader(output)
	// A terminal shows standard output and standard error as one.
	if _, err := io.WriteString(m.input, "exec 2>&1\n"); err != nil {
		m.t.Fatal(err)
	}
}

// run runs a command, and returns its output and its exit code.
func (m *terminal) run(command string) (output string, code int) {
	m.t.Helper()
	told := asks.ReplaceAllString(m.here(command), "CREDMOCK_URL=http://127.0.0.1:"+m.port+"/platform $0")
	quoted := "'" + strings.ReplaceAll(told, "'", `'\''`) + "'"
	if _, err := fmt.Fprintf(m.input, "eval %s </dev/null\nprintf '\\036%%d\\n' $?\n", quoted); err != nil {
		m.t.Fatalf("$ %s\n%v", command, err)
	}
	output, err := m.output.ReadString(mark[0])
	if err != nil {
		m.t.Fatalf("$ %s\ndoes not end: %v\n%s", command, err, output)
	}
	if _, err := fmt.Fscanf(m.output, "%d\n", &code); err != nil {
		m.t.Fatalf("$ %s\n%v", command, err)
	}
	return m.there(strings.TrimSuffix(output, mark)), code
}

// hosts are the names of this machine in pages.
var hosts = []string{"127.0.0.1", "localhost", "0.0.0.0"}

// here replaces the port of the page by the port of the test.
func (m *terminal) here(text string) string {
	for _, host := range hosts {
		text = strings.ReplaceAll(text, host+":4118", host+":"+m.port)
	}
	return text
}

// there replaces the port of the test by the port of the page.
func (m *terminal) there(text string) string {
	for _, host := range hosts {
		text = strings.ReplaceAll(text, host+":"+m.port, host+":4118")
	}
	return text
}

// write writes a file atomically, because a server may read it at any time.
func (m *terminal) write(name, content string) {
	m.t.Helper()
	if !m.own || name != filepath.Base(name) {
		m.t.Fatalf("%s cannot be written", name)
	}
	path := filepath.Join(m.folder, name)
	if err := os.WriteFile(path+".part", []byte(m.here(content)), 0o600); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		m.t.Fatal(err)
	}
}

// fixPorts puts the port of the test into the files that the commands wrote.
func (m *terminal) fixPorts() {
	m.t.Helper()
	if !m.own {
		return
	}
	written, err := filepath.Glob(filepath.Join(m.folder, "*.yaml"))
	if err != nil {
		m.t.Fatal(err)
	}
	for _, path := range written {
		text, err := os.ReadFile(path)
		if err != nil {
			m.t.Fatal(err)
		}
		if m.here(string(text)) != string(text) {
			m.write(filepath.Base(path), string(text))
		}
	}
}

// serve ends the server before, starts another one, and returns its first line.
func (m *terminal) serve(command string) string {
	m.t.Helper()
	m.stop()
	m.fixPorts()
	server := exec.CommandContext(m.context, "bash", "-c", "exec "+m.here(command))
	server.Dir, server.Env = m.folder, m.env
	m.log = &bytes.Buffer{}
	server.Stderr = m.log
	output, err := server.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.server, m.rest, m.read = server, &bytes.Buffer{}, make(chan struct{})
	lines := bufio.NewReader(output)
	first, err := lines.ReadString('\n')
	go func(rest io.Writer, read chan struct{}) {
		defer close(read)
		_, _ = io.Copy(rest, lines) // it ends with the server
	}(m.rest, m.read)
	if err != nil {
		m.stop()
		m.t.Fatalf("$ %s\nsays %q: %v", command, first, err)
	}
	return m.there(first)
}

// stop interrupts the server. The server must exit with 0, and its log must hold no secret.
func (m *terminal) stop() {
	m.t.Helper()
	if m.server == nil {
		return
	}
	server := m.server
	m.server = nil
	_ = server.Process.Signal(os.Interrupt) // it may have ended
	<-m.read
	if err := server.Wait(); err != nil {
		m.t.Errorf("the server ended with %v and its log says:\n%s", err, m.log)
	}
	if m.rest.Len() > 0 {
		m.t.Errorf("the server prints more than one line:\n%s", m.rest)
	}
	if secret.Match(m.log.Bytes()) {
		m.t.Errorf("the log shows a secret:\n%s", m.log)
	}
}

// until repeats done until it returns true, or until the time for logs is over.
func (m *terminal) until(done func() bool) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	late := time.After(logPatience)
	for !done() {
		select {
		case <-again.C:
		case <-late:
			return
		}
	}
}
