package contract

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/credmock/credmock/internal/foreign"
)

const (
	// longestExcerpt is how much of an answer a finding shows.
	longestExcerpt = 1200
	// longestBeginning is how much of an answer is looked at for that. An id becomes shorter there.
	longestBeginning = 16 * longestExcerpt
)

// What is another in every run is shown by its kind, so that two runs with one seed tell the same.
var (
	uuidInText = regexp.MustCompile(`\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`)
	timeInText = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?`)
)

// excerpt returns an answer as a finding shows it: the status, the media type and the beginning of the body. A body
// that holds a secret is not shown, and neither is one that is no text.
func (w *writer) excerpt(e *exchange) string {
	if e.status == 0 {
		return ""
	}
	head := fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
	if mediaType := e.header.Get("Content-Type"); mediaType != "" {
		head += "\nContent-Type: " + foreign.Text(mediaType).Short()
	}
	head = w.unlessSecret(head, "(the headers hold a secret)")
	body := w.unlessSecret(w.excerptBody(e), "(the body holds a secret and is not shown)")
	if body = foreign.Text(body).Lines(); len(body) > 2*longestExcerpt {
		body = foreign.Shorten(body, longestExcerpt, len(e.body)) // the escapes make it longer
	}
	return foreign.Text(head).Lines() + "\n\n" + body
}

func (w *writer) excerptBody(e *exchange) string {
	switch {
	case len(e.leaks) > 0:
		return "(the answer holds a secret and is not shown)"
	case len(e.body) == 0:
		return "(no body)"
	case !utf8.Valid(e.body):
		return fmt.Sprintf("(%d bytes that are no text)", e.size)
	}
	beginning := foreign.FirstBytes(string(e.body), longestBeginning)
	text := w.withoutRun(beginning)
	if len(text) > longestExcerpt || len(beginning) < len(e.body) {
		text = foreign.FirstBytes(text, longestExcerpt) + fmt.Sprintf("… (%d bytes)", e.size)
	}
	return text
}

// withoutRun shows what is another in every run by its kind.
func (w *writer) withoutRun(text string) string {
	text = strings.ReplaceAll(text, w.runName, strings.TrimSpace(runPrefix))
	text = w.withoutEnvironment(text)
	return timeInText.ReplaceAllString(uuidInText.ReplaceAllString(text, "$$ID"), "$$TIME")
}

// withoutEnvironment puts a variable in place of the environment's id, where that can be told from other text.
func (w *writer) withoutEnvironment(text string) string {
	if len(w.environment) < longID {
		return text
	}
	return strings.ReplaceAll(text, w.environment, "$ENVIRONMENT")
}

func (w *writer) unlessSecret(text, instead string) string {
	if len(w.detector.Scan(text, w.scope)) > 0 {
		return instead
	}
	return text
}
