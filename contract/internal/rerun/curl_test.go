package rerun

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/foreign/hostile"
	"github.com/credmock/credmock/internal/installed"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// stubbed is a shell script in which curl prints its arguments, each followed by a NUL.
const stubbed = "set -u\ncurl() { for one; do printf '%s\\0' \"$one\"; done; printf 'end\\0'; }\n"

// curlArguments returns the arguments that each line passes to curl. It fails if a line runs or prints anything else.
func curlArguments(t *testing.T, lines []string) [][]string {
	t.Helper()
	shell := installed.Program(t, "sh", "the lines are run in it")
	script := stubbed + strings.Join(lines, "\n") + "\n"
	if out, err := exec.CommandContext(t.Context(), shell, "-n", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("sh cannot read it: %v: %s\n%s", err, out, script)
	}
	command := exec.CommandContext(t.Context(), shell, "-c", script)
	command.Dir = t.TempDir()
	command.Env = []string{
		"PATH=" + t.TempDir(), "URL=http://h:1/platform", "TOKEN=t1", "VIEWER_TOKEN=t2", "OTHER_TOKEN=t3", "ID=the id", "ENVIRONMENT=e1",
		"ENVIRONMENT_ID=e2", "CLIENT_SECRET=the secret", "DESTINATION_ID=d1",
		"HEADER_X_GATE_KEY=g1",
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("sh ended with %v: %s\n%s", err, stderr.String(), script)
	}
	var calls [][]string
	for _, call := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "end\x00") {
		calls = append(calls, strings.Split(strings.TrimSuffix(strings.TrimSuffix(call, "end"), "\x00"), "\x00"))
	}
	return calls
}

// A shell passes any body, media type or path to curl as one argument.
func TestCurlPassesWhatWasSent(t *testing.T) {
	w := testWriter()
	w.Gates = []string{"X-Gate-Key"}
	update := w.Spec.Operation("credential", "update")
	for _, text := range hostile.Texts {
		body, err := json.Marshal(map[string]any{"name": text, "clientSecret": "s3cret",
			"x" + text: []any{text, "$CLIENT_SECRET", "@@clientSecret@@"}})
		if err != nil {
			t.Fatal(err)
		}
		e := &wire.Exchange{
			Operation: update, Method: "PATCH", Template: update.Path, Path: pathtemplate.Fill(update.Path, text),
			Principal: wire.Viewer, Sent: body, MediaType: "application/json; x=" + text,
		}
		line := w.Curl(e).String()
		if strings.ContainsAny(line, "\n\x1b\x00") || foreign.Text(line).Short() != foreign.Text(line).String() && len(line) < foreign.MaxShort {
			t.Errorf("%q", line)
		}
		calls := curlArguments(t, []string{line})
		want := []string{
			"-sS", "-i", "-X", "PATCH", "http://h:1/platform/v1/authcredentials/the id", "-H", "Authorization: Bearer t2",
			"-H", "Content-Type: application/json; x=" + foreign.Text(text).String(),
			"-H", "X-Gate-Key: g1", "--data-raw",
		}
		if len(calls) != 1 || len(calls[0]) != len(want)+1 || !slices.Equal(calls[0][:len(want)], want) {
			t.Errorf("%s\nhands on %q\nnot     %q", line, calls, want)
			continue
		}
		plain := strings.ReplaceAll(string(body), "s3cret", "the secret")
		if !sameJSON(t, calls[0][len(want)], plain) {
			t.Errorf("the body is %s, want %s", calls[0][len(want)], plain)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var one, two any
	if json.Unmarshal([]byte(a), &one) != nil || json.Unmarshal([]byte(b), &two) != nil {
		return false
	}
	return jsonvalue.Same(one, two)
}

// A path with text from the target is quoted too.
func TestCurlPathIsQuoted(t *testing.T) {
	for _, text := range hostile.Texts {
		word := argument{}.withVariable("URL").with("/v1/" + text).withVariable("ID").with("x" + text)
		calls := curlArguments(t, []string{"curl " + word.shell(), "curl " + word.quoted()})
		plain := foreign.Text(text).String()
		for _, call := range calls {
			if want := "http://h:1/platform/v1/" + plain + "the idx" + plain; len(call) != 1 || call[0] != want {
				t.Errorf("%q, want %q", call, want)
			}
		}
	}
}

// TestScenarioWords holds that testscript reads the words back; these are their written forms.
func TestScript(t *testing.T) {
	for want, word := range map[string]argument{
		"/v1/x/$ENVIRONMENT/y":    textWord("/v1/x/").withVariable("ENVIRONMENT").with("/y"),
		"'/a b/'$id1'#c'":         textWord("/a b/").withVariable("id1").with("#c"),
		"/${id1}c":                textWord("/").withVariable("id1").with("c"),
		"'it''s$HOME'":            textWord("it's").with("$HOME"),
		"''":                      textWord(""),
		"$id1":                    argument{}.with("").withVariable("id1").with(""),
		`'\nexec id'`:             textWord("\nexec id"),
		"'$(id)'":                 textWord("$(id)"),
		"[exec:sh]":               textWord("[exec:sh]"),
		"$id1$id2":                argument{}.withVariable("id1").withVariable("id2"),
		"'a'' b'${id1}'c d''e f'": textWord("a' b").withVariable("id1").with("c d").with("'e f"),
	} {
		if seen := word.script(); seen != want {
			t.Errorf("%s, want %s", seen, want)
		}
	}
}
