package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// call sends a request to a mock and returns the status and the body.
func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Authorization": {"Bearer dev-token"}, "Content-Type": {"application/json"}}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

const stored = `{"name":"n","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","grantType":"client_credentials","url":"u",` +
	`"clientSecret":"not-a-real-secret-of-state"}`

// serving starts a mock with a state file and returns its API and what ends it.
func serving(t *testing.T, file string) (api string, stop func()) {
	t.Helper()
	address := freeAddress(t, "127.0.0.1")
	stop = start(t, nil, "serve", "--addr", address, "--state", file)
	if code, _, stderr := run(t, []string{"CREDMOCK_ADDR=" + address}, "healthcheck", "--wait", "20s"); code != 0 {
		t.Fatal(stderr)
	}
	return "http://" + address + "/platform/v1/authcredentials", stop
}

// What is stored, secrets included, is there after a restart. The file is readable to its user alone.
func TestStateOutlastsARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	api, stop := serving(t, file)
	_, text := call(t, http.MethodPost, api, stored)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for kept := []byte(nil); !strings.Contains(string(kept), "not-a-real-secret-of-state"); <-again.C { // also if the mock is killed later
		kept, _ = os.ReadFile(file)
	}
	stop()
	var answer struct{ Payload struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	api, stop = serving(t, file)
	status, text := call(t, http.MethodGet, api+"/"+answer.Payload.ID, "")
	if status != 200 || !strings.Contains(text, `"hasClientSecret":true`) {
		t.Errorf("%d %s", status, text)
	}
	stop()
	info, err := os.Stat(file)
	kept, otherErr := os.ReadFile(file)
	if err != nil || otherErr != nil || info.Mode().Perm() != 0o600 || !strings.Contains(string(kept), "not-a-real-secret-of-state") {
		t.Errorf("%v %v %v", info, err, otherErr)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A file that cannot be loaded whole is refused and stays byte for byte. So does one that another program wrote meanwhile.
func TestStateFilesOfOthersStay(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	whole := `{"organizations":[{"id":118,"environments":[{"id":"a31a92e5-43b7-45df-8085-4ac5a746d105","credentials":[]}]}]}`
	for name, text := range map[string]string{
		"empty": "", "cut off": whole[:60], "another file": "organizations: none-of-yours", "more behind it": whole + "x",
		"unknown": strings.Replace(whole, "a31a92e5", "b31a92e5", 1), "typing": strings.Replace(whole, "credentials", "credentialz", 1),
	} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := run(t, nil, "serve", "--addr", "127.0.0.1:0", "--state", file)
		if code != 2 || stdout != "" || !strings.Contains(stderr, "--state: "+file) || strings.Contains(stderr, "yours") {
			t.Errorf("%s: exit code %d, %s", name, code, stderr)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != text {
			t.Errorf("%s was changed: %s", name, after)
		}
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(filepath.Join(folder, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, nil, "serve", "--addr", "127.0.0.1:0", "--state", link); code != 2 || !strings.Contains(stderr, "link") {
		t.Errorf("a link: exit code %d, %s", code, stderr)
	}
	file := filepath.Join(folder, "shared")
	api, stop := serving(t, file)
	if err := os.WriteFile(file, []byte("of another"), 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, http.MethodPost, api, stored)
	stop()
	if after, err := os.ReadFile(file); err != nil || string(after) != "of another" {
		t.Errorf("the file of another program was changed: %s", after)
	}
}
