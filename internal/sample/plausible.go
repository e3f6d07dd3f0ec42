package sample

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/credmock/credmock"
)

// Label returns a name as people give one to a thing.
func (s *Source) Label() string {
	adjective := s.faker.AdjectiveDescriptive()
	return fmt.Sprintf("%s%s %s %d", strings.ToUpper(adjective[:1]), adjective[1:], s.faker.NounCommon(), s.faker.Number(1, 999))
}

// Bool returns true as often as not.
func (s *Source) Bool() bool { return s.faker.Bool() }

// parameterSuffix ends the names of properties that hold the name of a parameter.
const parameterSuffix = "Name"

// Plausible returns a value such as somebody would enter for property: to look at, and not to be found again. A secret says
// of itself that it is none.
func (s *Source) Plausible(property *credmock.Property) any {
	schema := property.Schema
	example, _ := schema.Example.(string)
	switch {
	case property.Secret:
		return "not-a-real-secret-" + s.Word()
	case strings.HasPrefix(example, "https://"):
		return s.elsewhere(example)
	case strings.ContainsAny(example, " ."):
		return example // words that mean something
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

// elsewhere returns a URL with the path of another, on a host that can be nobody's.
func (s *Source) elsewhere(example string) string {
	moved, err := url.Parse(example)
	if err != nil {
		return example
	}
	moved.Host = s.token() + ".example.com"
	return moved.String()
}

// snake spells a name as most token endpoints spell their parameters.
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
