package contract_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
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
