package scenarios_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credmock/credmock/scenarios"
)

// What a create may have made is named if its answer cannot be read, and only then.
func TestACreateThatCannotBeReadIsNamed(t *testing.T) {
	for name, row := range map[string]struct {
		body  string
		named bool
	}{
		"no JSON":         {"<html>", true},
		"too many values": {`{"payload":[` + strings.Repeat("1,", 600_000) + "1]}", true},
		"too large":       {`{"payload":"` + strings.Repeat("x", 9<<20) + `"}`, true},
		"no id":           {`{"payload":{}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusCreated)
				_, _ = w.Write([]byte(row.body)) // a client that has enough need not take the rest
			}))
			defer server.Close()
			file := filepath.Join(t.TempDir(), "create.txtar")
			if err := os.WriteFile(file, []byte("request POST /v1/authcredentials body.json\nstatus 201\n-- body.json --\n{}\n"),
				0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := scenarios.RunFiles(t.Context(), []string{file}, scenarios.Params{URL: server.URL}, &out); err != nil {
				t.Fatal(err)
			}
			named := regexp.MustCompile("left behind: .*POST /v1/authcredentials").MatchString(out.String())
			if named != row.named {
				t.Errorf("%v: %v\n%s", named, row.named, out.String())
			}
		})
	}
}
