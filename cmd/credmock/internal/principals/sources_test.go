package principals_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/commandtest"
	"github.com/credmock/credmock/mockserver"
)

// A command that gives no token is told of with its status and the first line of its standard error, without a secret.
func TestATokenCommandThatFails(t *testing.T) {
	server := startGate(t, 0, nil)
	for name, row := range map[string]struct {
		line   string
		owed   []string
		hidden string
	}{
		"status and first line": {"echo; echo 'the vault is sealed' >&2; echo then >&2; exit 7", []string{"status 7", "vault is sealed"}, "then"},
		"no such program":       {"credmock-no-such-program-x", []string{"status 127"}, ""},
		"a named secret":        {"echo 'login with password=hunter2-of-mine failed' >&2; exit 1", []string{"status 1", "login with"}, "hunter2"},
		"a bearer":              {"echo 'refused Bearer abc-def-ghi' >&2; exit 1", []string{"refused"}, "abc-def"},
		"its own output":        {"echo tok-12345; echo 'tok-12345 is stale' >&2; exit 1", []string{"is stale"}, "tok-12345 is"},
		"a long word":           {"echo 'cannot use 0a1b2c3d4e5f60718293a4b5c6d7e8f9' >&2; exit 1", []string{"cannot use"}, "0a1b2c3d"},
		"a URL with a user":     {"echo 'https://me:mine@vault.example is down' >&2; exit 1", []string{"vault.example is down"}, "me:mine"},
		"nothing":               {"true", []string{"status 0", "holds no token"}, ""},
		"JSON without a token":  {`echo '{"expires_in":5}'`, []string{"without an access_token"}, ""},
		"prose":                 {"echo please log in first", []string{"no bearer token"}, "please log"},
		"a scheme before it":    {"echo Bearer abc", []string{"leave that out"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := commandtest.Run(t.Context(), nil, "verify", "--url", server.URL+"/platform", "--token-command", row.line, "--run", "^envelope/")
			if seen.Code != 3 || !strings.Contains(seen.Stdout, "there is no token for the engineer: --token-command ") {
				t.Fatalf("%d: %s %s", seen.Code, seen.Stdout, seen.Stderr)
			}
			for _, owed := range row.owed {
				if !strings.Contains(seen.Stdout, owed) {
					t.Errorf("nothing says %q: %s", owed, seen.Stdout)
				}
			}
			if row.hidden != "" && strings.Contains(seen.All(), row.hidden) {
				t.Errorf("%q is shown: %s", row.hidden, seen.Stdout)
			}
		})
	}
}

// One principal has one token. A flag beats a variable.
func TestSourcesOfTokens(t *testing.T) {
	mock := mockserver.Start(t)
	key, file := developmentKeys(t), commandtest.Write(t, "token", mockserver.DefaultToken)
	for name, row := range map[string]struct {
		environment map[string]string
		args        string
		code        int
		owed        string
	}{
		"two flags":         {nil, "--token a --token-file " + file, 2, "--token and --token-file both say where a token of an engineer"},
		"command and key":   {nil, "--token-command x --client-id y --key " + key, 2, "--token-command and --client-id both say"},
		"two of the viewer": {nil, "--viewer-token a --viewer-token-file b", 2, "--viewer-token and --viewer-token-file both say"},
		"two variables": {map[string]string{"CREDMOCK_TOKEN": "a", "CREDMOCK_TOKEN_FILE": "b"}, "", 2,
			"CREDMOCK_TOKEN and CREDMOCK_TOKEN_FILE"},
		"flag beats variable":   {map[string]string{"CREDMOCK_TOKEN": "a"}, "--token-file " + file, 0, ""},
		"key beats variable":    {map[string]string{"CREDMOCK_TOKEN_FILE": "a"}, "--client-id development-client --key " + key, 0, ""},
		"rest from variables":   {map[string]string{"CREDMOCK_KEY": key}, "--client-id development-client", 0, ""},
		"key without a client":  {nil, "--key " + key, 2, "--key needs --client-id"},
		"client without a key":  {nil, "--viewer-client-id x", 2, "--viewer-client-id needs --viewer-key"},
		"no such key":           {nil, "--client-id x --key not-there", 2, "--key: there is no file not-there"},
		"no key at all":         {nil, "--other-client-id x --other-key " + file, 2, "--other-key must name a file with a private key"},
		"no endpoint":           {nil, "--client-id x --key " + key + " --token-url ftp://x", 2, "--token-url must be the URL"},
		"endpoint of nobody":    {nil, "--viewer-token-url http://x/y", 2, "--viewer-token-url needs --viewer-client-id and --viewer-key"},
		"an empty flag":         {nil, "--token-file=", 2, "--token-file is empty"},
		"no such file":          {nil, "--token-file not-there", 3, "--token-file: there is no file not-there"},
		"an unknown client":     {nil, "--client-id stranger --key " + key, 3, "there is no token for the engineer: http://"},
		"one token for two":     {nil, "--token-file " + file + " --viewer-token-file " + file, 3, "two principals have the same token"},
		"endpoint that is none": {nil, "--client-id x --key " + key + " --token-url " + mock.URL, 3, "there is no token for the engineer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"verify", "--url", mock.URL, "--run", "^envelope/get"}, strings.Fields(row.args)...)
			seen := commandtest.Run(t.Context(), row.environment, args...)
			if seen.Code != row.code || !strings.Contains(seen.All(), row.owed) {
				t.Errorf("%d, owed %d and %q: %s %s", seen.Code, row.code, row.owed, seen.Stdout, seen.Stderr)
			}
		})
	}
	seen := commandtest.Run(t.Context(), nil, "verify", "--token-file", file)
	if seen.Code != 2 || !strings.Contains(seen.Stderr, "--token-file needs --url") {
		t.Errorf("a fresh mock: %d %s", seen.Code, seen.Stderr)
	}
}

// A server that refuses every token is asked for one more token and no further one, and is not accused.
func TestAServerThatRefusesEverything(t *testing.T) {
	exchanges := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/auth/token" {
			exchanges++
			_, _ = w.Write([]byte(`{"access_token":"issued-` + strings.Repeat("x", exchanges) + `","expires_in":"60"}`))
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	seen := commandtest.Run(t.Context(), nil, "verify", "--url", server.URL+"/platform", "--client-id", "me", "--key", developmentKeys(t))
	if seen.Code != 3 || exchanges != 2 {
		t.Errorf("%d after %d tokens: %s %s", seen.Code, exchanges, seen.Stdout, seen.Stderr)
	}
}
