package leak

import (
	"html"
	"strconv"
	"strings"

	"github.com/credmock/credmock/internal/lazy"
)

// ScanEscaped scans text as Scan does, and also its lines with their escapes decoded, since an escape may split a secret.
func (d *Detector) ScanEscaped(text string) []Sighting { return d.Scan(withUnescaped(text)) }

func withUnescaped(text string) string {
	var without strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if plain := unescape(line); plain != line {
			without.WriteString("\n" + plain)
		}
	}
	return text + without.String()
}

var (
	quotesInWords = strings.NewReplacer(`'\''`, `'`, `''`, `'`, `$$`, `$`, `'"`, ``, `"'`, ``)
	escapedLetter = lazy.Regexp(`\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[^uUx])`)
)

// unescape undoes the escapes of HTML and XML, of shells and scenarios, and those with a backslash: of JSON, Go, Markdown, TAP and
// SARIF. It does so twice, because escaped text may be within another format.
func unescape(text string) string {
	for range 2 {
		text = quotesInWords.Replace(html.UnescapeString(text))
		text = escapedLetter().ReplaceAllStringFunc(text, unescapeLetter)
	}
	return text
}

var letterNames = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v"}

func unescapeLetter(escape string) string {
	switch kind := escape[1]; kind {
	case 'x':
		value, _ := strconv.ParseUint(escape[2:], 16, 8) // two digits
		return string([]byte{byte(value)})
	case 'u', 'U':
		value, _ := strconv.ParseInt(escape[2:], 16, 32) // four or eight digits; too large a value becomes U+FFFD
		return string(rune(value))
	default:
		if letter, known := letterNames[kind]; known {
			return letter
		}
		return escape[1:]
	}
}
