package engine

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/scenarios/internal/guard"
	"github.com/credmock/credmock/scenarios/internal/mask"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

var errNoSection = errors.New("the script has no section of that name and content")

// rewriter makes the new content of a file that cmpjson compares with.
type rewriter struct {
	expand ordered.Expander
	// values are those that are better written as a variable.
	values map[string]string
}

func (s *scene) rewriter(ts *testscript.TestScript, expand ordered.Expander) rewriter {
	values := map[string]string{ts.Getenv(guard.EnvironmentVariable): guard.EnvironmentVariable}
	for name := range s.captured {
		if value := ts.Getenv(name); len(value) >= mask.PieceLength {
			values[value] = name
		}
	}
	return rewriter{expand, values}
}

// merge returns what was seen, with every part of the template that still holds: its placeholders, its variables
// and the order of its members.
func (r rewriter) merge(template, seen any) any {
	switch seen := seen.(type) {
	case ordered.Object:
		old, _ := template.(ordered.Object)
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

func isPlaceholder(template any) bool { return template == any(ordered.AnyValue) }

func (r rewriter) mergeObject(old, seen ordered.Object) ordered.Object {
	merged := ordered.Object{}
	for _, each := range old {
		if value, there := seen.Lookup(each.Name); there {
			merged = append(merged, ordered.Member{Name: each.Name, Value: r.merge(each.Value, value)})
		}
	}
	for _, each := range seen {
		if _, there := old.Lookup(each.Name); !there {
			merged = append(merged, ordered.Member{Name: each.Name, Value: r.merge(absent{}, each.Value)})
		}
	}
	return merged
}

func (r rewriter) mergeLeaf(template, seen any) any {
	switch template := template.(type) {
	case ordered.Bare, string, nil:
		if ordered.Equal(r.expand.Fill(template), seen) {
			return template
		}
	}
	text, isText := seen.(string)
	if !isText {
		return seen
	}
	return r.name(text)
}

// name returns the variable or the placeholder for a string that differs from run to run.
func (r rewriter) name(text string) string {
	if variable, known := r.values[text]; known && text != "" {
		return "$" + variable
	}
	if ordered.UUIDForm().MatchString(text) {
		return ordered.AnyUUID
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return ordered.AnyMoment
	}
	if os.Expand(text, func(string) string { return "" }) != text {
		return strings.ReplaceAll(text, "$", "$$")
	}
	return text
}
