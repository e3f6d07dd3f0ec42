package target

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/internal/leak"
)

// TestBroken shows the judge what must not happen, once for each thing that it looks for.
func TestBroken(t *testing.T) {
	secrets := leak.New()
	secrets.Add(leak.Secret{Label: "secret 1"}, engineerToken)
	output := func(text string) map[string][]byte { return map[string][]byte{"standard output": []byte(text)} }
	for _, row := range []struct {
		name    string
		outcome Outcome
		owed    string // what the only sentence begins with; empty for none
	}{
		{"nothing", Outcome{Exit: 1, Outputs: output("FAIL  one\n\tthing: ü “quoted”\n")}, ""},
		{"interrupted", Outcome{Exit: 130}, ""},
		{"a sound target is accused", Outcome{Exit: 1, Sound: true}, "exit code 1 of a sound target"},
		{"a usage error", Outcome{Exit: 2}, "exit code 2"},
		{"killed by the system", Outcome{Exit: -1}, "exit code -1"},
		{"killed by us", Outcome{Exit: -1, Ended: true}, "had to be killed"},
		{"not run", Outcome{Failure: "no such file"}, "could not be run"},
		{"late", Outcome{Limit: time.Second, Took: 12 * time.Second}, "11s beyond its time"},
		{"in time, with grace", Outcome{Limit: time.Second, Took: 50 * time.Second, Grace: time.Minute}, ""},
		{"in time", Outcome{Limit: time.Second, Took: 10 * time.Second}, ""},
		{"large", Outcome{Peak: 500 << 20}, "500 MiB of memory"},
		{"a command", Outcome{Marked: true}, "a text of the target became a command"},
		{"a stray", Outcome{Strayed: 1}, "1 requests brought a secret to another host"},
		{"left", Outcome{Exit: 1, Left: 3}, "left 3 things behind without a word"},
		{"left and told by code", Outcome{Exit: 5, Left: 3}, ""},
		{"left and told", Outcome{Exit: 1, Left: 3, Outputs: output("left behind: DELETE /v1/x\n")}, ""},
		{"left and hidden", Outcome{Exit: 1, Left: 3, Hides: true}, ""},
		{"a crash", Outcome{Exit: 1, Outputs: output("FAIL\nfatal error: stack overflow\n")}, "standard output has the trace of a crash"},
		{"a panic", Outcome{Exit: 1, Outputs: output("panic: x\n\ngoroutine 1 [running]:\n")}, "standard output has the trace of a crash"},
		{"ESC", Outcome{Outputs: output("a\x1b[2J")}, "standard output has a raw control character"},
		{"CR", Outcome{Outputs: output("a\rb")}, "standard output has a raw control character"},
		{"DEL", Outcome{Outputs: output("a\x7f")}, "standard output has a raw control character"},
		{"C1", Outcome{Outputs: output("a\u009b31m")}, "standard output has a raw control character"},
		{"bidi", Outcome{Outputs: output("a\u202eb")}, "standard output has a raw control character"},
		{"no UTF-8", Outcome{Outputs: output("a\xffb")}, "standard output has a raw control character"},
		{"a token", Outcome{secrets: secrets, Outputs: output("a " + engineerToken)}, "standard output holds secret 1"},
		{"a token in base64", Outcome{secrets: secrets, Outputs: output("YXR0YWNrLWVuZ2luZWVyLXE3WmsybVZ4OVRmTHc0UmI=")},
			"standard output holds secret 1"},
		{"endless", Outcome{Outputs: map[string][]byte{"report.json": bytes.Repeat([]byte("a"), outputBound+1)}}, "report.json is longer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			broken := row.outcome.Broken()
			if row.owed == "" && len(broken) > 0 || row.owed != "" && (len(broken) != 1 || !strings.HasPrefix(broken[0], row.owed)) {
				t.Errorf("%q, owed %q", broken, row.owed)
			}
			if sound := Summary(io.Discard, []Outcome{row.outcome}); sound != (row.owed == "") {
				t.Errorf("the summary says %v", sound)
			}
		})
	}
	if Summary(io.Discard, nil) {
		t.Error("nothing was attacked, and that is called sound")
	}
}

// TestKinds holds the catalogue to being large, and each kind to a name and a sentence of its own.
func TestKinds(t *testing.T) {
	var names []string
	for _, kind := range Kinds() {
		if slices.Contains(names, kind.Name) || kind.Does == "" || (kind.bend == nil) == (kind.meet == nil) {
			t.Errorf("%q has a twin, no sentence, or not just one way to be hostile", kind.Name)
		}
		names = append(names, kind.Name)
	}
	if len(names) < 80 {
		t.Errorf("there are only %d kinds", len(names))
	}
	for prefix := range prefixes {
		if !slices.Contains(names, prefix) {
			t.Errorf("there is a prefix for %s, which is no kind", prefix)
		}
	}
}

// program is run against a target of a kind with a stand-in for the built program: a script.
func runScript(t *testing.T, kindName, script string) Outcome {
	t.Helper()
	home := t.TempDir()
	binary := filepath.Join(home, "stand-in")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	tool, err := prepare(binary, home)
	if err != nil {
		t.Fatal(err)
	}
	kinds := Kinds()
	kind := kinds[slices.IndexFunc(kinds, func(one Kind) bool { return one.Name == kindName })]
	server, err := Start(t.Context(), kind, true)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	one := &attack{Campaign: Campaign{Timeout: 20 * time.Second, Small: true}, tool: tool, kind: kind, server: server, directory: t.TempDir()}
	return one.verify(t.Context())
}

// TestTheStandInIsSeen runs scripts in the place of the program that do what the program must not.
func TestTheStandInIsSeen(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil && os.Getenv("CI") == "" {
		t.Skip("there is no shell")
	}
	for name, row := range map[string]struct{ script, owed string }{
		"runs a command": {markerCommand + "\n", "a text of the target became a command"},
		"writes a line for it": {`printf '{"checks":[{"findings":[{"reproduce":"curl x; ` + markerCommand + `"}]}]}' > report.json`,
			"a text of the target became a command"},
		"prints the token":      {`echo "$@"`, "standard output holds secret 1"},
		"writes it to a file":   {`mkdir -p written; echo "$@" > written/a.txtar`, filepath.Join("written", "a.txtar") + " holds secret 1"},
		"ends as a usage error": {"exit 2", "exit code 2"},
		"kills itself":          {"kill -9 $$", "exit code -1"},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := runScript(t, "echo-member", row.script)
			if broken := strings.Join(outcome.Broken(), "; "); !strings.Contains(broken, row.owed) {
				t.Errorf("%q, owed %q", broken, row.owed)
			}
		})
	}
	if outcome := runScript(t, "sound", "exit 0"); len(outcome.Broken()) > 0 {
		t.Errorf("a program that does nothing: %q", outcome.Broken())
	}
}

// TestAHostThatNobodyNamed follows a redirect with the token, as no program may.
func TestAHostThatNobodyNamed(t *testing.T) {
	kinds := Kinds()
	kind := kinds[slices.IndexFunc(kinds, func(one Kind) bool { return one.Name == "redirect-host" })]
	server, err := Start(t.Context(), kind, true)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	careless := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(next *http.Request,
		before []*http.Request) error {
		next.Header = before[0].Header
		return nil
	}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+engineerToken)
	answer, err := careless.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if server.witness.strays() != 1 {
		t.Errorf("%d requests were seen to stray", server.witness.strays())
	}
}

func TestInsert(t *testing.T) {
	for _, row := range []struct {
		text  string
		depth int
		last  bool
		want  string
	}{
		{`{"a":{"b":1},"c":{}}`, 1, true, `{"a":{"b":1},"c":{"x":1}}`},
		{`{"a":{"b":1},"c":{}}`, 1, false, `{"a":{"x":1,"b":1},"c":{"x":1}}`},
		{`{"a":"{"}`, 0, true, `{"x":1,"a":"{"}`},
		{`{"a":"\"{"}`, 1, true, `{"a":"\"{"}`},
		{`[]`, 0, true, `[]`},
	} {
		if got := string(insert([]byte(row.text), row.depth, row.last, []byte(`"x":1`))); got != row.want {
			t.Errorf("%s: %s", row.text, got)
		}
	}
}
