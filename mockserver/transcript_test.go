package mockserver_test

import (
	"bytes"
	"net/http"
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
