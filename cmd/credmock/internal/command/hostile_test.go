package command

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// saying returns the URL of a server that says the same to everything, with {assertion} replaced by the one that it was sent.
func saying(t *testing.T, status int, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(sent))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "{assertion}", form.Get("client_assertion")))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// speaking returns the URL of a server that writes a text to each connection, whether that is HTTP or not; again and again
// until nobody reads, where endless is not empty.
func speaking(t *testing.T, text, endless string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		_, err = io.WriteString(connection, text)
		for block := strings.Repeat(endless, 1000); err == nil && endless != ""; {
			_, err = io.WriteString(connection, block)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Whatever a token endpoint says, token prints a bearer token or a message of one printable line.
func TestTokenOfAHostileEndpoint(t *testing.T) {
	const escapes = `\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\u2028\n`
	for name, row := range map[string]struct{ address, says string }{
		"an escape as a token":  {saying(t, 200, `{"access_token":"`+escapes+`"}`), "an access token that is none"},
		"a token of two lines":  {saying(t, 200, `{"access_token":"abc\ndef"}`), "an access token that is none"},
		"a token and an option": {saying(t, 200, `{"access_token":"abc -o /tmp/x"}`), "an access token that is none"},
		"a token with a quote":  {saying(t, 200, `{"access_token":"abc\"; id #"}`), "an access token that is none"},
		"a token of no letters": {saying(t, 200, `{"access_token":"==="}`), "an access token that is none"},
		"a token, no UTF-8":     {saying(t, 200, "{\"access_token\":\"abc\xff\"}"), "an access token that is none"},
		"a refusal":             {saying(t, 400, `{"error":"`+escapes+`","error_description":"a`+escapes+`b"}`), `refuses with`},
		"a long refusal":        {saying(t, 400, `{"error":"x","error_description":"`+strings.Repeat("a", 10_000)+`"}`), `aaa…`},
		"the assertion":         {saying(t, 400, `{"error":"x","error_description":"{assertion}"}`), "it repeats the assertion"},
		"the assertion, code":   {saying(t, 400, `{"error":"{assertion}","error_description":"x"}`), "it repeats the assertion"},
		"too long":              {saying(t, 200, `{"access_token":"`+strings.Repeat("a", 70_000)+`"}`), "more than 64 KiB"},
		"too deep":              {saying(t, 200, strings.Repeat("[", 600)), "nested deeper than anything of this API"},
		"a status":              {speaking(t, "HTTP/1.1 500 \x1b[2J\u202e\r\n\r\n", ""), `answered 500 \x1b[2J\u202e`},
		"no HTTP":               {speaking(t, "\x1b]0;owned\x07\r\n\r\n", ""), `\x1b]0;owned`},
		"no header":             {speaking(t, "HTTP/1.1 200 OK\r\n\x1b[31m\u202e\r\n\r\n", ""), `does not answer`},
		"endless headers":       {speaking(t, "HTTP/1.1 200 OK\r\n", "X-More: yes\r\n"), "headers exceeded"},
		"endless body":          {speaking(t, "HTTP/1.1 200 OK\r\n\r\n", "more "), "more than 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := invoke(t.Context(), nil, "token", "--url", row.address)
			if seen.code != 1 || seen.stdout != "" || !strings.Contains(seen.stderr, row.says) {
				t.Errorf("%d: %q, %q; owed %q", seen.code, seen.stdout, seen.stderr, row.says)
			}
			checkLine(t, seen.stderr)
		})
	}
	for _, token := range []string{"abc", "a.b-c_d~e+f/g==", strings.Repeat("a", 4000)} {
		seen := invoke(t.Context(), nil, "token", "--url", saying(t, 200, `{"access_token":"`+token+`"}`))
		if seen.code != 0 || seen.stdout != token+"\n" {
			t.Errorf("%d: %q", seen.code, seen.stderr)
		}
	}
}

// checkLine holds a message to being one printable line.
func checkLine(t *testing.T, text string) {
	t.Helper()
	if len(text) > 1000 || strings.Count(text, "\n") != 1 || strings.ContainsFunc(text, func(letter rune) bool {
		return letter != '\n' && (!unicode.IsGraphic(letter) || unicode.IsSpace(letter) && letter != ' ')
	}) {
		t.Errorf("no printable line: %q", text)
	}
}

func TestHealthcheckOfAHostileHost(t *testing.T) {
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(elsewhere.Close)
	lure := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	t.Cleanup(lure.Close)
	for name, row := range map[string]struct{ address, says string }{
		"a status":        {speaking(t, "HTTP/1.1 500 \x1b[2J\u202e\u009b\r\n\r\n", ""), "it answered 500 Internal Server Error"},
		"no HTTP":         {speaking(t, "\x1b]0;owned\x07\r\n\r\n", ""), `\x1b]0;owned`},
		"endless headers": {speaking(t, "HTTP/1.1 200 OK\r\n", "X-More: yes\r\n"), "headers exceeded"},
		"a redirect":      {lure.URL, "it answered 302 Found"},
	} {
		seen := invoke(t.Context(), nil, "healthcheck", "--url", row.address)
		if seen.code != 1 || !strings.Contains(seen.stderr, row.says) {
			t.Errorf("%s: %d: %q; owed %q", name, seen.code, seen.stderr, row.says)
		}
		checkLine(t, seen.stderr)
	}
	if asked {
		t.Error("the redirect was followed")
	}
}
