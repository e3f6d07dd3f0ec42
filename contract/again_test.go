package contract_test

import (
	"bytes"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
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
)

var prove = flag.String("prove", "", "a regular expression over the broken servers of which TestPrintedLinesShowTheFault runs the lines")

// proved is one broken server of every family: its printed lines show the fault.
var proved = []string{
	"redaction/update/echo", "flags/create/text", "types/body/username", "fields/awkward/trimmed", "auth/update/viewer",
	"update/answer/cached",
}

// unproved are the broken servers of which a few lines cannot show the fault, with the reason.
var unproved = []struct{ names, reason string }{
	{"many/credentials/(quota|evicted|newest|half|hundred)", "it shows from about a hundred credentials on"},
	{"concurrency/(delete/(twice|crashes|resurrected)|attach/both|update/conflict|get/unavailable)",
		"it shows when requests meet, which is chance"},
	{"model/(uses/(replaced|twice|refused-once)|list/(smart-)?old-names)", "it shows at the end of a long sequence of writes"},
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
	if _, err := exec.LookPath("curl"); err != nil {
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
