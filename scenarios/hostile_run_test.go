package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

// A server that says a byte and then no more gets the time of the run, and the rest of the scenarios is not run.
func TestATimeoutBoundsTheRun(t *testing.T) {
	slow := served(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	for name, script := range map[string]string{"request": ask, "verify": "verify --timeout 1h\n"} {
		folder := t.TempDir()
		for i := range 3 {
			if err := os.WriteFile(filepath.Join(folder, strconv.Itoa(i)+".txtar"), []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		summary, out := run(t, t.Context(), folder, scenarios.Params{URL: slow, Environment: "e", Timeout: 200 * time.Millisecond})
		if summary.ExitCode() != report.ExitInconclusive || summary.Count(scenarios.Failed) > 0 ||
			name == "request" && !strings.Contains(out, "give more with --timeout") {
			t.Errorf("%s: exit code %d:\n%s", name, summary.ExitCode(), out)
		}
	}
}

// What a script created is deleted also when the run ends while the server keeps it waiting.
func TestCleaningUpAfterTheEndOfARun(t *testing.T) {
	deleted := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	target := served(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"payload":{"id":"one"}}`)
		case http.MethodDelete:
			deleted <- r.URL.Path
		default:
			cancel()
			<-r.Context().Done()
		}
	})
	file := write(t, "slow.txtar", "request POST /v1/authcredentials create.json\nstatus 201\nrequest GET /v1/x\n"+create)
	summary, out := run(t, ctx, file, scenarios.Params{URL: target, Environment: "e"})
	if summary.ExitCode() != report.ExitInterrupted || len(deleted) != 1 || len(summary.Results[0].LeftBehind) > 0 {
		t.Errorf("exit code %d, %d deleted:\n%s", summary.ExitCode(), len(deleted), out)
	}
}

// What was created under an id that no path can hold is named, in a printable form.
func TestAnIdThatCannotBeUsedIsLeftBehind(t *testing.T) {
	for id, owed := range map[string]string{
		strings.Repeat("i", 1<<20): "left behind: a record of POST /v1/authcredentials 201, because its id is longer than 512 bytes",
		`\u001b[2J\n/..`:           "left behind: DELETE /v1/authcredentials/%1B%5B2J%0A%2F..",
	} {
		target := served(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				w.WriteHeader(http.StatusConflict)
				return
			}
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"payload":{"id":"`+id+`"}}`)
		})
		file := write(t, "odd.txtar", "request POST /v1/authcredentials create.json\nstatus 201\n"+create)
		summary, out := run(t, t.Context(), file, scenarios.Params{URL: target, Environment: "e"})
		if summary.ExitCode() != report.ExitLeftBehind || !strings.Contains(out, owed) {
			t.Errorf("exit code %d, owed %q:\n%s", summary.ExitCode(), owed, out[:min(len(out), 2000)])
		}
		checkPrintable(t, out)
	}
}

// A secret stays hidden whether it or the text around it is escaped, and an escape stays one whether or not a secret is near.
func TestSecretsWithControlCharacters(t *testing.T) {
	const secret = "aq\x1b[2Jzk\u202evw\u009bpt" // as it is sent
	escaped := []string{`aq\u001b[2Jzk\u202evw\u009bpt`, `aq\x1b[2Jzk\u202evw\u009bpt`, `[2Jzk`, "zk\u202evw", `zk\u202evw`, `vw\u009bpt`}
	const literal = `qx\x1b[3Jmn\u009bop` // what an escape looks like may be a secret too
	target := served(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path[len(r.URL.Path)-1] {
		case 'j': // as JSON
			fmt.Fprintf(w, `{"payload":{"x":%s,"%s":1,"y":"qx\u001b[3Jmn\u009bop"}}`, strconv.Quote("aq\\u001b[2Jzk\u202evw\u009bpt")[1:],
				secretName())
		case 't': // as text
			fmt.Fprintf(w, "before %s after qx\x1b[3Jmn\u009bop \x1b[31m", secret)
		default: // as no HTTP at all
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer connection.Close()
			fmt.Fprintf(connection, "%s qx\x1b[3Jmn\u009bop\r\n\r\n", secret)
		}
	})
	body := "-- body.json --\n{\"clientSecret\": \"aq\\u001b[2Jzk\\u202evw\\u009bpt\", \"password\": \"qx\\\\x1b[3Jmn\\\\u009bop\"}\n"
	for _, kind := range []string{"j", "t", "h"} {
		for _, script := range []string{
			"request POST /v1/" + kind + " body.json\nenv\nstatus 404\n", "request POST /v1/" + kind + " body.json\njson /payload/x 1\n",
			"request POST /v1/" + kind + " body.json\ncapture id /payload/x\nenv\njson /payload/none 1\n",
		} {
			_, out := run(t, t.Context(), write(t, "secret.txtar", script+body), scenarios.Params{URL: target, Environment: "e"})
			for _, hidden := range append(escaped, secret, literal, `[3Jmn`) {
				if strings.Contains(out, hidden) {
					t.Errorf("%s: the output shows %q:\n%s", kind, hidden, out)
				}
			}
			if !strings.Contains(out, "[masked]") {
				t.Errorf("%s: nothing is masked:\n%s", kind, out)
			}
			checkPrintable(t, out)
		}
	}
}

func secretName() string { return `aq\u001b[2Jzk` + "\u202evw\u009bpt" }

// --update writes what a server says as printable JSON that means the same.
func TestUpdateWritesPrintableFiles(t *testing.T) {
	target := saying(t, `{"payload":{"a\n\u001b":"\u009b\u202e$id -- x --\n-- y --\n","\u0000ENVIRONMENT":"\u0000ENVIRONMENT"}}`)
	file := write(t, "update.txtar", "request GET /v1/x\ncmpjson owed.json\n-- owed.json --\n{}\n-- last --\n")
	for _, update := range []bool{true, false} {
		summary, out := run(t, t.Context(), file, scenarios.Params{URL: target, Environment: "e", Update: update})
		if summary.ExitCode() != report.ExitConforms {
			t.Errorf("update %v: exit code %d:\n%s", update, summary.ExitCode(), out)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	checkPrintable(t, string(data))
	if section(t, file, "last") != "" || strings.Count(string(data), "\n-- ") != 2 {
		t.Errorf("the sections are others:\n%s", data)
	}
	large := saying(t, `{"payload":"`+strings.Repeat("a", 2<<20)+`"}`)
	if _, out := run(t, t.Context(), file, scenarios.Params{URL: large, Environment: "e", Update: true}); !strings.Contains(out,
		"the answer is longer than 1 MiB") {
		t.Errorf("what is too long is updated:\n%s", out[:2000])
	}
}

// The name of a file says no more than what the file is called.
func TestNamesOfFilesArePrintable(t *testing.T) {
	file := write(t, "a\x1b[2J\u202eb\nok   c.txtar", "request GET /v1/x\nstatus 404\n")
	for _, verbose := range []bool{false, true} {
		_, out := run(t, t.Context(), file, scenarios.Params{URL: saying(t, "{}"), Environment: "e", Verbose: verbose})
		checkPrintable(t, out)
		if strings.Contains(out, "\nok ") || !strings.Contains(out, `a\x1b[2J\u202eb\nok   c.txtar:2`) {
			t.Errorf("the name forges a line:\n%s", out)
		}
	}
	_, err := scenarios.RunFiles(t.Context(), []string{"not\x1b[2J-here"}, scenarios.Params{}, io.Discard)
	if err == nil {
		t.Fatal("no error")
	}
	checkPrintable(t, err.Error())
}

// A proxy before a sound mock that puts a command into what it answers: the suite writes scenarios of what it sees, and no
// command of them runs, whichever of the two walls stands.
func TestScenariosOfAHostileTargetRunNoCommand(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	command := "\nexec touch " + marker + "\n#"
	for name, change := range map[string]func(body string) string{
		"the name of a member": func(body string) string {
			return strings.Replace(body, `"payload":{`, `"payload":{`+strconv.Quote("x"+command)+`:{"clientSecret":"z"},`, 1)
		},
		"a pointer to the id": func(body string) string {
			_, id, _ := strings.Cut(body, `"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			body = strings.Replace(body, `"payload":{`, `"payload":{"x":{"clientSecret":"z"},`, 1)
			return strings.Replace(body, `{"meta"`, `{"":"`+id+`",`+strconv.Quote(command)+`:"`+id+`","meta"`, 1)
		},
		"the id itself": func(body string) string {
			_, id, _ := strings.Cut(body, `"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			body = strings.Replace(body, `"payload":{`, `"payload":{"x":{"clientSecret":"z"},`, 1)
			return strings.Replace(body, `"id":"`+id+`"`, `"id":`+strconv.Quote(id+command), 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			target := contract.Target{URL: changing(t, change), Token: mockserver.DefaultToken, Run: "^redaction/create"}
			found, err := contract.Judge(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			files, err := found.WriteScenarios(filepath.Join(t.TempDir(), "failures"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%d scenarios: %v", len(files), err)
			}
			if _, err := scenarios.RunFiles(t.Context(), files, scenarios.Params{URL: target.URL, Token: target.Token}, io.Discard); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(marker); err == nil {
				t.Error("the command ran")
			}
		})
	}
}

// changing returns the base URL of a mock whose answers to a create are changed.
func changing(t *testing.T, change func(body string) string) string {
	t.Helper()
	mock := mockserver.Start(t)
	return served(t, func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		mock.Server.ServeHTTP(recorded, r)
		body := recorded.Body.String()
		if recorded.Code == http.StatusCreated {
			body = change(body)
		}
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(recorded.Code)
		_, _ = io.WriteString(w, body)
	})
}

// A transcript keeps line ends and escapes the rest, so a secret with both is written in no form of its own.
func TestSecretsOfSeveralLines(t *testing.T) {
	target := saying(t, "before k\x1b\nw\x1b\nq\x1b\nz after")
	file := write(t, "lines.txtar", "request POST /v1/x body.json\nstatus 404\n-- body.json --\n{\"clientSecret\": "+
		"\"k\\u001b\\nw\\u001b\\nq\\u001b\\nz\"}\n")
	_, out := run(t, t.Context(), file, scenarios.Params{URL: target, Environment: "e"})
	if !strings.Contains(out, "before [masked] after") {
		t.Errorf("the secret is shown:\n%s", out)
	}
}
