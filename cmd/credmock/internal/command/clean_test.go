package command

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/verify"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// TestMain keeps the notes of the runs of these tests out of the user's folder. Go keeps its cache where it is.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "credmock")
	if err != nil {
		panic(err)
	}
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err == nil {
		err = errors.Join(os.Setenv("GOCACHE", strings.TrimSpace(string(cache))), os.Setenv("XDG_CACHE_HOME", folder))
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder) // it holds nothing of worth
	os.Exit(code)
}

func TestCleanSaysWhatItNeeds(t *testing.T) {
	for name, row := range map[string]invocation{
		"no url": {words("verify --clean"), nil, 2, "", `credmock: --clean needs --url: .*\n`},
		"list": {words("verify --clean --url http://127.0.0.1:1/platform --list"), nil, 2, "",
			`credmock: --clean judges nothing; leave out --list\n`},
		"a report": {words("verify --clean --url http://127.0.0.1:1/platform --report json=-"), nil, 2, "",
			`credmock: --clean judges nothing; leave out --report\n`},
		"its twin":  {words("verify"), env("CREDMOCK_CLEAN=true"), 2, "", `credmock: --clean needs --url: .*\n`},
		"no notes":  {words("verify --clean --url http://127.0.0.1:1/platform"), nil, 0, `nothing to delete: .*\n`, ""},
		"bad value": {words("verify --clean=maybe"), nil, 2, "", `credmock: --clean must be true or false\n`},
	} {
		t.Run(name, row.check)
	}
}

// noted writes what a run that was cut short would have noted.
func noted(t *testing.T, target, id string) string {
	t.Helper()
	folder, err := verify.RunsFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "ABCDEFGH.run")
	text := `{"target":"` + target + `","organization":118,"run":"credmock run ABCDEFGH","environments":["` + contract.DefaultEnvironment +
		`"],"started":"2026-01-02T03:04:05Z"}` +
		"\n" + `{"resource":"credential","id":"` + id + `"}` + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(file) }) // it may be gone
	return file
}

// What cannot be deleted stays noted, and has the exit code of what is left behind.
func TestWhatCleanCannotDeleteStaysNoted(t *testing.T) {
	mock := mockserver.Start(t)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusConflict)
		case strings.Contains(r.URL.Path, "/v1/authcredentials/"):
			_, _ = w.Write([]byte(`{"payload":{"name":"credmock run ABCDEFGH words","id":"x"}}`))
		default:
			mock.Server.ServeHTTP(w, r)
		}
	}))
	defer refuses.Close()
	file := noted(t, refuses.URL+"/platform", "x")
	seen := invoke(t.Context(), nil, "verify", "--clean", "--url", refuses.URL+"/platform", "--token", mock.Token)
	if seen.code != report.ExitLeftBehind || !strings.Contains(seen.stdout, "left behind: DELETE /v1/authcredentials/x\n") {
		t.Errorf("exit code %d\n%s%s", seen.code, seen.stdout, seen.stderr)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("it is forgotten")
	}
}

// A target that is not there leaves everything as it is.
func TestCleanOfATargetThatIsNotThere(t *testing.T) {
	target := "http://" + closed(t) + "/platform"
	file := noted(t, target, "x")
	seen := invoke(t.Context(), nil, "verify", "--clean", "--url", target)
	if seen.code != report.ExitInconclusive || !strings.Contains(seen.stderr, "the rest of credmock run ABCDEFGH is not known: ") {
		t.Errorf("exit code %d\n%s%s", seen.code, seen.stdout, seen.stderr)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("it is forgotten")
	}
}
