package sample

import (
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/lazy"
)

// The values by form. A server that looks at what a field means may refuse some of them, but must not correct any
// (docs/contract.md#values-stay-as-sent).
var (
	temptingTexts = []string{
		" blanks at both ends ", "null", "0042", "a\r\nb\n", "cafe\u0301", "<i>1 &lt; 2</i>", "2026-01-15", "true", "1e3",
		"{{name}} ${name} %s %20",
		"", "undefined", "-0", "+49 30", "\ttab\t", "İstanbul ß ﬁ", "2026-01-15T09:30:00+02:00", "False", "1,000.50", `{"a": 1}`, "[1, 2]",
		"a;b, c",
		"\u00a0no break\u200b", "NaN", "=1+1", "C:\\path\\", "none", "yes 🔑", "0x1F", "'it''s'", "ALL CAPS", "\u212b\u2126",
	}
	temptingURLs = []string{
		"https://Auth.Example.COM/Token/Path", "https://auth.example.com", "https://auth.example.com:443/token/",
		"https://auth.example.com/token?b=2&a=1&b=1&empty=&flag", "https://auth.example.com/a%2fb%7Ec/%C3%BC?q=%20+x",
		"https://auth.example.com/./a/../b//c/", "https://auth.example.com/token#Part", " HTTPS://auth.example.com/ü/ ", "not a URL",
	}
	temptingNumbers   = []string{"0060", "+3600", "3600", "007", "00", "soon", "-1", " 60 "}
	temptingTruths    = []string{"TRUE", "False", "true", "1", "0", "yes", "false", " true "}
	temptingDurations = []string{"03600s", "3600.500s", "60s", "120.0s", "1h", "PT1H", "soon", " 60s "}
	temptingLists     = []string{"write read", "read,write", "b  a  b", "A a", " read ", "a; b;c", "z\ty\tx", `["b","a"]`}
	temptingMedia     = []string{
		"Application/JSON", "application/json; charset=UTF-8", "application/json;charset=utf-8", `application/json; q="a;b"`,
		"text/plain ", "APPLICATION/X-WWW-FORM-URLENCODED", "application/json;", "text/*",
	}
	temptingAddresses = []string{
		"Builder@Project.example.com", "a+b@example.com", "BUILDER@EXAMPLE.COM", "b.u.i@example.com", "x@example.com ", "\"q\"@example.com",
		"a@EXAMPLE.com", "b@example.com.",
	}
)

var durationForm = lazy.Regexp(`^[0-9]+[a-z]+$`)

// ExampleOf returns the example of a property, or of its first alternative.
func ExampleOf(property *credmock.Property) string {
	example, _ := property.Schema.Example.(string)
	for _, alternative := range property.Schema.OneOf {
		if text, isText := alternative.Value.Example.(string); isText && example == "" {
			example = text
		}
	}
	return example
}

// Tempting returns values for a field that tempt a server to improve them, by the form of its example. Some may be refused.
func Tempting(field *credmock.Property) []string {
	example := ExampleOf(field)
	_, notNumber := strconv.ParseFloat(example, 64)
	_, notTruth := strconv.ParseBool(example)
	switch {
	case strings.Contains(example, "://"):
		return temptingURLs
	case notNumber == nil:
		return temptingNumbers
	case notTruth == nil:
		return temptingTruths
	case durationForm().MatchString(example):
		return temptingDurations
	case strings.Contains(example, " "):
		return temptingLists
	case strings.Contains(example, "@"):
		return temptingAddresses
	case strings.Contains(example, "/"):
		return temptingMedia
	}
	return temptingTexts
}
