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
	// The first is for all fields at once. What is whole tempts by itself, and what is not is combined, so that few values show much.
	temptingTexts = []string{
		" blanks at both ends ",
		"null", "0042", "\ta\r\nb\rc\n\n\td\t", "cafe\u0301 \u212b\u2126 Ａｂ１", "<i>1 &lt; 2</i>", "2026-01-15", "true", "1e3",
		"{{name}} ${name} %s %20 %41", "", "undefined", "-0", "+49 30", "12345678901234567890", "İstanbul ß ﬁ", "N/A",
		"2026-01-15T09:30:00+02:00", "False", "1,000.50", `{"a": 1}`, "[1, 2]", "a;b, c", "'it''s'; --x;--", "Infinity",
		"\u00a0no\u00adbreak\u200b \u200emark\u202e \u2028line\ufeff.", "NaN", "=1+1", `C:\path\ \n \u0041 \x41`, "none", "yes 🔑 :key:",
		"0x1F", "“it’s” – so — be it… €5 £3", "12:30:00", "ALL CAPS", "1.10", "nil", "*bold* ~tilde~ _low_ `code` # x",
		"$ne ../../up", "<script>x</script> &amp;", "01/02/2026", "on", "0", "off",
	}
	temptingURLs = []string{
		"https://Auth.Example.COM/Token/Path", "https://auth.example.com", "https://auth.example.com:443/token/?",
		"https://auth.example.com/token?b=2&a=1&b=1&empty=&flag&utm_source=x",
		"https://xn--bcher-kva.example/a%2fb%7Ec/%C3%BC/%41?q=%20+x", "https://auth.example.com/./a/../b//c/",
		"https://me@auth.example.com/token#Part",
		" HTTPS://auth.example.com/ü/ ", "http://auth.example.com:80/token", "https://[2001:DB8::0:1]/token#", "https://bücher.example./ü",
		`https://auth.example.com\token`, "not a URL",
	}
	temptingNumbers = []string{
		"0060", "+3600", " 60 ", "3600.0", "00", "12345678901234567890", "-1",
		"007", "soon", "1e3", "0x3C", "3,600", "0",
	}
	temptingTruths    = []string{"TRUE", "False", "true", "1", "0", "yes", " true ", "false", "on", "off", "Y", "no"}
	temptingDurations = []string{"03600s", "3600.500s", "60s", "120.0s", "1h", "PT1H", " 60s ", "soon", "60S", "1h0m0s", "0s"}
	temptingLists     = []string{
		"write read z y x w v u t s r q", "read,write", "b  a  b", "A a", " read ", "a; b;c", "z\ty\tx",
		`["b","a"]`, "+read -write", "read\nwrite", "read+write",
	}
	temptingMedia = []string{
		"Application/JSON", "application/json; charset=UTF-8", "application/json;charset=utf-8", `application/json; q="a;b"`,
		"text/plain ", "APPLICATION/X-WWW-FORM-URLENCODED", "application/json;",
		"text/*", "application/vnd.x+JSON;v=1.0", " application/json", "json",
	}
	temptingAddresses = []string{
		"Builder@Project.example.com", "a+b@example.com", "BUILDER@EXAMPLE.COM", "b.u.i@example.com", "x@example.com ", "\"q\"@example.com",
		"a@EXAMPLE.com",
		"b@example.com.", "<b@example.com>", "ü@bücher.example",
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
