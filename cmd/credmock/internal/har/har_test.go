package har_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/har"
	"github.com/credmock/credmock/internal/leak"
)

const secret = "k|3^x|9^q|7^z|1^w"

// exchange sends a request through a recorder to a server that answers as it is told, and returns the recording.
func exchange(t *testing.T, body string, answer func(w http.ResponseWriter)) (har.Entry, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
	t.Cleanup(server.Close)
	recorder := har.Record(http.DefaultTransport)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/a?q=1", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer of-mine-12345")
	request.Header.Set("X-Gate", "gate-12345")
	response, err := recorder.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close() // it was read to its end
	detector := leak.New()
	detector.Add(leak.Secret{Label: "secret"}, secret)
	text, err := recorder.Write(&har.Masker{Detector: detector, Members: []string{"clientSecret"}, Headers: []string{"X-Gate"}})
	if err != nil {
		t.Fatal(err)
	}
	var file har.File
	if err := json.Unmarshal(text, &file); err != nil || len(file.Log.Entries) != 1 || file.Log.Version != "1.2" {
		t.Fatalf("%v: %s", err, text)
	}
	for _, hidden := range []string{secret, "of-mine-12345", "gate-12345", base64.StdEncoding.EncodeToString([]byte(secret))} {
		if bytes.Contains(text, []byte(hidden)) {
			t.Errorf("%s is shown: %s", hidden, text)
		}
	}
	return file.Log.Entries[0], string(text)
}

func TestSecretsAreMasked(t *testing.T) {
	for name, row := range map[string]struct {
		sent, answered string
		header         string
		owed           string
	}{
		"a member of its name": {`{"clientSecret" : "x","name":"y"}`, "{}", "", `{\"clientSecret\" : \"[masked]\",\"name\":\"y\"}`},
		"broken JSON":          {`{"clientSecret":"x"`, "{}", "", `{\"clientSecret\":\"[masked]\"`},
		"in an answer":         {"{}", `{"name":"` + secret + `","id":"7"}`, "", `{\"name\":\"[masked]\",\"id\":\"7\"}`},
		"in no string":         {"{}", "said: " + secret, "", "[masked: it holds a secret]"},
		"in base64":            {"{}", `{"a":"` + base64.StdEncoding.EncodeToString([]byte(secret)) + `"}`, "", `{\"a\":\"[masked]\"}`},
		"escaped":              {"{}", `{"a":"k\u007c3\u005ex|9^q|7^z|1^w"}`, "", `{\"a\":\"[masked]\"}`},
		"in a header":          {"{}", "{}", secret, "[masked: it holds a secret]"},
		"in bytes":             {"{}", "\xff\xfe" + secret, "", "[masked: it holds a secret]"},
		"no secret":            {`{"clientSecret":""}`, "[1]", "plain", `{\"clientSecret\":\"\"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entry, text := exchange(t, row.sent, func(w http.ResponseWriter) {
				w.Header().Set("X-Seen", row.header)
				_, _ = io.WriteString(w, row.answered) // a lost answer fails the test
			})
			if !strings.Contains(text, row.owed) || entry.Response.Status != 200 {
				t.Errorf("nothing says %s: %s", row.owed, text)
			}
		})
	}
}

// What is too large is left out and told of; what is no text is base64.
func TestBodies(t *testing.T) {
	entry, _ := exchange(t, strings.Repeat("x", 300<<10), func(w http.ResponseWriter) {
		_, _ = w.Write(bytes.Repeat([]byte("y"), 300<<10)) // a lost answer fails the test
	})
	if entry.Request.Body.Comment == "" || entry.Response.Content.Text != nil || entry.Response.Content.Comment == "" ||
		entry.Response.Content.Size != 300<<10 {
		t.Errorf("%+v", entry.Response.Content)
	}
	entry, _ = exchange(t, "", func(w http.ResponseWriter) { _, _ = w.Write([]byte{0xff, 0x00}) })
	if entry.Request.Body != nil || entry.Response.Content.Encoding != "base64" || *entry.Response.Content.Text != "/wA=" {
		t.Errorf("%+v", entry.Response.Content)
	}
}

func TestWhatIsNoRecording(t *testing.T) {
	for text, owed := range map[string]string{
		"":                                  "no HAR",
		"{":                                 "cut off",
		"[]":                                "it is not the JSON of one",
		"{}":                                "one has log.entries",
		`{"log":{}}`:                        "one has log.entries",
		`{"log":{"entries":7}}`:             "log.entries has the wrong type",
		`{"log":{"entries":[{"time":{}}]}}`: "has the wrong type",
		"<html>":                            "it is not the JSON of one",
	} {
		if _, err := har.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), owed) {
			t.Errorf("%s: %v", text, err)
		}
	}
	list, err := har.Read(strings.NewReader("\ufeff" + `{"log":{"entries":[]}}`))
	if err != nil || len(list) != 0 {
		t.Error(err)
	}
}

// FuzzRead holds that no text makes reading panic.
func FuzzRead(f *testing.F) {
	f.Add(`{"log":{"entries":[{"startedDateTime":"2026-01-01T00:00:00Z","request":{"method":"GET","headers":[{"name":":path","value":"/"}]},` +
		`"response":{"status":200,"content":{"size":3,"text":"H4sI","encoding":"base64"}}}]}}`)
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = har.Read(strings.NewReader(text))
	})
}
