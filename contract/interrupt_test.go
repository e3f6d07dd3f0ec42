package contract_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// interrupting interrupts a run at the third create of a destination, which end then answers.
func interrupting(t *testing.T, end func(sound http.Handler, w http.ResponseWriter, r *http.Request)) (*mockserver.Running,
	contract.Report) {
	t.Helper()
	mock := mockserver.Start(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var mutex sync.Mutex
	creates := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		isDestination := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/destinations")
		if isDestination {
			creates++
		}
		last := isDestination && creates == 3
		mutex.Unlock()
		if last {
			interrupt()
			end(mock.Server, w, r)
			return
		}
		mock.Server.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	target := targetOf(mock)
	target.URL, target.Run = server.URL+"/platform", "^destinations/"
	report, _, err := contract.JudgeWithin(ctx, target, contract.Limits{Grace: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Interrupted || report.ExitCode() != contract.ExitInterrupted {
		t.Errorf("verdict %s, exit code %d", report.Verdict, report.ExitCode())
	}
	return mock, report
}

func leftIn(t *testing.T, mock *mockserver.Running) string {
	t.Helper()
	left := ""
	for _, path := range []string{"/authcredentials", "/destinations"} {
		left += get(t, mock, "/v1/environments/"+contract.DefaultEnvironment+path)
	}
	return left
}

// waitForTheClient waits until the client has gone, and then aborts the answer.
func waitForTheClient(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// A create under way at an interruption is awaited, and its thing is deleted.
func TestCreateUnderWayIsAwaited(t *testing.T) {
	mock, report := interrupting(t, http.Handler.ServeHTTP)
	if left := leftIn(t, mock); strings.Contains(left, "credmock run") || len(report.LeftBehind) > 0 {
		t.Errorf("left behind: %v\n%s", report.LeftBehind, left)
	}
}

// If it is never answered, its thing is found by the name of the run.
func TestUnansweredCreateIsFoundByName(t *testing.T) {
	mock, report := interrupting(t, func(sound http.Handler, _ http.ResponseWriter, r *http.Request) {
		body := &bytes.Buffer{}
		_, _ = body.ReadFrom(r.Body)
		again := r.Clone(context.WithoutCancel(r.Context()))
		again.Body = readCloser{bytes.NewReader(body.Bytes())}
		sound.ServeHTTP(httptest.NewRecorder(), again)
		waitForTheClient(r)
	})
	if left := leftIn(t, mock); strings.Contains(left, "credmock run") || len(report.LeftBehind) > 0 {
		t.Errorf("left behind: %v\n%s", report.LeftBehind, left)
	}
}

// If nobody knows whether there is a thing, the report names the create.
func TestUnknownCreateIsReported(t *testing.T) {
	_, report := interrupting(t, func(_ http.Handler, _ http.ResponseWriter, r *http.Request) {
		_, _ = new(bytes.Buffer).ReadFrom(r.Body)
		waitForTheClient(r)
	})
	if len(report.LeftBehind) != 1 ||
		!strings.Contains(report.LeftBehind[0], "may have created something that is not known; look for the name") {
		t.Errorf("left behind: %v", report.LeftBehind)
	}
}

// A run notes what it creates, without tokens and secrets, and removes the notes at the end.
func TestRunNotesCreatedThings(t *testing.T) {
	target := targetOf(mockserver.Start(t))
	target.Runs, target.Run = filepath.Join(t.TempDir(), "runs"), "^(destinations|redaction)/"
	notes := ""
	target.Progress = func(int, int, contract.Result) {
		files, _ := filepath.Glob(filepath.Join(target.Runs, "*"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			notes = string(text)
		}
		if going, err := contract.CutShort(target.Runs, target.URL); err != nil || len(going) > 0 {
			t.Errorf("a run that goes on is taken for one that was cut short: %v %v", going, err)
		}
	}
	judge(t, target)
	for _, want := range []string{`"run":"credmock run `, `"resource":"destination"`, `"resource":"credential"`, `"deleted":true`} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %s:\n%.600s", want, notes)
		}
	}
	for _, secret := range []string{"^", "|", target.Token, target.ViewerToken, target.OtherToken} {
		if strings.Contains(notes, secret) {
			t.Errorf("the notes show a secret:\n%s", notes)
		}
	}
	if files, _ := os.ReadDir(target.Runs); len(files) > 0 {
		t.Errorf("%d files are left", len(files))
	}
}

// Clean deletes only things with the name of a run, and follows no link.
func TestCleanDeletesOnlyItsOwn(t *testing.T) {
	mock := mockserver.Start(t)
	target := targetOf(mock)
	target.Runs = t.TempDir()
	id := create(t, mock, "Somebody else's")
	ours := create(t, mock, "credmock run ABCDEFGH words")
	foreign := create(t, mock, "credmock run ZZZZZZZZ words")
	notes := `{"target":"` + mock.URL + `","organization":118,"run":"credmock run ABCDEFGH","environments":["` +
		contract.DefaultEnvironment + `"]}` + "\n" +
		`{"resource":"credential","id":"` + id + `"}` + "\n" + `{"resource":"nothing","id":"x"}` + "\n" + `{"resource":"cred`
	outside := filepath.Join(t.TempDir(), "outside")
	for _, file := range []string{filepath.Join(target.Runs, "ABCDEFGH.run"), outside} {
		if err := os.WriteFile(file, []byte(notes), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(target.Runs, "LINKLINK.run")); err != nil {
		t.Skip("links cannot be made here")
	}
	cleaned, err := contract.Clean(t.Context(), target)
	if err != nil || len(cleaned) != 1 || len(cleaned[0].Deleted) != 1 || len(cleaned[0].Left) > 0 || cleaned[0].Trouble != "" {
		t.Errorf("%+v, error %v", cleaned, err)
	}
	left := leftIn(t, mock)
	if strings.Contains(left, ours) || !strings.Contains(left, id) || !strings.Contains(left, foreign) {
		t.Errorf("left:\n%s", left)
	}
	if again, err := contract.Clean(t.Context(), target); err != nil || len(again) > 0 {
		t.Errorf("it is not forgotten: %+v, error %v", again, err)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error("a link was followed")
	}
}

// create creates a credential and returns its id.
func create(t *testing.T, mock *mockserver.Running, name string) string {
	t.Helper()
	body := `{"name":"` + name + `","environmentId":"` + contract.DefaultEnvironment +
		`","grantType":"client_credentials","url":"https://a.example.com"}`
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, mock.URL+"/v1/authcredentials", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+mock.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := mock.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, id, _ := strings.Cut(response.Header.Get("Location"), "/authcredentials/")
	if id == "" {
		t.Fatalf("create answered %d without a Location", response.StatusCode)
	}
	return id
}
