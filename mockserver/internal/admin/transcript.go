package admin

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// transcript writes the journal as a scenario file (see package scenarios): the requests, and the parts of the answers that a
// test can rely on. It captures generated ids and replaces secrets with made-up ones.
type transcript struct {
	model   *model.Model
	script  strings.Builder
	files   strings.Builder
	names   map[string]string // scenario variables by id
	counts  map[string]int    // number of records created, by resource
	secrets int
	secret  string // prefix of made-up secrets
}

// adminRequestsAsScenario answers with the journal as a scenario file, filtered like the journal.
func adminRequestsAsScenario(c *serve.Call) *serve.Reply {
	from, wanted, refusal := filter(c)
	if refusal != nil {
		return refusal
	}
	limit, refusal := c.Number("limit", math.MaxInt64)
	if refusal != nil {
		return refusal
	}
	made := &transcript{model: c.Model, names: map[string]string{}, counts: map[string]int{}}
	for _, organization := range c.Model.Organizations[:min(1, len(c.Model.Organizations))] {
		made.names[organization.Text] = "$ORGANIZATION"
		for _, environment := range organization.Environments[:min(1, len(organization.Environments))] {
			made.names[environment.ID] = "$ENVIRONMENT"
		}
	}
	made.script.WriteString("# What was sent to the mock, as a test. Every secret in it is made up.\n")
	if !bytes.Equal(c.Model.Config.Fixtures, fixtures.Default) {
		made.script.WriteString("# It was sent to a mock with fixtures of its own: run it against one that begins with the same, with --url.\n")
	}
	page := PageOf(from, c, wanted, limit)
	if page.Dropped > 0 {
		fmt.Fprintf(&made.script, "# The journal had dropped %d earlier requests.\n", page.Dropped)
	}
	return &serve.Reply{Status: http.StatusOK, MediaType: "text/plain; charset=utf-8", Text: []byte{},
		Stream: serve.InChunks(c.Session.Ended, func(w io.Writer) error {
			return made.write(w, page)
		})}
}

// write writes the script piece by piece and then the files.
func (t *transcript) write(w io.Writer, page *JournalPage) error {
	t.secret = page.unused("not-a-real-secret")
	err := page.Each(func(e *journal.Exchange) error {
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

// unused extends text until no body contains it.
func (p *JournalPage) unused(text string) string {
	for _, id := range p.ids {
		one, exists := p.journal.Get(id)
		for exists && (bytes.Contains(one.Body, []byte(text)) || bytes.Contains(one.Answer.Body, []byte(text))) {
			text += "-"
		}
	}
	return text
}

// mostOfFiles is the maximum size in bytes of all bodies in a scenario file.
const mostOfFiles = 8 << 20

// exchange writes one request and the expected answer.
func (t *transcript) exchange(e *journal.Exchange) {
	if reason := t.unrepeatable(e); reason != "" {
		fmt.Fprintf(&t.script, "\n# %d. Left out: %s answered %d, and %s.\n", e.ID, e.Method, e.Status, reason)
		return
	}
	fmt.Fprintf(&t.script, "\n# %d. %s\n", e.ID, e.Title())
	sent := decoded(e.Body)
	t.request(e, sent)
	fmt.Fprintf(&t.script, "status %d\n", e.Status)
	if e.Status >= http.StatusMultipleChoices {
		return
	}
	t.script.WriteString("conforms\n")
	if e.Answer.One {
		t.expect(e, sent)
	}
}

// decoded returns a body of the journal, or nil if there is none.
func decoded(body []byte) (members map[string]any) {
	if json.Unmarshal(body, &members, jsontext.AllowDuplicateNames(true)) != nil {
		return nil
	}
	return members
}

// unrepeatable explains why a request cannot be repeated; empty if it can.
func (t *transcript) unrepeatable(e *journal.Exchange) string {
	switch {
	case e.At == journal.Endpoint{}:
		return "the API has no such path"
	case e.At.ID == serve.DeliveryID:
		return "it went to a destination and not to the API"
	case e.Method == serve.OtherMethod:
		return "its method is none of HTTP"
	case e.At.Resource == journal.ResourceToken:
		return "an assertion serves once"
	case e.Injected != "" && !e.RequestsFault():
		return "a fault was at work: " + e.Injected
	case e.Length > 0 && decoded(e.Body) == nil && e.Status != http.StatusUnsupportedMediaType:
		return "its body is not kept whole: it was too large, or not an object of JSON"
	case t.callerOf(e) == "":
		return "none of the three principals sent it"
	case e.Target != "" && t.names[e.Parameter] == "" && !t.isInitial(e):
		return "what it is about was made before"
	case t.files.Len() > mostOfFiles:
		return fmt.Sprintf("the bodies of the file have more than %d bytes already; choose fewer requests, with limit or since", mostOfFiles)
	}
	return ""
}

// isInitial reports whether the record named in the path existed when the mock started.
func (t *transcript) isInitial(e *journal.Exchange) bool {
	shelf := t.model.Initial.Shelf(e.Target)
	if shelf == nil {
		return true
	}
	found, _ := shelf.ByID.Get(e.Parameter)
	return found != nil
}

// callerOf returns the scenario name of the caller; empty if there is none.
func (t *transcript) callerOf(e *journal.Exchange) string {
	if !e.Caller.Known {
		return "none"
	}
	for _, known := range t.model.StaticTokens {
		named := known.Name == fixtures.PrincipalEngineer || known.Name == fixtures.PrincipalViewer || known.Name == fixtures.PrincipalOther
		if named && known.Organization == e.Caller.Organization && known.Engineer == e.Caller.Engineer {
			return known.Name
		}
	}
	return ""
}

func (t *transcript) request(e *journal.Exchange, sent map[string]any) {
	if caller := t.callerOf(e); caller != fixtures.PrincipalEngineer {
		t.script.WriteString("token " + caller + "\n")
	}
	if e.Sent.Prefer != "" && e.Sent.Prefer != string(censor.MaskText) {
		t.script.WriteString("header Prefer " + argument(e.Sent.Prefer) + "\n")
	}
	refused, body := e.Status == http.StatusUnsupportedMediaType, ""
	if e.Sent.ContentType != "" && (refused || sent == nil && e.At.MediaType != "") {
		t.script.WriteString("header Content-Type " + argument(e.Sent.ContentType) + "\n")
	}
	switch {
	case sent != nil:
		body = t.file(e, sent)
	case refused && e.Sent.ContentType != "":
		body = t.file(e, map[string]any{})
	}
	t.script.WriteString("request " + argument(e.Method) + " " + t.Path(e) + body + "\n")
}

// Path returns the path below the base, with the variable of the id. An unknown id becomes an id that does not exist.
func (t *transcript) Path(e *journal.Exchange) string {
	if known := t.names[e.Parameter]; known != "" {
		return pathtemplate.Insert(e.At.Path, known) // unquoted, so that the variable is expanded
	}
	return argument(pathtemplate.Fill(e.At.Path, cmp.Or(e.Parameter, "00000000-0000-4000-8000-000000000000")))
}

// file adds a body and returns its file name after a space.
func (t *transcript) file(e *journal.Exchange, body map[string]any) string {
	name := fmt.Sprintf("request-%d.json", e.ID)
	text := view.AppendValue(nil, t.madeUp(body))
	fmt.Fprintf(&t.files, "-- %s --\n%s\n", name, foreign.Text(indented(text)).JSON())
	return " " + name
}

// madeUp returns a value for a body file: it replaces masked values with values of the same type, and ids with their variables.
func (t *transcript) madeUp(value any) any {
	switch value := value.(type) {
	case string:
		if isMask(value) {
			return t.standIn(censor.Mask(value))
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
			if number, unknown := strings.CutPrefix(name, censor.UnknownPrefix+" "); unknown {
				name = "unknownMember" + strings.TrimSuffix(number, "]")
			}
			object[strings.ReplaceAll(name, "$", "$$")] = t.madeUp(item)
		}
		return object
	}
	return value
}

func (t *transcript) standIn(masked censor.Mask) any {
	switch masked {
	case censor.MaskNumber:
		return 0.0
	case censor.MaskBoolean:
		return false
	case censor.MaskArray:
		return []any{}
	case censor.MaskObject:
		return map[string]any{}
	}
	t.secrets++
	number := strconv.Itoa(t.secrets)
	return t.secret + "-" + strings.Repeat("x", len(number)-1) + number // no value contains another
}

// expect writes the expectations of a record: its id, its flags and the sent values that the answer returned.
func (t *transcript) expect(e *journal.Exchange, body map[string]any) {
	pointer := "/payload/"
	shown, _ := decoded(e.Answer.Body)["payload"].(map[string]any)
	if e.Answer.Member != "" {
		pointer += view.EscapePointer(e.Answer.Member) + "/"
		shown, _ = shown[e.Answer.Member].(map[string]any)
	}
	for _, property := range t.propertiesOf(e.At.Resource, shown) {
		value, there := shown[property.Name]
		at := pointer + view.EscapePointer(property.Name)
		sent, wasSent := body[property.Name]
		switch {
		case !there:
		case property.Role == credmock.RoleID && e.Status == http.StatusCreated:
			t.capture(e.At.Resource, value, at)
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

// propertiesOf returns the document's properties of a shown record, in order.
func (t *transcript) propertiesOf(resource string, shown map[string]any) []*credmock.Property {
	kind := t.model.Kinds[resource]
	if kind == nil || shown == nil {
		return nil
	}
	for _, variant := range kind.Variants {
		strategy := variant.Shown.Role(credmock.RoleStrategy)
		if len(kind.Variants) == 1 || strategy != nil && shown[strategy.Name] == variant.Name {
			return variant.Shown.Properties()
		}
	}
	return nil
}

// isMask reports whether a text is the mask of a value.
func isMask(text string) bool {
	switch censor.Mask(text) {
	case censor.MaskText, censor.MaskNumber, censor.MaskBoolean, censor.MaskArray, censor.MaskObject:
		return true
	}
	return false
}

// argument quotes an argument of a scenario line.
func argument(text string) string { return foreign.Text(text).Script() }
