package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The command line and its twin in the environment let a scenario touch the machine; without them it is refused.
func TestRunAllowsExecWhenTold(t *testing.T) {
	for name, row := range map[string]struct {
		flags string
		env   map[string]string
		runs  bool
	}{
		"not told": {"", nil, false},
		"by flag":  {" --allow-exec", nil, true},
		"by twin":  {"", map[string]string{"CREDMOCK_ALLOW_EXEC": "true"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			marker := filepath.Join(t.TempDir(), "marker")
			script := file(t, "script.txtar", "exec touch "+marker+"\nrequest GET /v1/authcredentials/strategies\nstatus 200\n")
			seen := invoke(t.Context(), row.env, words("run"+row.flags+" "+script)...)
			_, err := os.Lstat(marker)
			if ran := err == nil; ran != row.runs || (seen.code == 0) != row.runs {
				t.Errorf("%d, ran: %v: %s%s", seen.code, ran, seen.stdout, seen.stderr)
			}
			if !row.runs && !strings.Contains(seen.stdout, "script.txtar:1: exec is refused, as it runs a program; where you trust the file") {
				t.Errorf("%s", seen.stdout)
			}
		})
	}
}

func TestRunNeedsTime(t *testing.T) {
	seen := invoke(t.Context(), nil, "run", "--timeout", "0s", file(t, "script.txtar", "stop\n"))
	if seen.code != 2 || !strings.Contains(seen.stderr, "--timeout must be more than nothing") {
		t.Errorf("%d: %s", seen.code, seen.stderr)
	}
}
