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
