package scenarios_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

// mirror answers with the request as it came in.
func mirror(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a broken body shows in the answer
		fmt.Fprintf(w, `{"host":%q,"coding":"%s","body":%d,"agent":"%s","accept":"%s"}`, r.Host,
			strings.Join(r.TransferEncoding, ","), len(body), strings.Join(r.Header["User-Agent"], ","), strings.Join(r.Header["Accept"], ","))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A header is sent as the script asks for it, or refused where it is asked for. None is dropped.
func TestHeadersAreSentOrRefused(t *testing.T) {
	target := mirror(t)
	for header, want := range map[string]string{
		"Host mock.example:8080":    "json /host mock.example:8080",
		"host other.example":        "json /host other.example",
		"Transfer-Encoding chunked": "json /coding chunked",
		"User-Agent mine":           "json /agent mine",
		"Accept ''":                 "json /accept ''",
		"Accept text/plain":         "json /accept text/plain",
		"Content-Length 5":          "FAIL: header Content-Length is refused",
		"content-length 5":          "FAIL: header Content-Length is refused",
		"Transfer-Encoding gzip":    "FAIL: header Transfer-Encoding is refused",
		"Trailer X-Sum":             "FAIL: header Trailer is refused",
		"Host 'a b'":                "FAIL: header Host is refused",
		"Host ''":                   "FAIL: header Host is refused",
		"Accept-Encoding ''":        "FAIL: header Accept-Encoding is refused",
		"'X Y' 1":                   "FAIL: usage: header NAME VALUE",
		"'' 1":                      "FAIL: usage: header NAME VALUE",
	} {
		name, _, _ := strings.Cut(header, " ")
		assertion, refusal := want+"\n", ""
		if message, refused := strings.CutPrefix(want, "FAIL: "); refused {
			assertion, refusal = "", message
		}
		script := "header " + header + "\nrequest POST /v1/authcredentials x.json\nstatus 200\n" + assertion + "-- x.json --\n{\"a\":1}\n"
		summary, out := run(t, t.Context(), write(t, "one.txtar", script), scenarios.Params{URL: target})
		if refusal == "" && summary.ExitCode() != report.ExitConforms || refusal != "" && !strings.Contains(out, refusal) {
			t.Errorf("%s: exit code %d\n%s", name, summary.ExitCode(), out)
		}
	}
	script := "request GET '/v1/authcredentials#part'\nstatus 200\n"
	_, out := run(t, t.Context(), write(t, "part.txtar", script), scenarios.Params{URL: target})
	if !strings.Contains(out, "write it as %23") {
		t.Errorf("a fragment is dropped:\n%s", out)
	}
}

// closing answers each request on a connection, says nothing of its end, and ends it.
func closing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				request, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, request.Body) // a broken body breaks the answer too
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// A connection that the server closed while it was idle does not count against the server.
func TestClosedConnectionsAreReplaced(t *testing.T) {
	script := strings.Repeat("request PATCH /v1/authcredentials/x x.json\nstatus 200\n", 20) + "-- x.json --\n{}\n"
	file, target := write(t, "often.txtar", script), closing(t)
	for range 10 {
		if summary, out := run(t, t.Context(), file, scenarios.Params{URL: target}); summary.ExitCode() != report.ExitConforms {
			t.Fatalf("exit code %d\n%s", summary.ExitCode(), out)
		}
	}
}

// A byte order mark before a script or a template is skipped; one before an answer is named.
func TestByteOrderMarks(t *testing.T) {
	script := "\ufeffrequest GET /v1/authcredentials/strategies\nstatus 200\ncmpjson want.json\n" +
		"-- want.json --\n\ufeff{\"meta\": \"<any>\", \"payload\": \"<any>\"}\n"
	if summary, out := run(t, t.Context(), write(t, "marked.txtar", script), scenarios.Params{}); summary.ExitCode() != report.ExitConforms {
		t.Errorf("exit code %d\n%s", summary.ExitCode(), out)
	}
	broken := write(t, "marked.txtar", "\ufeffrequest GET /v1/authcredentials/strategies\nstatus 404\n")
	if _, out := run(t, t.Context(), broken, scenarios.Params{}); !strings.Contains(out, "FAIL: "+broken+":2:") {
		t.Errorf("the failure names another file:\n%s", out)
	}
	marked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\ufeff{}") }))
	t.Cleanup(marked.Close)
	file := write(t, "answer.txtar", "request GET /v1/authcredentials/strategies\njson /a 1\n")
	if _, out := run(t, t.Context(), file, scenarios.Params{URL: marked.URL}); !strings.Contains(out, "begins with a byte order mark") {
		t.Errorf("the mark is not named:\n%s", out)
	}
}

// The last answer is shown with a failing assertion, once, though its request stands in a phase that passed.
func TestLastAnswerIsShown(t *testing.T) {
	for _, script := range []string{
		"# Ask.\nrequest GET /v1/authcredentials/strategies\nstatus 200\n# Look.\njson /payload/nothing 1\n",
		"request GET /v1/authcredentials/strategies\njson /payload/nothing 1\n",
		"# Ask.\nrequest GET /v1/authcredentials/strategies\n# Look.\n! status 2xx\n",
	} {
		if _, out := run(t, t.Context(), write(t, "last.txtar", script), scenarios.Params{}); strings.Count(out, `"AwsSigv4"`) != 1 {
			t.Errorf("the last answer is not shown once:\n%s", out)
		}
	}
}

// A word that is near the name of a principal is a mistake and no token.
func TestMistypedPrincipals(t *testing.T) {
	for word, meant := range map[string]string{
		"engineerr": "engineer", "enginee": "engineer", "Engineer": "engineer", "VIEWER": "viewer", "veiwer": "viewer", "othr": "other",
		"None": "none", "non": "none",
	} {
		file := write(t, "who.txtar", "token "+word+"\nrequest GET /v1/authcredentials/strategies\nstatus 401\n")
		summary, out := run(t, t.Context(), file, scenarios.Params{})
		if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, word+" is no principal; did you mean "+meant+"?") {
			t.Errorf("%s: exit code %d\n%s", word, summary.ExitCode(), out)
		}
	}
	file := write(t, "who.txtar", "token a-token-of-nobody\nrequest GET /v1/authcredentials/strategies\nstatus 401\n")
	if summary, out := run(t, t.Context(), file, scenarios.Params{Token: "viewers"}); summary.ExitCode() != report.ExitConforms {
		t.Errorf("exit code %d\n%s", summary.ExitCode(), out)
	}
}

// A token that the server refuses ends the run at once, and the output says which, and against what it ran.
func TestRefusedTokenEndsTheRun(t *testing.T) {
	mock := mockserver.Start(t)
	var asked atomic.Int64
	counted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		mock.Server.ServeHTTP(w, r)
	}))
	t.Cleanup(counted.Close)
	target, folder := counted.URL+"/platform", t.TempDir()
	for flag, params := range map[string]scenarios.Params{
		"--token": {Token: "hush-hush-1"}, "--viewer-token": {Token: mock.Token, ViewerToken: "hush-hush-2"},
		"--other-token": {Token: mock.Token, OtherToken: "hush-hush-3"},
	} {
		principal := map[string]string{"--token": "engineer", "--viewer-token": "viewer", "--other-token": "other"}[flag]
		script := "token " + principal + "\nrequest GET /v1/authcredentials/strategies\nstatus 200\n"
		for _, name := range []string{"a.txtar", "b.txtar"} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(script+script), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		asked.Store(0)
		params.URL = target
		summary, out := run(t, t.Context(), folder, params)
		if summary.ExitCode() != report.ExitInconclusive || len(summary.Results) != 1 || asked.Load() > 3 ||
			!strings.Contains(out, "inconclusive: the server answers 401 to the token of "+flag+";") ||
			!strings.Contains(out, "against "+target) || strings.Contains(out, "hush") {
			t.Errorf("%s: exit code %d after %d requests\n%s", flag, summary.ExitCode(), asked.Load(), out)
		}
	}
}

// A folder that may not be read is not taken for an empty one.
func TestUnreadableFoldersAreNotEmpty(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(folder, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadDir(folder); err == nil {
		t.Skip("this user may read every folder")
	}
	_, err := scenarios.RunFiles(t.Context(), []string{folder}, scenarios.Params{}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "may not be read") {
		t.Errorf("%v", err)
	}
}
