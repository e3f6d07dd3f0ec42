package ordered

import (
	"crypto/rand"
	"os"
	"strings"

	"github.com/credmock/credmock/internal/lazy"
)

// Bare is a $NAME that stands in a file of JSON where a value would: outside of a string.
type Bare string

// bareMark begins the strings that stand for bare names while the file is parsed. Nobody can write it into a file.
var bareMark = "\x00" + rand.Text()

// ParseTemplate reads a file of JSON that may have bare names.
func ParseTemplate(text string) (any, error) {
	value, err := Decode([]byte(quoteBare(text)))
	if err != nil {
		return nil, err
	}
	return transform(value, func(text string) any {
		if name, isBare := strings.CutPrefix(text, bareMark); isBare {
			return Bare(name)
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
			out.WriteString(Quote(bareMark + name))
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
		return !VariableForm().MatchString("_" + string(character))
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end]
}

// transform returns a copy of a value with each of its strings replaced. Names of members stay.
func transform(value any, replace func(string) any) any {
	switch value := value.(type) {
	case Object:
		copied := make(Object, len(value))
		for i, each := range value {
			copied[i] = Member{each.Name, transform(each.Value, replace)}
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

// Expander replaces the variables of a template's strings and bare names.
type Expander func(name string) string

// Fill returns a template with its variables replaced.
func (e Expander) Fill(template any) any {
	switch template := template.(type) {
	case Bare:
		return Literal(e(string(template)))
	case string:
		return os.Expand(template, e)
	case Object:
		filled := make(Object, len(template))
		for i, each := range template {
			filled[i] = Member{each.Name, e.Fill(each.Value)}
		}
		return filled
	case []any:
		filled := make([]any, len(template))
		for i, each := range template {
			filled[i] = e.Fill(each)
		}
		return filled
	}
	return template
}

// Literal reads VALUE: JSON where it is JSON, else a string.
func Literal(text string) any {
	value, err := Decode([]byte(text))
	if err != nil {
		return text
	}
	return value
}

// VariableForm matches the name of a variable.
var VariableForm = lazy.Regexp(`^[A-Za-z_][A-Za-z0-9_]*$`)
