package source

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/lazy"
)

// Mistake is something wrong in a file that the user wrote, such as a document, fixtures or a ledger. It holds no value of the file,
// because a value may be a secret.
type Mistake struct {
	Line    int    // 0 if unknown
	Place   string // such as a JSON pointer or an operation; may be empty
	Message string // the mistake and its remedy
}

// Error returns "line 12: place: message", without the parts that are unknown.
func (m *Mistake) Error() string {
	text := ""
	if m.Line > 0 {
		text = "line " + strconv.Itoa(m.Line) + ": "
	}
	if m.Place != "" {
		text += m.Place + ": "
	}
	return text + m.Message
}

var lineOf = lazy.Regexp(`line (\d+)`)

// Syntax returns the mistakes in an error of the YAML parser, which has no other form than text. The parser's own words are left out,
// because they may hold text of the file.
func Syntax(err error) []*Mistake {
	reasons := []string{err.Error()}
	var many *yaml.TypeError
	if errors.As(err, &many) {
		reasons = many.Errors
	}
	mistakes := make([]*Mistake, len(reasons))
	for i, reason := range reasons {
		mistakes[i] = &Mistake{Message: meaning(reason)}
		if match := lineOf().FindStringSubmatch(reason); match != nil {
			mistakes[i].Line, _ = strconv.Atoi(match[1])
		}
	}
	return mistakes
}

// hints tell by a part of the parser's reason what is wrong.
var hints = []struct{ part, hint string }{
	{"cannot start any token", "a value begins with a tab or a reserved character; indent with blanks, and put a text in quotes"},
	{"mapping values are not allowed", "a text has a colon; put the text in quotes"},
	{"did not find expected ',' or", "a bracket is not closed, or a comma is missing"},
	{"unexpected end of stream", "a quote is not closed"},
	{"unknown escape character", "a text in double quotes has an unknown escape; use single quotes"},
	{"control characters", "it is no text; if it is compressed, unpack it"},
	{"UTF-8", "it is no UTF-8; save the text as UTF-8"},
}

func meaning(reason string) string {
	for _, one := range hints {
		if strings.Contains(reason, one.part) {
			return "this is not YAML: " + one.hint
		}
	}
	switch {
	case strings.Contains(reason, "already defined"):
		return "the key is there twice"
	case strings.Contains(reason, "cannot unmarshal"):
		return "the value has the wrong type"
	case strings.Contains(reason, "alias"), strings.Contains(reason, "anchor"):
		return "an alias here leads nowhere, to itself, or to too much"
	}
	return "this is not YAML"
}

// Join makes one error of mistakes, each once: several ways may lead to one place. It returns nil if there are none.
func Join(mistakes []error) error {
	seen := map[string]bool{}
	return errors.Join(slices.DeleteFunc(slices.Clone(mistakes), func(err error) bool {
		text := err.Error()
		defer func() { seen[text] = true }()
		return seen[text]
	})...)
}
