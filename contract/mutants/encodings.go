package mutants

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// form returns a secret in another form.
type form func(secret string) string

func raw(secret string) string      { return secret }
func hexOf(secret string) string    { return hex.EncodeToString([]byte(secret)) }
func base64Of(secret string) string { return base64.StdEncoding.EncodeToString([]byte(secret)) }

func base64URL(secret string) string { return base64.RawURLEncoding.EncodeToString([]byte(secret)) }

// base64Around encodes an object with the secret in it, so that the secret begins at no boundary of the encoding.
func base64Around(secret string) string { return base64Of(`{"id":7,"secret":"` + secret + `"}`) }

// basicHeader returns the header that a client with the secret would send.
func basicHeader(secret string) string { return "Basic " + base64Of("client:"+secret) }

func base32Of(secret string) string { return base32.StdEncoding.EncodeToString([]byte(secret)) }

// percent escapes every byte.
func percent(secret string) string { return eachByte(secret, "%%%02X") }

// percentTwice escapes twice, as two layers of a server do.
func percentTwice(secret string) string { return url.QueryEscape(url.QueryEscape(secret)) }

// jsonEscapes escapes every character as JSON allows.
func jsonEscapes(secret string) string { return eachByte(secret, `\u%04x`) }

// htmlEscapes escapes every character as HTML allows.
func htmlEscapes(secret string) string { return eachByte(secret, "&#%d;") }

func eachByte(secret, format string) string {
	var text strings.Builder
	for _, one := range []byte(secret) {
		fmt.Fprintf(&text, format, one)
	}
	return text.String()
}

func utf16Of(secret string) string {
	return strings.Join(strings.Split(secret, ""), "\x00")
}

func md5Hex(secret string) string {
	sum := md5.Sum([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func sha1Hex(secret string) string {
	sum := sha1.Sum([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func sha256Hex(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func sha256Base64(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func sha512Hex(secret string) string {
	sum := sha512.Sum512([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func reversed(secret string) string {
	letters := []rune(secret)
	slices.Reverse(letters)
	return string(letters)
}

func firstFour(secret string) string { return secret[:min(4, len(secret))] + "..." }

func lastFour(secret string) string { return "..." + secret[max(0, len(secret)-4):] }

func maskedButFour(secret string) string {
	return strings.Repeat("*", max(0, len(secret)-4)) + secret[max(0, len(secret)-4):]
}

func middle(secret string) string {
	half := len(secret) / 2
	return "~" + secret[max(0, half-3):min(len(secret), half+3)] + "~"
}

func inSentence(secret string) string { return "It was stored (" + secret + ") and is in use." }

func inURL(secret string) string {
	return "https://hooks.example.com/in?key=" + url.QueryEscape(secret)
}

// disguise returns a JSON value that spells a secret and has no piece of it.
type disguise func(secret string) any

// disguised shows the secrets of credentials as values under another name.
func disguised(names string, of disguise) fault {
	return shows(names, raw, func(_ *exchange, credential map[string]any, name, text string) {
		credential["kept"+name] = of(text)
	})
}

func lettersOf(secret string) any {
	var letters []any
	for _, one := range secret {
		letters = append(letters, string(one))
	}
	return letters
}

func codePoints(secret string) any {
	var codes []any
	for _, one := range secret {
		codes = append(codes, int(one))
	}
	return codes
}

func signedOctets(secret string) any {
	var octets []any
	for _, one := range []byte(secret) {
		octets = append(octets, (int(one)+128)%256-128)
	}
	return octets
}

func buffer(secret string) any {
	var data []any
	for _, one := range []byte(secret) {
		data = append(data, int(one))
	}
	return map[string]any{"type": "Buffer", "data": data}
}

// typedArray numbers the octets, as a typed array of JavaScript is written.
func typedArray(secret string) any {
	object := map[string]any{}
	for i, one := range []byte(secret) {
		object[fmt.Sprint(i)] = one
	}
	return object
}

// inPairs splits a secret over members.
func inPairs(secret string) any {
	parts := map[string]any{}
	for at := 0; at < len(secret) && utf8.ValidString(secret); at += 2 {
		parts[fmt.Sprintf("part%d", at/2+1)] = secret[at:min(at+2, len(secret))]
	}
	return parts
}

func placedLetters(secret string) any {
	var list []any
	for i, one := range secret {
		list = append(list, map[string]any{"at": i, "letter": string(one), "class": "c"})
	}
	return list
}

func printedOctets(secret string) any { return "[" + strings.TrimSpace(eachByte(secret, "%d ")) + "]" }

func hexDump(secret string) any { return fmt.Sprintf("% x", secret) }

func spaced(secret string) any { return strings.Join(strings.Split(secret, ""), " ") }

func octal(secret string) any { return eachByte(secret, "\\%03o") }

func binary(secret string) any { return strings.TrimSpace(eachByte(secret, "%08b ")) }

// redactionDisguises spell a secret in parts that are too short to be found by themselves.
var redactionDisguises = []Mutant{
	broken("redaction/get/letters", "get shows each secret as an array of characters.", "redaction/get/echo", disguised("get", lettersOf)),
	broken("redaction/create/code-points", "create shows each secret as an array of code points.", "redaction/create/echo",
		disguised("create", codePoints)),
	broken("redaction/list/signed", "A list item shows each secret as signed octets.", "redaction/list/echo", disguised("list", signedOctets)),
	broken("redaction/update/buffer", "update shows each secret as a serialised buffer.", "redaction/update/echo",
		disguised("update", buffer)),
	broken("redaction/get/typed-array", "get shows each secret as a typed array.", "redaction/get/echo", disguised("get", typedArray)),
	broken("redaction/update/pairs", "update splits each secret over members of two characters.", "redaction/update/echo",
		disguised("update", inPairs)),
	broken("redaction/delete/placed-letters", "delete shows each character of a secret in an object.", "redaction/delete/echo",
		disguised("delete", placedLetters)),
	broken("redaction/get/printed-octets", "get shows each secret as a printed slice of bytes.", "redaction/get/echo",
		disguised("get", printedOctets)),
	broken("redaction/create/hex-dump", "create shows each secret as a hex dump.", "redaction/create/echo", disguised("create", hexDump)),
	broken("redaction/list/spaced", "A list item shows each secret with blanks between.", "redaction/list/echo", disguised("list", spaced)),
	broken("redaction/update/octal", "update shows each secret with octal escapes.", "redaction/update/echo", disguised("update", octal)),
	broken("redaction/create/binary", "create shows each secret in binary.", "redaction/create/echo", disguised("create", binary)),
	broken("redaction/get/smart-letters", "get shows the secrets of SMART_Backend as arrays of characters.",
		"redaction/get/echo/SMART_Backend", shown("get", "SMART_Backend", raw,
			func(_ *exchange, credential map[string]any, _, text string) { credential["glyphs"] = lettersOf(text) })),
	broken("redaction/create/error-letters", "A refusal of create has the secrets as an array of characters.", "redaction/create/error",
		inErrors("create", func(e *exchange) {
			if e.answer != nil {
				e.answer["received"] = lettersOf(sentSecrets(e))
			}
		})),
}
