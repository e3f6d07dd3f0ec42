package admin

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// smallLimit is the maximum size in bytes of an imported value other than a record.
const smallLimit = 64 << 10

// Errors that end an import, beside those of the decoder.
var (
	errTooLarge          = errors.New("the body is larger than it may be")
	errTooManyViolations = errors.New("too many violations")
	errMarked            = &strictjson.Error{Reason: strictjson.Marked}
)

// importBody is the body of an import. It is decoded as it arrives, so that it is never in memory as a whole.
type importBody struct {
	*serve.Call
	left   int
	failed error // error that ended the reading early
}

func (b *importBody) Read(into []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	read, err := b.Body.Read(into)
	b.Length += read
	if b.left -= read; b.left < 0 {
		b.failed = errTooLarge
	} else if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	if b.failed != nil {
		return 0, b.failed
	}
	return read, err
}

// read reads the whole import. It returns a rejection if the body is not JSON or cannot be read completely.
func (i *importer) read() *serve.Reply {
	i.object("", []string{"organizations"}, []string{"organizations"}, func(string) { i.array("/organizations", i.Organization) })
	if i.err == nil {
		if _, i.err = i.ReadToken(); errors.Is(i.err, io.EOF) {
			i.err = nil
		} else if i.err == nil {
			return serve.Refuse(http.StatusBadRequest, "malformed-json", "The body is not one JSON value; something follows it.")
		}
	}
	switch {
	case errors.Is(i.body.failed, errTooLarge):
		return serve.TooLarge(stateLimit)
	case i.body.failed != nil:
		return serve.Refuse(http.StatusBadRequest, "unreadable-body", "The body ended before it was complete.")
	case errors.Is(i.err, errTooManyViolations):
		return serve.BadRequest(append(i.violations[:view.MostFound:view.MostFound], view.Violation{Code: view.CodeFurther,
			Message: "Only the first " + strconv.Itoa(view.MostFound) + " mistakes are listed here; the rest was not read."}))
	case i.err != nil && i.body.Length == 0:
		i.missing("/organizations")
	case i.err != nil:
		return serve.BadBody(jsonbody.Malformed(i.err, nil))
	}
	return nil
}

// interrupted returns an error if there is no point in reading further: too many violations, or a client that left.
func (i *importer) interrupted() error {
	if len(i.violations) > view.MostFound {
		return errTooManyViolations
	}
	return i.body.Context().Err()
}

func (i *importer) missing(pointer string) {
	i.violation(pointer, view.CodeRequired, "This list is required, as GET state answers it.")
}

// token reads the next token.
func (i *importer) token() (token jsontext.Token) {
	if i.err == nil {
		token, i.err = i.ReadToken()
	}
	return token
}

// opens reads the start of an object or an array. It reports and skips any other value.
func (i *importer) opens(kind jsontext.Kind, pointer, wanted string) bool {
	if i.err != nil {
		return false
	}
	switch i.PeekKind() {
	case kind:
		i.token()
		return i.err == nil
	case 0:
		i.token() // which returns the error again
		return false
	}
	i.violation(pointer, view.CodeType, "The value here must be "+wanted+".")
	i.err = i.SkipValue()
	return false
}

// object reads an object and calls member for each known member. It reports whether the value is an object.
func (i *importer) object(pointer string, known, required []string, member func(name string)) bool {
	if !i.opens('{', pointer, "an object") {
		return false
	}
	var seen []string
	for i.err == nil && i.PeekKind() != '}' {
		name := i.token().String()
		if i.err != nil {
			return false
		}
		if slices.Contains(known, name) {
			seen = append(seen, name)
			member(name)
		} else {
			i.keys[len(i.violations)] = pointer + "/" + view.EscapePointer(name)
			i.violation(pointer, view.CodeUnknownMember, jsonbody.UnknownMember(jsontext.Pointer("").AppendToken(name), known))
			i.err = i.SkipValue()
		}
		if i.err == nil {
			i.err = i.interrupted()
		}
	}
	i.token()
	for _, name := range required {
		if i.err == nil && !slices.Contains(seen, name) {
			i.violation(pointer+"/"+name, view.CodeRequired, name+" is required, as GET state answers it.")
		}
	}
	return i.err == nil
}

// array reads an array and calls item for each element.
func (i *importer) array(pointer string, item func(pointer string)) {
	if !i.opens('[', pointer, "a list") {
		return
	}
	for at := 0; i.err == nil && i.PeekKind() != ']'; at++ {
		if item(pointer + "/" + strconv.Itoa(at)); i.err == nil {
			i.err = i.interrupted()
		}
	}
	i.token()
}

// items reads a list of records. The result is nil if there is no list, and has nil for each invalid record.
func (i *importer) items(pointer, resource string) []map[string]any {
	items := []map[string]any{}
	i.array(pointer, func(pointer string) {
		var values map[string]any
		switch value := i.value(pointer, itemLimit).(type) {
		case map[string]any:
			values = value
		case tooMuch:
		default:
			i.violation(pointer, view.CodeType, "This must be a "+resource+" as an export has it.")
		}
		items = append(items, values)
	})
	return items
}

// small reads a value other than a record.
func (i *importer) small(pointer string) any { return i.value(pointer, smallLimit) }

// tooMuch replaces a value that is too large or too deep and has been reported.
type tooMuch struct{}

// value reads any value of at most limit bytes.
func (i *importer) value(pointer string, limit int) (value any) {
	if i.err != nil {
		return tooMuch{}
	}
	text, err := i.ReadValue()
	switch {
	case err != nil:
		i.err = err
		return tooMuch{}
	case len(text) > limit:
		i.violation(pointer, "content-too-large", "This may have "+strconv.Itoa(limit)+" bytes at most.")
		return tooMuch{}
	case jsonbound.TooDeep(text):
		i.violations = append(i.violations, view.Violation{Code: "nested-too-deep", Pointer: pointer, Message: jsonbody.TooDeep().Message})
		return tooMuch{}
	}
	if err := json.Unmarshal(text, &value); err != nil {
		i.violation(pointer, view.CodeType, "A number here is larger than a double holds.")
		return tooMuch{}
	}
	return value
}

// checkTimes checks that a record did not change before it was created.
func (i *importer) checkTimes(made *store.Record, form *model.Variant) {
	created, updated := form.Shown.Role(credmock.RoleCreationTime), form.Shown.Role(credmock.RoleUpdateTime)
	if created == nil || updated == nil {
		return
	}
	timeOf := func(property *credmock.Property) (time.Time, error) {
		text, _ := made.Values[property.Name].(string)
		return time.Parse(time.RFC3339, text)
	}
	first, err := timeOf(created)
	last, otherErr := timeOf(updated)
	if err == nil && otherErr == nil && last.Before(first) { // the document judges the form of a time
		i.violation("/"+view.EscapePointer(updated.Name), "time-out-of-range", updated.Name+" must not be before "+created.Name+".")
	}
}

// yamlLimit is the maximum size in bytes of an import in YAML, which is in memory as a whole.
const yamlLimit = 2 << 20

// openYAML reads the import if it is YAML, and lets the decoder read it as JSON.
func (i *importer) openYAML() *serve.Reply {
	peeked := bufio.NewReaderSize(i.body, 4096)
	start, _ := peeked.Peek(peeked.Size())
	isMarked := bytes.HasPrefix(start, []byte(strictjson.Mark))
	switch isYAML := isYAML(i.Header.Get("Content-Type"), start); {
	case !isYAML && isMarked:
		return serve.BadBody(jsonbody.Malformed(errMarked, nil))
	case !isYAML:
		i.Decoder = jsontext.NewDecoder(peeked)
		return nil
	case isMarked:
		_, _ = peeked.Discard(len(strictjson.Mark)) // it was peeked
	}
	text, err := io.ReadAll(io.LimitReader(peeked, yamlLimit+1))
	switch {
	case len(text) > yamlLimit || errors.Is(err, errTooLarge):
		return serve.Refuse(http.StatusRequestEntityTooLarge, "content-too-large",
			"A state in YAML may have "+strconv.Itoa(yamlLimit)+" bytes at most; send a larger one as JSON.")
	case err != nil:
		return serve.Refuse(http.StatusBadRequest, "unreadable-body", "The body ended before it was complete.")
	}
	read, mistakes := fixtures.ParsePiece(text)
	if len(mistakes) > 0 {
		if !bytes.ContainsRune(text, '\n') {
			mistakes[0].Message += "; it is one line, as curl -d @FILE makes it: use --data-binary @FILE"
		}
		var violations []view.Violation
		for _, one := range mistakes {
			violations = append(violations, view.Violation{Code: "malformed-yaml", Pointer: one.Place, Message: onLine(one.Line, one.Message+".")})
		}
		return serve.BadRequest(violations)
	}
	asJSON, err := json.Marshal(read.Values, json.Deterministic(true))
	if err != nil {
		return serve.Refuse(http.StatusBadRequest, "invalid-encoding", "The body holds text that is not UTF-8.")
	}
	i.yaml, i.Decoder = read, jsontext.NewDecoder(bytes.NewReader(asJSON))
	return nil
}

// isYAML reports whether a body that starts with some text is YAML. If its media type does not say so, a text that
// begins with a brace or a bracket is meant as JSON.
func isYAML(contentType string, start []byte) bool {
	media, _, _ := mime.ParseMediaType(contentType) // curl sends that of a form
	switch {
	case strings.Contains(media, "yaml"):
		return true
	case strings.HasSuffix(media, "json"):
		return false
	}
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte(strictjson.Mark)), " \t\r\n")
	return len(start) > 0 && start[0] != '{' && start[0] != '[' && !jsontext.Value(start).IsValid()
}

// noteUnknown notes the member of a record that a violation calls unknown.
func (i *importer) noteUnknown(at int, pointer string, made *store.Record, values map[string]any) {
	if made == nil || i.violations[at].Code != view.CodeUnknownMember || i.violations[at].Pointer != "" {
		return
	}
	form := i.VariantOf(made)
	known := append(model.PropertyNames(form.Shown), model.PropertyNames(form.Create)...)
	for name := range values {
		if !slices.Contains(known, name) {
			i.keys[at] = pointer + "/" + view.EscapePointer(name)
		}
	}
}

// withLines adds their lines to the violations of an import in YAML.
func (i *importer) withLines(refusal *serve.Reply) *serve.Reply {
	for at := range refusal.Violations {
		one := &refusal.Violations[at]
		pointer, isUnknown := i.keys[at]
		if i.yaml != nil && one.Code != view.CodeFurther {
			if !isUnknown {
				pointer = one.Pointer
			}
			one.Message = onLine(i.yaml.Place.Line(pointer), one.Message)
		}
	}
	return refusal
}

// onLine returns a message with the line that it is about; 0 for none.
func onLine(line int, message string) string {
	if line == 0 {
		return message
	}
	return "Line " + strconv.Itoa(line) + ": " + message
}
