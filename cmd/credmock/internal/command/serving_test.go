package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/serve"
	"github.com/credmock/credmock/mockserver"
)

// serving is a mock that serve runs until the test ends, with what it prints.
type serving struct {
	t     *testing.T
	base  string
	log   chan string // its lines; more than any test makes
	stop  context.CancelFunc
	ended chan int
}

func runServe(t *testing.T, more ...string) *serving {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	stdout, intoStdout := io.Pipe()
	stderr, intoStderr := io.Pipe()
	made := &serving{t: t, stop: stop, ended: make(chan int, 1), log: make(chan string, 100_000)}
	go func() {
		defer close(made.log)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			made.log <- lines.Text()
		}
	}()
	go func() {
		code := Main(ctx, append(words("serve --addr 127.0.0.1:0"), more...), func(string) (string, bool) { return "", false },
			strings.NewReader(""),
			intoStdout, intoStderr)
		intoStdout.Close()
		intoStderr.Close()
		made.ended <- code
	}()
	t.Cleanup(func() { made.finish() })
	first := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		first <- line
		_, _ = io.Copy(io.Discard, stdout)
	}()
	made.base = strings.TrimSpace(strings.TrimPrefix(<-first, "listening on "))
	if made.base == "" {
		t.Fatal("it does not listen")
	}
	return made
}

// finish ends the mock and returns its exit code.
func (s *serving) finish() int {
	s.stop()
	code := <-s.ended
	s.ended <- code
	return code
}

// wait reads the log up to a line that matches.
func (s *serving) wait(pattern string) string {
	s.t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case line, more := <-s.log:
			if !more {
				s.t.Fatalf("the log ends without %s", pattern)
			}
			if regexp.MustCompile(pattern).MatchString(line) {
				return line
			}
		case <-late:
			s.t.Fatalf("the log has no %s", pattern)
		}
	}
}

func (s *serving) send(method, path, body string) (int, string) {
	s.t.Helper()
	request, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer dev-token")
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestHTTPS(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	for range 2 { // the second run replaces the file of the first
		mock := runServe(t, "--tls", "--tls-ca", authority)
		if !strings.HasPrefix(mock.base, "https://127.0.0.1:") {
			t.Fatal(mock.base)
		}
		invocation{words("healthcheck --url " + mock.base + " --ca " + authority), nil, 0, "ready\n", ""}.check(t)
		byName := strings.Replace(mock.base, "127.0.0.1", "localhost", 1)
		invocation{words("healthcheck --url " + byName + " --ca " + authority), nil, 0, "ready\n", ""}.check(t)
		invocation{words("token --url " + mock.base + " --ca " + authority), nil, 0, `\w+\n`, ""}.check(t)
		invocation{words("healthcheck --url " + mock.base), nil, 1, "", `credmock: .*certificate.*\n`}.check(t)
		if code := mock.finish(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
}

func TestReadyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready")
	if err := os.WriteFile(path, []byte("http://127.0.0.1:1/of-a-mock-that-was-killed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mock := runServe(t, "--ready-file", path)
	if text, err := os.ReadFile(path); err != nil || string(text) != mock.base+"\n" {
		t.Errorf("%q %v", text, err)
	}
	if code := mock.finish(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

// A second mock that cannot start leaves the file of the first alone.
func TestReadyFileOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready")
	mock := runServe(t, "--ready-file", path)
	address := strings.TrimSuffix(strings.TrimPrefix(mock.base, "http://"), "/platform")
	invocation{words("serve --addr " + address + " --ready-file " + path), nil, 2, "", `credmock: .* is in use; .*\n`}.check(t)
	if text, err := os.ReadFile(path); err != nil || string(text) != mock.base+"\n" {
		t.Errorf("%q %v", text, err)
	}
	if code := mock.finish(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A ready file belongs to the mock that it names. Another mock neither takes its place nor removes it.
func TestReadyFileIsNotTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready")
	mock := runServe(t, "--ready-file", path)
	invocation{words("serve --addr 127.0.0.1:0 --ready-file " + path), nil, 2, "",
		`(time=\S+ [^\n]*\n)*credmock: --ready-file: \S+ names a mock that still listens; [^\n]*\n`}.check(t)
	if text, err := os.ReadFile(path); err != nil || string(text) != mock.base+"\n" {
		t.Errorf("%q %v", text, err)
	}
	overwrite(t, path, mock.base+"\n") // as a mock of another container writes it, which listens at the same address
	mock.finish()
	if text, err := os.ReadFile(path); err != nil || string(text) != mock.base+"\n" {
		t.Errorf("the file of another mock is gone: %q %v", text, err)
	}
}

func TestServeRefusesFlags(t *testing.T) {
	mine := file(t, "mine.txt", "a file of mine\n")
	folder := t.TempDir()
	link, dangling := filepath.Join(folder, "link"), filepath.Join(folder, "dangling")
	for name, target := range map[string]string{link: mine, dangling: filepath.Join(folder, "nothing")} {
		if err := os.Symlink(target, name); err != nil {
			t.Skipf("there are no links here: %v", err)
		}
	}
	for name, row := range map[string]invocation{
		"nothing to watch":    {words("serve --watch"), nil, 2, "", `credmock: --watch needs --spec or --fixtures.*\n`},
		"every interface":     {words("serve --addr :0"), nil, 2, "", `credmock: --addr needs a host, such as 127.0.0.1:0.*\n`},
		"authority, no TLS":   {words("serve --tls-ca x.pem"), nil, 2, "", `credmock: --tls-ca needs --tls.*\n`},
		"authority over mine": {words("serve --tls --tls-ca " + mine), nil, 2, "", `credmock: --tls-ca: .* is no certificate.*\n`},
		"authority in no place": {words("serve --tls --tls-ca " + folder + "/no/ca.pem"), nil, 2, "",
			`credmock: --tls-ca: .*ca.pem cannot be written: its folder is not there\n`},
		"ready file over mine": {words("serve --ready-file " + mine), nil, 2, "",
			`credmock: --ready-file: .* is no ready file.*\n`},
		"ready file in a place that is none": {words("serve --addr 127.0.0.1:0 --ready-file " + folder + "/no/ready"), nil, 2, "",
			`credmock: --ready-file: .*ready cannot be written: its folder is not there\n`},
		"ready file is a folder": {words("serve --ready-file " + folder), nil, 2, "", `credmock: --ready-file: .* is a directory\n`},
		"outbound with a scheme": {words("serve --allow-outbound https://auth.example.com"), nil, 2, "",
			`credmock: --allow-outbound needs the name of a host.*\n`},
		"outbound with a port": {words("serve --allow-outbound auth.example.com:443"), nil, 2, "",
			`credmock: --allow-outbound needs the name of a host.*\n`},
		"host with a scheme": {words("serve --allow-host http://mock"), nil, 2, "",
			`credmock: --allow-host needs the name of a host.*\n`},
		"host with a port": {words("serve --allow-host mock:4118"), nil, 2, "",
			`credmock: --allow-host needs the name of a host.*\n`},
		"every host":           {words("serve --allow-host *"), nil, 2, "", `credmock: --allow-host needs the name of a host.*\n`},
		"ready file is a link": {words("serve --ready-file " + link), nil, 2, "", `credmock: --ready-file: .* it is a symbolic link.*\n`},
		"authority is a link":  {words("serve --tls --tls-ca " + link), nil, 2, "", `credmock: --tls-ca: .* it is a symbolic link.*\n`},
		"ready file is a dangling link": {words("serve --ready-file " + dangling), nil, 2, "",
			`credmock: --ready-file: .* it is a symbolic link.*\n`},
		"report is a link": {words("verify --list --report json=" + link), nil, 2, "", `credmock: --report: .* it is a symbolic link.*\n`},
		"report is a dangling link": {words("verify --list --report json=" + dangling), nil, 2, "",
			`credmock: --report: .* it is a symbolic link.*\n`},
		"a mutant for everybody": {words("mutants --serve redaction/create/echo --addr 192.0.2.7:0"), nil, 2, "",
			`credmock: 192.0.2.7:0 can be reached from other machines; .*\n`},
		"no authority":              {words("healthcheck --ca not-here.pem"), nil, 2, "", `credmock: --ca: there is no file not-here.pem\n`},
		"an authority that is none": {words("token --ca " + mine), nil, 2, "", `credmock: --ca must name a file with a certificate.*\n`},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "a file of mine\n" {
		t.Errorf("it was written to: %q %v", text, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 2 {
		t.Errorf("something is left behind: %v %v", left, err)
	}
}

// The certificate of somebody else stays, though it is one.
func TestAuthorityOfOthers(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	theirs := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	path := file(t, "theirs.pem", theirs)
	invocation{words("serve --tls --tls-ca " + path), nil, 2, "", `credmock: --tls-ca: .* is no certificate authority of .*\n`}.check(t)
	if text, err := os.ReadFile(path); err != nil || string(text) != theirs {
		t.Errorf("it was written to: %v", err)
	}
}

// A ready file that somebody else has put there meanwhile stays, and an old one makes the mock connect to nobody else.
func TestReadyFileThatChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready")
	mock := runServe(t, "--ready-file", path)
	overwrite(t, path, "http://127.0.0.1:1/of-another\n")
	if code := mock.finish(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "http://127.0.0.1:1/of-another\n" {
		t.Errorf("%q %v", text, err)
	}
	for address, own := range map[string]bool{
		"127.0.0.1:4118": true, "[::1]:1": true, "0.0.0.0:1": true, "[::]:1": true, "192.0.2.7:80": false, "[2001:db8::7]:80": false,
		"evil.example:80": false, "localhost:80": false, "": false,
	} {
		if serve.IsOfThisMachine(address) != own {
			t.Errorf("%s: %t", address, !own)
		}
	}
}

func TestAllowedHost(t *testing.T) {
	mock := runServe(t, "--allow-host", "mock", "--allow-host", "host.docker.internal")
	for host, owed := range map[string]int{"mock": 200, "HOST.docker.internal:4118": 200, "localhost": 200, "other": 421} {
		request, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(mock.base, "/platform")+"/__admin/requests", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != owed {
			t.Errorf("%s: %d", host, response.StatusCode)
		}
	}
}

// Where other machines reach the mock, only what somebody gave is known, and the log says what is not.
func TestNobodyIsKnownByDefaultWhereOthersReach(t *testing.T) {
	fixtures := file(t, "f.yaml", "organizations: [{id: 1}]")
	for name, row := range map[string]struct {
		set     []string // the flags that somebody gave; all of them hold the defaults
		missing []string
	}{
		"nothing":   {nil, []string{"engineer", "viewer", "other", mockserver.DevelopmentClient}},
		"one token": {[]string{"token"}, []string{"viewer", "other", mockserver.DevelopmentClient}},
		"all":       {[]string{"token", "viewer-token", "other-token", "fixtures"}, nil},
	} {
		var logged bytes.Buffer
		given := &serve.Flags{
			Address: "192.0.2.7:0", Tokens: []string{mockserver.DefaultToken}, Viewer: mockserver.DefaultViewerToken,
			Other: mockserver.DefaultOtherToken,
			Log:   &cli.Choice{Value: "text"}, IsSet: func(flag string) bool { return slices.Contains(row.set, flag) },
		}
		if given.IsSet("fixtures") {
			given.Fixtures = fixtures
		}
		options, err := given.Options(&logged)
		if err != nil {
			t.Fatal(err)
		}
		given.TellMissing(options)
		said := logged.String()
		if !options.Exposed || strings.Count(said, "level=WARN") != len(row.missing) || given.IsSet("token") != slices.Contains(options.Tokens,
			mockserver.DefaultToken) {
			t.Errorf("%s: %v %s", name, options.Tokens, said)
		}
		for _, principal := range row.missing {
			if !strings.Contains(said, "principal="+principal) {
				t.Errorf("%s: nothing says that %s is missing: %s", name, principal, said)
			}
		}
	}
}

// What a target says reaches no terminal, and leads the check nowhere else.
func TestHealthcheckRepeatsNothing(t *testing.T) {
	for answer, owed := range map[string]string{
		"HTTP/1.1 503 \x1b[31mcanary\r\nContent-Length: 0\r\n\r\n": `credmock: \S+ is not ready: it answered 503 ` +
			`Service Unavailable\n`,
		"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.7/canary\r\nContent-Length: 0\r\n\r\n": `credmock: \S+ is not ready: it answered 302 ` +
			`Found\n`,
		"\x1b[31mno HTTP\r\n\r\n": `credmock: \S+ does not answer: [^\x1b]*\n`,
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 1<<10))
			_, _ = io.WriteString(conn, answer)
		}()
		invocation{words("healthcheck --url http://" + listener.Addr().String()), nil, 1, "", owed}.check(t)
		listener.Close()
	}
}
