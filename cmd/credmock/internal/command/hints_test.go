package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/verify"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// shortReport is how many lines a person reads of a report that says one thing.
const shortReport = 25

// A URL that lacks its path, or at which nobody listens, is told once, with what to look at, in every format.
func TestVerifyHintsAtTheURL(t *testing.T) {
	mock := mockserver.Start(t)
	document := file(t, "moved.yaml", strings.Replace(string(credmock.Document()), "api.redoxengine.com/platform",
		"api.redoxengine.com/gateway", 1))
	for name, one := range map[string]struct {
		given []string
		says  string
	}{
		"no path":          {words("--url " + strings.TrimSuffix(mock.URL, "/platform")), "/platform"},
		"nobody there":     {words("--url http://" + closed(t) + "/platform"), "cannot be reached"},
		"another document": {words("--url " + mock.URL + " --spec " + document), "the document's server path is /gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			folder, given := t.TempDir(), append([]string{"verify"}, one.given...)
			for _, format := range report.Formats() {
				given = append(given, "--report", format+"="+filepath.Join(folder, format))
			}
			if name == "another document" { // it is served where its document does not have it
				given[2] = strings.Replace(given[2], "/platform", "/elsewhere", 1)
			}
			started := time.Now()
			seen := invoke(t.Context(), nil, given...)
			if seen.code != report.ExitInconclusive || time.Since(started) > time.Minute || strings.Count(seen.stderr, "\n") > 5 {
				t.Errorf("exit code %d after %s\n%s", seen.code, time.Since(started), seen.stderr)
			}
			for _, format := range report.Formats() {
				if text := read(t, filepath.Join(folder, format)); !strings.Contains(text, "look at the address and path of --url") &&
					format != "sarif" {
					t.Errorf("%s gives no hint:\n%.500s", format, text)
				}
			}
			text := read(t, filepath.Join(folder, "text"))
			if !strings.Contains(text, one.says) || strings.Count(text, "\n") > shortReport {
				t.Errorf("not %q, or too long:\n%s", one.says, text)
			}
			found := decodeReport(t, read(t, filepath.Join(folder, "json")))
			if found.Requests > 10 || found.Verdict != report.Inconclusive || found.Counts[report.Trouble] != len(found.Checks) ||
				len(found.Checks) < 800 {
				t.Errorf("%d requests, %d checks, %s, %v", found.Requests, len(found.Checks), found.Verdict, found.Counts)
			}
		})
	}
}

// The number of another organization is the caller's mistake, and no fault of the server.
func TestVerifyHintsAtTheOrganization(t *testing.T) {
	mock := mockserver.Start(t, mockserver.Options{Fixtures: []byte(strings.Replace(ownFixtures, "faults: [{status: 503}]", "", 1))})
	seen := invoke(t.Context(), nil, "verify", "--url", mock.URL)
	if seen.code != report.ExitInconclusive || !strings.Contains(seen.stdout, "--organization") || strings.Contains(seen.stdout, "\nFAIL") {
		t.Errorf("exit code %d\n%s", seen.code, seen.stdout)
	}
	if strings.Count(seen.stdout, "\n") > shortReport || strings.Count(seen.stderr, "\n") > shortReport {
		t.Errorf("it is too long:\n%s%s", seen.stderr, seen.stdout)
	}
	if seen := invoke(t.Context(), nil, words("verify --url "+mock.URL+" --organization 600 --run ^envelope/")...); seen.code != 0 {
		t.Errorf("with its number: exit code %d\n%s", seen.code, seen.stdout)
	}
}

// A server that only a certificate authority of its own vouches for is judged, and replayed against, as any other.
func TestVerifyAndRunTrustAnAuthority(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	mock := runServe(t, "--tls", "--tls-ca", authority)
	script := file(t, "script.txtar", "request GET /v1/authcredentials/strategies\nstatus 200\nverify --run '^strategies/'\n")
	verify, run := words("verify --url "+mock.base+" --run "+few), words("run --url "+mock.base+" "+script)
	for name, row := range map[string]invocation{
		"verify":                   {append(verify, "--ca", authority), nil, 0, `.*verdict: conforms.*`, `judging https://.*`},
		"verify, environment":      {verify, env("CREDMOCK_CA=" + authority), 0, `.*verdict: conforms.*`, `judging https://.*`},
		"verify without authority": {verify, nil, 3, `.*verdict: inconclusive: .*certificate.*--ca\n`, `judging https://.*`},
		"run":                      {append(run, "--ca", authority), nil, 0, `ok .*1 passed.*`, ""},
		"run without authority":    {run, nil, 3, `.*certificate.*`, ""},
		"no authority":             {words("verify --ca not-here.pem"), nil, 2, "", `credmock: --ca: there is no file not-here.pem\n`},
		"an authority that is none": {append(words("run --ca"), script, script), nil, 2, "",
			`credmock: --ca must name a file with a certificate.*\n`},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
	for _, command := range []string{"verify", "run"} {
		help := invoke(t.Context(), nil, command, "--help").stdout
		if !strings.Contains(help, "with a certificate authority to trust, as --tls-ca of serve writes it") {
			t.Errorf("the help of %s does not tell of --ca", command)
		}
	}
}

// The example of --scenarios in the help does what it says: it replays what failed, against the same server.
func TestTheExampleOfScenariosWorks(t *testing.T) {
	broken, _ := mutants.Find("envelope/get/meta-text")
	sound, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(broken.Wrap(sound))
	defer server.Close()
	folder := filepath.Join(t.TempDir(), "failures")
	first, second, found := strings.Cut(example(t, "--scenarios"), " || ")
	if !found {
		t.Fatalf("the second half of %s never runs", first)
	}
	adapted := strings.NewReplacer(cli.ExampleURL, server.URL+"/platform", "failures", folder)
	verify, replay := words(adapted.Replace(first))[1:], words(adapted.Replace(second))[1:]
	seen := invoke(t.Context(), nil, append(verify, "--run", "^envelope/get/")...)
	if seen.code != report.ExitViolates || !strings.Contains(seen.stderr, "replay them with: credmock "+strings.Join(replay, " ")+"\n") {
		t.Errorf("exit code %d\n%s", seen.code, seen.stderr)
	}
	if seen := invoke(t.Context(), nil, replay...); seen.code != report.ExitViolates || !strings.Contains(seen.stdout, "envelope/get/meta") {
		t.Errorf("replayed: exit code %d\n%s", seen.code, seen.stdout)
	}
	mock := mockserver.Start(t, mockserver.Options{Fixtures: []byte(strings.Replace(ownFixtures, "faults: [{status: 503}]", "", 1))})
	if seen := invoke(t.Context(), nil, "run", "--url", mock.URL, "--organization", "600", folder); seen.code != 0 {
		t.Errorf("replayed on a sound server of another organization: exit code %d\n%s", seen.code, seen.stdout)
	}
}

// example returns the example in the help of verify that has the word.
func example(t *testing.T, word string) string {
	t.Helper()
	for line := range strings.Lines(verify.New().Example) {
		if strings.Contains(line, word) {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no example has %s", word)
	return ""
}

// An expression that is none is told before anything is started or sent.
func TestVerifyReadsExpressionsFirst(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	for name, given := range map[string][]string{
		"run": {"--run", "("}, "skip": {"--skip", "("}, "accept": {"--accept", "nonsense"}, "nothing": {"--run", "^none-has-this-name$"},
	} {
		for _, target := range [][]string{nil, {"--url", server.URL}} {
			row := invocation{append(append([]string{"verify"}, given...), target...), nil, 2, "", `credmock: [^\n]*\n`}
			t.Run(name, func(t *testing.T) { row.check(t) })
		}
	}
	if asked {
		t.Error("something was sent")
	}
}

// Progress names the first checks that cannot be judged, and every one that fails.
func TestProgressStaysShort(t *testing.T) {
	var progress bytes.Buffer
	told := &verify.Teller{Progress: &progress}
	for i := range 500 {
		told.Tell(i, 500, report.Result{ID: "some/check", Outcome: report.Trouble})
	}
	told.Tell(500, 500, report.Result{ID: "last/check", Outcome: report.Fail, Level: credmock.Must})
	if lines := strings.Count(progress.String(), "\n"); lines > 2+verify.ManyTroubles || !strings.Contains(progress.String(),
		"500/500 failed: last/check") {
		t.Errorf("%d lines:\n%s", lines, progress.String())
	}
}
