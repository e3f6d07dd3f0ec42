package mockserver

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/view"
)

// transcript is the journal as a scenario file (see package scenarios): the requests, and of each answer what a test can rely on.
// Ids that the mock gave out are captured, and where a secret was stands one that is made up.
type transcript struct {
	model   *model
	script  strings.Builder
	files   strings.Builder
	names   map[string]string // what stands for an id
	counts  map[string]int    // how many of each resource were created
	secrets int
	secret  string // what those that are made up begin with
}

// adminRequestsAsScenario answers with the journal as a scenario file. It is filtered as the journal is.
func adminRequestsAsScenario(c *call) *reply {
	from, wanted, refusal := filter(c)
	if refusal != nil {
		return refusal
	}
	limit, refusal := c.number("limit", math.MaxInt64)
	if refusal != nil {
		return refusal
	}
	made := &transcript{model: c.model, names: map[string]string{}, counts: map[string]int{}}
	for _, organization := range c.model.organizations[:min(1, len(c.model.organizations))] {
		made.names[organization.text] = "$ORGANIZATION"
		for _, environment := range organization.environments[:min(1, len(organization.environments))] {
			made.names[environment.id] = "$ENVIRONMENT"
		}
	}
	made.script.WriteString("# What was sent to the mock, as a test. Every secret in it is made up.\n")
	if !bytes.Equal(c.model.config.fixtures, defaultFixtures) {
		made.script.WriteString("# It was sent to a mock with fixtures of its own: run it against one that begins with the same, with --url.\n")
	}
	page := pageOf(from, c, wanted, limit)
	if page.dropped > 0 {
		fmt.Fprintf(&made.script, "# The journal had dropped %d earlier requests.\n", page.dropped)
	}
	return &reply{status: http.StatusOK, mediaType: "text/plain; charset=utf-8", text: []byte{}, stream: inPieces(c.session.ended, func(w io.Writer) error {
		return made.write(w, page)
	})}
}

// write writes the file: the script piece by piece, and the files behind it.
func (t *transcript) write(w io.Writer, page *journalPage) error {
	t.secret = page.unused("not-a-real-secret")
	err := page.each(func(e *exchange) error {
		t.exchange(e)
		_, err := io.WriteString(w, t.script.String())
		t.script.Reset()
		return err
	})
	if err == nil {
		_, err = io.WriteString(w, t.script.String()+"\n"+t.files.String())
	}
	return err
}

// unused returns a text that no body has, which begins with the one that has been given.
func (p *journalPage) unused(text string) string {
	for _, id := range p.ids {
		one, there := p.journal.get(id)
		for there && (bytes.Contains(one.body, []byte(text)) || bytes.Contains(one.answer.body, []byte(text))) {
			text += "-"
		}
	}
	return text
}

// mostOfFiles is how many bytes the bodies of a scenario file have at most.
const mostOfFiles = 8 << 20

// exchange writes one request and what its answer must be.
func (t *transcript) exchange(e *exchange) {
	if reason := t.unfit(e); reason != "" {
		fmt.Fprintf(&t.script, "\n# %d. Left out: %s answered %d, and %s.\n", e.id, e.method, e.status, reason)
		return
	}
	fmt.Fprintf(&t.script, "\n# %d. %s\n", e.id, e.title())
	sent := decoded(e.body)
	t.request(e, sent)
	fmt.Fprintf(&t.script, "status %d\n", e.status)
	if e.status >= http.StatusMultipleChoices {
		return
	}
	t.script.WriteString("conforms\n")
	if e.answer.one {
		t.expect(e, sent)
	}
}

// decoded returns a body that was kept; nil where there is none.
func decoded(body []byte) (members map[string]any) {
	if json.Unmarshal(body, &members, jsontext.AllowDuplicateNames(true)) != nil {
		return nil
	}
	return members
}

// unfit says why a request cannot be played again; empty where it can.
func (t *transcript) unfit(e *exchange) string {
	switch {
	case e.at == endpoint{}:
		return "the API has no such path"
	case e.method == otherMethod:
		return "its method is none of HTTP"
	case e.at.resource == resourceToken:
		return "an assertion serves once"
	case e.injected != "" && !e.asksForFault():
		return "a fault was at work: " + e.injected
	case e.length > 0 && e.body == nil && e.status != http.StatusUnsupportedMediaType:
		return "its body is not kept: it was too large, or not an object of JSON"
	case t.callerOf(e) == "":
		return "none of the three principals sent it"
	case e.target != "" && t.names[e.named] == "" && !t.isInitial(e):
		return "what it is about was made before"
	case t.files.Len() > mostOfFiles:
		return fmt.Sprintf("the bodies of the file have more than %d bytes already; choose fewer requests, with limit or since", mostOfFiles)
	}
	return ""
}

// isInitial tells whether what the path of a request named was there when the mock started.
func (t *transcript) isInitial(e *exchange) bool {
	shelf := t.model.initial.shelf(e.target)
	if shelf == nil {
		return true
	}
	found, _ := shelf.byID.get(e.named)
	return found != nil
}

// callerOf returns what a scenario file calls who sent a request; empty where it has no word for it.
func (t *transcript) callerOf(e *exchange) string {
	if !e.caller.known {
		return "none"
	}
	for _, known := range t.model.lasting {
		named := known.name == principalEngineer || known.name == principalViewer || known.name == principalOther
		if named && known.organization == e.caller.organization && known.engineer == e.caller.engineer {
			return known.name
		}
	}
	return ""
}

func (t *transcript) request(e *exchange, sent map[string]any) {
	if caller := t.callerOf(e); caller != principalEngineer {
		t.script.WriteString("token " + caller + "\n")
	}
	if e.sent.prefers != "" && e.sent.prefers != string(withheldText) {
		t.script.WriteString("header Prefer " + argument(e.sent.prefers) + "\n")
	}
	body := ""
	switch refused := e.status == http.StatusUnsupportedMediaType; {
	case sent != nil:
		body = t.file(e, sent)
	case refused && e.sent.contentType != "":
		t.script.WriteString("header Content-Type " + argument(e.sent.contentType) + "\n")
		body = t.file(e, map[string]any{})
	case e.sent.contentType != "" && e.at.mediaType != "":
		t.script.WriteString("header Content-Type " + argument(e.sent.contentType) + "\n")
	}
	t.script.WriteString("request " + argument(e.method) + " " + t.path(e) + body + "\n")
}

// path returns the path below the base, with what stands for the id in it. An id that is not known stands for any that does not exist.
func (t *transcript) path(e *exchange) string {
	before, rest, found := strings.Cut(e.at.path, "{")
	_, after, _ := strings.Cut(rest, "}")
	if !found {
		return argument(e.at.path)
	}
	if known := t.names[e.named]; known != "" {
		return before + known + after // a variable, which quotes would keep from being one
	}
	if e.named == "" {
		return argument(before + "00000000-0000-4000-8000-000000000000" + after)
	}
	return argument(before + url.PathEscape(e.named) + after)
}

// file adds a body and returns its name, after a blank.
func (t *transcript) file(e *exchange, body map[string]any) string {
	name := fmt.Sprintf("request-%d.json", e.id)
	text := view.AppendValue(nil, t.madeUp(body))
	fmt.Fprintf(&t.files, "-- %s --\n%s\n", name, foreign.Text(indented(text)).JSON())
	return " " + name
}

// madeUp returns a value for a body file: what is masked gets another value of the same type, and ids get their names.
func (t *transcript) madeUp(value any) any {
	switch value := value.(type) {
	case string:
		if isMask(value) {
			return t.standIn(withheld(value))
		}
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
	number := strconv.Itoa(t.secrets)
	return t.secret + "-" + strings.Repeat("x", len(number)-1) + number // none is a part of another
}

// expect writes what the answer says of a record: the id that it got, the flags, and what was sent and came back.
func (t *transcript) expect(e *exchange, body map[string]any) {
	pointer := "/payload/"
	shown, _ := decoded(e.answer.body)["payload"].(map[string]any)
	if e.answer.member != "" {
		pointer += view.EscapePointer(e.answer.member) + "/"
		shown, _ = shown[e.answer.member].(map[string]any)
	}
	for _, property := range t.propertiesOf(e.at.resource, shown) {
		value, there := shown[property.Name]
		at := pointer + view.EscapePointer(property.Name)
		sent, wasSent := body[property.Name]
		switch {
		case !there:
		case property.Role == credmock.RoleID && e.status == http.StatusCreated:
			t.capture(e.at.resource, value, at)
		case property.FlagOf != "", wasSent && isScalar(value) && sent == value && (property.Role == "" || property.Role == credmock.RoleName):
			t.script.WriteString("json " + argument(at) + " " + argument(string(view.AppendValue(nil, value))) + "\n")
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
	t.script.WriteString("capture " + name + " " + argument(pointer) + "\n")
}

func isScalar(value any) bool {
	switch value := value.(type) {
	case bool, float64:
		return true
	case string:
		return !isMask(value)
	}
	return false
}

// propertiesOf returns what the document says of a record that is shown, in its order.
func (t *transcript) propertiesOf(resource string, shown map[string]any) []*credmock.Property {
	kind := t.model.kinds[resource]
	if kind == nil || shown == nil {
		return nil
	}
	for _, variant := range kind.variants {
		strategy := variant.shown.Role(credmock.RoleStrategy)
		if len(kind.variants) == 1 || strategy != nil && shown[strategy.Name] == variant.name {
			return variant.shown.Properties()
		}
	}
	return nil
}

// isMask tells whether a text stands where a value was that is not kept.
func isMask(text string) bool {
	switch withheld(text) {
	case withheldText, withheldNumber, withheldBoolean, withheldArray, withheldObject:
		return true
	}
	return false
}

// argument writes an argument of a scenario line.
func argument(text string) string { return foreign.Text(text).Script() }
