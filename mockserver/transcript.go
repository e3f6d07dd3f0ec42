package mockserver

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// transcript is the journal as a scenario file (see package scenarios): the requests, and of each answer what a test can rely on.
// Ids that the mock gave out are captured, and where a secret was stands one that is made up.
type transcript struct {
	*Server
	script  strings.Builder
	files   strings.Builder
	names   map[string]string // what stands for an id
	counts  map[string]int    // how many of each resource were created
	secrets int
}

// adminRequestsAsScenario answers with the journal as a scenario file. It is filtered as the journal is.
func (s *Server) adminRequestsAsScenario(c *call) *reply {
	from, wanted, refusal := s.filter(c)
	if refusal != nil {
		return refusal
	}
	found, dropped, _ := from.journal.all(wanted)
	made := &transcript{Server: from, names: map[string]string{}, counts: map[string]int{}}
	for _, organization := range s.organizations[:min(1, len(s.organizations))] {
		made.names[organization.text] = "$ORGANIZATION"
		for _, environment := range organization.environments[:min(1, len(organization.environments))] {
			made.names[environment.id] = "$ENVIRONMENT"
		}
	}
	made.script.WriteString("# What was sent to the mock, as a test. Every secret in it is made up.\n")
	if !bytes.Equal(s.options.Fixtures, defaultFixtures) {
		made.script.WriteString("# It was sent to a mock with fixtures of its own: run it against one that begins with the same, with --url.\n")
	}
	if dropped > 0 {
		fmt.Fprintf(&made.script, "# The journal had dropped %d earlier requests.\n", dropped)
	}
	for i := range found {
		made.exchange(&found[i])
	}
	return &reply{status: http.StatusOK, mediaType: "text/plain; charset=utf-8", text: []byte(made.script.String() + "\n" + made.files.String())}
}

// exchange writes one request and what its answer must be.
func (t *transcript) exchange(e *exchange) {
	if reason := t.unfit(e); reason != "" {
		fmt.Fprintf(&t.script, "\n# %d. Left out: %s answered %d, and %s.\n", e.id, e.method, e.status, reason)
		return
	}
	fmt.Fprintf(&t.script, "\n# %d. %s\n", e.id, e.title())
	t.request(e)
	fmt.Fprintf(&t.script, "status %d\n", e.status)
	if e.status >= http.StatusMultipleChoices {
		return
	}
	t.script.WriteString("conforms\n")
	if len(e.answer.shown) == 1 && !e.answer.many {
		t.expect(e)
	}
}

func (e *exchange) title() string {
	if e.route.id() == "" {
		return e.method + " " + e.route.Path
	}
	return e.route.id()
}

// unfit says why a request cannot be played again; empty where it can.
func (t *transcript) unfit(e *exchange) string {
	switch {
	case e.route == nil:
		return "the API has no such path"
	case e.route.isToken():
		return "an assertion serves once"
	case e.injected != "" && !e.asksForFault():
		return "a fault was at work: " + e.injected
	case e.length > 0 && e.body == nil && e.status != http.StatusUnsupportedMediaType:
		return "its body is not kept: it was too large, or not an object of JSON"
	case t.callerOf(e) == "":
		return "none of the three principals sent it"
	case e.target != "" && t.names[e.named] == "" && !t.isInitial(e):
		return "what it is about was made before"
	}
	return ""
}

// asksForFault tells whether the request itself asked for what went wrong.
func (e *exchange) asksForFault() bool {
	asked, _ := preferred([]string{e.sent.prefers})
	return asked != nil
}

// isInitial tells whether what the path of a request named was there when the mock started.
func (t *transcript) isInitial(e *exchange) bool {
	shelf := t.initial.shelf(e.target)
	if shelf == nil {
		return true
	}
	found, _ := shelf.byID.get(e.named)
	return found != nil
}

// callerOf returns what a scenario file calls who sent a request; empty where it has no word for it.
func (t *transcript) callerOf(e *exchange) string {
	if e.caller.organization == nil {
		return "none"
	}
	for _, known := range t.tokens.lasting.byDigest {
		named := known.name == principalEngineer || known.name == principalViewer || known.name == principalOther
		if named && known.organization == e.caller.organization && known.engineer == e.caller.engineer {
			return known.name
		}
	}
	return ""
}

func (t *transcript) request(e *exchange) {
	if caller := t.callerOf(e); caller != principalEngineer {
		t.script.WriteString("token " + caller + "\n")
	}
	if e.sent.prefers != "" && e.sent.prefers != string(withheldText) {
		t.script.WriteString("header Prefer " + quote(e.sent.prefers) + "\n")
	}
	body := ""
	switch refused := e.status == http.StatusUnsupportedMediaType; {
	case e.body != nil:
		body = t.file(e, e.body)
	case refused && e.sent.contentType != "":
		t.script.WriteString("header Content-Type " + quote(e.sent.contentType) + "\n")
		body = t.file(e, map[string]any{})
	case e.sent.contentType != "" && e.route.MediaType != "":
		t.script.WriteString("header Content-Type " + quote(e.sent.contentType) + "\n")
	}
	t.script.WriteString("request " + e.method + " " + t.path(e) + body + "\n")
}

// path returns the path below the base, with what stands for the id in it. An id that is not known stands for any that does not exist.
func (t *transcript) path(e *exchange) string {
	before, rest, found := strings.Cut(e.route.Path, "{")
	_, after, _ := strings.Cut(rest, "}")
	if !found {
		return e.route.Path
	}
	id := e.named
	if known := t.names[id]; known != "" {
		id = known
	} else if id == "" {
		id = "00000000-0000-4000-8000-000000000000"
	}
	return before + id + after
}

// file adds a body and returns its name, after a blank.
func (t *transcript) file(e *exchange, body map[string]any) string {
	name := fmt.Sprintf("request-%d.json", e.id)
	text := view.AppendValue(nil, t.madeUp(body))
	fmt.Fprintf(&t.files, "-- %s --\n%s\n", name, indented(text))
	return " " + name
}

// madeUp returns a value for a body file: what is masked gets another value of the same type, and ids get their names.
func (t *transcript) madeUp(value any) any {
	switch value := value.(type) {
	case withheld:
		return t.standIn(value)
	case string:
		if name := t.names[value]; strings.HasPrefix(name, "$") && name != "$ORGANIZATION" {
			return name
		}
		return strings.ReplaceAll(value, "$", "$$")
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = t.madeUp(item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, item := range value {
			if number, unknown := strings.CutPrefix(name, unknownPrefix+" "); unknown {
				name = "unknownMember" + strings.TrimSuffix(number, "]")
			}
			object[strings.ReplaceAll(name, "$", "$$")] = t.madeUp(item)
		}
		return object
	}
	return value
}

func (t *transcript) standIn(masked withheld) any {
	switch masked {
	case withheldNumber:
		return 0.0
	case withheldBoolean:
		return false
	case withheldArray:
		return []any{}
	case withheldObject:
		return map[string]any{}
	}
	t.secrets++
	return fmt.Sprintf("not-a-real-secret-%d", t.secrets)
}

// expect writes what the answer says of a record: the id that it got, the flags, and what was sent and came back.
func (t *transcript) expect(e *exchange) {
	pointer := "/payload/"
	if e.answer.member != "" {
		pointer += view.EscapePointer(e.answer.member) + "/"
	}
	shown := e.answer.shown[0].Members()
	for _, property := range e.answer.shown[0].Properties() {
		value, there := shown[property.Name]
		at := pointer + view.EscapePointer(property.Name)
		sent, wasSent := e.body[property.Name]
		switch {
		case !there:
		case property.Role == credmock.RoleID && e.status == http.StatusCreated:
			t.capture(e.route.Resource, value, at)
		case property.FlagOf != "", wasSent && isScalar(value) && sent == value && (property.Role == "" || property.Role == credmock.RoleName):
			t.script.WriteString("json " + at + " " + quote(string(view.AppendValue(nil, value))) + "\n")
		}
	}
}

func (t *transcript) capture(resource string, id any, pointer string) {
	text, isText := id.(string)
	if !isText {
		return
	}
	t.counts[resource]++
	name := fmt.Sprintf("%s%d", resource, t.counts[resource])
	t.names[text] = "$" + name
	t.script.WriteString("capture " + name + " " + pointer + "\n")
}

func isScalar(value any) bool {
	switch value.(type) {
	case string, bool, float64:
		return true
	}
	return false
}

// quote writes an argument of a scenario line.
func quote(text string) string {
	if !slices.ContainsFunc([]byte(text), func(b byte) bool { return strings.IndexByte(" \t'#$", b) >= 0 }) && text != "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
