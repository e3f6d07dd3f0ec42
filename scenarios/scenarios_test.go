package scenarios_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

func TestScenariosPassAgainstAFreshMock(t *testing.T) {
	scenarios.Run(t, scenarios.Params{Dir: "."})
}

func TestScenariosPassAgainstASharedServerAndLeaveNothing(t *testing.T) {
	mock := mockserver.Start(t, mockserver.Options{
		Tokens: []string{"shared-engineer"}, ViewerToken: "shared-viewer", OtherToken: "shared-other",
	})
	before := inventory(t, mock)
	t.Run("scripts", func(t *testing.T) {
		scenarios.Run(t, scenarios.Params{
			Dir: ".", URL: mock.URL + "/", Token: mock.Token, ViewerToken: mock.ViewerToken, OtherToken: mock.OtherToken,
		})
	})
	if after := inventory(t, mock); after != before {
		t.Errorf("the scripts left something behind:\nbefore %s\nafter  %s", before, after)
	}
}

// inventory returns what others would miss or find.
func inventory(t *testing.T, mock *mockserver.Running) string {
	t.Helper()
	var all strings.Builder
	for _, collection := range []string{"authcredentials", "destinations"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			mock.URL+"/v1/environments/"+contract.DefaultEnvironment+"/"+collection, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+mock.Token)
		response, err := mock.Client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, response.Body); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	return all.String()
}

func TestEveryFailureSaysWhatIsWrong(t *testing.T) {
	fails(t, "testdata/fails/*.txtar", scenarios.Params{})
}

func TestFaultsOfAServerAreFound(t *testing.T) {
	fails(t, "testdata/broken/*.txtar", scenarios.Params{URL: faulty(t)})
}

// fails runs scripts that must fail, each with the lines of its section want.
func fails(t *testing.T, pattern string, params scenarios.Params) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no script matches %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			summary, err := scenarios.RunFiles(t.Context(), []string{file}, params, &out)
			if err != nil {
				t.Fatal(err)
			}
			if summary.ExitCode() != report.ExitViolates {
				t.Errorf("exit code %d, owed %d", summary.ExitCode(), report.ExitViolates)
			}
			for _, line := range strings.Split(strings.TrimSpace(section(t, file, "want")), "\n") {
				if !strings.Contains(out.String(), strings.TrimSpace(line)) {
					t.Errorf("the output lacks %q:\n%s", line, out.String())
				}
			}
		})
	}
}

func section(t *testing.T, file, name string) string {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range archive.Files {
		if section.Name == name {
			return string(section.Data)
		}
	}
	t.Fatalf("%s has no section %s", file, name)
	return ""
}

// write makes a script in a folder of the test's own.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// run runs one script as the command line does.
func run(t *testing.T, ctx context.Context, file string, params scenarios.Params) (scenarios.Summary, string) {
	t.Helper()
	var out bytes.Buffer
	summary, err := scenarios.RunFiles(ctx, []string{file}, params, &out)
	if err != nil {
		t.Fatal(err)
	}
	return summary, out.String()
}
