package leak

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
)

const (
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"
)

// encoding is a way to write bytes as letters, digits and a few signs.
type encoding struct {
	// standard has the standard form of each character of the encoding, and 0 for any other. It is a table, since each byte is
	// looked up many times.
	standard [256]byte
	shortest int // the length of the shortest run that is decoded
	group    int // the number of characters that are decoded together
	fit      func(length int) int
	append   func(decoded, run []byte) ([]byte, error)
}

var (
	base64s = encodingOf(upperCase+lowerCase+digits+"+/-_", upperCase+lowerCase+digits+"+/+/", encoding{
		shortest: 8, group: 4, fit: withoutOdd, append: base64.RawStdEncoding.AppendDecode,
	})
	base16 = encodingOf(digits+"abcdefABCDEF", digits+"abcdefabcdef", encoding{
		shortest: 12, group: 2, fit: func(length int) int { return length / 2 * 2 }, append: hex.AppendDecode,
	})
	base32s = encodingOf(upperCase+lowerCase+"234567", upperCase+upperCase+"234567", encoding{
		shortest: 10, group: 8, fit: func(length int) int { return length / 8 * 8 },
		append: base32.StdEncoding.WithPadding(base32.NoPadding).AppendDecode,
	})
)

func encodingOf(characters, standard string, e encoding) *encoding {
	for i := range len(characters) {
		e.standard[characters[i]] = standard[i]
	}
	return &e
}

// withoutOdd drops the last character if it is alone in its group of base64, where it means nothing.
func withoutOdd(length int) int {
	if length%4 == 1 {
		return length - 1
	}
	return length
}

// run is a stretch of a text.
type run struct{ start, end int }

// runs returns the stretches of text that are at least length long and made only of characters of the encoding.
func (e *encoding) runs(text string, length int) []run {
	var list []run
	for start := 0; start+length <= len(text); {
		last := start + length - 1
		for last >= start && e.standard[text[last]] != 0 {
			last--
		}
		if last >= start { // no run contains this character
			start = last + 1
			continue
		}
		end := start + length
		for end < len(text) && e.standard[text[end]] != 0 {
			end++
		}
		list = append(list, run{start, end})
		start = end + 1
	}
	return list
}

// decode decodes every run of a text at each offset of a group, because a secret may be anywhere in the encoded text. It returns one
// text for each offset.
func (e *encoding) decode(text string) []string {
	found := e.runs(text, e.shortest)
	if len(found) == 0 {
		return nil
	}
	standard := make([]byte, len(text))
	for i := range len(text) {
		standard[i] = e.standard[text[i]]
	}
	list, decoded := make([]string, e.group), make([]byte, 0, len(text))
	for offset := range list {
		decoded = decoded[:0]
		for _, run := range found {
			if one := standard[run.start:run.end]; offset < len(one) {
				decoded, _ = e.append(decoded, one[offset:][:e.fit(len(one)-offset)]) // what fits has no error
				decoded = append(decoded, '\n')
			}
		}
		list[offset] = string(decoded)
	}
	return list
}
