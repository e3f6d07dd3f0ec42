package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The scan fails if govulncheck finds something or fails. It is skipped if there is no database.
func TestVulnTellsAFindingFromAMissingDatabase(t *testing.T) {
	const unreached = `echo 'govulncheck: fetching vulnerabilities: Get "https://db.test/": no such host' >&2; exit 1`
	for name, test := range map[string]struct {
		scanner, says string
		code          int
	}{
		"clean":     {`echo "No vulnerabilities found in $PWD with $2"`, "with file:///mirror", 0},
		"found":     {`echo 'Vulnerability #1: GO-1'; exit 3`, "Vulnerability #1", 1},
		"unreached": {unreached, "skipped: the vulnerability database at file:///mirror was not reached", 0},
		"no mirror": {`echo 'creating client: stat /mirror: no such file' >&2; exit 1`, "skipped: ", 0},
		"broken":    {`echo 'govulncheck: loading packages: no Go files' >&2; exit 1`, "loading packages", 1},
	} {
		t.Run(name, func(t *testing.T) {
			scanner := filepath.Join(t.TempDir(), "scanner")
			if err := os.WriteFile(scanner, []byte("#!/bin/sh\n"+test.scanner+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			scan := exec.Command("bash", "../../.ci/vuln", t.TempDir())
			scan.Env = append(os.Environ(), "GOVULNCHECK="+scanner, "GOVULNDB=file:///mirror")
			said, _ := scan.CombinedOutput()
			if code := scan.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(said), test.says) {
				t.Errorf("exit %d, want %d with %q: %s", code, test.code, test.says, said)
			}
		})
	}
}
