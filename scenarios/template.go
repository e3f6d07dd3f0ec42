package scenarios

import (
	"crypto/rand"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// bare is a $NAME that stands in a file of JSON where a value would: outside of a string.
type bare string

// bareMark begins the strings that stand for bare names while the file is parsed. Nobody can write it into a file.
var bareMark = "\x00" + rand.Text()

// parseTemplate reads a file of JSON that may have bare names.
func parseTemplate(text string) (any, error) {
	value, err := decode([]byte(quoteBare(text)))
	if err != nil {
		return nil, err
	}
	return transform(value, func(text string) any {
		if name, isBare := strings.CutPrefix(text, bareMark); isBare {
			return bare(name)
		}
		return text
	}), nil
}

// quoteBare makes JSON of a template: each bare $NAME becomes a marked string.
func quoteBare(text string) string {
	var out strings.Builder
	inString := false
	for at := 0; at < len(text); at++ {
		character := text[at]
		switch {
		case inString && character == '\\' && at+1 < len(text):
			out.WriteByte(character)
			at++
			character = text[at]
		case character == '"':
			inString = !inString
		case character == '$' && !inString:
			name := bareName(text[at+1:])
			out.WriteString(quote(bareMark + name))
			at += len(name)
			continue
		}
		out.WriteByte(character)
	}
	return out.String()
}

// bareName returns the name that a text begins with.
func bareName(text string) string {
	end := strings.IndexFunc(text, func(character rune) bool {
		return !variableForm.MatchString("_" + string(character))
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end]
}

// transform returns a copy of a value with each of its strings replaced. Names of members stay.
func transform(value any, replace func(string) any) any {
	switch value := value.(type) {
	case object:
		copied := make(object, len(value))
		for i, each := range value {
			copied[i] = member{each.name, transform(each.value, replace)}
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, each := range value {
			copied[i] = transform(each, replace)
		}
		return copied
	case string:
		return replace(value)
	}
	return value
}

// expander replaces the variables of a template's strings and bare names.
type expander func(name string) string

func (s *scene) expander(ts *testscript.TestScript, where string) expander {
	length := 0
	return func(name string) string {
		value := s.variable(ts, where, name)
		if length += len(value); length > 2*bodyLimit { // it is filled once to compare and once to update
			ts.Fatalf("%s is larger than %s with its variables", brief(where), size(bodyLimit))
		}
		return value
	}
}

// fill returns what a template owes, its variables replaced.
func (e expander) fill(template any) any {
	switch template := template.(type) {
	case bare:
		return literal(e(string(template)))
	case string:
		return os.Expand(template, e)
	case object:
		filled := make(object, len(template))
		for i, each := range template {
			filled[i] = member{each.name, e.fill(each.value)}
		}
		return filled
	case []any:
		filled := make([]any, len(template))
		for i, each := range template {
			filled[i] = e.fill(each)
		}
		return filled
	}
	return template
}
