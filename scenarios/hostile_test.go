package scenarios_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/scenarios"
)

// served returns the base URL of a server that answers as the handler does.
func served(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/platform"
}

// saying returns the base URL of a server that gives one answer to everything.
func saying(t *testing.T, body string) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
}

// recording returns the base URL of a server that notes that it was asked.
func recording(t *testing.T, asked *bool) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, _ *http.Request) {
		*asked = true
		_, _ = io.WriteString(w, `{"payload":{"id":"exec"}}`)
	})
}

// raw returns the base URL of a server that writes what it likes to each connection, until nobody reads.
func raw(t *testing.T, speak func(connection io.Writer) error) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		_ = speak(connection) // until the other side goes
	})
}

// endlessly writes a text again and again until nobody reads.
func endlessly(w io.Writer, text string) error {
	block := []byte(strings.Repeat(text, 1+(64<<10)/len(text)))
	for {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
}

const ask = "request GET /v1/environments/e/authcredentials\nstatus 200\njson /payload/x 1\n"

// hostile is a target, a script that asks it, and what must come of that.
type hostile struct {
	target string
	script string
	code   int
	says   string
}

const violates, inconclusive = report.ExitViolates, report.ExitInconclusive

// largeTargets send JSON that is deep, wide or long.
func largeTargets(t *testing.T) map[string]hostile {
	t.Helper()
	nested := func(open, closing string, depth int) string {
		return strings.Repeat(open, depth) + strings.Repeat(closing, depth)
	}
	return map[string]hostile{
		"20,000 arrays deep": {saying(t, nested("[", "]", 20_000)), ask, violates, "nested deeper than anything of this API"},
		"513 objects deep": {saying(t, strings.Repeat(`{"a":`, 513)+"1"+strings.Repeat("}", 513)), ask, violates,
			"nested deeper than anything of this API"},
		"8 MiB of [":     {saying(t, strings.Repeat("[", 8<<20)), ask, violates, "nested deeper than anything of this API"},
		"500 deep, wide": {saying(t, nested("[", "]", 500)), ask, violates, "is an array, which wants an index"},
		"deep, conforms": {saying(t, nested("[", "]", 20_000)), "request GET /v1/environments/e/authcredentials\nconforms\n", violates,
			"nested deeper"},
		"9 MiB": {saying(t, `"`+strings.Repeat("a", 9<<20)+`"`), ask, inconclusive,
			"it is larger than 8 MiB and was not read to its end"},
		"endless": {served(t, func(w http.ResponseWriter, _ *http.Request) { _ = endlessly(w, " ") }), ask, inconclusive,
			"larger than 8 MiB"},
		"gzip bomb":       {served(t, bomb), ask, inconclusive, "larger than 8 MiB"},
		"600,000 numbers": {saying(t, "["+strings.Repeat("1,", 600_000)+"1]"), ask, inconclusive, "it holds more than 500000 JSON values"},
		"600,000 arrays":  {saying(t, "["+strings.Repeat("[],", 600_000)+"1]"), ask, inconclusive, "it holds more than 500000 JSON values"},
		"400,000 members": {saying(t, members(400_000)), ask, violates, "nothing is at /payload/x: the body has only {m0, m1,"},
		"400,000 differences": {saying(t, members(400_000)), "request GET /v1/x\ncmpjson owed.json\n-- owed.json --\n{}\n", violates,
			"and 399980 more"},
		"400,000 in a list": {saying(t, listOf("1,", 400_000)), "request GET /v1/environments/e/authcredentials\nconforms\n", violates,
			"it must be of type object"},
		"15,000 in a list": {saying(t, listOf("1,", 15_000)), "request GET /v1/environments/e/authcredentials\nconforms\n", violates,
			"and 14980 more"},
		"10,000 secrets": {saying(t, listOf(`{"clientSecret":1},`, 10_000)), "request GET /v1/environments/e/authcredentials\nconforms\n",
			violates, "and 9981 more"},
		"one long name": {saying(t, `{"payload":{"`+strings.Repeat("n", 1<<20)+`":1}}`), ask, violates, "has only {nnn"},
		"long names, deep": {saying(t, longAndDeep()), "request GET /v1/environments/e/authcredentials\nconforms\n", violates,
			"does not keep the document"},
	}
}

// brokenTargets send what is no JSON or no HTTP.
func brokenTargets(t *testing.T) map[string]hostile {
	t.Helper()
	return map[string]hostile{
		"no UTF-8":             {saying(t, "{\"payload\":\"\xff\"}"), ask, violates, "is not a JSON value: it is not UTF-8 from byte 13 on"},
		"a member twice":       {saying(t, `{"payload":{"x":1,"x":1}}`), ask, violates, "it has a member twice in one object"},
		"a member twice, late": {saying(t, `{"m999":1,`+members(1000)[1:]), ask, violates, "it has a member twice in one object"},
		"cut in two":           {raw(t, spoken("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")), ask, inconclusive, "the answer broke off"},
		"endless headers": {raw(t, speaking("HTTP/1.1 200 OK\r\n", "X-More: yes\r\n")), ask, inconclusive,
			"server response headers exceeded"},
		"endless 1xx":      {raw(t, speaking("", "HTTP/1.1 103 Early Hints\r\n\r\n")), ask, inconclusive, "no answer that can be judged"},
		"one endless line": {raw(t, speaking("HTTP/1.1 200 ", "K")), ask, inconclusive, "no answer that can be judged"},
		"endless chunk line": {raw(t, speaking("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1")), ask, inconclusive,
			"no answer that can be judged"},
		"endless trailers": {raw(t, speaking("HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n")), ask,
			inconclusive, "no answer that can be judged"},
		"no HTTP":               {raw(t, spoken("\x1b]0;owned\x07\x1b[2J\r\n\r\n")), ask, inconclusive, `\x1b]0;owned`},
		"a header that is none": {raw(t, spoken("HTTP/1.1 200 OK\r\n\x1b[31mowned\r\n\r\n")), ask, inconclusive, "malformed MIME header"},
		"hangs up":              {raw(t, spoken("")), ask, inconclusive, "no answer that can be judged"},
		"redirects to itself": {served(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }),
			ask, violates, "seen status 302"},
	}
}

// steeringTargets send text that steers a terminal, and values that no variable holds.
func steeringTargets(t *testing.T) map[string]hostile {
	t.Helper()
	return map[string]hostile{
		"terminal, in text": {saying(t, "\x1b[2J\x1b]0;owned\x07\u009b31m\u202egnp.exe\u2028\r\nnext"), ask, violates,
			"\\x1b[2J\\x1b]0;owned\\a\\u009b31m\\u202egnp.exe\\u2028\\r\n    next"},
		"terminal, in JSON":   {saying(t, `{"payload":{"\u001b[2J\u009b":"\u202e\u2028"}}`), ask, violates, `\u001b[2J\u009b": "\u202e\u2028"`},
		"terminal, in a name": {saying(t, `{"payload":{"a\nFAIL: b\u001b[2J":1}}`), ask, violates, `has only {a\nFAIL: b\x1b[2J}`},
		"terminal, difference": {saying(t, `{"payload":{"x":"\u001b[2J\u009b"}}`), ask, violates,
			`seen the string "\u001b[2J\u009b", owed the number 1`},
		"terminal, in cmpjson": {saying(t, `{"a\n\u001b":1}`), "request GET /v1/x\ncmpjson owed.json\n-- owed.json --\n{}\n", violates,
			`/a\n\x1b: seen the number 1`},
		"terminal, in a header": {raw(t, spoken("HTTP/1.1 200 \x1b[31mOK\r\nX-A: \u202e\xff\r\n\r\n{}")), "request GET /v1/x\n! body '\u202e'\n",
			violates, `contains \u202e in its header X-A`},
		"terminal, in a path": {saying(t, `{"payload":{"x":"\u001b[2J\n"}}`),
			"request GET /v1/x\ncapture id /payload/x\nrequest GET /v1/$id\nstatus 200\n", violates, `/v1/\x1b[2J\n cannot be sent`},
		"terminal, in a file": {saying(t, `{"payload":{"x":"\u001b[2J\n"}}`), "request GET /v1/x\ncapture id /payload/x\ncmpjson $id\n", violates,
			`there is no file \x1b[2J\n`},
		"terminal, listed": {saying(t, `{"payload":{"x":"\u001b[2J\u2028"}}`), "request GET /v1/x\ncapture id /payload/x\nenv\nstatus 404\n",
			violates, `id=\x1b[2J\u2028`},
		"a long value": {saying(t, `{"payload":"`+strings.Repeat("a", 1<<20)+`"}`), "request GET /v1/x\ncapture id /payload\nstatus 200\n",
			violates, "is longer than 16 KiB, which is more than a variable holds"},
		"a long body": {saying(t, `["`+strings.Repeat("a", 1<<20)+`"]`), "request GET /v1/x\ncapture id ''\nstatus 200\n", violates,
			"is longer than 16 KiB, which is more than a variable holds"},
		"a long token": {saying(t, `{"access_token":"`+strings.Repeat("ab", 1<<20)+`"}`), "request POST /v2/auth/token\nstatus 200\n", violates,
			"one that is longer than 16 KiB"},
		"many tokens": {saying(t, `{"access_token":["aaaa"`+strings.Repeat(`,"aaaa"`, 17)+`]}`), "request POST /v2/auth/token\nstatus 200\n",
			violates, "more than 16 access tokens"},
	}
}

// A hostile target gets what it is owed: a script that fails, or one of which nothing can be said. It gets no memory, no time
// and no terminal.
func TestHostileTargets(t *testing.T) {
	rows := largeTargets(t)
	maps.Copy(rows, brokenTargets(t))
	maps.Copy(rows, steeringTargets(t))
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			summary, out := run(t, t.Context(), write(t, "hostile.txtar", row.script), scenarios.Params{URL: row.target, Environment: "e"})
			if summary.ExitCode() != row.code || !strings.Contains(out, row.says) {
				t.Errorf("exit code %d, owed %d and %q:\n%s", summary.ExitCode(), row.code, row.says, out[max(0, len(out)-2<<10):])
			}
			checkPrintable(t, out)
			if len(out) > 32<<10 {
				t.Errorf("the output has %d bytes", len(out))
			}
		})
	}
}

// checkPrintable fails where a text has more than letters, blanks, tabs and line ends.
func checkPrintable(t *testing.T, text string) {
	t.Helper()
	for at, letter := range text {
		if letter != '\n' && letter != '\t' && !unicode.IsGraphic(letter) || letter == utf8.RuneError || letter == '\u2028' {
			t.Fatalf("the output has %q: %q", letter, text[max(0, at-20):min(len(text), at+20)])
		}
	}
}

func spoken(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func speaking(first, endless string) func(io.Writer) error {
	return func(w io.Writer) error { return errors.Join(spoken(first)(w), endlessly(w, endless)) }
}

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	_ = endlessly(gzip.NewWriter(w), " ")
}

// members is an object of that many members.
func members(number int) string {
	var text strings.Builder
	for i := range number {
		fmt.Fprintf(&text, `,"m%d":1`, i)
	}
	return "{" + text.String()[1:] + "}"
}

// listOf is a list of credentials, as the document has it, with anything in it.
func listOf(item string, number int) string {
	return `{"meta":{"version":"1.0.0"},"payload":{"credentials":[` + strings.TrimSuffix(strings.Repeat(item, number), ",") + `]}}`
}

// longAndDeep has many values below long names: with its pointer, each would be large.
func longAndDeep() string {
	name := strings.Repeat("n", 10<<10)
	return strings.Repeat(`{"`+name+`":`, 400) + "[" + strings.Repeat(`{"a":1},`, 200_000) + "1]" + strings.Repeat("}", 400)
}
