package command

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ownFixtures are of none of the numbers and ids that the suite takes where nothing is said, and something goes wrong from the
// start, which a copy to judge is to be without.
const ownFixtures = `
organizations:
  - id: 500
    environments: [{id: 3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a01, name: Trials, environmentFlag: Staging}]
  - id: 600
    environments: [{id: 3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a02, name: Trials, environmentFlag: Staging}]
principals:
  engineer: {organization: 600, role: engineer}
  viewer: {organization: 600, role: viewer}
  other: {organization: 500, role: engineer}
faults: [{status: 503}]
`

// clientOf returns a client that trusts what stands in a file of --tls-ca and nothing else.
func clientOf(t *testing.T, authority string) *http.Client {
	t.Helper()
	text, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// asOperator sends a body with the admin token.
func asOperator(t *testing.T, client *http.Client, address, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer operator")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// The inspector judges the mock that it belongs to: the session whose page it is, by its own fixtures, and also where only this
// run vouches for its certificate.
func TestInspectorRunsVerify(t *testing.T) {
	folder := t.TempDir()
	authority, fixtures := filepath.Join(folder, "ca.pem"), filepath.Join(folder, "fixtures.yaml")
	if err := os.WriteFile(fixtures, []byte(ownFixtures), 0o600); err != nil {
		t.Fatal(err)
	}
	mock := runServe(t, "--tls", "--tls-ca", authority, "--fixtures", fixtures, "--admin-token", "operator", "--token", "mine")
	client := clientOf(t, authority)
	host := strings.TrimSuffix(mock.base, "/platform")
	ask := func(path, body string) *http.Response { return asOperator(t, client, host+path, body) }
	_ = ask("/__admin/sessions", `{"name":"mine"}`).Body.Close()
	response := ask("/__sessions/mine/__admin/ui/verify", "{}")
	defer response.Body.Close()
	steps, event, report := 0, "", struct{ Verdict, Report, Message string }{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "event: "); found {
			event = name
		}
		data, found := strings.CutPrefix(lines.Text(), "data: ")
		switch {
		case found && event == "progress":
			steps++
		case found:
			if err := json.Unmarshal([]byte(data), &report); err != nil {
				t.Fatal(err)
			}
		}
	}
	if steps < 100 || event != "verdict" || report.Verdict != "conforms" {
		t.Fatalf("after %d checks the run ends with %s %+v", steps, event, report)
	}
	page, err := client.Get(host + report.Report)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	shown, err := io.ReadAll(page.Body)
	if err != nil || !strings.Contains(string(shown), `class="banner conforms"`) {
		t.Errorf("the report is %.200s", shown)
	}
	for _, had := range []string{"a viewer token was given", "a token of another organization was given", "listEnvironments answered 200"} {
		if !strings.Contains(string(shown), had) {
			t.Errorf("the report does not say: %s", had)
		}
	}
}
