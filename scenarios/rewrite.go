package scenarios

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var errNoSection = errors.New("the script has no section of that name and content")

// rewriter makes the new content of a file that cmpjson compares with.
type rewriter struct {
	expand expander
	// values are those that are better written as a variable.
	values map[string]string
}

func (s *scene) rewriter(ts *testscript.TestScript, expand expander) rewriter {
	values := map[string]string{ts.Getenv(environmentVariable): environmentVariable}
	for name := range s.captured {
		if value := ts.Getenv(name); len(value) >= pieceLength {
			values[value] = name
		}
	}
	return rewriter{expand, values}
}

// merge returns what was seen, with every part of the template that still holds: its placeholders, its variables
// and the order of its members.
func (r rewriter) merge(template, seen any) any {
	switch seen := seen.(type) {
	case object:
		old, _ := template.(object)
		if isPlaceholder(template) {
			return template
		}
		return r.mergeObject(old, seen)
	case []any:
		old, _ := template.([]any)
		if isPlaceholder(template) {
			return template
		}
		merged := make([]any, len(seen))
		for i, item := range seen {
			var before any = absent{}
			if i < len(old) {
				before = old[i]
			}
			merged[i] = r.merge(before, item)
		}
		return merged
	}
	return r.mergeLeaf(template, seen)
}

// absent is the template of what has none.
type absent struct{}

func isPlaceholder(template any) bool { return template == any(anyValue) }

func (r rewriter) mergeObject(old, seen object) object {
	merged := object{}
	for _, each := range old {
		if value, there := seen.lookup(each.name); there {
			merged = append(merged, member{each.name, r.merge(each.value, value)})
		}
	}
	for _, each := range seen {
		if _, there := old.lookup(each.name); !there {
			merged = append(merged, member{each.name, r.merge(absent{}, each.value)})
		}
	}
	return merged
}

func (r rewriter) mergeLeaf(template, seen any) any {
	switch template := template.(type) {
	case bare, string, nil:
		if equal(r.expand.fill(template), seen) {
			return template
		}
	}
	text, isText := seen.(string)
	if !isText {
		return seen
	}
	return r.name(text)
}

// name writes a string that differs from run to run as what it is.
func (r rewriter) name(text string) string {
	if variable, known := r.values[text]; known && text != "" {
		return "$" + variable
	}
	if uuidForm.MatchString(text) {
		return anyUUID
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return anyMoment
	}
	if os.Expand(text, func(string) string { return "" }) != text {
		return strings.ReplaceAll(text, "$", "$$")
	}
	return text
}
