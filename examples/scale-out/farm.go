package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed nginx.conf
var configuration string

// farm is mocks behind one nginx.
type farm struct {
	folder  string // for everything that the processes write
	program string // credmock
	address string // of nginx: HOST:PORT
	token   string // of the API
	admin   string // of the admin surface
	mocks   []*mock
	nginx   *process
}

// mock is one mock of a farm. It keeps its address when it is started again.
type mock struct {
	address string
	*process
}

var errNoNginx = errors.New("nginx is not installed: apt-get install nginx")

// findNginx returns the path of nginx, which Debian installs outside the PATH of ordinary users.
func findNginx() (string, error) {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoNginx
}

// find returns the path of the given program. Without one, it builds credmock from this checkout.
func find(ctx context.Context, folder, given string) (string, error) {
	if given == "" {
		return build(ctx, folder)
	}
	path, err := exec.LookPath(given)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// build builds credmock from this checkout.
func build(ctx context.Context, folder string) (string, error) {
	program := filepath.Join(folder, "credmock")
	command := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", program, "./cmd/credmock") //nolint:gosec // a folder of our own
	command.Dir = filepath.Join("..", "..")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return program, nil
}

// start starts a number of mocks, and nginx in front of them. The caller stops the farm.
func start(ctx context.Context, folder, program string, mocks int) (*farm, error) {
	nginx, err := findNginx()
	if err != nil {
		return nil, err
	}
	made := &farm{folder: folder, program: program, token: rand.Text(), admin: rand.Text()}
	for range mocks {
		one := &mock{address: "127.0.0.1:0"}
		if err := made.startMock(ctx, one); err != nil {
			made.stop()
			return nil, err
		}
		made.mocks = append(made.mocks, one)
	}
	for range 3 { // another program may take the free port before nginx has it
		if err = made.startNginx(ctx, nginx); err == nil {
			return made, nil
		}
	}
	made.stop()
	return nil, err
}

// stop ends all processes.
func (f *farm) stop() {
	f.nginx.kill()
	for _, one := range f.mocks {
		one.kill()
	}
}

// startMock starts a mock at its address. The admin token is needed because nginx makes each caller look local. The environment
// keeps both tokens out of the list of processes.
func (f *farm) startMock(ctx context.Context, one *mock) error {
	ready := filepath.Join(f.folder, rand.Text())
	made, err := launch(ctx, f.folder, "mock-"+rand.Text(), []string{"CREDMOCK_TOKEN=" + f.token, "CREDMOCK_ADMIN_TOKEN=" + f.admin},
		f.program, "serve", "--addr", one.address, "--ready-file", ready)
	if err != nil {
		return err
	}
	err = made.await(ctx, func() bool {
		text, err := os.ReadFile(ready)
		base, found := strings.CutPrefix(string(text), "http://")
		if err == nil && found {
			one.address, _, _ = strings.Cut(base, "/")
		}
		return err == nil && found
	})
	one.process = made
	return err
}

// startNginx writes the two files that nginx.conf includes, and starts nginx.
func (f *farm) startNginx(ctx context.Context, nginx string) error {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	f.address = free.Addr().String()
	free.Close() // nginx cannot choose a free port by itself
	var servers strings.Builder
	for _, one := range f.mocks {
		fmt.Fprintf(&servers, "server %s max_fails=0;\n", one.address)
	}
	for name, text := range map[string]string{
		"nginx.conf": configuration, "listen.conf": "listen " + f.address + ";\n", "mocks.conf": servers.String(),
	} {
		if err := os.WriteFile(filepath.Join(f.folder, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	// Without a master process, nginx is a single process of this user.
	f.nginx, err = launch(ctx, f.folder, "nginx", nil, nginx, "-p", f.folder, "-c", "nginx.conf", "-e", "stderr",
		"-g", "daemon off; master_process off; pid nginx.pid;")
	if err != nil {
		return err
	}
	return f.nginx.await(ctx, func() bool {
		answer, err := f.send(ctx, f.address, http.MethodGet, "/", "")
		return err == nil && answer.is(http.StatusBadRequest, "session-needed")
	})
}

// await waits until a process serves. It fails if the process ends before.
func (p *process) await(ctx context.Context, serves func() bool) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !serves() {
		select {
		case <-ticker.C:
		case <-p.ended:
			return p.failure(errors.New("it has ended"))
		case <-ctx.Done():
			return p.failure(ctx.Err())
		}
	}
	return nil
}
