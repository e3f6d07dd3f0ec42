package admin

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// smallLimit is the size in bytes that a value of an import may have that is no record.
const smallLimit = 64 << 10

// What ends the reading of an import, beside what the decoder finds.
var (
	errTooLarge = errors.New("the body is larger than it may be")
	errEnough   = errors.New("enough is wrong")
)

// importBody is the body of an import. It is read while it comes, so that it is never there as a whole.
type importBody struct {
	*serve.Call
	left   int
	failed error // why it ended before its end
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

// read reads the whole import. It returns a refusal where that is not JSON or cannot be read to its end.
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
	case errors.Is(i.err, errEnough):
		return serve.BadRequest(append(i.faults[:view.MostFound:view.MostFound], view.Violation{Code: view.CodeFurther,
			Message: "Only the first " + strconv.Itoa(view.MostFound) + " mistakes are listed here; the rest was not read."}))
	case i.err != nil && i.body.Length == 0:
		i.missing("/organizations")
	case i.err != nil:
		return serve.BadBody(jsonbody.Malformed(i.err, nil))
	}
	return nil
}

// enough tells by an error that there is no sense in reading on.
func (i *importer) enough() error {
	if len(i.faults) > view.MostFound {
		return errEnough
	}
	return i.body.Context().Err()
}

func (i *importer) missing(pointer string) {
	i.fault(pointer, view.CodeRequired, "This list is required: [] for none. GET state answers all that there is.")
}

// token reads the next token.
func (i *importer) token() (token jsontext.Token) {
	if i.err == nil {
		token, i.err = i.ReadToken()
	}
	return token
}

// opens reads the beginning of an object or an array. Where something else comes, it notes that and skips it.
func (i *importer) opens(kind jsontext.Kind, pointer, wanted string) bool {
	if i.err != nil {
		return false
	}
	switch i.PeekKind() {
	case kind:
		i.token()
		return i.err == nil
	case 0:
		i.token() // which finds the error again
		return false
	}
	i.fault(pointer, view.CodeType, "The value here must be "+wanted+".")
	i.err = i.SkipValue()
	return false
}

// object reads an object, whose members have known names, each by the function.
// It tells whether there was one.
func (i *importer) object(pointer string, known, required []string, member func(name string)) bool {
	if !i.opens('{', pointer, "an object") {
		return false
	}
	var met []string
	for i.err == nil && i.PeekKind() != '}' {
		name := i.token().String()
		if i.err != nil {
			return false
		}
		if slices.Contains(known, name) {
			met = append(met, name)
			member(name)
		} else {
			i.fault(pointer, view.CodeUnknownMember, jsonbody.UnknownMember(jsontext.Pointer("").AppendToken(name), known))
			i.err = i.SkipValue()
		}
		if i.err == nil {
			i.err = i.enough()
		}
	}
	i.token()
	for _, name := range required {
		if i.err == nil && !slices.Contains(met, name) {
			i.fault(pointer+"/"+name, view.CodeRequired, name+" is required, as GET state answers it.")
		}
	}
	return i.err == nil
}

// array reads an array, each item by the function.
func (i *importer) array(pointer string, item func(pointer string)) {
	if !i.opens('[', pointer, "a list") {
		return
	}
	for at := 0; i.err == nil && i.PeekKind() != ']'; at++ {
		if item(pointer + "/" + strconv.Itoa(at)); i.err == nil {
			i.err = i.enough()
		}
	}
	i.token()
}

// items reads a list of records. It is not nil where there is one, and has nil for each item that cannot be one.
func (i *importer) items(pointer, resource string) []map[string]any {
	items := []map[string]any{}
	i.array(pointer, func(pointer string) {
		var values map[string]any
		switch value := i.value(pointer, itemLimit).(type) {
		case map[string]any:
			values = value
		case tooMuch:
		default:
			i.fault(pointer, view.CodeType, "This must be a "+resource+" as an export has it.")
		}
		items = append(items, values)
	})
	return items
}

// small reads a value that is no record.
func (i *importer) small(pointer string) any { return i.value(pointer, smallLimit) }

// tooMuch stands for a value that was too large or too deep to be read, which is told of.
type tooMuch struct{}

// value reads any value up to a size in bytes.
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
		i.fault(pointer, "content-too-large", "This may have "+strconv.Itoa(limit)+" bytes at most.")
		return tooMuch{}
	case jsonbound.TooDeep(text):
		i.faults = append(i.faults, view.Violation{Code: "nested-too-deep", Pointer: pointer, Message: jsonbody.TooDeep().Message})
		return tooMuch{}
	}
	if err := json.Unmarshal(text, &value); err != nil {
		i.fault(pointer, view.CodeType, "A number here is larger than a double holds.")
		return tooMuch{}
	}
	return value
}
