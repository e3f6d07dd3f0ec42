package command

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// versionless is a mock of which no get has a meta.version.
func versionless(t *testing.T) string {
	t.Helper()
	mock := mockserver.Start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		mock.Server.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		if r.Method == http.MethodGet && answer.Code == http.StatusOK {
			body = bytes.Replace(body, []byte(`"version":"1.0.0"`), []byte(`"extra":true`), 1)
		}
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/platform"
}

func TestTheLedgerSetsTheExitCode(t *testing.T) {
	address := versionless(t)
	entry := func(id string) string { return "- id: " + id + "\n  reason: ticket 12\n" }
	fails := entry("envelope/get/version")
	for name, one := range map[string]struct {
		ledger string
		code   int
		says   string
	}{
		"nothing listed":     {"", report.ExitViolates, "- id: envelope/get/version\n  reason:\n"},
		"listed":             {fails, report.ExitConforms, "KNOWN  envelope/get/version"},
		"with its finding":   {fails + "  finding: missing\n", report.ExitConforms, "KNOWN  envelope/get/version"},
		"another finding":    {fails + "  finding: nothing like that\n", report.ExitViolates, "no longer with this finding"},
		"passes":             {fails + entry("envelope/get/meta"), report.ExitStale, "envelope/get/meta (line 3): the check passes now"},
		"expired":            {fails + "  expires: 2001-01-31\n", report.ExitStale, "it expired on 2001-01-31"},
		"no such check":      {fails + entry("envelope/no/such"), report.ExitStale, "envelope/no/such (line 3): no check has this id"},
		"not selected":       {fails + entry("auth/get/garbage"), report.ExitConforms, "verdict: conforms"},
		"unlisted and stale": {entry("envelope/get/meta"), report.ExitViolates, "STALE"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := invoke(t.Context(), nil, "verify", "--url", address, "--run", "^envelope/get/(meta|version)$", "--verbose", "--known",
				file(t, "known.yaml", one.ledger))
			if seen.code != one.code || !strings.Contains(seen.stdout, one.says) {
				t.Errorf("exit code %d, owed %d, and %q in\n%s%s", seen.code, one.code, one.says, seen.stdout, seen.stderr)
			}
		})
	}
}

func TestAWrongLedgerStopsTheRun(t *testing.T) {
	for ledger, owed := range map[string]string{
		"- id: a/b\n  reson: c\n": `line 2: the key "reson" is not known here`,
		"- id: [":                 "this is not YAML",
	} {
		seen := invoke(t.Context(), nil, "verify", "--known", file(t, "known.yaml", ledger))
		if seen.code != report.ExitUsage || !strings.Contains(seen.stderr, owed) || strings.Count(seen.stderr, "\n") != 1 || seen.stdout != "" {
			t.Errorf("exit code %d: %s", seen.code, seen.stderr)
		}
	}
	if seen := invoke(t.Context(), nil, "verify", "--known", filepath.Join(t.TempDir(), "none.yaml")); seen.code != report.ExitUsage {
		t.Errorf("exit code %d: %s", seen.code, seen.stderr)
	}
}

// The token is in the path of the target here: each report leaves that out.
func TestAReportLeavesTheTokenOut(t *testing.T) {
	token := "a-token-that-nobody-sees"
	mock := mockserver.Start(t, mockserver.Options{Tokens: []string{token}})
	server := httptest.NewServer(http.StripPrefix("/"+token, mock.Server))
	defer server.Close()
	for _, format := range report.Formats() {
		out := filepath.Join(t.TempDir(), "report")
		if err := os.WriteFile(out, []byte("an older report"), 0o600); err != nil {
			t.Fatal(err)
		}
		seen := invoke(t.Context(), nil, "verify", "--url", server.URL+"/"+token+"/platform", "--token", token, "--run", few, "--report",
			format+"="+out)
		if written := read(t, out); seen.code != 0 || strings.Contains(written, token) ||
			!strings.Contains(written, "left out") {
			t.Errorf("%s: exit code %d: %s\n%s", format, seen.code, seen.stderr, written)
		}
	}
}

func TestEveryFormatIsWritten(t *testing.T) {
	folder := t.TempDir()
	arguments := []string{"verify", "--run", few}
	for _, format := range report.Formats() {
		arguments = append(arguments, "--report", format+"="+filepath.Join(folder, format))
	}
	if seen := invoke(t.Context(), nil, arguments...); seen.code != 0 {
		t.Fatalf("exit code %d: %s", seen.code, seen.stderr)
	}
	for _, format := range report.Formats() {
		if text := read(t, filepath.Join(folder, format)); !strings.Contains(text, "conforms") {
			t.Errorf("%s says nothing of the verdict:\n%.300s", format, text)
		}
	}
}

func TestTheReportSchemaIsPrinted(t *testing.T) {
	seen := invoke(t.Context(), nil, "spec", "--report-schema")
	if seen.code != 0 || !json.Valid([]byte(seen.stdout)) || !strings.Contains(seen.stdout, "credmock report") {
		t.Errorf("exit code %d:\n%.200s", seen.code, seen.stdout)
	}
}

// screen is a standard output that may be a terminal.
type screen struct {
	bytes.Buffer
	terminal bool
}

func (s *screen) IsTerminal() bool { return s.terminal }

func TestColoursAreForTerminals(t *testing.T) {
	for name, one := range map[string]struct {
		terminal    bool
		environment map[string]string
		report      string
		coloured    bool
	}{
		"terminal":      {true, nil, "text=-", true},
		"NO_COLOR":      {true, env("NO_COLOR=1"), "text=-", false},
		"dumb terminal": {true, env("TERM=dumb"), "text=-", false},
		"pipe":          {false, nil, "text=-", false},
		"other format":  {true, nil, "json=-", false},
	} {
		t.Run(name, func(t *testing.T) {
			stdout := &screen{terminal: one.terminal}
			lookup := func(name string) (string, bool) { value, set := one.environment[name]; return value, set }
			Main(t.Context(), []string{"verify", "--run", few, "--report", one.report}, lookup, strings.NewReader(""), stdout, io.Discard)
			if strings.Contains(stdout.String(), "\x1b[") != one.coloured {
				t.Errorf("coloured: %t, owed %t", !one.coloured, one.coloured)
			}
		})
	}
}

func TestCompareTellsWhatIsWorse(t *testing.T) {
	folder := t.TempDir()
	write := func(name, outcome string) string {
		path := filepath.Join(folder, name)
		text := `{"tool": "credmock", "verdict": "conforms", "checks": [
			{"id": "a/b", "rule": "x", "level": "must", "outcome": "` + outcome + `"}]}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	passed, failed, skipped := write("passed", "pass"), write("failed", "fail"), write("skipped", "skip")
	for _, row := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{passed, passed}, 0, "the same"}, {[]string{failed, failed}, 0, "still  a/b"}, {[]string{failed, passed}, 0, "better"},
		{[]string{passed, failed}, 1, "new    a/b"}, {[]string{passed, skipped}, 1, "gone   a/b"}, {[]string{passed}, 2, ""},
		{[]string{passed, folder}, 2, ""}, {[]string{passed, write("no", `"`)}, 2, ""},
	} {
		seen := invoke(t.Context(), nil, append([]string{"compare"}, row.arguments...)...)
		if seen.code != row.code || !strings.Contains(seen.stdout, row.says) {
			t.Errorf("%v: exit code %d, owed %d\n%s%s", row.arguments, seen.code, row.code, seen.stdout, seen.stderr)
		}
	}
}

// A check explains itself, and needs no target for that.
func TestExplain(t *testing.T) {
	seen := invoke(t.Context(), nil, "verify", "--explain", "required/update/grantType")
	for _, owed := range []string{"update without grantType", "level:   must", "docs/contract.md#update", "PATCH /v1/authcredentials/{id}",
		"required/update/grant-type:"} {
		if seen.code != 0 || !strings.Contains(seen.stdout, owed) {
			t.Errorf("exit code %d, without %q:\n%s%s", seen.code, owed, seen.stdout, seen.stderr)
		}
	}
	for _, given := range [][]string{{"--explain", "no/check"}, {"--explain", "envelope/get/meta", "--list"}} {
		if seen := invoke(t.Context(), nil, append([]string{"verify"}, given...)...); seen.code != 2 {
			t.Errorf("%v: exit code %d", given, seen.code)
		}
	}
}

// The report says how the run stands beside a former one.
func TestBaseline(t *testing.T) {
	former := filepath.Join(t.TempDir(), "former.json")
	if seen := invoke(t.Context(), nil, "verify", "--run", few, "--report", "json="+former); seen.code != 0 {
		t.Fatalf("exit code %d\n%s", seen.code, seen.stderr)
	}
	seen := invoke(t.Context(), nil, "verify", "--run", few, "--baseline", former)
	if seen.code != 0 || !strings.Contains(seen.stdout, "compared with the former run: 0 new, 0 gone, 0 still, 0 fixed") {
		t.Errorf("exit code %d\n%s", seen.code, seen.stdout)
	}
	if seen := invoke(t.Context(), nil, "verify", "--baseline", former+".none"); seen.code != 2 {
		t.Errorf("exit code %d", seen.code)
	}
}
