package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/credmock/credmock"
)

// maxSteps is how many requests of a check a scenario tells: beyond that nobody reads them.
const maxSteps = 25

// WriteScenarios writes a scenario file for each failed check into directory, which it makes where needed: the requests
// that led to the first finding, and the check itself, so that it fails for the same reason wherever it is replayed with
// `credmock run`. It returns the files. No file holds a secret that the run sent.
func (r Report) WriteScenarios(directory string) ([]string, error) {
	var files []string
	for _, result := range r.Checks {
		if result.Outcome != Fail || len(result.Findings) == 0 || r.session == nil {
			continue
		}
		if err := os.MkdirAll(directory, 0o750); err != nil {
			return files, err
		}
		text := r.scenario(result, r.stepsOf(result.Findings[0]))
		if len(r.session.detector.Scan(text)) > 0 {
			text = r.scenario(result, nil) // a secret stood where none belongs: its request is not told
		}
		file := filepath.Join(directory, strings.NewReplacer("/", "-", ".", "_").Replace(result.ID)+".txtar")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return files, err
		}
		files = append(files, file)
	}
	return files, nil
}

// scenario returns the scenario file of a failed check.
func (r Report) scenario(result Result, steps []*exchange) string {
	finding := result.Findings[0]
	script := &script{session: r.session, variables: map[string]string{}}
	script.say("# %s (%s)", result.Rule, result.ID)
	if len(steps) > 0 {
		script.findSecond(steps)
		for i, e := range steps {
			script.step(e, steps[i+1:])
		}
		script.say("# seen: %s", finding.Seen)
		script.say("# owed: %s", finding.Owed)
		script.say("# where: %s", finding.Where)
		script.say("")
	}
	script.say("# The check itself.")
	script.say("verify%s --seed %d --run '%s'", r.flags(result), r.Seed, r.selection(result))
	return script.String()
}

// selection returns an expression that selects the check, and the one whose request it was that showed the failure.
func (r Report) selection(result Result) string {
	scope := result.Findings[0].scope
	if scope == result.ID || !r.session.planned[scope] {
		return "^" + regexp.QuoteMeta(result.ID) + "$"
	}
	return "^(" + regexp.QuoteMeta(result.ID) + "|" + regexp.QuoteMeta(scope) + ")$"
}

// flags returns those of verify without which the check would be judged otherwise.
func (r Report) flags(result Result) string {
	flags := ""
	if len(r.Accept) > 0 {
		flags += " --accept " + strings.Join(r.Accept, ",")
	}
	if result.Level == credmock.Should {
		flags += " --strict"
	}
	return flags
}

// stepsOf returns the requests that led to a finding; none where a scenario could not tell them.
func (r Report) stepsOf(finding Finding) []*exchange {
	var steps []*exchange
	for _, e := range r.session.everything() {
		if e.scope == finding.scope && e.turn <= finding.turn {
			steps = append(steps, e)
		}
	}
	tellable := func(e *exchange) bool {
		return e.operation != nil && e.failure == nil && !e.dropped && !e.edited && utf8.Valid(e.sent) && len(e.sent) <= longBody
	}
	if len(steps) > maxSteps || slices.ContainsFunc(steps, func(e *exchange) bool { return !tellable(e) }) {
		return nil
	}
	return steps
}

// script is a scenario file in the making.
type script struct {
	*session
	lines     strings.Builder
	files     strings.Builder
	bodies    int
	variables map[string]string // by id
}

func (s *script) say(format string, arguments ...any) {
	fmt.Fprintf(&s.lines, format+"\n", arguments...)
}

func (s *script) String() string { return s.lines.String() + s.files.String() }

// step tells one request. Those that come after it say what of its answer is needed.
func (s *script) step(e *exchange, later []*exchange) {
	if e.principal != engineer {
		word := string(e.principal)
		if e.principal == nobody {
			word = "none"
		}
		s.say("token %s", word)
	}
	if e.mediaType != "" && e.mediaType != e.operation.MediaType {
		s.say("header Content-Type '%s'", strings.ReplaceAll(e.mediaType, "'", "''"))
	}
	body := ""
	if len(e.sent) > 0 {
		s.bodies++
		body = fmt.Sprintf(" body-%d.json", s.bodies)
		fmt.Fprintf(&s.files, "-- body-%d.json --\n%s\n", s.bodies, s.plain(e.sent))
	}
	s.say("request %s %s%s", e.method, s.path(e), body)
	if id := s.idOf(e); e.operation.Action == "create" && e.success() && s.variables[id] == "" && isNamed(id, later) {
		name := fmt.Sprintf("id%d", len(s.variables)+1)
		s.variables[id] = name
		s.say("capture %s %s", name, s.pointerTo(e, id))
	}
}

// isNamed tells whether one of the requests names the id. One that none names is not captured: a sound server may refuse
// what a broken one took, and then has no id to show.
func isNamed(id string, requests []*exchange) bool {
	return id != "" && slices.ContainsFunc(requests, func(e *exchange) bool {
		return strings.HasSuffix(e.path, "/"+id) || strings.Contains(e.path, "/"+id+"/") || bytes.Contains(e.sent, []byte(strconv.Quote(id)))
	})
}

// pointerTo returns where the id of what was created stands in an answer.
func (s *script) pointerTo(e *exchange, id string) string {
	pointer := ""
	visit(e.value, "", func(at string, value any) {
		if textOf(value) == id && (pointer == "" || len(at) < len(pointer)) {
			pointer = at
		}
	})
	return pointer
}

// plain returns a body with made-up secrets, each its own, and with variables in place of what is another in the next run.
func (s *script) plain(sent []byte) string {
	text := strings.ReplaceAll(string(sent), s.runName, strings.TrimSpace(runPrefix))
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return "(broken JSON that held secrets is left out)"
	}
	names := s.spec.Secrets()
	value = replaceSecrets(value, func(name string) bool { return slices.Contains(names, name) })
	text = strings.ReplaceAll(canonical(s.named("", value)), `"`+mark(organizationVariable)+`"`, "$"+organizationVariable)
	for i, name := range names {
		text = strings.ReplaceAll(text, mark(name), fmt.Sprintf("made-up-secret-%d", i+1))
	}
	return text
}
