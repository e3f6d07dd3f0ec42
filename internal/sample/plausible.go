package sample

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/credmock/credmock"
)

// Label returns a name such as a person would choose.
func (s *Source) Label() string {
	adjective := s.faker.AdjectiveDescriptive()
	return fmt.Sprintf("%s%s %s %d", strings.ToUpper(adjective[:1]), adjective[1:], s.faker.NounCommon(), s.faker.Number(1, 999))
}

// Bool returns a random bool.
func (s *Source) Bool() bool { return s.faker.Bool() }

// parameterSuffix ends the names of properties that hold the name of a parameter.
const parameterSuffix = "Name"

// Plausible returns a value such as a person would enter for property, to look at in an example. A secret says that it is not
// real.
func (s *Source) Plausible(property *credmock.Property) any {
	schema := property.Schema
	example, _ := schema.Example.(string)
	switch {
	case property.Secret:
		return "not-a-real-secret-" + s.Word()
	case strings.HasPrefix(example, "https://"):
		return s.elsewhere(example)
	case strings.ContainsAny(example, " ."):
		return example // text with a meaning
	case !schema.Type.Is("string"), len(schema.Enum) > 0, example != "", schema.Pattern != "", schema.Format != "":
		return s.Value(property)
	case strings.HasSuffix(property.Name, parameterSuffix):
		return snake(strings.TrimSuffix(property.Name, parameterSuffix))
	}
	return s.token()
}

// token returns a word with a number.
func (s *Source) token() string {
	return strings.ToLower(s.faker.NounCommon()) + "-" + strconv.Itoa(s.faker.Number(100, 999))
}

// elsewhere returns the URL with another host, below example.com.
func (s *Source) elsewhere(example string) string {
	moved, err := url.Parse(example)
	if err != nil {
		return example
	}
	moved.Host = s.token() + ".example.com"
	return moved.String()
}

// snake converts a name to snake case, which most token endpoints use for parameters.
func snake(name string) string {
	var spelled strings.Builder
	for i, letter := range name {
		if unicode.IsUpper(letter) && i > 0 {
			spelled.WriteByte('_')
		}
		spelled.WriteRune(unicode.ToLower(letter))
	}
	return spelled.String()
}
