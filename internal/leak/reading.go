package leak

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// reading is a text after decoding.
type reading struct {
	text    string
	form    string // encoding of a secret in it
	certain bool   // see Sighting.Certain
	decoded bool   // made up of bytes, numbers or parts that could be anything
}

// readings returns the text and the output of every applicable decoder, and decodes that output once more.
func readings(text string) []reading {
	list := []reading{{text: text, form: "plain", certain: true}}
	seen := map[string]bool{text: true}
	for depth, from := 0, 0; depth < 2; depth++ {
		to := len(list)
		for _, outer := range list[from:to] {
			for _, inner := range decodings(outer) {
				if seen[inner.text] || inner.text == "" {
					continue
				}
				seen[inner.text] = true
				if outer.form != "plain" {
					inner.form += " in " + outer.form
				}
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
		list = append(list, reading{split(outer.text), "split", true, true})
	}
	return list
}

func decode(text string) []reading {
	var list []reading
	add := func(form string, certain, decoded bool, texts ...string) {
		for _, decodedText := range texts {
			list = append(list, reading{decodedText, form, certain, decoded})
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
	add("base64", true, true, decodeRuns(text, base64Alphabet, 8, 4, decodeBase64)...)
	add("hex", true, true, decodeRuns(text, hexAlphabet, 12, 2, decodeHex)...)
	add("base32", false, true, decodeRuns(text, base32Alphabet, 10, 8, decodeBase32)...)
	return list
}

var jsonEscape = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|[bfnrt"'/\\])`)

func unescapeJSON(text string) string {
	return jsonEscape.ReplaceAllStringFunc(text, func(escape string) string {
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

var percentEscape = regexp.MustCompile(`(%[0-9a-fA-F]{2})+`)

func unescapePercent(text string) string {
	return percentEscape.ReplaceAllStringFunc(text, func(escape string) string {
		plain, err := url.PathUnescape(escape)
		if err != nil {
			return escape
		}
		return plain
	})
}

// runs returns the stretches of text that are at least length long and made only of allowed characters.
func runs(text string, allowed *alphabet, length int) []string {
	var list []string
	start := 0
	for end := 0; end <= len(text); end++ {
		if end < len(text) && allowed[text[end]] {
			continue
		}
		if end-start >= length {
			list = append(list, text[start:end])
		}
		start = end + 1
	}
	return list
}

// decodeRuns decodes every run at each offset of a group, because a secret may be anywhere in the encoded text. It
// returns one text for each offset.
func decodeRuns(text string, allowed *alphabet, length, group int, decode func(string) string) []string {
	found := runs(text, allowed, length)
	if len(found) == 0 {
		return nil
	}
	list := make([]string, group)
	for offset := range list {
		var joined strings.Builder
		for _, run := range found {
			if offset < len(run) {
				joined.WriteString(decode(run[offset:]))
				joined.WriteByte('\n')
			}
		}
		list[offset] = joined.String()
	}
	return list
}

// alphabet reports which bytes an encoding uses. It is a table, since each byte is looked up many times.
type alphabet [256]bool

func alphabetOf(characters string) *alphabet {
	var table alphabet
	for i := range len(characters) {
		table[characters[i]] = true
	}
	return &table
}

const (
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
)

var (
	base64Alphabet = alphabetOf(upperCase + lowerCase + "0123456789+/-_")
	hexAlphabet    = alphabetOf("0123456789abcdefABCDEF")
	base32Alphabet = alphabetOf(upperCase + lowerCase + "234567")
)

var toStandard = strings.NewReplacer("-", "+", "_", "/")

func decodeBase64(run string) string {
	decoded, err := base64.RawStdEncoding.DecodeString(toStandard.Replace(run[:len(run)-remainder(len(run), 4, 1)]))
	if err != nil {
		return ""
	}
	return string(decoded)
}

func decodeHex(run string) string {
	decoded, err := hex.DecodeString(run[:len(run)/2*2])
	if err != nil {
		return ""
	}
	return string(decoded)
}

func decodeBase32(run string) string {
	decoded, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(run[:len(run)/8*8]))
	if err != nil {
		return ""
	}
	return string(decoded)
}

// remainder returns the number of characters to drop if the length has a remainder that the encoding cannot produce.
func remainder(length, group, impossible int) int {
	if length%group == impossible {
		return impossible
	}
	return 0
}
