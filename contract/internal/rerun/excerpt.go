package rerun

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

const (
	// longestExcerpt is the number of bytes that a finding shows of an answer.
	longestExcerpt = 1200
	// longestBeginning is the number of bytes that are prepared for that. Replacing ids makes them shorter.
	longestBeginning = 16 * longestExcerpt
)

// Values that differ between runs are replaced by their kind, so that two runs with one seed tell the same.
var (
	uuidInText = regexp.MustCompile(`\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`)
	timeInText = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?`)
)

// Excerpt returns an answer as a finding shows it: status, media type and the beginning of the body. It hides a body that holds a
// secret or is not text.
func (w *Writer) Excerpt(e *wire.Exchange) string {
	if e.Status == 0 {
		return ""
	}
	head := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if mediaType := e.Header.Get("Content-Type"); mediaType != "" {
		head += "\nContent-Type: " + foreign.Text(mediaType).Short()
	}
	head = w.unlessSecret(head, "(the headers hold a secret)")
	body := w.unlessSecret(w.excerptBody(e), "(the body holds a secret and is not shown)")
	if body = foreign.Text(body).Lines(); len(body) > 2*longestExcerpt {
		body = foreign.Shorten(body, longestExcerpt, len(e.Body)) // escapes make it longer
	}
	return foreign.Text(head).Lines() + "\n\n" + body
}

func (w *Writer) excerptBody(e *wire.Exchange) string {
	switch {
	case len(e.Leaks) > 0:
		return "(the answer holds a secret and is not shown)"
	case len(e.Body) == 0:
		return "(no body)"
	case !utf8.Valid(e.Body):
		return fmt.Sprintf("(%d bytes that are no text)", e.Size)
	}
	beginning := foreign.FirstBytes(string(e.Body), longestBeginning)
	text := w.withoutRun(beginning)
	if len(text) > longestExcerpt || len(beginning) < len(e.Body) {
		text = foreign.FirstBytes(text, longestExcerpt) + fmt.Sprintf("… (%d bytes)", e.Size)
	}
	return text
}

// withoutRun replaces what differs between runs by its kind.
func (w *Writer) withoutRun(text string) string {
	text = strings.ReplaceAll(text, w.RunName, strings.TrimSpace(leftover.NamePrefix))
	text = w.withoutEnvironment(text)
	return timeInText.ReplaceAllString(uuidInText.ReplaceAllString(text, "$$ID"), "$$TIME")
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
