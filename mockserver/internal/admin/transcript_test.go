package admin_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
	"github.com/credmock/credmock/scenarios"
)

// The journal of manual requests, exported as a scenario file, passes against a new mock.
func TestJournalBecomesScenario(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"name": "it's $5, \"now\"", "clientSecret": "hush-hush", "noBasic": "true", "scopes": "a\nb"}))
	at := "/v1/authcredentials/" + id
	mock.Get(id)
	mock.Send("PATCH", at, mocktest.Object(mocktest.PatchBody,
		mocktest.Members{"password": "whisper", "clientSecret": nil, "audience": "<any>"}))
	mock.Send("PATCH", at, `{"scopes":"x"}`)
	mock.Send("POST", "/v1/authcredentials", `{"name":7,"secretKey":1,"typo":true,"clientSecret":["x"]}`)
	mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"authCredential":"`+id+`","verificationToken":"murmur"}`)
	made := mock.Send("POST", "/v1/environments/"+mocktest.Development+"/destinations",
		`{"name":"d"}`).Payload()["destination"].(mocktest.Members)["id"].(string)
	mock.Send("GET", "/v1/destinations/"+made, "")
	mock.Send("DELETE", at, "")
	mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"authCredential":null}`)
	mock.Send("DELETE", at, "")
	mock.Send("GET", at, "")
	mock.Send("GET", "/v1/authcredentials/no-such-id", "")
	mock.Send("POST", "/v1/authcredentials", `{`)
	mock.Raw("POST", mock.URL+"/v1/authcredentials", http.Header{"Authorization": {"Bearer dev-token"}, "Content-Type": {"text/plain"}},
		strings.NewReader("x"))
	mock.Obtain("GET", mock.URL+mocktest.StrategiesPath, http.Header{"Prefer": {"code=503"}}, "")
	mock.As(mock.ViewerToken, "POST", "/v1/authcredentials", mocktest.Object(mocktest.WifBody))
	mock.As(mock.OtherToken, "GET", "/v1/environments/"+mocktest.Elsewhere+"/authcredentials", "")
	mock.As("", "GET", "/v1/organizations/118/environments", "")
	mock.Send("GET", "/v1/organizations/118/environments", "")
	mock.Send("PUT", at, "")
	mock.Create(mocktest.Object(mocktest.AwsBody))

	exported := mock.Obtain("GET", mock.At("")+"/__admin/requests.txtar", http.Header{}, "").Text
	for _, hidden := range []string{"hush", "whisper", "murmur", id, made, "dev-token"} {
		if strings.Contains(exported, hidden) {
			t.Errorf("the file holds %s", hidden)
		}
	}
	if strings.Count(exported, "\nrequest ") != 21 || strings.Count(exported, "Left out") != 1 {
		t.Errorf("%s", exported)
	}
	if strings.Count(exported, "\ntoken ") != 3 {
		t.Errorf("the file has not each caller once:\n%s", exported)
	}
	passes(t, exported)
}

// The file says that it depends on custom fixtures.
func TestScenarioNamesCustomFixtures(t *testing.T) {
	const warning = "# It was sent to a mock with fixtures of its own"
	for want, options := range map[bool]mockserver.Options{false: {}, true: {Fixtures: []byte(mocktest.OwnFixtures)}} {
		mock := mocktest.Start(t, options)
		mock.Send("GET", mocktest.StrategiesPath, "")
		if exported := mock.Obtain("GET", mock.At("")+"/__admin/requests.txtar", http.Header{}, "").Text; strings.Contains(exported,
			warning) != want {
			t.Errorf("own fixtures %v:\n%s", want, exported)
		}
	}
}

// Requests that a test cannot repeat are left out, with a comment.
func TestScenarioLeavesOutUnrepeatable(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Journal: 3})
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	mock.Create(mocktest.Object(mocktest.OAuthBody))
	mock.Get(id) // the journal drops its creation
	mock.Operate("POST", "faults", `{"status":500,"times":1}`)
	mock.Obtain("GET", mock.URL+mocktest.StrategiesPath, http.Header{}, "")
	exported := mock.Obtain("GET", mock.At("")+"/__admin/requests.txtar", http.Header{}, "").Text
	if strings.Count(exported, "Left out") != 2 || !strings.Contains(exported, "dropped 1 earlier") {
		t.Error(exported)
	}
	passes(t, exported)
}

// hostileNames are names that would end a line, a quote, an argument, a file or a comment, or run a command, if they were not
// escaped.
var hostileNames = []string{
	"x\nexec sh -c 'id; false'\n#", "x\nstop", "it's", "''", "'", `"`, "a b", "\t", "#", "# x", "$HOME", "${HOME}", "$$", "`id`", "$(id)",
	"a\\", `\n`, "-- x.json --",
	"\n-- x.json --\n{}", "x\r\nexec id", "\u2028exec id", "\u0085exec id", "\u009b31m", "\x1b[2J", "\u202e", "\ufeff", "[unix] exec id", "!",
	"? exec id", "exec id", "skip",
	"{{.}}", "%s%n", "../../etc/passwd", "&& id", "; id", "| id", "> x", "[masked]", "[unknown 1]", "not-a-real-secret-1", "<script>",
	"日本語 🙂", "a\x00b", "$ENVIRONMENT", "$credential1",
}

// A scenario file runs and runs nothing else, whatever names, media types, paths and methods it repeats.
func TestScenarioWithHostileNamesRuns(t *testing.T) {
	mock := mocktest.Start(t)
	for _, name := range hostileNames {
		id := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": name, "scopes": name, "clientSecret": "hush-hush"}))
		mock.Send("PATCH", "/v1/authcredentials/"+id, mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": name, "clientId": name}))
		mock.Send("POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{name: name, "x" + name: 1}))
		mock.Send("GET", "/v1/authcredentials/"+url.PathEscape(name), "")
		if media := strings.Map(headerLetter, name); media != "" {
			mock.Obtain("POST", mock.URL+"/v1/authcredentials", http.Header{"Content-Type": {media}, "User-Agent": {media}, "Accept": {media}},
				mocktest.Object(mocktest.OAuthBody))
			mock.Obtain("POST", mock.URL+"/v1/authcredentials", http.Header{"Content-Type": {"application/json; x=" + media}},
				mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "n"}))
		}
	}
	for _, slip := range []string{"undefined", "null", "nil", "None", "NaN", "[object Object]", "{id}", ":id", "id", "0"} {
		mock.Send("GET", "/v1/authcredentials/"+url.PathEscape(slip), "")
	}
	for _, method := range []string{"PUT", "OPTIONS", "TRACE", "BREW", "exec"} {
		mock.Send(method, "/v1/authcredentials", "")
	}
	exported := mock.Obtain("GET", mock.At("")+"/__admin/requests.txtar", http.Header{}, "").Text
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

// headerLetter returns the letter if a header may contain it, or -1.
func headerLetter(letter rune) rune {
	if letter < ' ' || letter == 0x7f {
		return -1
	}
	return letter
}

// passes runs a scenario against a new mock.
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
