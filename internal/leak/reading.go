package leak

import (
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/credmock/credmock/internal/lazy"
)

// reading is a text after decoding.
type reading struct {
	text    string
	folded  string // the text in lower case
	form    string // encoding of a secret in it
	certain bool   // see Sighting.Certain
	decoded bool   // made up of bytes, numbers or parts that could be anything
}

// readings returns the text and the output of every applicable decoder, and decodes that output once more.
func readings(text string) []reading {
	list := []reading{{text: text, folded: fold(text), form: "plain", certain: true}}
	known := func(text string) bool {
		return text == "" || slices.ContainsFunc(list, func(one reading) bool { return one.text == text })
	}
	for depth, from := 0, 0; depth < 2; depth++ {
		to := len(list)
		for _, outer := range list[from:to] {
			for _, inner := range decodings(outer) {
				if known(inner.text) {
					continue
				}
				if outer.form != "plain" {
					inner.form += " in " + outer.form
				}
				inner.folded = fold(inner.text)
				inner.certain = inner.certain && outer.certain
				inner.decoded = inner.decoded || outer.decoded
				list = append(list, inner)
			}
		}
		from = to
	}
	return list
}

// Unescaped returns the text without the escapes of JSON, URLs and HTML and without the zero bytes of UTF-16, and the same
// applied once more if that changes it. It does not include the text itself.
func Unescaped(text string) []string {
	var list []string
	for from, last := text, ""; from != last && len(list) < 2; {
		last, from = from, strings.ReplaceAll(html.UnescapeString(unescapePercent(unescapeJSON(from))), "\x00", "")
		if from != last {
			list = append(list, from)
		}
	}
	return list
}

// decodings returns a reading as every decoder that applies reads it. What was made up by a decoder is not put together from parts.
func decodings(outer reading) []reading {
	list := decode(outer.text)
	if !outer.decoded {
		list = append(list, reading{text: split(outer.text), form: "split", certain: true, decoded: true})
	}
	return list
}

func decode(text string) []reading {
	var list []reading
	add := func(form string, certain, decoded bool, texts ...string) {
		for _, decodedText := range texts {
			list = append(list, reading{text: decodedText, form: form, certain: certain, decoded: decoded})
		}
	}
	if strings.Contains(text, `\`) {
		add("JSON escapes", true, false, unescapeJSON(text))
	}
	if strings.Contains(text, "%") {
		add("percent-encoding", true, false, unescapePercent(text))
	}
	if strings.Contains(text, "&") {
		add("HTML escapes", true, false, html.UnescapeString(text))
	}
	if strings.Contains(text, "\x00") {
		add("UTF-16", false, false, strings.ReplaceAll(text, "\x00", ""))
	}
	add("base64", true, true, base64s.decode(text)...)
	add("hex", true, true, base16.decode(text)...)
	add("base32", false, true, base32s.decode(text)...)
	return list
}

var jsonEscape = lazy.Regexp(`\\(u[0-9a-fA-F]{4}|[bfnrt"'/\\])`)

func unescapeJSON(text string) string {
	return jsonEscape().ReplaceAllStringFunc(text, func(escape string) string {
		switch escape[1] {
		case 'u':
			unit, _ := strconv.ParseUint(escape[2:], 16, 16)
			return string(utf16.Decode([]uint16{uint16(unit)}))
		case 'b', 'f', 'n', 'r', 't':
			return map[byte]string{'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t"}[escape[1]]
		}
		return escape[1:]
	})
}

var percentEscape = lazy.Regexp(`(%[0-9a-fA-F]{2})+`)

func unescapePercent(text string) string {
	return percentEscape().ReplaceAllStringFunc(text, func(escape string) string {
		plain, err := url.PathUnescape(escape)
		if err != nil {
			return escape
		}
		return plain
	})
}
