// Package forms writes a secret in the forms in which it may be disclosed.
package forms

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
)

// Of returns the forms of a secret, by the name of the form.
func Of(secret string) map[string]string {
	reversed := []rune(secret)
	slices.Reverse(reversed)
	sum, sum5 := sha256.Sum256([]byte(secret)), md5.Sum([]byte(secret))
	json := strings.NewReplacer("a", `\u0061`, "e", `\u0065`, "s", `\u0073`, "k", `\u006b`)
	return map[string]string{
		"plain": secret, "upper case": strings.ToUpper(secret), "reversed": string(reversed),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"base64 behind one": base64.StdEncoding.EncodeToString([]byte("x" + secret + "yz")),
		"base64 behind two": base64.StdEncoding.EncodeToString([]byte("id" + secret)),
		"Basic":             base64.StdEncoding.EncodeToString([]byte("me:" + secret)), "hex": hex.EncodeToString([]byte(secret)),
		"upper hex": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"base32":    base32.StdEncoding.EncodeToString([]byte("abc" + secret)), "percent": percentEncoded(secret),
		"percent twice": url.QueryEscape(percentEncoded(secret)),
		"JSON":          json.Replace(secret), "HTML": html.EscapeString(strings.ReplaceAll(secret, "e", "&#101;")),
		"UTF-16":  strings.Join(strings.Split(secret, ""), "\x00"),
		"SHA-256": hex.EncodeToString(sum[:]), "MD5": hex.EncodeToString(sum5[:]), "SHA-256 in base64": base64.StdEncoding.EncodeToString(sum[:]),
	}
}

func percentEncoded(text string) string {
	var escaped strings.Builder
	for _, letter := range []byte(text) {
		fmt.Fprintf(&escaped, "%%%02x", letter)
	}
	return escaped.String()
}
