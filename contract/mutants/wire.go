package mutants

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeObject decodes a text that is one JSON object, with numbers as written, or returns nil.
func decodeObject(text []byte) map[string]any {
	if len(text) > maxDecoded || !utf8.Valid(text) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil // trailing text: the sound server must refuse it
	}
	return object
}

// encode writes JSON without needless escapes.
func encode(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// recorder records an answer.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func record(handler http.Handler, r *http.Request) *recorder {
	answer := &recorder{header: http.Header{}}
	handler.ServeHTTP(answer, r)
	answer.WriteHeader(http.StatusOK)
	return answer
}

// Header returns the header to fill in.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the first status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write appends text.
func (r *recorder) Write(text []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(text)
}

// tolerates takes bodies with one sort of error: it mends them, and the result is JSON.
func tolerates(names, form, mended string) fault {
	pattern := regexp.MustCompile(form)
	return mends(names, isMalformed, func(_ *exchange, text []byte) []byte {
		if better := pattern.ReplaceAll(text, []byte(mended)); json.Valid(better) {
			return better
		}
		return text
	})
}

// fromUTF16 converts a text with a byte order mark.
func fromUTF16(_ *exchange, text []byte) []byte {
	var units []uint16
	for at := 2; at+1 < len(text); at += 2 {
		units = append(units, uint16(text[at])|uint16(text[at+1])<<8)
	}
	return []byte(string(utf16.Decode(units)))
}

// parserFaults take what some JSON parsers take, and JSON has not.
var parserFaults = []Mutant{
	broken("errors/create/hex-taken", "A number in hex is taken by create.", "errors/create/malformed",
		tolerates("create", `:0x[0-9a-f]+`, `:118`)),
	broken("errors/create/control-taken", "Control characters and odd escapes in a text are dropped by create.", "errors/create/malformed",
		tolerates("create", `[\t\n\r\x01]|\\[x'a][0-9]?`, ``)),
	broken("errors/update/quotes-taken", "Names in single quotes are taken by update.", "errors/update/malformed",
		tolerates("update", `'([^']*)'`, `"$1"`)),
	broken("errors/update/comment-taken", "A comment is ignored by update.", "errors/update/malformed",
		tolerates("update", `/\*[^*]*\*/|//[^\n"]*\n|#[^\n"]*\n`, ``)),
	broken("errors/update/nan-taken", "NaN as a value that nobody knows is ignored by update.", "errors/update/malformed",
		tolerates("update", `"[a-z]+":-?(NaN|Infinity|undefined|True),`, ``)),
	broken("errors/update/unquoted-taken", "A name without quotes is taken by update.", "errors/update/malformed",
		tolerates("update", `([{,])([A-Za-z_]+):`, `$1"$2":`)),
	broken("errors/create/utf16-taken", "A body in UTF-16 is taken by create.", "errors/create/utf8",
		mends("create", func(text []byte) bool { return bytes.HasPrefix(text, []byte("\xff\xfe{")) }, fromUTF16)),
	broken("destinations/create/control-taken", "Control characters and odd escapes in a text are dropped where a destination is created.",
		"destinations/create/malformed", tolerates("destination-create", `[\t\n\r\x01]|\\[x'a][0-9]?`, ``)),
}

// urlText changes a URL before it is stored.
func urlText(names string, change func(string) string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		for name, value := range body {
			if address, isText := value.(string); isText && strings.Contains(address, "://") {
				body[name] = change(address)
			}
		}
	})
}

// everyText changes every free text before it is stored.
func everyText(names string, pairs ...string) fault {
	replacer := strings.NewReplacer(pairs...)
	return convertTexts(names, text(replacer.Replace))
}

// wholeText changes every free text that is one of some words.
func wholeText(names string, words ...string) fault {
	return convertTexts(names, text(func(value string) string {
		for i := 0; i+1 < len(words); i += 2 {
			if value == words[i] {
				return words[i+1]
			}
		}
		return value
	}))
}

// improvedFaults improve values.
var improvedFaults = []Mutant{
	broken("fields/tempting/quotes", "create stores typographic quotes as plain ones.", "fields/tempting/create",
		everyText("create", "“", `"`, "”", `"`, "’", "'")),
	broken("fields/tempting/dashes", "update stores dashes as hyphens, and an ellipsis as dots.", "fields/tempting/update",
		everyText("update", "–", "-", "—", "-", "…", "...")),
	broken("fields/tempting/directions", "create drops marks of direction and soft hyphens.", "fields/tempting/create",
		everyText("create", "\u200e", "", "\u202e", "", "\u00ad", "")),
	broken("fields/tempting/separator", "update stores a line separator as a line end, and drops a byte order mark.", "fields/tempting/update",
		everyText("update", "\u2028", "\n", "\ufeff", "")),
	broken("fields/tempting/sql", "update drops what is a comment in SQL.", "fields/tempting/update",
		everyText("update", ";--", ";", "--", "")),
	broken("fields/tempting/wide", "create stores full-width letters as plain ones.", "fields/tempting/create",
		everyText("create", "Ａ", "A", "ｂ", "b", "１", "1")),
	broken("fields/tempting/escapes", "update reads escapes in texts.", "fields/tempting/update",
		everyText("update", `\n`, "\n", `\u0041`, "A")),
	broken("fields/tempting/emoji", "create stores the names of emoji as emoji.", "fields/tempting/create", everyText("create", ":key:", "🔑")),
	broken("fields/tempting/markdown", "update drops the marks of Markdown.", "fields/tempting/update", everyText("update", "*", "", "~", "")),
	broken("fields/tempting/operators", "create drops what is an operator of a database, or leads out of a folder.",
		"fields/tempting/create", everyText("create", "$ne", "", "../", "")),
	broken("fields/tempting/returns", "create stores a carriage return alone as a line end.", "fields/tempting/create",
		everyText("create", "\r\n", "\r\n", "\r", "\n")),
	broken("fields/tempting/absent-words", "update stores words for nothing as an empty text.", "fields/tempting/update",
		wholeText("update", "nil", "", "N/A", "", "Infinity", "")),
	broken("fields/tempting/long-number", "create stores a long number as a computer counts.", "fields/tempting/create",
		wholeText("create", "12345678901234567890", "12345678901234567000", "1.10", "1.1", "0", "")),
	broken("fields/tempting/clock", "update stores times and dates in another form.", "fields/tempting/update",
		wholeText("update", "12:30:00", "12:30", "01/02/2026", "2026-01-02", "on", "true", "off", "false")),
	broken("fields/tempting/tracking", "create drops parameters of tracking from URLs.", "fields/tempting/create",
		urlText("create", func(address string) string { return strings.ReplaceAll(address, "&utm_source=x", "") })),
	broken("fields/tempting/empty-query", "update drops an empty query of URLs.", "fields/tempting/update",
		urlText("update", func(address string) string { return strings.TrimSuffix(address, "?") })),
	broken("fields/tempting/user", "create drops a user from URLs.", "fields/tempting/create",
		storesURLs("create", func(u *url.URL) { u.User = nil })),
	broken("fields/tempting/punycode", "update shows hosts of URLs in their own letters.", "fields/tempting/update",
		urlText("update", func(address string) string { return strings.Replace(address, "xn--bcher-kva", "bücher", 1) })),
	broken("fields/lists/long", "A list of more than ten delegates is cut.", "fields/lists/GoogleWIF",
		changesLists("delegates", func(list []any) any { return list[:min(10, len(list))] })),
	broken("fields/lists/trimmed", "Blanks around the items of a list are cut off.", "fields/lists/GoogleWIF",
		changesLists("scope", trimmedItems)),
	broken("fields/lists/folded", "An item that differs from another in case alone is dropped.", "fields/lists/GoogleWIF",
		changesLists("delegates", foldedItems)),
	broken("fields/lists/split", "An item with a comma becomes two.", "fields/lists/GoogleWIF", changesLists("scope", splitItems)),
}

func trimmedItems(list []any) any {
	var items []any
	for _, item := range list {
		text, _ := item.(string)
		items = append(items, strings.TrimSpace(text))
	}
	return items
}

// foldedItems leaves out an item if another spelling of it stands before it.
func foldedItems(list []any) any {
	var items []any
	seen := map[string]any{}
	for _, item := range list {
		text, _ := item.(string)
		first, known := seen[strings.ToLower(text)]
		if !known || first == item {
			items = append(items, item)
			seen[strings.ToLower(text)] = item
		}
	}
	return items
}

func splitItems(list []any) any {
	var items []any
	for _, item := range list {
		text, _ := item.(string)
		for part := range strings.SplitSeq(text, ",") {
			items = append(items, part)
		}
	}
	return items
}

// isOddList tells whether a list is long, or has an item twice.
func isOddList(value any) bool {
	list, _ := value.([]any)
	seen := map[string]bool{}
	for _, item := range list {
		text, _ := item.(string)
		seen[strings.ToLower(strings.TrimSpace(text))] = true
	}
	return len(list) > 10 || len(seen) < len(list)
}
