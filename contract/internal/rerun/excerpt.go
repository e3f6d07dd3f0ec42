package rerun

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
)

const (
	// longestExcerpt is the number of bytes that a finding shows of an answer.
	longestExcerpt = 1200
	// longestBeginning is the number of bytes that are prepared for that. Replacing ids makes them shorter.
	longestBeginning = 16 * longestExcerpt
)

// Values that differ between runs are replaced by their kind, so that two runs with one seed tell the same.
var (
	uuidInText = lazy.Regexp(`\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`)
	timeInText = lazy.Regexp(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?`)
)

// Excerpt returns an answer as a finding shows it: status, media type, headers with a secret, and the beginning of the body. Each
// value that holds a secret is replaced by the name of the secret, such as ‹clientSecret›. It hides a body that is not text.
func (w *Writer) Excerpt(e *wire.Exchange) string {
	if e.Status == 0 {
		return ""
	}
	head := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if mediaType := e.Header.Get("Content-Type"); mediaType != "" {
		head += "\nContent-Type: " + foreign.Text(mediaType).Short()
	}
	for _, found := range e.Leaks {
		if name, isHeader := strings.CutPrefix(found.Place, "header "); isHeader && !strings.Contains(head, "\n"+name+":") {
			head += "\n" + name + ": " + w.covered(strings.Join(e.Header[name], ", "))
		}
	}
	head = w.unlessSecret(head, "(the headers hold a secret)")
	body := w.unlessSecret(w.excerptBody(e), "(the body holds a secret and is not shown)")
	if body = foreign.Text(body).Lines(); len(body) > 2*longestExcerpt {
		body = foreign.Shorten(body, longestExcerpt, len(e.Body)) // escapes make it longer
	}
	return foreign.Text(head).Lines() + "\n\n" + body
}

func (w *Writer) excerptBody(e *wire.Exchange) string {
	text := string(e.Body)
	switch {
	case len(e.Body) == 0:
		return "(no body)"
	case !utf8.Valid(e.Body):
		return fmt.Sprintf("(%d bytes that are no text)", e.Size)
	case slices.ContainsFunc(e.Leaks, func(found wire.Leak) bool { return found.Place == "body" }):
		text = w.coveredBody(e.Body)
	}
	beginning := foreign.FirstBytes(text, longestBeginning)
	shown := w.withoutRun(beginning)
	if len(shown) > longestExcerpt || len(beginning) < len(text) {
		shown = foreign.FirstBytes(shown, longestExcerpt) + fmt.Sprintf("… (%d bytes)", e.Size)
	}
	return shown
}

// coveredBody returns a body of JSON with the name of a secret in place of each value that holds one.
func (w *Writer) coveredBody(body []byte) string {
	value, notJSON := jsonvalue.Decode(body)
	if notJSON != nil {
		return "(the answer holds a secret and is not shown)"
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(w.coverIn(value)) // a decoded value
	return w.unlessSecret(strings.TrimSpace(text.String()), "(the answer holds a secret and is not shown)")
}

// coverIn returns a value in which each text with a secret is replaced by the secret's name.
func (w *Writer) coverIn(value any) any {
	switch value := value.(type) {
	case string:
		return w.covered(value)
	case []any:
		list := make([]any, len(value))
		for i, inner := range value {
			list[i] = w.coverIn(inner)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, inner := range value {
			object[w.covered(name)] = w.coverIn(inner)
		}
		return object
	}
	return value
}

// covered returns a text, or the name of the secret that it holds.
func (w *Writer) covered(text string) string {
	found := w.Detector.Scan(text, w.Scope)
	if len(found) == 0 {
		return text
	}
	return "‹" + found[0].Secret.Name() + "›"
}

// Plain returns a text of an answer as a finding shows it: without a secret, and without what differs between runs.
func (w *Writer) Plain(text string) string {
	return w.withoutRun(w.covered(foreign.FirstBytes(text, longestBeginning)))
}

// withoutRun replaces what differs between runs by its kind.
func (w *Writer) withoutRun(text string) string {
	text = strings.ReplaceAll(text, w.RunName, strings.TrimSpace(leftover.NamePrefix))
	text = w.withoutEnvironment(text)
	return timeInText().ReplaceAllString(uuidInText().ReplaceAllString(text, "$$ID"), "$$TIME")
}

// withoutEnvironment replaces the environment's id by a variable, unless the id is too short to be told from other text.
func (w *Writer) withoutEnvironment(text string) string {
	if len(w.Environment) < longID {
		return text
	}
	return strings.ReplaceAll(text, w.Environment, "$ENVIRONMENT")
}

func (w *Writer) unlessSecret(text, instead string) string {
	if len(w.Detector.Scan(text, w.Scope)) > 0 {
		return instead
	}
	return text
}
