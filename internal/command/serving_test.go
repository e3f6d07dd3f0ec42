package command

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock"
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
		code := Main(ctx, append(words("serve --addr 127.0.0.1:0"), more...), func(string) string { return "" }, strings.NewReader(""), intoStdout, intoStderr)
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
	response, err := (&http.Client{Transport: ownTransport()}).Do(request)
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

// overwrite puts another file in the place of one, as most editors do.
func overwrite(t *testing.T, name, text string) {
	t.Helper()
	part := filepath.Join(filepath.Dir(name), "part-of-an-editor")
	if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, name); err != nil {
		t.Fatal(err)
	}
}

const watchedFixtures = `organizations:
  - id: 118
    environments:
      - id: here
        name: Here
        environmentFlag: Staging
        credentials:
          - {id: stays, name: stays, grantType: client_credentials, url: "https://a.example.com"}
          - {id: changes, name: before, grantType: client_credentials, url: "https://a.example.com"}
          - {id: goes, name: goes, grantType: client_credentials, url: "https://a.example.com"}
          - {id: used, name: used, grantType: client_credentials, url: "https://a.example.com"}
`

func TestWatchedFixtures(t *testing.T) {
	path := file(t, "fixtures.yaml", watchedFixtures)
	mock := runServe(t, "--watch", "--fixtures", path)
	status, created := mock.send("POST", "/v1/authcredentials", `{"name":"mine","environmentId":"here","grantType":"client_credentials","url":"https://b.example.com","clientSecret":"hush"}`)
	if status != 201 {
		t.Fatal(created)
	}
	if status, text := mock.send("PATCH", "/v1/authcredentials/stays", `{"name":"mine too","grantType":"client_credentials","url":"https://b.example.com"}`); status != 200 {
		t.Fatal(text)
	}
	if status, text := mock.send("POST", "/v1/environments/here/destinations", `{"name":"d","authCredential":"used"}`); status != 201 {
		t.Fatal(text)
	}
	changed := strings.NewReplacer("before", "after", "goes", "comes").Replace(watchedFixtures)
	changed = changed[:strings.Index(changed, "          - {id: used")]
	overwrite(t, path, changed)
	if line := mock.wait("msg=.*reloaded"); !strings.Contains(line, "fixtures: 1 added, 1 changed, 2 removed") {
		t.Error(line)
	}
	for id, owed := range map[string]string{"stays": `"name":"mine too"`, "changes": `"name":"after"`, "comes": `"name":"comes"`, "goes": "404", "used": `"name":"used"`} {
		status, text := mock.send("GET", "/v1/authcredentials/"+id, "")
		if owed == "404" && status != 404 || owed != "404" && !strings.Contains(text, owed) {
			t.Errorf("%s: %d %s", id, status, text)
		}
	}
	if _, text := mock.send("GET", "/v1/environments/here/authcredentials", ""); !strings.Contains(text, `"mine"`) {
		t.Errorf("what a client made is gone: %s", text)
	}
	overwrite(t, path, strings.Replace(changed, "Staging", "nobody-may-see-this", 1))
	if line := mock.wait("not reloaded"); !strings.Contains(line, "fixtures.yaml") || strings.Contains(line, "nobody-may-see-this") {
		t.Error(line)
	}
	if status, _ := mock.send("GET", "/v1/authcredentials/comes", ""); status != 200 {
		t.Error("a broken file changed something")
	}
	overwrite(t, path, changed+"  - id: 7\n")
	mock.wait("reloaded.*nothing that the mock serves is different")
	overwrite(t, path, strings.Replace(changed, "id: here", "id: there", 1))
	mock.wait("fixtures: new environments there")
	if code := mock.finish(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A strategy that is written into the document is served as soon as the file is saved, and what is stored stays.
func TestWatchedDocument(t *testing.T) {
	path := file(t, "openapi.yaml", string(credmock.Document()))
	mock := runServe(t, "--watch", "--spec", path)
	status, created := mock.send("POST", "/v1/authcredentials", `{"name":"mine","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","grantType":"client_credentials","url":"https://b.example.com","clientSecret":"hush"}`)
	if status != 201 {
		t.Fatal(created)
	}
	id := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(created)[1]
	overwrite(t, path, "openapi: 3.0.3\n")
	mock.wait("not reloaded")
	if status, _ := mock.send("GET", "/v1/authcredentials/"+id, ""); status != 200 {
		t.Errorf("a broken document changed something: %d", status)
	}
	variant, err := os.ReadFile(variantDocument)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, path, string(variant))
	if line := mock.wait("reloaded.*new strategies"); !strings.Contains(line, "document: new strategies") {
		t.Error(line)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	mock.wait("there is no file")
	status, shown := mock.send("GET", "/v1/authcredentials/"+id, "")
	if status != 200 || !strings.Contains(shown, `"hasClientSecret":true`) {
		t.Errorf("what was stored: %d %s", status, shown)
	}
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

func TestMannersRefuse(t *testing.T) {
	mine := file(t, "mine.txt", "a file of mine\n")
	folder := t.TempDir()
	for name, row := range map[string]invocation{
		"nothing to watch":                   {words("serve --watch"), nil, 2, "", `credmock: --watch needs --spec or --fixtures.*\n`},
		"every interface":                    {words("serve --addr :0"), nil, 2, "", `credmock: --addr needs a host, such as 127.0.0.1:0.*\n`},
		"authority, no TLS":                  {words("serve --tls-ca x.pem"), nil, 2, "", `credmock: --tls-ca needs --tls.*\n`},
		"authority over mine":                {words("serve --tls --tls-ca " + mine), nil, 2, "", `credmock: --tls-ca: .* is no certificate.*\n`},
		"authority in no place":              {words("serve --tls --tls-ca " + folder + "/no/ca.pem"), nil, 2, "", `credmock: --tls-ca: .*ca.pem cannot be written: its folder is not there\n`},
		"ready file over mine":               {words("serve --ready-file " + mine), nil, 2, "", `credmock: --ready-file: .* is no ready file.*\n`},
		"ready file in a place that is none": {words("serve --addr 127.0.0.1:0 --ready-file " + folder + "/no/ready"), nil, 2, "", `credmock: --ready-file: .*ready cannot be written: its folder is not there\n`},
		"ready file is a folder":             {words("serve --ready-file " + folder), nil, 2, "", `credmock: --ready-file: .* is a directory\n`},
		"outbound with a scheme":             {words("serve --allow-outbound https://auth.example.com"), nil, 2, "", `credmock: --allow-outbound needs the name of a host.*\n`},
		"outbound with a port":               {words("serve --allow-outbound auth.example.com:443"), nil, 2, "", `credmock: --allow-outbound needs the name of a host.*\n`},
		"no authority":                       {words("healthcheck --ca not-here.pem"), nil, 2, "", `credmock: --ca: there is no file not-here.pem\n`},
		"an authority that is none":          {words("token --ca " + mine), nil, 2, "", `credmock: --ca must name a file with a certificate.*\n`},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "a file of mine\n" {
		t.Errorf("it was written to: %q %v", text, err)
	}
}

// The mock that takes over while requests are under way loses none of them.
func TestReloadUnderLoad(t *testing.T) {
	path := file(t, "fixtures.yaml", watchedFixtures)
	mock := runServe(t, "--watch", "--fixtures", path, "--log", "json")
	deadline := time.Now().Add(500 * time.Millisecond)
	client := &http.Client{}
	for count := 0; time.Now().Before(deadline); count++ {
		if count%20 == 0 {
			overwrite(t, path, strings.Replace(watchedFixtures, "before", strings.Repeat("x", count+1), 1))
		}
		request, err := http.NewRequest(http.MethodGet, mock.base+"/v1/authcredentials/changes", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer dev-token")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if response.Body.Close(); response.StatusCode != 200 {
			t.Fatalf("request %d: %d", count, response.StatusCode)
		}
	}
}
