// Package sigv4 signs the requests of a credential with AWS Signature Version 4, and verifies signed requests.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	algorithm    = "AWS4-HMAC-SHA256"
	terminator   = "aws4_request"
	timeForm     = "20060102T150405Z"
	dateForm     = "20060102"
	unsignedBody = "UNSIGNED-PAYLOAD"
	serviceS3    = "s3"

	headerAuthorization = "Authorization"
	headerHost          = "host"
	headerDate          = "x-amz-date"
	headerToken         = "x-amz-security-token"
	headerPayload       = "x-amz-content-sha256"
)

// keys are the settings of a credential that sign a request.
type keys struct {
	access, secret, token string
	region, service       string
}

// message is a request in the parts that a signature covers.
type message struct {
	method  string
	path    string              // escaped, as sent
	query   string              // escaped, as sent
	headers map[string][]string // by names in lower case; only those that are signed
	payload string              // hash of the body, or unsignedBody
}

// variation is a usual slip of a client that gives another signature.
type variation struct {
	pathOnce   bool // the path is encoded once and not twice, or the reverse for S3
	pathRaw    bool // the path is not normalized, or the reverse for S3
	unsorted   bool // the query is not sorted
	plusBlank  bool // a plus sign in the query means a blank
	untrimmed  bool // header values keep their blanks
	emptyQuery bool // the query is left out
}

// canonical returns the canonical request.
func (m *message) canonical(service string, slip variation) string {
	var text strings.Builder
	isS3 := service == serviceS3
	text.WriteString(m.method + "\n" + canonicalPath(m.path, isS3 != slip.pathOnce, isS3 != slip.pathRaw) + "\n")
	if !slip.emptyQuery {
		text.WriteString(canonicalQuery(m.query, slip))
	}
	text.WriteString("\n")
	names := m.names()
	for _, name := range names {
		values := make([]string, len(m.headers[name]))
		for i, value := range m.headers[name] {
			if values[i] = value; !slip.untrimmed {
				values[i] = strings.Join(strings.FieldsFunc(value, isBlank), " ")
			}
		}
		text.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	return text.String() + "\n" + strings.Join(names, ";") + "\n" + m.payload
}

func isBlank(letter rune) bool { return strings.ContainsRune(" \t\r\n", letter) }

// names returns the names of the signed headers, sorted.
func (m *message) names() []string {
	var names []string
	for name := range m.headers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// canonicalPath returns the path, normalized and encoded twice unless it is that of S3.
func canonicalPath(path string, once, raw bool) string {
	if path == "" {
		path = "/"
	}
	if !raw {
		path = normalized(path)
	}
	var text strings.Builder
	for i := range len(path) {
		if letter := path[i]; letter == '/' || once && letter == '%' {
			text.WriteByte(letter)
		} else {
			writeEscaped(&text, letter)
		}
	}
	return text.String()
}

// normalized removes empty segments and dot segments from a path (RFC 3986, section 6).
func normalized(path string) string {
	var kept []string
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, segment := range segments {
		switch {
		case segment == "" || segment == ".":
		case segment != "..":
			kept = append(kept, segment)
		case len(kept) > 0:
			kept = kept[:len(kept)-1]
		}
	}
	last := segments[len(segments)-1]
	if (last == "" || last == "." || last == "..") && len(kept) > 0 {
		kept = append(kept, "")
	}
	return "/" + strings.Join(kept, "/")
}

// canonicalQuery returns the parameters, encoded anew and sorted by name and value.
func canonicalQuery(query string, slip variation) string {
	var pairs []string
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, reescaped(name, slip.plusBlank)+"="+reescaped(value, slip.plusBlank))
	}
	if !slip.unsorted {
		// The sign between name and value is not part of the order, and a name may continue with a lower character.
		slices.SortFunc(pairs, func(a, b string) int {
			return strings.Compare(strings.Replace(a, "=", "\x00", 1), strings.Replace(b, "=", "\x00", 1))
		})
	}
	return strings.Join(pairs, "&")
}

// reescaped decodes a text and encodes it in the one way that signatures use. A plus sign stands for itself.
func reescaped(text string, plusBlank bool) string {
	plain, err := url.PathUnescape(text)
	if plusBlank {
		plain, err = url.QueryUnescape(text)
	}
	if err != nil {
		plain = text
	}
	var made strings.Builder
	for i := range len(plain) {
		writeEscaped(&made, plain[i])
	}
	return made.String()
}

// writeEscaped writes a byte, percent-encoded unless RFC 3986 calls it unreserved.
func writeEscaped(text *strings.Builder, letter byte) {
	if letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= '0' && letter <= '9' ||
		strings.IndexByte("-._~", letter) >= 0 {
		text.WriteByte(letter)
		return
	}
	text.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{letter})))
}

// scope returns the credential scope of a signature.
func (k *keys) scope(at time.Time) string {
	return strings.Join([]string{at.UTC().Format(dateForm), k.region, k.service, terminator}, "/")
}

// stringToSign returns the text that the key signs.
func (k *keys) stringToSign(at time.Time, canonical string) string {
	return strings.Join([]string{algorithm, at.UTC().Format(timeForm), k.scope(at), hashOf(canonical)}, "\n")
}

// sign returns the signature of a text.
func (k *keys) sign(at time.Time, text string) string {
	key := []byte("AWS4" + k.secret)
	for _, part := range strings.Split(k.scope(at), "/") {
		key = sum(key, part)
	}
	return hex.EncodeToString(sum(key, text))
}

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hashOf(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}
