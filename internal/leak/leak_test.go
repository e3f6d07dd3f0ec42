package leak_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/brianvoe/gofakeit/v6"

	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/sample"
)

func sum[T ~[16]byte | ~[20]byte | ~[32]byte | ~[64]byte](digest T) []byte {
	switch digest := any(digest).(type) {
	case [16]byte:
		return digest[:]
	case [20]byte:
		return digest[:]
	case [32]byte:
		return digest[:]
	case [64]byte:
		return digest[:]
	}
	return nil
}

func jsonEscaped(text string) string {
	var escaped strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&escaped, `\u%04x`, unit)
	}
	return escaped.String()
}

func percentEncoded(text string) string {
	var encoded strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&encoded, "%%%02X", text[i])
	}
	return encoded.String()
}

func htmlEscaped(text string) string {
	var escaped strings.Builder
	for _, letter := range text {
		fmt.Fprintf(&escaped, "&#x%x;", letter)
	}
	return escaped.String()
}

func reversed(text string) string {
	letters := []rune(text)
	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
		letters[i], letters[j] = letters[j], letters[i]
	}
	return string(letters)
}

func utf16LE(text string) string {
	var units strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		units.WriteByte(byte(unit))
		units.WriteByte(byte(unit >> 8))
	}
	return units.String()
}

// eachWith writes every character of a text with a format, and puts something between.
func eachWith(text, format, between string) string {
	var parts []string
	for _, one := range []byte(text) {
		parts = append(parts, fmt.Sprintf(format, one))
	}
	return strings.Join(parts, between)
}

// splitForms are the ways to hide a secret in parts that are too short to be one. Each is a JSON value.
var splitForms = []struct {
	name  string
	write func(secret string) any
}{
	{"characters", func(s string) any { return strings.Split(s, "") }},
	{"pairs", func(s string) any { return chunks(s, 2) }},
	{"threes", func(s string) any { return chunks(s, 3) }},
	{"nested characters", func(s string) any { return [][]string{chunks(s[:8], 1), chunks(s[8:], 1)} }},
	{"code points", func(s string) any { return codes(s, 0) }},
	{"buffer", func(s string) any { return map[string]any{"type": "Buffer", "data": codes(s, 0)} }},
	{"codes as text", func(s string) any { return strings.Fields(eachWith(s, "%d", " ")) }},
	{"octets in hex", func(s string) any { return strings.Fields(eachWith(s, "0x%02x", " ")) }},
	{"typed array", func(s string) any { return numbered(s, "%d", func(one byte) any { return one }) }},
	{"numbered members", func(s string) any { return numbered(s, "part%d", func(one byte) any { return string(one) }) }},
	{"numbered objects", func(s string) any {
		return numbered(s, "%d", func(one byte) any { return map[string]any{"at": "x", "c": string(one), "z": 7} })
	}},
	{"list of objects", func(s string) any {
		var list []any
		for i, one := range []byte(s) {
			list = append(list, map[string]any{"i": i, "letter": string(one), "kind": "l"})
		}
		return list
	}},
	{"codes in objects", func(s string) any {
		var list []any
		for i, one := range []byte(s) {
			list = append(list, map[string]any{"position": i, "code": one})
		}
		return list
	}},
	{"printed slice", func(s string) any { return fmt.Sprint(codes(s, 0)) }},
	{"printed array", func(s string) any { return "b[" + eachWith(s, "%d", ", ") + "]" }},
	{"hex dump", func(s string) any { return eachWith(s, "%02x", " ") }},
	{"hex with colons", func(s string) any { return eachWith(s, "%02X", ":") }},
	{"escapes of C", func(s string) any { return eachWith(s, "\\x%02x", "") }},
	{"octal escapes", func(s string) any { return eachWith(s, "\\%03o", "") }},
	{"quoted-printable", func(s string) any { return eachWith(s, "=%02X", "") }},
	{"binary", func(s string) any { return eachWith(s, "%08b", " ") }},
	{"spaced", func(s string) any { return strings.Join(strings.Split(s, ""), " ") }},
	{"dashed", func(s string) any { return strings.Join(strings.Split(s, ""), "-") }},
	{"invisible between", func(s string) any { return strings.Join(strings.Split(s, ""), "\u200b") }},
	{"array in a text", func(s string) any { text, _ := json.Marshal(strings.Split(s, "")); return string(text) }},
}

func chunks(text string, length int) []string {
	var list []string
	for part := range slices.Chunk([]byte(text), length) {
		list = append(list, string(part))
	}
	return list
}

func codes(text string, shift int) []int {
	var list []int
	for _, one := range []byte(text) {
		list = append(list, int(one)+shift)
	}
	return list
}

func numbered(text, name string, value func(byte) any) map[string]any {
	object := map[string]any{}
	for i, one := range []byte(text) {
		object[fmt.Sprintf(name, i)] = value(one)
	}
	return object
}

// A secret in parts is put together again, whatever is beside it.
func TestPartsAreFound(t *testing.T) {
	source := sample.New(7)
	for _, form := range splitForms {
		t.Run(form.name, func(t *testing.T) {
			secret, detector := source.Canary(), leak.New()
			detector.Add(leak.Secret{Label: "the secret", Scope: "scope"}, secret)
			detector.Add(leak.Secret{Label: "another", Scope: "scope"}, source.Canary())
			text, err := json.Marshal(map[string]any{"meta": map[string]any{"version": "1.0.0"}, "payload": map[string]any{
				"id": "0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", "organization": 118, "flag": "no", "note": form.write(secret), "x": "abc"}})
			if err != nil {
				t.Fatal(err)
			}
			found := detector.Scan(string(text), "scope")
			if len(found) != 1 || found[0].Secret.Label != "the secret" || !found[0].Certain {
				t.Fatalf("found %v in %s", found, text)
			}
		})
	}
}

// forms are the ways to write a secret that must be found.
var forms = []struct {
	name    string
	certain bool
	write   func(secret string) string
}{
	{"plain", true, func(s string) string { return s }},
	{"upper case", true, strings.ToUpper},
	{"lower case", true, strings.ToLower},
	{"first four", true, func(s string) string { return s[:4] + strings.Repeat("*", len(s)-4) }},
	{"last four", true, func(s string) string { return strings.Repeat("*", len(s)-4) + s[len(s)-4:] }},
	{"four in the middle", true, func(s string) string { return "…" + s[9:13] + "…" }},
	{"all but the ends", true, func(s string) string { return "**" + s[2:len(s)-2] + "**" }},
	{"percent-encoding", true, percentEncoded},
	{"query", true, url.QueryEscape},
	{"JSON escapes", true, jsonEscaped},
	{"HTML escapes", true, htmlEscaped},
	{"HTML", true, html.EscapeString},
	{"base64", true, func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64 for URLs", true, func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) }},
	{"base64 without padding", true, func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"base64 one byte on", true, func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s)) }},
	{"base64 two bytes on", true, func(s string) string { return base64.StdEncoding.EncodeToString([]byte("xy" + s)) }},
	{"base64 of user:password", true, func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+s)) }},
	{"base64 of JSON", true, func(s string) string {
		inner, _ := json.Marshal(map[string]string{"clientSecret": s})
		return base64.RawStdEncoding.EncodeToString(inner)
	}},
	{"base64 twice", true, func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	}},
	{"hex", true, func(s string) string { return hex.EncodeToString([]byte(s)) }},
	{"HEX", true, func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }},
	{"reversed", true, reversed},
	{"percent in base64", true, func(s string) string { return base64.StdEncoding.EncodeToString([]byte(percentEncoded(s))) }},
	{"SHA-256", true, func(s string) string { return hex.EncodeToString(sum(sha256.Sum256([]byte(s)))) }},
	{"MD5", true, func(s string) string { return hex.EncodeToString(sum(md5.Sum([]byte(s)))) }},
	{"SHA-1", false, func(s string) string { return hex.EncodeToString(sum(sha1.Sum([]byte(s)))) }},
	{"SHA-512", false, func(s string) string { return hex.EncodeToString(sum(sha512.Sum512([]byte(s)))) }},
	{"SHA-256 in base64", false, func(s string) string { return base64.StdEncoding.EncodeToString(sum(sha256.Sum256([]byte(s)))) }},
	{"SHA-256 cut", false, func(s string) string { return hex.EncodeToString(sum(sha256.Sum256([]byte(s))))[:16] }},
	{"base32", false, func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }},
	{"UTF-16", false, utf16LE},
}

func TestFormsAreFound(t *testing.T) {
	source := sample.New(7)
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			secret, detector := source.Canary(), leak.New()
			detector.Add(leak.Secret{Label: "the secret", Scope: "scope"}, secret)
			detector.Add(leak.Secret{Label: "another", Scope: "scope"}, source.Canary())
			text := `{"meta":{"version":"1.0.0"},"payload":{"note":"` + form.write(secret) + `"}}`
			found := detector.Scan(text, "scope")
			if len(found) != 1 || found[0].Secret.Label != "the secret" {
				t.Fatalf("found %v", found)
			}
			if found[0].Certain != form.certain {
				t.Errorf("certain is %t, in form %q", found[0].Certain, found[0].Form)
			}
		})
	}
}

// A whole secret, in any form, is found whatever its scope.
func TestScopes(t *testing.T) {
	source, detector := sample.New(3), leak.New()
	secret := source.Canary()
	detector.Add(leak.Secret{Label: "the secret", Scope: "one"}, secret)
	if len(detector.Scan(secret, "two")) != 1 {
		t.Error("a whole secret of another scope is not found")
	}
	if len(detector.Scan(secret[:4], "two")) != 0 {
		t.Error("four characters of another scope are reported")
	}
	if len(detector.Scan(secret[:4], "two", "one")) != 1 {
		t.Error("four characters of the scope are not found")
	}
}

func TestAwkwardSecrets(t *testing.T) {
	core := sample.New(5).Canary()
	for name, secret := range map[string]string{
		"blanks": "  " + core + "  ", "quotes": `"` + core + `\`, "unicode": "ключ" + core + "鍵", "long": strings.Repeat(core, 130),
	} {
		t.Run(name, func(t *testing.T) {
			detector := leak.New()
			detector.Add(leak.Secret{Label: name, Scope: "scope"}, secret)
			quoted, _ := json.Marshal(map[string]string{"x": secret})
			for _, text := range []string{secret, string(quoted), core[:4], url.QueryEscape(secret),
				base64.StdEncoding.EncodeToString([]byte(secret))} {
				if len(detector.Scan(text, "scope")) != 1 {
					t.Errorf("not found in a text of %d bytes", len(text))
				}
			}
		})
	}
}

// A token without marks is matched as a whole.
func TestUnmarkedSecrets(t *testing.T) {
	detector := leak.New()
	detector.Add(leak.Secret{Label: "token"}, "dev-token")
	for text, want := range map[string]int{
		`{"echo":"Bearer dev-token"}`: 1, base64.StdEncoding.EncodeToString([]byte("x dev-token")): 1,
		`{"message":"tokens for developers"}`: 0, "": 0,
	} {
		if got := len(detector.Scan(text)); got != want {
			t.Errorf("%q: found %d, not %d", text, got, want)
		}
	}
}

func TestShortSecretsAreIgnored(t *testing.T) {
	detector := leak.New()
	detector.Add(leak.Secret{Label: "short"}, "abc")
	if found := detector.Scan(`abc {"abc":"abc"}`); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

// answer returns an answer of a sound server with random ids, messages and additional members.
func answer(faker *gofakeit.Faker) string {
	random := make([]byte, 48)
	for i := range random {
		random[i] = byte(faker.Number(0, 255))
	}
	body, _ := json.Marshal(map[string]any{
		"meta": map[string]any{"version": "1.0.0", "requestId": faker.UUID(), "trace": hex.EncodeToString(random[:16])},
		"payload": map[string]any{
			"id": base64.RawURLEncoding.EncodeToString(random[:21]), "name": faker.Company(), "url": faker.URL(),
			"cursor": base64.StdEncoding.EncodeToString(random), "message": faker.Sentence(12) + " | " + faker.HackerPhrase() + " ^",
			"etag": base32.StdEncoding.EncodeToString(random[:20]), "clientId": faker.Password(true, true, true, true, false, 24),
			"createdAt": faker.Date(), "hasClientSecret": faker.Bool(), "histogram": random, "codes": codes(string(random), 0),
			"letters": strings.Split(faker.Password(true, true, true, true, false, 24), ""), "dump": eachWith(string(random), "%02x", " "),
		},
	})
	return string(body)
}

// answers is the number of sound answers to scan; go test ./internal/leak -answers 100000 is the full measurement.
var answers = flag.Int("answers", 3_000, "how many sound answers TestNoFalseAlarm searches")

// Ids, signatures, cursors, sentences and other passwords do not match a part of a secret, even with the secrets of a whole
// run.
func TestNoFalseAlarm(t *testing.T) {
	source, detector := sample.New(11), leak.New()
	for i := range 400 {
		detector.Add(leak.Secret{Label: fmt.Sprint("secret ", i), Scope: fmt.Sprint(i % 20)}, source.Canary())
	}
	faker := gofakeit.New(13)
	for i := range *answers {
		text := answer(faker)
		if found := detector.Scan(text, fmt.Sprint(i%20)); len(found) > 0 {
			t.Fatalf("answer %d: %v in %s", i, found, text)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add(`{"a":"%41\u0041&amp;SGVsbG8gd29ybGQh 48656c6c6f"}`, 3)
	secret := sample.New(1).Canary()
	f.Fuzz(func(t *testing.T, text string, at int) {
		detector := leak.New()
		detector.Add(leak.Secret{Label: "the secret", Scope: "scope"}, secret)
		if at < 0 || at > len(text) {
			return
		}
		if len(detector.Scan(text[:at]+secret+text[at:], "scope")) != 1 {
			t.Error("a secret inside a text is not found")
		}
	})
}

func BenchmarkScan(b *testing.B) {
	source, detector := sample.New(11), leak.New()
	for i := range 400 {
		detector.Add(leak.Secret{Label: fmt.Sprint("secret ", i), Scope: fmt.Sprint(i % 20)}, source.Canary())
	}
	text := answer(gofakeit.New(13))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		detector.Scan(text, "3")
	}
}

// A secret is named by its own characters, and not by four that another one has too.
func TestTheSecretThatLeakedIsNamed(t *testing.T) {
	detector := leak.New()
	detector.Add(leak.Secret{Label: "another", Scope: "scope"}, "q|Z^a|b^c|d^e^f|X^Y|w")
	detector.Add(leak.Secret{Label: "the one", Scope: "scope"}, "k^m|n^o|a|b^p|r^s|t^X|Y|")
	detector.Add(leak.Secret{Label: "a third", Scope: "scope"}, "1^2|3^4|5^X|Y|6^7|8^9|0^")
	for _, shown := range []string{
		"k^m|n^o|a|b^p|r^s|t^X|Y|", "n^o|a|b^p|r^", "****************X|Y|", `k^m|n^o|a|b^p|r^s|t^X|Y|","x":"k^m|n^o|a|b^p|r^s|t^X|Y|`,
	} {
		if found := detector.Scan(`{"note":"`+shown+`"}`, "scope"); len(found) != 1 || found[0].Secret.Label != "the one" {
			t.Errorf("%s: found %v", shown, found)
		}
	}
}
