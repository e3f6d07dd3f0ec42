package rerun

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// maxSteps is the number of requests of a check that a scenario tells at most.
const maxSteps = 25

// Scenario returns the scenario file of a failed check. It is not tellable if a line cannot hold what a target has sent, or would
// show a secret.
func (w *Writer) Scenario(result report.Result, shown *wire.Exchange, steps []*wire.Exchange) (text string, tellable bool) {
	finding := result.Findings[0]
	script := &script{Writer: w, variables: map[string]string{}}
	script.comment(result.Rule + " (" + result.ID + ")")
	if len(steps) > 0 {
		script.findSecond(steps)
		for i, e := range steps {
			script.step(e, steps[i+1:])
			if i+1 < len(steps) && e.Method != http.MethodGet && !timeInText().Match(e.Sent) {
				script.line("status", textWord(fmt.Sprintf("%dxx", e.Status/100)))
				script.assertName(e)
			}
		}
		script.comment("seen: " + finding.Seen)
		script.comment("owed: " + finding.Owed)
		script.comment("where: " + finding.Where)
	}
	// A leak may need the form of the secret that leaked: then the check itself finds it again.
	if len(steps) == 0 || !script.assert(finding, steps, shown) || finding.Kind == "leak" {
		script.comment("The check itself.")
		script.line("verify", append(w.flags(result), textWord("--seed"), textWord(fmt.Sprint(w.Seed)), textWord("--run"),
			textWord(w.selection(result.ID, shown)))...)
	}
	secret := len(w.Detector.ScanEscaped(script.String()+"\n"+script.raw.String())) > 0
	return script.String(), !script.unwritable && !secret
}

// selection returns an expression that selects the check, and the check whose request showed the failure.
func (w *Writer) selection(id string, shown *wire.Exchange) string {
	other := ""
	switch {
	case shown == nil:
	case w.Planned[shown.Scope]:
		other = shown.Scope
	case w.AskedBy != nil:
		other = w.AskedBy(shown.Scope)
	}
	if other == "" || other == id {
		return "^" + expression(id) + "$"
	}
	return "^(" + expression(id) + "|" + expression(other) + ")$"
}

// expression returns a printable regular expression that matches a text.
func expression(text string) string {
	var quoted strings.Builder
	for _, letter := range text {
		if one := string(letter); isPrintable(one) {
			quoted.WriteString(regexp.QuoteMeta(one))
		} else {
			fmt.Fprintf(&quoted, `\x{%x}`, letter)
		}
	}
	return quoted.String()
}

// flags returns the flags of verify that change how the check is judged.
func (w *Writer) flags(result report.Result) []argument {
	var flags []argument
	if len(w.Accept) > 0 {
		flags = append(flags, textWord("--accept"), textWord(strings.Join(w.Accept, ",")))
	}
	if result.Level == credmock.Should {
		flags = append(flags, textWord("--strict"))
	}
	return flags
}

// Steps returns the requests that led to one, or nil if a scenario cannot tell them.
func (w *Writer) Steps(all []*wire.Exchange, shown *wire.Exchange) []*wire.Exchange {
	if shown == nil {
		return nil
	}
	a := newAgain(w)
	a.learn(all)
	steps := append(slices.DeleteFunc(a.stepsTo(all, shown), a.writesBack), shown)
	tellable := func(e *wire.Exchange) bool {
		return e.Operation != nil && e.Failure == nil && !e.Dropped && !e.Edited && !e.Together && utf8.Valid(e.Sent) && len(e.Sent) <= longBody
	}
	if len(steps) > maxSteps || slices.ContainsFunc(steps, func(e *wire.Exchange) bool { return !tellable(e) }) {
		return nil
	}
	return steps
}

// script is a scenario file under construction. line and comment escape all text, so no text becomes a line of its own.
type script struct {
	*Writer
	lines      strings.Builder
	files      strings.Builder
	raw        strings.Builder // every text before escaping
	unwritable bool            // a word could not be written unchanged
	bodies     int
	variables  map[string]string // by id
}

// line writes a command with its arguments.
func (s *script) line(command string, arguments ...argument) {
	s.lines.WriteString(command)
	for _, argument := range arguments {
		s.raw.WriteString(argument.texts() + "\n")
		s.unwritable = s.unwritable || !isPrintable(argument.texts())
		s.lines.WriteString(" " + argument.script())
	}
	s.lines.WriteByte('\n')
}

// comment writes a comment.
func (s *script) comment(text string) {
	s.raw.WriteString(text + "\n")
	s.lines.WriteString("# " + foreign.Text(text).Console() + "\n")
}

// file adds a file with one line of JSON and returns its name.
func (s *script) file(encoded string) string {
	s.bodies++
	name := fmt.Sprintf("body-%d.json", s.bodies)
	s.raw.WriteString(encoded + "\n")
	fmt.Fprintf(&s.files, "-- %s --\n%s\n", name, foreign.Text(plainJSON(encoded)))
	return name
}

func (s *script) String() string { return s.lines.String() + s.files.String() }

// step writes one request. later are the requests after it: they decide which id of the answer is captured.
func (s *script) step(e *wire.Exchange, later []*wire.Exchange) {
	if e.Principal != wire.Engineer {
		name := string(e.Principal)
		if e.Principal == wire.Nobody {
			name = "none"
		}
		s.line("token", textWord(name))
	}
	if e.MediaType != "" && e.MediaType != e.Operation.MediaType {
		s.line("header", textWord("Content-Type"), textWord(e.MediaType))
	}
	words := []argument{textWord(e.Method), s.path(e)}
	if len(e.Sent) > 0 {
		words = append(words, textWord(s.file(s.plain(e.Sent))))
	}
	s.line("request", words...)
	if id := e.ID; e.Operation.Action == "create" && e.Success() && s.variables[id] == "" && isNamed(id, later) {
		name := fmt.Sprintf("id%d", len(s.variables)+1)
		s.variables[id] = name
		s.capture(name, s.pointerTo(e, id))
	}
}

// capture keeps a value of the last answer under a name.
func (s *script) capture(name, pointer string) {
	s.unwritable = s.unwritable || pointer == ""
	s.line("capture", textWord(name), textWord(pointer))
}

// isNamed tells whether one of the requests names the id. Other ids are not captured: a sound server may refuse what a broken one
// took, and then shows no id.
func isNamed(id string, requests []*wire.Exchange) bool {
	quoted := []byte(jsonvalue.Canonical(id))
	return id != "" && slices.ContainsFunc(requests, func(e *wire.Exchange) bool {
		value, _ := pathtemplate.Match(e.Template, e.Path)
		return value == id || bytes.Contains(e.Sent, quoted)
	})
}

// pointerTo returns the JSON pointer of the id in the answer of a create.
func (s *script) pointerTo(e *wire.Exchange, id string) string {
	pointer := ""
	jsonvalue.Visit(e.Value, "", func(at string, value any) {
		shorter := cmp.Or(cmp.Compare(len(at), len(pointer)), strings.Compare(at, pointer)) < 0
		if jsonvalue.Text(value) == id && (pointer == "" || shorter) {
			pointer = at
		}
	})
	return pointer
}

// plain returns a body with made-up secrets, each different, and with variables for what differs in the next run.
func (s *script) plain(sent []byte) string {
	text := strings.ReplaceAll(string(sent), s.RunName, strings.TrimSpace(leftover.NamePrefix))
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return "(broken JSON that held secrets is left out)"
	}
	names := s.Spec.Secrets()
	value = replaceSecrets(value, func(name string) bool { return slices.Contains(names, name) })
	text = strings.ReplaceAll(jsonvalue.Canonical(s.named("", value)), `"`+mark(organizationVariable)+`"`, "$"+organizationVariable)
	for i, name := range names {
		text = strings.ReplaceAll(text, mark(name), madeUp(i))
	}
	return text
}

// madeUp returns what stands in for the secret of an index.
func madeUp(i int) string { return fmt.Sprintf("made-up-secret-%d", i+1) }
