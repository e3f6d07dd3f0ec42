package mockserver_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

// What a developer did by hand becomes a test: the journal, exported as a scenario file, passes against a fresh mock.
func TestTheJournalBecomesAScenario(t *testing.T) {
	mock := start(t)
	id := mock.create(object(oauthBody, members{"name": "it's $5, \"now\"", "clientSecret": "hush-hush", "noBasic": "true", "scopes": "a\nb"}))
	at := "/v1/authcredentials/" + id
	mock.get(id)
	mock.send("PATCH", at, object(patchBody, members{"password": "whisper", "clientSecret": nil, "audience": "<any>"}))
	mock.send("PATCH", at, `{"scopes":"x"}`)
	mock.send("POST", "/v1/authcredentials", `{"name":7,"secretKey":1,"typo":true,"clientSecret":["x"]}`)
	mock.send("PATCH", "/v1/destinations/"+inbox, `{"authCredential":"`+id+`","verificationToken":"murmur"}`)
	made := mock.send("POST", "/v1/environments/"+development+"/destinations", `{"name":"d"}`).payload()["destination"].(members)["id"].(string)
	mock.send("GET", "/v1/destinations/"+made, "")
	mock.send("DELETE", at, "")
	mock.send("PATCH", "/v1/destinations/"+inbox, `{"authCredential":null}`)
	mock.send("DELETE", at, "")
	mock.send("GET", at, "")
	mock.send("GET", "/v1/authcredentials/no-such-id", "")
	mock.send("POST", "/v1/authcredentials", `{`)
	mock.raw("POST", mock.URL+"/v1/authcredentials", http.Header{"Authorization": {"Bearer dev-token"}, "Content-Type": {"text/plain"}}, strings.NewReader("x"))
	mock.obtain("GET", mock.URL+strategiesPath, http.Header{"Prefer": {"code=503"}}, "")
	mock.as(mock.ViewerToken, "POST", "/v1/authcredentials", object(wifBody))
	mock.as(mock.OtherToken, "GET", "/v1/environments/"+elsewhere+"/authcredentials", "")
	mock.as("", "GET", "/v1/organizations/118/environments", "")
	mock.send("GET", "/v1/organizations/118/environments", "")
	mock.send("PUT", at, "")
	mock.create(object(awsBody))

	exported := mock.obtain("GET", mock.at("")+"/__admin/requests.txtar", http.Header{}, "").text
	for _, hidden := range []string{"hush", "whisper", "murmur", id, made, "dev-token"} {
		if strings.Contains(exported, hidden) {
			t.Errorf("the file holds %s", hidden)
		}
	}
	if strings.Count(exported, "\nrequest ") != 21 || strings.Count(exported, "Left out") != 1 {
		t.Errorf("%s", exported)
	}
	if strings.Count(exported, "\ntoken ") != 3 {
		t.Errorf("a viewer, another organization and nobody asked, and no other but the engineer:\n%s", exported)
	}
	passes(t, exported)
}

// What was there at the start is there in a mock with the same fixtures alone, and the file says so.
func TestAScenarioOfOwnFixturesSaysSo(t *testing.T) {
	const warning = "# It was sent to a mock with fixtures of its own"
	for want, options := range map[bool]mockserver.Options{false: {}, true: {Fixtures: []byte(ownFixtures)}} {
		mock := start(t, options)
		mock.send("GET", strategiesPath, "")
		if exported := mock.obtain("GET", mock.at("")+"/__admin/requests.txtar", http.Header{}, "").text; strings.Contains(exported, warning) != want {
			t.Errorf("own fixtures %v:\n%s", want, exported)
		}
	}
}

// passes runs a scenario against a fresh mock.
func passes(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recorded.txtar")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	summary, err := scenarios.RunFiles(t.Context(), []string{file}, scenarios.Params{}, &told)
	if err != nil || summary.ExitCode() != 0 {
		t.Errorf("%v\n%s\n%s", err, told.String(), text)
	}
}

// What a test cannot repeat is left out of the file, and said to be.
func TestWhatAScenarioLeavesOut(t *testing.T) {
	mock := start(t, mockserver.Options{Journal: 3})
	id := mock.create(object(oauthBody))
	mock.create(object(oauthBody))
	mock.get(id) // whose creation the journal drops
	mock.operate("POST", "faults", `{"status":500,"times":1}`)
	mock.obtain("GET", mock.URL+strategiesPath, http.Header{}, "")
	exported := mock.obtain("GET", mock.at("")+"/__admin/requests.txtar", http.Header{}, "").text
	if strings.Count(exported, "Left out") != 2 || !strings.Contains(exported, "dropped 1 earlier") {
		t.Error(exported)
	}
	passes(t, exported)
}

// hostileNames are names that would end a line, a quote, an argument, a file or a comment, or run something, if they were not escaped.
var hostileNames = []string{
	"x\nexec sh -c 'id; false'\n#", "x\nstop", "it's", "''", "'", `"`, "a b", "\t", "#", "# x", "$HOME", "${HOME}", "$$", "`id`", "$(id)", "a\\", `\n`, "-- x.json --",
	"\n-- x.json --\n{}", "x\r\nexec id", "\u2028exec id", "\u0085exec id", "\u009b31m", "\x1b[2J", "\u202e", "\ufeff", "[unix] exec id", "!", "? exec id", "exec id", "skip",
	"{{.}}", "%s%n", "../../etc/passwd", "&& id", "; id", "| id", "> x", "[masked]", "[unknown 1]", "not-a-real-secret-1", "<script>", "日本語 🙂", "a\x00b", "$ENVIRONMENT", "$credential1",
}

// Whatever names, media types, paths and methods were sent, the file that repeats them runs, and runs nothing else.
func TestAScenarioOfHostileNamesRuns(t *testing.T) {
	mock := start(t)
	for _, name := range hostileNames {
		id := mock.create(object(oauthBody, members{"name": name, "scopes": name, "clientSecret": "hush-hush"}))
		mock.send("PATCH", "/v1/authcredentials/"+id, object(patchBody, members{"name": name, "clientId": name}))
		mock.send("POST", "/v1/authcredentials", object(oauthBody, members{name: name, "x" + name: 1}))
		mock.send("GET", "/v1/authcredentials/"+url.PathEscape(name), "")
		if media := strings.Map(headerLetter, name); media != "" {
			mock.obtain("POST", mock.URL+"/v1/authcredentials", http.Header{"Content-Type": {media}, "User-Agent": {media}, "Accept": {media}}, object(oauthBody))
			mock.obtain("POST", mock.URL+"/v1/authcredentials", http.Header{"Content-Type": {"application/json; x=" + media}}, object(oauthBody, members{"name": "n"}))
		}
	}
	for _, slip := range []string{"undefined", "null", "nil", "None", "NaN", "[object Object]", "{id}", ":id", "id", "0"} {
		mock.send("GET", "/v1/authcredentials/"+url.PathEscape(slip), "")
	}
	for _, method := range []string{"PUT", "OPTIONS", "TRACE", "BREW", "exec"} {
		mock.send(method, "/v1/authcredentials", "")
	}
	exported := mock.obtain("GET", mock.at("")+"/__admin/requests.txtar", http.Header{}, "").text
	for _, line := range strings.Split(exported, "\n") {
		switch word, _, _ := strings.Cut(line, " "); word {
		case "exec", "stop", "skip", "!", "?", "[unix]":
			t.Errorf("a name became a command: %s", line)
		}
	}
	if strings.Count(exported, "\nrequest ") < 4*len(hostileNames) {
		t.Errorf("%d requests are repeated", strings.Count(exported, "\nrequest "))
	}
	passes(t, exported)
}

// headerLetter leaves what may stand in a header.
func headerLetter(letter rune) rune {
	if letter < ' ' || letter == 0x7f {
		return -1
	}
	return letter
}
