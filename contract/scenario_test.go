package contract_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/scenarios"
)

// forgiving takes an update that lacks what update requires.
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

// A scenario that a failure wrote fails when it is replayed against the same target, for the same reason, and passes
// against a sound one.
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
				replay(t, file, scenarios.Params{URL: target.URL, Token: target.Token, ViewerToken: target.ViewerToken, OtherToken: target.OtherToken}, false)
				replay(t, file, scenarios.Params{}, true)
			}
		})
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
	if bytes.ContainsAny(data, "^|") && !bytes.Contains(data, []byte("--run '^")) {
		t.Errorf("%s holds a mark of a secret", file)
	}
}

// A report that was read from a file, and one without failures, have nothing to write.
func TestNoScenarios(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "failures")
	files, err := contract.Report{Checks: []contract.Result{{ID: "a", Outcome: contract.Fail, Findings: []contract.Finding{{Seen: "x"}}}}}.WriteScenarios(directory)
	if err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := os.Stat(directory); !os.IsNotExist(err) {
		t.Error("the directory was made for nothing")
	}
}
