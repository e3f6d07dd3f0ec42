// Package sample generates values for the document: valid ones, invalid ones, and secrets that can be recognised.
package sample

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/brianvoe/gofakeit/v6"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/lazy"
)

// Source generates values. Sources with the same seed generate the same values. It is not safe for concurrent use.
type Source struct{ faker *gofakeit.Faker }

// New returns a source. Many can exist at a time: each takes few bytes.
func New(seed int64) *Source {
	return &Source{gofakeit.NewCustom(stream{rand.NewPCG(uint64(seed), 0)})} //nolint:gosec // any bits will do
}

// stream is a source of random numbers in the form that gofakeit takes.
type stream struct{ *rand.PCG }

// Int63 returns a random number of 63 bits.
func (s stream) Int63() int64 { return int64(s.Uint64() >> 1) }

// Seed is never called: the seed is set once.
func (s stream) Seed(int64) {}

// canaryLength is long enough for unique values and short enough for any field.
const canaryLength = 32

// marks must equal leak.Marks.
const marks = "^|"

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Canary returns a secret that any four of its characters identify: every other character is a mark. Two marks in four
// characters hardly ever occur in ids, dates, sentences or markup.
func (s *Source) Canary() string {
	canary := make([]byte, canaryLength)
	for i := range canary {
		if i%2 == 0 {
			canary[i] = letters[s.faker.Number(0, len(letters)-1)]
		} else {
			canary[i] = marks[s.faker.Number(0, len(marks)-1)]
		}
	}
	return string(canary)
}

// Name returns a readable name that is not used twice.
func (s *Source) Name() string {
	return fmt.Sprintf("%s %s", s.faker.BuzzWord(), s.Word())
}

// Number returns a number from low to high, inclusive.
func (s *Source) Number(low, high int) int { return s.faker.Number(low, high) }

// UUID returns a random UUID.
func (s *Source) UUID() string { return s.faker.UUID() }

// Word returns ten lower-case letters.
func (s *Source) Word() string {
	word := make([]byte, 10)
	for i := range word {
		word[i] = letters[26+s.faker.Number(0, 25)]
	}
	return string(word)
}

// Value returns a valid value for property. A secret is a canary.
func (s *Source) Value(property *credmock.Property) any {
	if property.Secret {
		return s.Canary()
	}
	return s.value(property.Schema)
}

// Text returns a valid text for property, which may also have other types.
func (s *Source) Text(property *credmock.Property) string {
	text, _ := s.value(property.Schema).(string)
	return text
}

func (s *Source) value(schema *openapi3.Schema) any {
	if len(schema.Enum) > 0 {
		return schema.Enum[s.faker.Number(0, len(schema.Enum)-1)]
	}
	for _, alternative := range append(append(openapi3.SchemaRefs{}, schema.OneOf...), schema.AnyOf...) {
		return s.value(alternative.Value)
	}
	switch {
	case schema.Type.Is("boolean"):
		return s.faker.Bool()
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return s.number(schema)
	case schema.Type.Is("array"):
		return []any{s.value(schema.Items.Value), s.value(schema.Items.Value)}
	case schema.Type.Is("object"):
		return s.object(schema)
	}
	return s.text(schema)
}

func (s *Source) number(schema *openapi3.Schema) any {
	low, high := 1.0, 1000.0
	if schema.Min != nil {
		low, high = *schema.Min, *schema.Min+1000
	}
	if schema.Max != nil {
		high = *schema.Max
	}
	return float64(s.faker.Number(int(low), int(high)))
}

func (s *Source) object(schema *openapi3.Schema) any {
	object := map[string]any{}
	for _, name := range schema.Required {
		if property := schema.Properties[name]; property != nil {
			object[name] = s.value(property.Value)
		}
	}
	return object
}

func (s *Source) text(schema *openapi3.Schema) string {
	switch {
	case schema.Pattern != "":
		return s.faker.Regex(schema.Pattern)
	case schema.Format == "date-time":
		return s.faker.Date().UTC().Format("2006-01-02T15:04:05.000Z")
	case schema.Format == "uuid":
		return s.faker.UUID()
	}
	if example, given := schema.Example.(string); given {
		return s.like(example)
	}
	return s.Word()
}

var endsInDigit = lazy.Regexp(`^(.*[^0-9])[0-9]$`)

// like returns a value of the same kind as the example, since a server may check it: a URL, a media type, a number or boolean
// in a string, or a name that ends in a number.
func (s *Source) like(example string) string {
	_, err := strconv.ParseUint(example, 10, 64)
	_, domain, isAddress := strings.Cut(example, "@")
	switch {
	case strings.HasPrefix(example, "https://"):
		return "https://" + s.Word() + ".example.com/" + s.Word()
	case isAddress:
		return s.Word() + "@" + domain
	case strings.Contains(example, "/"):
		return s.faker.RandomString([]string{"application/json", "application/x-www-form-urlencoded"})
	case example == "true", example == "false":
		return strconv.FormatBool(s.faker.Bool())
	case err == nil:
		return strconv.Itoa(s.faker.Number(60, 9999))
	case endsInDigit().MatchString(example):
		return endsInDigit().ReplaceAllString(example, "${1}") + strconv.Itoa(s.faker.Number(1, 9))
	case beginsWithNumber().MatchString(example):
		return beginsWithNumber().ReplaceAllString(example, strconv.Itoa(s.faker.Number(60, 3600)))
	case example == strings.ToUpper(example):
		return s.capitals(len(example))
	}
	return strings.ReplaceAll(example, ".", "."+s.Word()+".")
}

var beginsWithNumber = lazy.Regexp(`^[0-9]+`)

func (s *Source) capitals(length int) string {
	capitals := make([]byte, length)
	for i := range capitals {
		capitals[i] = letters[s.faker.Number(0, 25)]
	}
	return string(capitals)
}

// Invalid is one way in which a value is invalid.
type Invalid struct {
	Name   string // type or value
	Values []any  // the plainest first; all are invalid
}

// Invalid returns values that property may not have: some of a wrong JSON type, and where only some values are allowed
// some that are not among them.
func (s *Source) Invalid(property *credmock.Property) []Invalid {
	invalid := []Invalid{{"type", s.WrongTypes(property, s.Value(property), 0)}}
	if len(property.Schema.Enum) > 0 {
		values := []any{s.Word(), "", "password", "authorization_code"}
		if right, isText := s.Value(property).(string); isText {
			values = append(values, Spellings(right)...)
		}
		invalid = append(invalid, Invalid{"value", values})
	}
	return invalid
}

// WrongTypes returns a value of each JSON type that property may not have, apart from null, made of a right value. A careless
// reader may unpack a list of one, take any truth value or object for a text, or overlook what is empty: an odd turn returns the
// empty forms.
func (s *Source) WrongTypes(property *credmock.Property, right any, turn int) []any {
	types := property.Types()
	text, number, truth, object, nested := s.Text(property), float64(4711), true, map[string]any{"value": right}, []any{[]any{right}}
	if slices.Contains(types, "array") {
		wrong := []any{[]any{text}, float64(4711), nil, []any{}, map[string]any{}, true}
		right, nested = text, []any{text, wrong[turn%len(wrong)]} // a right item does not make up for a wrong one
	}
	plain := wrongType(types, right)
	if turn%2 == 1 {
		number, truth, object = 0, false, map[string]any{}
		if !slices.Contains(types, "array") {
			nested = []any{}
		}
		if plain == any(float64(4711)) {
			plain = number
		}
	}
	values := []any{plain}
	add := func(value any, names ...string) {
		wrong := !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(types, name) })
		if wrong && !slices.ContainsFunc(values, func(known any) bool { return reflect.DeepEqual(known, value) }) {
			values = append(values, value)
		}
	}
	add([]any{right}, "array")
	add(nested)
	add(object, "object")
	add(truth, "boolean")
	add(number, "number", "integer")
	return values
}

// Spellings returns other spellings of a word, which a careless comparison takes for the word.
func Spellings(word string) []any {
	var spellings []any
	for _, other := range []string{
		strings.ToUpper(word), strings.ToLower(word), word + " ", " " + word, word + "\n", "\t" + word, strings.ReplaceAll(word, "_", "-"),
	} {
		if other != word {
			spellings = append(spellings, other)
		}
	}
	return spellings
}

// wrongType returns a value whose JSON type is none of types, and close to one of them.
func wrongType(types []string, right any) any {
	switch {
	case slices.Contains(types, "string"):
		return float64(4711)
	case slices.Contains(types, "boolean"):
		return "true"
	case slices.Contains(types, "number"), slices.Contains(types, "integer"):
		return fmt.Sprint(right)
	}
	return map[string]any{"unexpected": true}
}
