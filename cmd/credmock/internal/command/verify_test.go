package command

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// few selects checks enough to see that a run works.
const few = "^envelope/"

func TestVerifyJudgesAFreshMockOfItsOwn(t *testing.T) {
	seen := invoke(t.Context(), nil, "verify", "--run", few, "--report", "json=-")
	found := decodeReport(t, seen.stdout)
	if seen.code != 0 || found.Verdict != report.Conforms {
		t.Errorf("exit code %d, verdict %s\n%s", seen.code, found.Verdict, seen.stderr)
	}
	if !strings.HasPrefix(seen.stderr, "judging http://127.0.0.1:") {
		t.Errorf("stderr does not say what is judged:\n%s", seen.stderr)
	}
	for _, capability := range found.Capabilities {
		if !capability.Present && strings.Contains(capability.Provenance, "token") {
			t.Errorf("the mock's own principals are not used: %s", capability.Provenance)
		}
	}
}

func TestVerifyJudgesAURLAtOnce(t *testing.T) {
	mock := mockserver.Start(t)
	seen := invoke(t.Context(), nil, "verify", "--url", mock.URL+"/", "--run", few)
	if seen.code != 0 || !strings.Contains(seen.stdout, "verdict: conforms") {
		t.Errorf("exit code %d\n%s%s", seen.code, seen.stdout, seen.stderr)
	}
}

func TestAFlagBeatsItsTwin(t *testing.T) {
	mock := mockserver.Start(t, mockserver.Options{Tokens: []string{"right-token"}})
	environment := env("CREDMOCK_URL="+mock.URL, "CREDMOCK_TOKEN=wrong-token", "CREDMOCK_RUN="+few, "CREDMOCK_REPORT=json=-")
	if seen := invoke(t.Context(), environment, "verify"); seen.code != report.ExitInconclusive {
		t.Errorf("the twin is not read: exit code %d\n%s", seen.code, seen.stdout)
	}
	seen := invoke(t.Context(), environment, "verify", "--token", "right-token")
	if seen.code != 0 || decodeReport(t, seen.stdout).Verdict != report.Conforms {
		t.Errorf("the flag does not win: exit code %d\n%s", seen.code, seen.stdout)
	}
}

func TestVerifyEndsWithTheVerdictsCode(t *testing.T) {
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer refuses.Close()
	for address, code := range map[string]int{refuses.URL: report.ExitInconclusive, "http://" + closed(t): report.ExitInconclusive} {
		if seen := invoke(t.Context(), nil, "verify", "--url", address, "--run", few); seen.code != code {
			t.Errorf("exit code %d, owed %d\n%s", seen.code, code, seen.stdout)
		}
	}
}

func TestReportsGoToTheirFiles(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "report.json"), filepath.Join(folder, "report.txt")
	if err := os.WriteFile(first, []byte(strings.Repeat("an older and longer report\n", 10000)), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := invoke(t.Context(), nil, "verify", "--run", few, "--report", "json="+first, "--report", "text="+second)
	if seen.code != 0 || seen.stdout != "" {
		t.Errorf("exit code %d, stdout %q", seen.code, seen.stdout)
	}
	if found := decodeReport(t, read(t, first)); found.Verdict != report.Conforms {
		t.Errorf("verdict %s", found.Verdict)
	}
	if !strings.Contains(read(t, second), "verdict: conforms") {
		t.Error("the text report is not there")
	}
}

func TestARunThatDoesNotBeginLosesNothing(t *testing.T) {
	folder := t.TempDir()
	old, fresh := filepath.Join(folder, "old.json"), filepath.Join(folder, "fresh.json")
	if err := os.WriteFile(old, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, given := range [][]string{
		{"--run", "no-check-has-this-name"},
		{"--list", "--run", "no-check-has-this-name"},
		{"--report", "text=" + filepath.Join(folder, "no", "such.txt")},
		{"--report", "text=" + folder + "/./FRESH.json"},
		{"--scenarios", old},
		{"--scenarios", filepath.Join(old, "below")},
	} {
		given = append([]string{"verify", "--report", "json=" + old, "--report", "json=" + fresh}, given...)
		if seen := invoke(t.Context(), nil, given...); seen.code != report.ExitUsage {
			t.Errorf("%v: exit code %d", given, seen.code)
		}
		if text := read(t, old); text != "precious" {
			t.Errorf("%v: the old report is now %q", given, text)
		}
		if _, err := os.Stat(fresh); !os.IsNotExist(err) {
			t.Errorf("%v: an empty report was left", given)
		}
	}
}

func TestTheListIsThePlan(t *testing.T) {
	text := invoke(t.Context(), nil, "verify", "--list")
	selected := invoke(t.Context(), nil, "verify", "--list", "--run", few)
	if text.code != 0 || selected.code != 0 || len(selected.stdout) >= len(text.stdout) || !strings.Contains(selected.stdout, "envelope/") {
		t.Errorf("exit codes %d and %d:\n%s", text.code, selected.code, selected.stdout)
	}
	markdown := invoke(t.Context(), nil, "verify", "--list", "--report", "markdown=-")
	if markdown.code != 0 || !strings.Contains(markdown.stdout, "|") {
		t.Errorf("exit code %d:\n%.200s", markdown.code, markdown.stdout)
	}
	if seen := invoke(t.Context(), nil, "verify", "--list", "--report", "json=-"); seen.code != 0 || !json.Valid([]byte(seen.stdout)) {
		t.Errorf("exit code %d:\n%.200s", seen.code, seen.stdout)
	}
}

func TestAnInterruptedRunSaysSoAndReports(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	mock := mockserver.Start(t)
	var once sync.Once
	interrupting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mock.Server.ServeHTTP(w, r)
		if r.Method == http.MethodPatch {
			once.Do(cancel)
		}
	}))
	defer interrupting.Close()
	seen := invoke(ctx, nil, "verify", "--url", interrupting.URL+"/platform", "--report", "json=-")
	if seen.code != report.ExitInterrupted || !json.Valid([]byte(seen.stdout)) {
		t.Errorf("exit code %d, owed %d\n%.300s\n%s", seen.code, report.ExitInterrupted, seen.stdout, seen.stderr)
	}
}

func decodeReport(t *testing.T, text string) report.Report {
	t.Helper()
	var found report.Report
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatalf("the report is not JSON: %v\n%.300s", err, text)
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
