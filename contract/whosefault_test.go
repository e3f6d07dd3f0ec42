package contract_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/mockserver"
)

// A mistake of the caller accuses nobody: one sentence says what to look at, after few requests.
func TestMistakesOfTheCallerAccuseNobody(t *testing.T) {
	for name, one := range map[string]struct {
		change func(*contract.Target)
		hint   string
	}{
		"viewer token":  {func(target *contract.Target) { target.ViewerToken = "stale-viewer-token-1" }, "--viewer-token"},
		"other token":   {func(target *contract.Target) { target.OtherToken = "stale-other-token-1" }, "--other-token"},
		"token":         {func(target *contract.Target) { target.Token = "stale-token-1" }, "refuses the token"},
		"path":          {func(target *contract.Target) { target.URL = strings.TrimSuffix(target.URL, "/platform") }, "--url"},
		"environment":   {func(target *contract.Target) { target.Environment = "8d1e8a52-0000-4000-8000-00000000000b" }, "--environment"},
		"organization":  {func(target *contract.Target) { target.Organization = 119 }, "--organization"},
		"viewer writes": {func(target *contract.Target) { target.Token, target.ViewerToken = target.ViewerToken, "" }, "may not write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := targetOf(mockserver.Start(t))
			one.change(&target)
			report := judge(t, target)
			if report.ExitCode() != contract.ExitInconclusive || !strings.Contains(report.Reason, one.hint) || report.Requests > 25 ||
				report.Counts[contract.Trouble] != len(report.Checks) {
				t.Errorf("exit %d, %d requests, %v: %s", report.ExitCode(), report.Requests, report.Counts, report.Reason)
			}
		})
	}
}

// Run fails once, and with no subtest, if nothing can be judged.
func TestRunFailsOnceIfNothingIsMet(t *testing.T) {
	if url := os.Getenv("CREDMOCK_TEST_PAGE"); url != "" {
		contract.Run(t, contract.Target{URL: url, Token: "dev-token"})
		return
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<h1>Welcome</h1>"))
	}))
	defer page.Close()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunFailsOnceIfNothingIsMet$", "-test.v")
	command.Env = append(os.Environ(), "CREDMOCK_TEST_PAGE="+page.URL)
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strings.Count(string(output), "--- FAIL") != 1 || strings.Contains(string(output), "    --- ") ||
		!strings.Contains(string(output), "no implementation answers there") {
		t.Errorf("%v\n%.2000s", err, output)
	}
}

// A required capability that has vanished is a failure, whatever is selected, and the verdict says what was not looked at.
func TestRequiredCapabilities(t *testing.T) {
	for name, one := range map[string]struct {
		require, strategies []string
		viewer              bool
		exit                int
	}{
		"there":    {[]string{"destinations", "environments", "second", "strategies"}, nil, true, contract.ExitConforms},
		"vanished": {[]string{"viewer"}, nil, false, contract.ExitViolates},
		"strategy": {nil, []string{"AwsSigv4"}, false, contract.ExitConforms},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := targetOf(mockserver.Start(t))
			target.Require, target.Strategies, target.Run = one.require, one.strategies, "^strategies/route$"
			if !one.viewer {
				target.ViewerToken = ""
			}
			report := judge(t, target)
			page := text(t, report)
			if report.ExitCode() != one.exit || strings.Contains(page, ", without viewer: ") == one.viewer {
				t.Errorf("exit %d\n%s", report.ExitCode(), page)
			}
		})
	}
}

// TestLagOfSlowReadsIsWaitedFor has reads that take nearly as long as they lag: few of them go out while the lag is measured.
func TestLagOfSlowReadsIsWaitedFor(t *testing.T) {
	t.Parallel()
	lagging, _ := mutants.Find("sound/lag-steady")
	target := serve(t, string(mockserver.DefaultFixtures()), func(mock http.Handler) http.Handler {
		handler := lagging.Wrap(mock)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			if r.Method == http.MethodGet {
				<-time.After(280 * time.Millisecond)
			}
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		})
	})
	target.Run = "^fields/lists/GoogleWIF$"
	found := judge(t, target)
	if found.Verdict != contract.Conforms {
		t.Errorf("verdict %s: %s", found.Verdict, found.Reason)
	}
}
