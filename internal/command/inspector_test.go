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

// The inspector judges the mock that it belongs to, also where only this run vouches for its certificate.
func TestInspectorRunsVerify(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	mock := runServe(t, "--tls", "--tls-ca", authority)
	text, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	host := strings.TrimSuffix(mock.base, "/platform")
	response, err := client.Post(host+"/__admin/ui/verify", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
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
	if shown, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(shown), `class="banner conforms"`) {
		t.Errorf("the report is %.200s", shown)
	}
}
