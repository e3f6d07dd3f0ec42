package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

// refusedLines are lines that no script may have, with what their refusal says. MARKER is a file outside of the script's folders.
var refusedLines = map[string]string{
	"exec touch MARKER":                   "exec is refused",
	"! exec touch MARKER":                 "exec is refused",
	"exec touch MARKER &":                 "exec is refused",
	"[unix] exec touch MARKER":            "exec is refused",
	"[!plan9] [unix] ! exec touch MARKER": "exec is refused",
	"[plan9] exec touch MARKER":           "exec is refused",
	"'exec' touch MARKER":                 "exec is refused",
	"e'x'ec touch MARKER":                 "exec is refused",
	"\t exec touch MARKER":                "exec is refused",
	"exec touch MARKER\r":                 "exec is refused",
	"$id touch MARKER":                    "a command is written out",
	"ex$id touch MARKER":                  "a command is written out",
	"! $id touch MARKER":                  "a command is written out",
	"[$id] status 200":                    "a command is written out",
	"[exec:sh] status 200":                "[exec:] is refused",
	"[!exec:sh] status 200":               "[exec:] is refused",
	"'[! exec:/etc/passwd]' stop":         "[exec:] is refused",
	"[symlink] stop":                      "[symlink] is refused",
	"cp create.json MARKER":               "cp is refused",
	"mv create.json MARKER":               "mv is refused",
	"rm MARKER":                           "rm is refused",
	"mkdir MARKER":                        "mkdir is refused",
	"symlink link -> /etc":                "symlink is refused",
	"chmod 0777 MARKER":                   "chmod is refused",
	"unix2dos MARKER":                     "unix2dos is refused",
	"cd /":                                "cd is refused",
	"stdin /etc/passwd":                   "stdin is refused",
	"ttyin /etc/passwd":                   "ttyin is refused",
	"ttyout x":                            "ttyout is refused",
	"kill":                                "kill is refused",
	"wait":                                "wait is refused",
	"env PATH=/tmp":                       "$PATH is refused",
	"env HOME=/root":                      "$HOME is refused",
	"env WORK=/etc":                       "$WORK is refused",
	"env SCRIPTDIR=/etc":                  "$SCRIPTDIR is refused",
	"env more=1 '$=x'":                    "$$ is refused",
	"env 'WO'RK=/etc":                     "$WORK is refused",
	"env $id=/etc":                        "a variable is written out",
	"env $id":                             "a variable is written out",
	"grep root /etc/passwd":               "/etc/passwd is refused",
	"! grep -count=1 root /etc/passwd":    "/etc/passwd is refused",
	"grep root ../../../../../etc/passwd": "etc/passwd is refused",
	"grep root a/../../b":                 "a/../../b is refused",
	"grep root $WORK/../x":                "../x is refused",
	"grep root $SCRIPTDIR/../x":           "x is refused",
	"grep root ${/}etc${/}passwd":         "/etc/passwd is refused",
	"grep root x$WORK":                    "$WORK begins the name of a file",
	"grep root $id":                       "not taken from $id",
	"grep root $SCRIPTDIR/out/passwd":     "is refused: path escapes from parent",
	"grep root $SCRIPTDIR/out":            "is refused: path escapes from parent",
	"grep root $SCRIPTDIR/pipe":           "it is no regular file",
	"cmp create.json /etc/passwd":         "/etc/passwd is refused",
	"cmp /etc/passwd create.json":         "/etc/passwd is refused",
	"cmpenv create.json /etc/passwd":      "/etc/passwd is refused",
	"exists /etc/passwd":                  "/etc/passwd is refused",
	"exists -readonly /etc/passwd":        "/etc/passwd is refused",
	"unquote /etc/passwd":                 "/etc/passwd is refused",
	"unquote $SCRIPTDIR/beside.json":      "is refused, as it is no file of the script",
	"unquote ../x":                        "../x is refused",
	"env a=$id$id$id$id$id$id$id$id b=" + doubled("$a", 9): "the line may be longer than 1 MiB",
}

func doubled(text string, times int) string { return strings.Repeat(text, 1<<times) }

// No line of a script that nobody allowed to touch the machine does, and the refusal comes before the first line runs.
func TestWhatTouchesTheMachineIsRefused(t *testing.T) {
	for line, owed := range refusedLines {
		t.Run(line[:min(len(line), 40)], func(t *testing.T) {
			marker := filepath.Join(t.TempDir(), "marker")
			asked := false
			server := recording(t, &asked)
			file := write(t, "hostile.txtar", "# phase\nrequest GET /v1/x\ncapture id /payload/id\n"+strings.ReplaceAll(line, "MARKER",
				marker)+"\n"+create)
			beside(t, filepath.Dir(file))
			summary, out := run(t, t.Context(), file, scenarios.Params{URL: server, Environment: "e"})
			if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, "hostile.txtar:4: ") || !strings.Contains(out, owed) {
				t.Errorf("exit code %d, owed %q:\n%s", summary.ExitCode(), owed, out)
			}
			if _, err := os.Lstat(marker); err == nil {
				t.Error("the command ran")
			}
			if asked {
				t.Error("a line ran before the refusal")
			}
		})
	}
}

// beside puts into a folder what a script may find there: a file, a link that leads out, and a pipe.
func beside(t *testing.T, folder string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "beside.json"), []byte(`{"meta": "<any>", "payload": "<any>"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(folder, "out")); err != nil {
		t.Fatal(err)
	}
	pipe(t, filepath.Join(folder, "pipe"))
}

// Our own commands read no more than those of testscript, whatever an answer puts into a variable.
func TestOwnCommandsReadTheScriptsFoldersAlone(t *testing.T) {
	for line, owed := range map[string]string{
		"request POST /v1/x /etc/passwd":           "/etc/passwd is refused, as it is neither",
		"request POST /v1/x $path":                 "/etc/passwd is refused, as it is neither",
		"request POST /v1/x ../../../etc/passwd":   "etc/passwd is refused, as it is neither",
		"request POST /v1/x $WORK/../../x":         "x is refused, as it is neither",
		"request POST /v1/x $SCRIPTDIR/out/passwd": "passwd cannot be read: path escapes from parent",
		"request POST /v1/x $SCRIPTDIR/pipe":       "it is no regular file",
		"request POST /v1/x $SCRIPTDIR":            "it is no regular file",
		"cmpjson $path":                            "/etc/passwd is refused, as it is neither",
		"capture WORK /payload/path":               "$WORK belongs to the machine",
		"capture PATH /payload/path":               "$PATH belongs to the machine",
		"capture SCRIPTDIR /payload/path":          "$SCRIPTDIR belongs to the machine",
	} {
		file := write(t, "hostile.txtar", "request GET /v1/x\ncapture path /payload/path\n"+line+"\nstatus 200\n")
		beside(t, filepath.Dir(file))
		summary, out := run(t, t.Context(), file, scenarios.Params{URL: saying(t, `{"payload":{"path":"/etc/passwd"}}`), Environment: "e"})
		if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, "hostile.txtar:3: ") || !strings.Contains(out, owed) {
			t.Errorf("%s: exit code %d, owed %q:\n%s", line, summary.ExitCode(), owed, out)
		}
	}
	for line, owed := range map[string]string{"mock --spec /etc/passwd": "is refused", "mock --fixtures ../x": "is refused"} {
		summary, out := run(t, t.Context(), write(t, "hostile.txtar", line+"\n"), scenarios.Params{})
		if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, owed) {
			t.Errorf("%s: exit code %d:\n%s", line, summary.ExitCode(), out)
		}
	}
}

// A section is a file of the script, wherever its name points.
func TestSectionsStayBelowTheScriptsFolder(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	for _, name := range []string{marker, "../../../../../../../../.." + marker, "a/../../x", "$WORK" + marker, "$/x", ".."} {
		for _, allowed := range []bool{false, true} {
			file := write(t, "hostile.txtar", "request GET /v1/x\nstatus 200\n-- "+name+" --\ntext\n")
			summary, out := run(t, t.Context(), file, scenarios.Params{AllowExec: allowed})
			if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, "would be written outside") {
				t.Errorf("%s: exit code %d:\n%s", name, summary.ExitCode(), out)
			}
		}
	}
	if _, err := os.Lstat(marker); err == nil {
		t.Error("the section was written")
	}
}

// What harms nobody goes on working, and so does everything for those who allow it.
func TestWhatAScriptMayDo(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	harmless := `[unix] env more=1
[!unix] stop 'not here'
request GET /v1/x
cmpjson $SCRIPTDIR/beside.json
request POST /v1/x $SCRIPTDIR/beside.json
request POST /v1/x $WORK/sub/body.json
request POST /v1/x sub/../sub/body.json
status 200
cmp sub/body.json $WORK${/}sub${/}body.json
cmp sub/body.json ${WORK}/sub/body.json
grep payload $SCRIPTDIR/beside.json
grep -count=1 'b' sub/body.json
exists sub $SCRIPTDIR/beside.json
! exists $SCRIPTDIR/not-here
unquote quoted
env id=/v1/x?y=$ENVIRONMENT
request GET $id
! stdout x
-- sub/body.json --
{"a":"b"}
-- quoted --
>-- a --
`
	for script, allowed := range map[string]bool{harmless: false, harmless + " ": true,
		"exec touch " + marker + "\nrequest GET /v1/x\nstatus 200\n": true} {
		file := write(t, "harmless.txtar", script)
		beside(t, filepath.Dir(file))
		summary, out := run(t, t.Context(), file, scenarios.Params{URL: saying(t, `{"meta":1,"payload":2}`), Environment: "e",
			AllowExec: allowed})
		if summary.ExitCode() != report.ExitConforms {
			t.Errorf("exit code %d:\n%s", summary.ExitCode(), out)
		}
	}
	if _, err := os.Lstat(marker); err != nil {
		t.Error("what was allowed did not run:", err)
	}
}

// A scenario that a hostile server wrote, were it to write one: no line of it runs, whichever way the command got in.
func TestNoCommandOfAServerRuns(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	for name, script := range map[string]string{
		"in a comment": "# The list is there.\nrequest GET /v1/authcredentials/strategies\n# where: POST /v1/authcredentials 201 /payload/x\n" +
			"exec sh -c 'touch " + marker + "; false'\n#/clientSecret\nverify --run '^envelope/'\n",
		"in a capture": "request POST /v1/authcredentials create.json\ncapture id1 /\nexec touch " + marker + "\nstatus 201\n" + create,
	} {
		summary, out := run(t, t.Context(), write(t, "written.txtar", script), scenarios.Params{URL: mockserver.Start(t).URL})
		if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, "exec is refused") || !strings.Contains(out, "--allow-exec") {
			t.Errorf("%s: exit code %d:\n%s", name, summary.ExitCode(), out)
		}
	}
	if _, err := os.Lstat(marker); err == nil {
		t.Error("the command ran")
	}
}
