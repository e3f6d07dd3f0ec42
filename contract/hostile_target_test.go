package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/scenarios"
)

// planted are the texts that a hostile target plants in its answers.
var planted = []string{
	"x\nexec sh -c 'id; false'\n#", "\nstop", "x\n! exec false\n", "\n-- body-1.json --\nnull\n", "$(touch pwned)", "`touch pwned`",
	"'; touch pwned; '", "\"; touch pwned; \"",
	"$HOME ${TOKEN} $$", "a b # c", "it's", "\\", "\x1b[2J\x1b]0;owned\a", "\u009b31m\u202e\u2066", "\u2028\u0085\ufeff\u200b", "\x7f\x00\b",
	"# SKIP", "\nok 1 - x # TODO", "]]>", "<b>&amp;</b>",
	"</script><script>alert(1)", "](http://evil.example)![x](y)", "|", "```", "::error::x", "\n::stop-commands::x", "##[error]x",
	"##vso[task.complete result=Succeeded]", "{0}[a](1)", "../../pwned", "~1 / %2e",
}

// hostile wraps a mock and plants a text in each answer: as status text, header, member, value and, if ids is set, id.
type hostile struct {
	sound  http.Handler
	member func(n int64, text string) (name string, value any)
	ids    bool
	count  atomic.Int64
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := h.count.Add(1)
	text := planted[int(n)%len(planted)]
	recorder := httptest.NewRecorder()
	h.sound.ServeHTTP(recorder, h.restored(r))
	body := h.bent(recorder.Body.Bytes(), n, text, r.Method == http.MethodPost && recorder.Code == http.StatusCreated)
	header := strings.Map(func(letter rune) rune {
		if letter < ' ' || letter == 0x7f {
			return '?'
		}
		return letter
	}, text)
	connection, buffer, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer connection.Close()
	fmt.Fprintf(buffer, "HTTP/1.1 %d %s\r\nX-Hostile: %s\r\nConnection: close\r\nContent-Length: %d\r\n", recorder.Code, header,
		header, len(body))
	for name, values := range recorder.Header() {
		if name == "Content-Type" && n%7 == 0 {
			values = []string{"application/json; x=\"" + header + "\""}
		}
		if name != "Content-Length" {
			fmt.Fprintf(buffer, "%s: %s\r\n", name, values[0])
		}
	}
	_, _ = buffer.WriteString("\r\n" + string(body))
	_ = buffer.Flush()
}

// idMark separates an id from the planted text behind it.
const idMark = "~!~"

var markedID = regexp.MustCompile(regexp.QuoteMeta(idMark) + `[^/"]*`)

// restored removes planted texts from the ids of a request.
func (h *hostile) restored(r *http.Request) *http.Request {
	if !h.ids {
		return r
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	body = markedID.ReplaceAll(body, nil)
	clone := r.Clone(r.Context())
	clone.Body, clone.ContentLength = readCloser{bytes.NewReader(body)}, int64(len(body))
	clone.URL = &url.URL{Path: markedID.ReplaceAllString(r.URL.Path, ""), RawQuery: r.URL.RawQuery}
	return clone
}

// bent plants a text in a body.
func (h *hostile) bent(body []byte, n int64, text string, created bool) []byte {
	var value map[string]any
	if json.Unmarshal(body, &value) != nil {
		return body
	}
	if payload, is := value["payload"].(map[string]any); is && created {
		name, inner := h.member(n, text)
		payload[name] = inner
		if h.ids {
			plantID(payload, text)
			for _, inner := range payload {
				if object, is := inner.(map[string]any); is {
					plantID(object, text)
				}
			}
		}
	}
	if failures, is := value["errors"].([]any); is {
		for _, one := range failures {
			if object, is := one.(map[string]any); is {
				object["message"], object["code"] = text, text
			}
		}
	}
	value[text] = text
	bent, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return bent
}

func plantID(object map[string]any, text string) {
	if id, is := object["id"].(string); is {
		object["id"] = id + idMark + strings.NewReplacer("/", "|", `"`, "'").Replace(text)
	}
}

func judgeHostile(t *testing.T, run string, ids bool, member func(int64, string) (string, any)) (contract.Target, contract.Report) {
	t.Helper()
	target := through(t, func(sound http.Handler) http.Handler { return &hostile{sound: sound, member: member, ids: ids} })
	target.Run = run
	return target, judge(t, target)
}

// leakingMember returns a member with the planted name around one with the name of a secret.
func leakingMember(_ int64, text string) (string, any) {
	return text, map[string]any{"clientSecret": text}
}

// Reports show planted texts only as printable text.
func TestHostileTargetCannotSteerReports(t *testing.T) {
	t.Parallel()
	for _, ids := range []bool{false, true} {
		_, report := judgeHostile(t, "^(redaction/(create|get)|envelope|lifecycle|errors/create|auth/get)", ids, leakingMember)
		if report.Verdict != contract.Violates {
			t.Fatalf("%s: %s", report.Verdict, report.Reason)
		}
		for _, format := range contract.Formats() {
			var out bytes.Buffer
			if err := contract.Write(&out, format, report); err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(out.String(), "\n") {
				if strings.ContainsFunc(line, func(letter rune) bool { return !unicode.IsPrint(letter) }) ||
					strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##vso") {
					t.Errorf("%s: %+q", format, line)
				}
			}
		}
		runsNothing(t, report)
	}
}

// runsNothing runs every curl line of a report in a shell in which curl does nothing.
func runsNothing(t *testing.T, report contract.Report) {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("there is no sh")
	}
	lines := []string{"curl() { printf 'called\\n'; }"}
	for _, check := range report.Checks {
		for _, finding := range check.Findings {
			if finding.Reproduce != "" {
				lines = append(lines, finding.Reproduce)
			}
		}
	}
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), shell, "-c", strings.Join(lines, "\n"))
	command.Dir = folder
	command.Env = []string{"PATH=" + folder}
	out, err := command.CombinedOutput()
	if calls := len(lines) - 1; err != nil || string(out) != strings.Repeat("called\n", calls) || calls < 5 {
		t.Errorf("%d lines: %v: %s", calls, err, out)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("a line has made %v (%v)", files, err)
	}
}

// allowedLine matches the lines that a written scenario may have.
var allowedCommands = []string{"token", "header", "request", "capture", "verify", "status", "json", "!"}

var allowedLine = regexp.MustCompile(`^(#.*|(token|header|request|capture|verify|status|json|! body) .*|)$`)

// writeHostile writes the scenarios of a report and expects only allowed lines.
func writeHostile(t *testing.T, report contract.Report) []string {
	t.Helper()
	files, err := report.WriteScenarios(filepath.Join(t.TempDir(), "failures"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(data)
		asserts := 0
		for _, line := range strings.Split(string(archive.Comment), "\n") {
			if !allowedLine.MatchString(line) || strings.ContainsFunc(line, func(letter rune) bool { return !unicode.IsPrint(letter) }) {
				t.Errorf("%s has the line %+q", filepath.Base(file), line)
			}
			if word, _, _ := strings.Cut(line, " "); slices.Contains([]string{"verify", "status", "json", "!"}, word) {
				asserts++
			}
		}
		if asserts == 0 {
			t.Errorf("%s asserts nothing:\n%s", filepath.Base(file), data)
		}
		for i, body := range archive.Files {
			if body.Name != fmt.Sprintf("body-%d.json", i+1) || bytes.Count(body.Data, []byte("\n")) != 1 {
				t.Errorf("%s has the file %q: %q", filepath.Base(file), body.Name, body.Data)
			}
		}
	}
	return files
}

// replayHostile runs the scenarios against their own target. Each fails or asserts something, since the target plants other texts
// now; only written commands run.
func replayHostile(t *testing.T, target contract.Target, files []string) {
	t.Helper()
	outputs, failed := make([]bytes.Buffer, len(files)), atomic.Int64{}
	var group sync.WaitGroup
	for i, file := range files { // side by side, since each waits for writes that the target never shows
		group.Go(func() {
			summary, err := scenarios.RunFiles(t.Context(), []string{file}, paramsOf(target, 0), &outputs[i])
			failed.Add(int64(summary.Count(scenarios.Failed)))
			ran := summary.Count(scenarios.Failed) + summary.Count(scenarios.Passed) + summary.Count(scenarios.Trouble)
			if err != nil || ran != 1 || strings.Contains(outputs[i].String(), "asserts nothing") {
				t.Errorf("%s: error %v, %d ran\n%s", file, err, ran, outputs[i].String())
			}
		})
	}
	group.Wait()
	var output strings.Builder
	for i := range outputs {
		output.Write(outputs[i].Bytes())
	}
	if failed.Load() == 0 {
		t.Errorf("none of %d failed\n%s", len(files), output.String())
	}
	for _, line := range strings.Split(output.String(), "\n") {
		if match := regexp.MustCompile(`^ *> (\S+)`).
			FindStringSubmatch(line); match != nil && !slices.Contains(allowedCommands, match[1]) {
			t.Errorf("it ran %q", line)
		}
	}
}

// The name of a member never becomes a command of a scenario.
func TestMemberBecomesNoScenarioCommand(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pwned")
	name := "x\nexec sh -c 'touch \"$(printf \"" + strings.ReplaceAll(file, "/", `\057`) + "\")\"; false'\n#" // a pointer escapes /
	for what, member := range map[string]func(int64, string) (string, any){
		"where":   func(int64, string) (string, any) { return name, map[string]any{"clientSecret": "z"} },
		"planted": leakingMember,
	} {
		t.Run(what, func(t *testing.T) {
			target, report := judgeHostile(t, "^redaction/create", false, member)
			replayHostile(t, target, writeHostile(t, report))
			if _, err := os.Stat(file); !os.IsNotExist(err) {
				t.Errorf("a command has run: %v", err)
			}
		})
	}
}

// An id at a place with a hostile name is captured as one word, or not at all.
func TestPlaceOfIDBecomesNoScenarioCommand(t *testing.T) {
	t.Parallel()
	target := through(t, func(sound http.Handler) http.Handler { return elsewhereID{sound} })
	target.Run = "^redaction/update/"
	files := writeHostile(t, judge(t, target))
	if all := contentOf(t, files); strings.Contains(all, "\ncapture ") || !strings.Contains(all, "\nverify ") {
		t.Errorf("a place that no line can hold is bent:\n%s", all)
	}
	replayHostile(t, target, files)
}

func contentOf(t *testing.T, files []string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

// elsewhereID leaks, and shows every id at two short places outside the payload.
type elsewhereID struct{ sound http.Handler }

func (h elsewhereID) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	leaking(h.sound).ServeHTTP(recorder, r)
	var value map[string]any
	body := recorder.Body.Bytes()
	if json.Unmarshal(body, &value) == nil {
		if payload, is := value["payload"].(map[string]any); is && payload["id"] != nil {
			value[""], value["\nstop"] = "no id", payload["id"]
			body, _ = json.Marshal(value)
		}
	}
	recorder.Header().Del("Content-Length")
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(body)
}

// Made-up ids are words of the lines that hold them.
func TestIDBecomesNoScenarioCommand(t *testing.T) {
	t.Parallel()
	target, report := judgeHostile(t, "^(redaction/get|lifecycle/(update|delete)|envelope/get|destinations)", true, leakingMember)
	files := writeHostile(t, report)
	if all := contentOf(t, files); !strings.Contains(all, "\nrequest ") || !strings.Contains(all, "\ncapture id1 ") {
		t.Errorf("no request is told:\n%s", all)
	}
	replayHostile(t, target, files)
}

// Thousands of members do not make a long report.
func TestManyMembersKeepReportShort(t *testing.T) {
	t.Parallel()
	many := map[string]any{}
	for i := range 3_000 {
		many[fmt.Sprintf("%05d\x1b%s", i, strings.Repeat("\u202e", 10))] = map[string]any{"clientSecret": "z"}
	}
	_, report := judgeHostile(t, "^redaction/create/key", false, func(int64, string) (string, any) { return "many", many })
	told := false
	for _, check := range report.Checks {
		if len(check.Findings) > 9 {
			t.Errorf("%s has %d findings", check.ID, len(check.Findings))
		}
		for _, finding := range check.Findings {
			told = told || regexp.MustCompile(`and \d{4,} more in the answer$`).MatchString(finding.Seen)
		}
	}
	if !told {
		t.Error("nothing tells how many there are")
	}
	for _, format := range contract.Formats() {
		var out bytes.Buffer
		if err := contract.Write(&out, format, report); err != nil || out.Len() > 1<<20 {
			t.Errorf("%s: %d bytes, %v", format, out.Len(), err)
		}
	}
}
