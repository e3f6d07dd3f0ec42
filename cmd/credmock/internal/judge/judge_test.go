package judge_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/commandtest"
	"github.com/credmock/credmock/cmd/credmock/internal/har"
)

// The recordings are real ones of a page that calls the mock: strategies, create, get, list, update, a refused create, delete.
//
//   - chromium.har: Chromium over its DevTools protocol, with the npm package chrome-har-capturer 0.14.4 (chrome-har-capturer -c).
//   - playwright.har: Playwright 1.65.1 with newContext({recordHar: {content: 'embed'}}).
//
// The blanks between the members were removed.
var recordings = []string{"testdata/chromium.har", "testdata/playwright.har"}

// sent is the secret that goes up in the recordings, and token their bearer token.
const sent, token = "recorded-s3cret-31337", "dev-token"

// load reads a recording.
func load(t *testing.T, name string) har.File {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var file har.File
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// save writes a recording.
func save(t *testing.T, file har.File) string {
	t.Helper()
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return commandtest.Write(t, "changed.har", string(text))
}

// find returns the entry of the first request of a method whose answer has a status.
func find(t *testing.T, file har.File, method string, status int) *har.Entry {
	t.Helper()
	for i := range file.Log.Entries {
		if one := &file.Log.Entries[i]; one.Request.Method == method && one.Response.Status == status &&
			strings.Contains(one.Request.URL, "/v1/authcredentials") && !strings.HasSuffix(one.Request.URL, "/strategies") {
			return one
		}
	}
	t.Fatalf("no %s with %d", method, status)
	return nil
}

// change replaces a part of a body.
func change(t *testing.T, entry *har.Entry, old, by string) {
	t.Helper()
	text := strings.Replace(*entry.Response.Content.Text, old, by, 1)
	if text == *entry.Response.Content.Text {
		t.Fatalf("%s does not stand in %s", old, text)
	}
	entry.Response.Content.Text = &text
}

func TestRealRecordingsConform(t *testing.T) {
	for _, name := range recordings {
		seen := commandtest.Run(t.Context(), nil, "judge", name)
		if seen.Code != 0 || !strings.Contains(seen.Stdout, "6 of 13 operations") {
			t.Errorf("%s: %d %s", name, seen.Code, seen.All())
		}
		if seen := commandtest.Run(t.Context(), nil, "judge", "--min-coverage", "90", name); seen.Code != 3 {
			t.Errorf("%s, 90 percent: %d %s", name, seen.Code, seen.All())
		}
	}
}

func TestARunOfOurOwnIsJudged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.har")
	seen := commandtest.Run(t.Context(), nil, "verify", "--run", "^(envelope|redaction/(create|get)/echo)", "--har", name)
	if seen.Code != 0 {
		t.Fatalf("%d: %s", seen.Code, seen.All())
	}
	text, err := os.ReadFile(name)
	if err != nil || bytes.Contains(text, []byte("dev-token")) || !bytes.Contains(text, []byte("[masked]")) {
		t.Errorf("%v: the recording shows a token, or masks nothing", err)
	}
	if seen := commandtest.Run(t.Context(), nil, "judge", name); seen.Code != 0 || !strings.Contains(seen.Stdout, "13 of 13 operations") {
		t.Errorf("%d: %s", seen.Code, seen.All())
	}
}

// forms are ways in which a secret may come back.
var forms = map[string]string{
	"plain":   sent,
	"base64":  base64.StdEncoding.EncodeToString([]byte(sent)),
	"SHA-256": hexOf(sha256.Sum256([]byte(sent))),
	"hex":     hex.EncodeToString([]byte(sent)),
}

func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }

func TestASecretThatComesBack(t *testing.T) {
	for _, shown := range forms {
		for _, name := range recordings {
			file := load(t, name)
			change(t, find(t, file, "GET", 200), `"clientId":"recorder"`, `"clientId":"`+shown+`"`)
			expect(t, save(t, file), 1, "redaction/get/sent", "/payload/clientId", shown)
		}
	}
	file := load(t, recordings[0])
	header := &find(t, file, "POST", 400).Response.Headers
	*header = append(*header, har.Pair{Name: "x-debug", Value: "got " + sent})
	expect(t, save(t, file), 1, "redaction/create/sent", "header X-Debug", sent)

	file = load(t, recordings[1])
	change(t, find(t, file, "DELETE", 200), `"message":"`, `"message":"`+token+` `)
	expect(t, save(t, file), 1, "redaction/token", "/payload/message", "")
}

// expect judges a recording. No report shows a secret.
func expect(t *testing.T, name string, code int, id, place, secret string) {
	t.Helper()
	for _, format := range []string{"text", "json", "markdown"} {
		seen := commandtest.Run(t.Context(), nil, "judge", "--report", format+"=-", name)
		if seen.Code != code || !strings.Contains(seen.Stdout, id) || !strings.Contains(strings.ReplaceAll(seen.Stdout, `\`, ""), place) {
			t.Errorf("%s: %d, owed %d, %s and %s: %s", format, seen.Code, code, id, place, seen.All())
		}
		if secret != "" && strings.Contains(seen.All(), secret) || strings.Contains(seen.All(), sent) {
			t.Errorf("the %s report shows the secret", format)
		}
	}
}

// A text that goes up later says nothing of an answer before it.
func TestASecretBeforeItWentUp(t *testing.T) {
	file := load(t, recordings[0])
	for i := range file.Log.Entries {
		if one := &file.Log.Entries[i]; strings.HasSuffix(one.Request.URL, "/strategies") && one.Request.Method == "GET" {
			change(t, one, `"meta":{`, `"meta":{"note":"`+sent+`",`)
		}
	}
	if seen := commandtest.Run(t.Context(), nil, "judge", save(t, file)); seen.Code != 0 {
		t.Errorf("%d: %s", seen.Code, seen.All())
	}
}

var changes = map[string]struct {
	edit func(t *testing.T, file har.File)
	code int
	owed string
}{
	"a flag that is missing": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "GET", 200), `"hasClientSecret":true`, `"more":1`)
	}, 1, "document/get/answer"},
	"a wrong type": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "POST", 201), `"organization":118`, `"organization":"118"`)
	}, 1, "document/create/answer"},
	"no version": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "DELETE", 200), `"version":"1.0.0"`, `"version":1`)
	}, 1, "document/delete/answer"},
	"a secret's own key": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "PATCH", 200), `"hasClientSecret"`, `"clientSecret":"****","hasClientSecret"`)
	}, 1, "redaction/update/key"},
	"no JSON": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "GET", 200), `{"meta"`, `<html>{"meta"`)
	}, 1, "envelope/get/json"},
	"a crash": {func(t *testing.T, file har.File) { find(t, file, "GET", 200).Response.Status = 500 }, 1, "status/get/crash"},
	"a gateway": {func(t *testing.T, file har.File) { find(t, file, "GET", 200).Response.Status = 502 }, 0,
		"1 answer was that of a gateway"},
	"no answer": {func(t *testing.T, file har.File) { find(t, file, "GET", 200).Response.Status = 0 }, 0, "1 request got no answer"},
	"no body": {func(t *testing.T, file har.File) { find(t, file, "GET", 200).Response.Content.Text = nil }, 0,
		"1 answer was recorded without a body"},
	"nested too deep": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "GET", 200), `"meta":{`, `"meta":{"a":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+`,`)
	}, 0, "1 answer was recorded without a body"},
	"an offset and null": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "GET", 200), `"clientId":"recorder"`, `"clientId":"recorder","audience":null`)
	}, 0, "verdict: conforms"},
	"more members": {func(t *testing.T, file har.File) {
		change(t, find(t, file, "GET", 200), `"payload":{`, `"payload":{"further":{"a":[1]},`)
	}, 0, "verdict: conforms"},
	"another media type": {func(t *testing.T, file har.File) {
		headers := find(t, file, "GET", 200).Response.Headers
		for i := range headers {
			if strings.EqualFold(headers[i].Name, "content-type") {
				headers[i].Value = "text/plain"
			}
		}
	}, 0, "envelope/get/media-type"},
}

func TestAnswersThatBreakTheDocument(t *testing.T) {
	for name, row := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, recording := range recordings {
				file := load(t, recording)
				row.edit(t, file)
				seen := commandtest.Run(t.Context(), nil, "judge", save(t, file))
				if seen.Code != row.code || !strings.Contains(seen.Stdout, row.owed) {
					t.Errorf("%s: %d, owed %d and %q: %s", recording, seen.Code, row.code, row.owed, seen.All())
				}
			}
		})
	}
}

// Recorders write bodies and headers in other ways.
func TestOtherWaysOfRecording(t *testing.T) {
	file := load(t, recordings[1])
	entry := find(t, file, "GET", 200)
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write([]byte(*entry.Response.Content.Text)); err != nil || writer.Close() != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(packed.Bytes())
	entry.Response.Content.Text, entry.Response.Content.Encoding = &encoded, "base64"
	entry.Request.Headers = append([]har.Pair{{Name: ":authority", Value: "127.0.0.1"}, {Name: ":path", Value: "/"}}, entry.Request.Headers...)
	entry.Response.Headers = append([]har.Pair{{Name: ":status", Value: "200"}}, entry.Response.Headers...)
	plain := base64.StdEncoding.EncodeToString([]byte(*find(t, file, "DELETE", 200).Response.Content.Text))
	find(t, file, "DELETE", 200).Response.Content = har.Content{Size: 80, Text: &plain, Encoding: "base64"}
	seen := commandtest.Run(t.Context(), nil, "judge", save(t, file))
	if seen.Code != 0 || strings.Contains(seen.Stdout, "without") {
		t.Errorf("%d: %s", seen.Code, seen.All())
	}
}

func TestWhereTheAPIIs(t *testing.T) {
	file := load(t, recordings[0])
	for i := range file.Log.Entries {
		if one := &file.Log.Entries[i]; one.Request.Method == "DELETE" {
			one.Request.URL = strings.Replace(one.Request.URL, "http://127.0.0.1:33431/platform", "https://other.example.com", 1)
		}
	}
	name := save(t, file)
	file.Log.Entries = file.Log.Entries[:1]
	page := save(t, file)
	for args, row := range map[string]struct {
		code int
		owed string
	}{
		name: {2, "say with --url which: http://127.0.0.1:33431/platform, https://other.example.com"},
		"--url https://other.example.com/ " + name: {0, "1 of 13 operations"},
		"--url https://third.example.com " + name:  {3, "no answer of the API below https://third.example.com"},
		page:                    {3, "there is nothing to judge"},
		"not-there.har":         {2, "there is no file not-there.har"},
		"testdata":              {2, "is a folder"},
		"judge_test.go":         {2, "it is no HAR"},
		"--url ftp://x " + name: {2, "--url must begin with http"},
		"":                      {2, "name one HAR file"},
		"--accept none " + name: {2, "there is no alternative"},
		"a b":                   {2, "name one HAR file"},
	} {
		seen := commandtest.Run(t.Context(), nil, append([]string{"judge"}, strings.Fields(args)...)...)
		if seen.Code != row.code || !strings.Contains(seen.All(), row.owed) {
			t.Errorf("%s: %d, owed %d and %q: %s", args, seen.Code, row.code, row.owed, seen.All())
		}
	}
}
