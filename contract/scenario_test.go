package contract_test

import (
	"bytes"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

// forgiving accepts an update without its required members.
func forgiving(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			text := body.String()
			if !strings.Contains(text, `"grantType"`) && strings.Contains(text, `"url"`) {
				text = strings.Replace(text, "{", `{"grantType":"client_credentials",`, 1)
			}
			r = r.Clone(r.Context())
			r.Body, r.ContentLength = readCloser{bytes.NewReader([]byte(text))}, int64(len(text))
		}
		sound.ServeHTTP(w, r)
	})
}

// A written scenario fails against its target for the same reason, and passes against a sound one.
func TestScenariosReproduce(t *testing.T) {
	for name, bend := range map[string]func(http.Handler) http.Handler{"^required/update/": forgiving, "^redaction/update/": leaking} {
		t.Run(name, func(t *testing.T) {
			target := through(t, bend)
			target.Run = name
			report := judge(t, target)
			directory := filepath.Join(t.TempDir(), "failures")
			files, err := report.WriteScenarios(directory)
			if err != nil || len(files) == 0 {
				t.Fatalf("%d files: %v", len(files), err)
			}
			for _, file := range files {
				replay(t, file, scenarios.Params{URL: target.URL, Token: target.Token, ViewerToken: target.ViewerToken,
					OtherToken: target.OtherToken}, false)
				replay(t, file, scenarios.Params{}, true)
			}
		})
	}
}

// elsewhere are fixtures with other ids, numbers and environments than the default ones.
const elsewhere = `
organizations:
  - id: 600
    environments:
      - {id: 3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a02, name: Trials, environmentFlag: Staging}
      - {id: 3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a03, name: Wards, environmentFlag: Production}
  - id: 500
    environments: [{id: 3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a01, name: Trials, environmentFlag: Staging}]
principals:
  engineer: {organization: 600, role: engineer}
  viewer: {organization: 600, role: viewer}
  other: {organization: 500, role: engineer}
`

// replayed are mutants of many families. Some need another environment, the organization's list, another caller, or a leak that
// only another check shows.
var replayed = []string{
	"lifecycle/list/other-environments", "envelope/environment-list/version-missing", "redaction/create/blank-ends-alone",
	"redaction/destination/credential", "errors/create/organization", "auth/delete/viewer-done", "update/repeat/organization",
	"fields/create/hides-tokens", "fields/awkward/escaped", "types/get/organization-text", "destinations/attach/not-stored",
}

var everyMutant = flag.Bool("every-mutant", false, "let TestScenariosReplayElsewhere replay every mutant")

// A scenario has no ids of its target: it fails there, and passes against a sound server with another organization and other
// environments.
func TestScenariosReplayElsewhere(t *testing.T) {
	seen := 0
	for _, m := range mutants.All() {
		if m.Killer == "" || m.Sound || m.Bounded || !*everyMutant && !slices.Contains(replayed, m.Name) {
			continue
		}
		seen++
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			broken, sound := through(t, m.Wrap), mockserver.Start(t, mockserver.Options{Fixtures: []byte(elsewhere)})
			broken.Run, broken.Accept = m.Selection(), m.Accept
			files, err := judge(t, broken).WriteScenarios(filepath.Join(t.TempDir(), "failures"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%d files: %v", len(files), err)
			}
			for _, file := range files {
				holdsNoID(t, file)
				replay(t, file, paramsOf(targetOf(sound), 600), true)
				replay(t, file, paramsOf(broken, 0), false)
			}
		})
	}
	if seen < len(replayed) {
		t.Errorf("only %d mutants", seen)
	}
}

func paramsOf(target contract.Target, organization int) scenarios.Params {
	return scenarios.Params{
		URL: target.URL, Token: target.Token, ViewerToken: target.ViewerToken, OtherToken: target.OtherToken, Organization: organization,
	}
}

// holdsNoID expects a scenario to hold nothing that only the default fixtures have.
func holdsNoID(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{
		contract.DefaultEnvironment, "5f6a1c0b-2f0e-4d0c-9f63-8b7f5f3c2e21", "c47d3e9f-18b6-4a75-b1d4-6e9a0c8d5f43",
		"/organizations/118", `"organization":118`, `"organization":"118"`,
	} {
		if bytes.Contains(data, []byte(own)) {
			t.Errorf("%s holds %s:\n%s", filepath.Base(file), own, data)
		}
	}
}

func replay(t *testing.T, file string, params scenarios.Params, passes bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	summary, err := scenarios.RunFiles(t.Context(), []string{file}, params, &output)
	if err != nil {
		t.Fatal(err)
	}
	if (summary.Count(scenarios.Passed) == 1) != passes {
		t.Errorf("%s: %v, should pass: %t\n%s\n%s", filepath.Base(file), summary.Results[0].Outcome, passes, data, output.String())
	}
	if _, rest, _ := bytes.Cut(data, []byte("--run '^")); bytes.ContainsAny(bytes.ReplaceAll(rest, []byte("|redaction/"), nil), "^|") {
		t.Errorf("%s holds a mark of a secret", file)
	}
}

// A report from a file, and one without failures, write no scenarios.
func TestNoScenarios(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "failures")
	files, err := contract.Report{Checks: []contract.Result{{ID: "a", Outcome: contract.Fail,
		Findings: []contract.Finding{{Seen: "x"}}}}}.WriteScenarios(directory)
	if err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := os.Stat(directory); !os.IsNotExist(err) {
		t.Error("the directory was made for nothing")
	}
}

var prove = flag.String("prove", "", "a regular expression over the broken servers of which TestPrintedLinesShowTheFault runs the lines")

// proved is one broken server of every family: its printed lines show the fault.
var proved = []string{
	"redaction/update/echo", "flags/create/text", "types/body/username", "fields/awkward/trimmed", "auth/update/viewer",
	"update/answer/cached",
}

// unproved are the broken servers of which a few lines cannot show the fault, with the reason.
var unproved = []struct{ names, reason string }{
	{"many/credentials/(quota|evicted|newest|half|hundred)", "it shows from about a hundred credentials on"},
	{"concurrency/(delete/(twice|crashes|resurrected)|attach/both|update/(conflict|crossed)|get/(unavailable|crossed)|same/mixed)",
		"it shows when requests meet, which is chance"},
	{"model/world/(create-refused-once|(update|create)-revives)", "it shows at the end of a long sequence of writes"},
	{"strategies/twice/(fields|fewer)", "it shows in one of several answers, by chance"},
}

// reasonUnproved returns why the lines of a broken server need not show its fault; "" if they must.
func reasonUnproved(name string) string {
	for _, one := range unproved {
		if regexp.MustCompile("^" + one.names + "$").MatchString(name) {
			return one.reason
		}
	}
	return ""
}

// The lines that a report prints show the fault on the broken server, and not on the mock.
func TestPrintedLinesShowTheFault(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") == "" { // in CI the test fails without it
		t.Skip("curl is not installed")
	}
	names := "^(" + strings.Join(proved, "|") + ")$"
	if *prove != "" {
		names = *prove
	}
	wanted := regexp.MustCompile(names)
	for _, mutant := range mutants.All() {
		if mutant.Killer == "" || !wanted.MatchString(mutant.Name) {
			continue
		}
		t.Run(mutant.Name, func(t *testing.T) {
			t.Parallel()
			if reason := reasonUnproved(mutant.Name); reason != "" {
				t.Skip(reason)
			}
			target := serving(t, mutant.Wrap(mockOf(t)))
			finding := firstFinding(t, mutant, target)
			broken := played(t, target, finding.Lines())
			sound := played(t, serving(t, mockOf(t)), finding.Lines())
			if broken == "" || broken == sound {
				t.Errorf("the lines\n%s\nprint on both servers\n%s", strings.Join(finding.Lines(), "\n"), broken)
			}
			if words := strings.Fields(finding.Where); len(words) > 2 && !strings.Contains(strings.SplitN(broken, "\n", 2)[0], words[2]) {
				t.Errorf("the finding is at %s, and the broken server answers\n%s", finding.Where, broken)
			}
		})
	}
}

func mockOf(t *testing.T) http.Handler {
	t.Helper()
	server, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// serving serves a handler for the length of a test, and returns its base URL.
func serving(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + credmock.Default().Operation("credential", "get").Prefix
}

// firstFinding judges a broken server with the check that catches it.
func firstFinding(t *testing.T, mutant mutants.Mutant, target string) report.Finding {
	t.Helper()
	found, err := contract.Judge(t.Context(), contract.Target{
		URL: target, Token: mockserver.DefaultToken, ViewerToken: mockserver.DefaultViewerToken,
		OtherToken: mockserver.DefaultOtherToken, Accept: mutant.Accept, Run: "^" + regexp.QuoteMeta(mutant.Killer) + "$", Timeout: time.Minute,
	})
	if err != nil || len(found.Causes) == 0 {
		t.Fatalf("no finding: %v, %s", err, found.Reason)
	}
	return found.Causes[0].Finding
}

// differing is text that differs between two runs of the same lines.
var differing = regexp.MustCompile(`(?m)^(Date|Content-Length|X-Request-Id|Location|Etag):.*$|` +
	`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// played returns what the last of some lines prints when a shell runs them against a server, without what differs between runs.
func played(t *testing.T, target string, lines []string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-c", strings.Join(lines, "\n"))
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "no_proxy=*", "URL="+target, "TOKEN="+mockserver.DefaultToken,
		"VIEWER_TOKEN="+mockserver.DefaultViewerToken, "OTHER_TOKEN="+mockserver.DefaultOtherToken,
		"ENVIRONMENT="+contract.DefaultEnvironment)
	for _, name := range append(credmock.Default().Secrets(), "verificationToken", "secret") {
		for _, number := range []string{"", "_2", "_3", "_4", "_5", "_6"} {
			variable := strings.ToUpper(regexp.MustCompile(`([A-Z])`).ReplaceAllString(name, "_$1")) + number
			command.Env = append(command.Env, variable+"=a-made-up-value-for-"+strings.ToLower(variable))
		}
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Logf("the shell ended with %v: %s", err, stderr.String())
	}
	out = bytes.TrimPrefix(out, []byte("HTTP/1.1 100 Continue\r\n\r\n"))
	text := strings.Split(differing.ReplaceAllString(strings.ReplaceAll(string(out), "\r", ""), ""), "\n")
	return strings.Join(slices.DeleteFunc(text, func(line string) bool { return line == "" }), "\n")
}
