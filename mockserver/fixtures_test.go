package mockserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

const ownFixtures = `
organizations:
  - id: 7
    environments:
      - id: here
        name: Here
        environmentFlag: Staging
        credentials:
          - {id: stored, name: c, grantType: client_credentials, url: u, clientSecret: hush}
        destinations:
          - {name: d, authCredential: stored}
principals:
  viewer: {organization: 7, role: engineer}
`

func TestFixtures(t *testing.T) {
	mock := start(t, mockserver.Options{Fixtures: []byte(ownFixtures)})
	shown := mock.get("stored")
	if shown["hasClientSecret"] != true || shown["organization"] != 7.0 || shown["environmentId"] != "here" {
		t.Errorf("%v", shown)
	}
	if got := mock.send("DELETE", "/v1/authcredentials/stored", ""); got.status != 409 {
		t.Errorf("delete: %d", got.status)
	}
	if got := mock.as(mock.ViewerToken, "POST", "/v1/authcredentials", `{"name":"n","environmentId":"here","grantType":"client_credentials","url":"u"}`); got.status != 201 {
		t.Errorf("the viewer as an engineer: %d", got.status)
	}
	if got := mock.as(mock.OtherToken, "GET", "/v1/authcredentials/stored", ""); got.status != 404 {
		t.Errorf("the other organization: %d", got.status)
	}
}

func TestFixturesAreHeldToTheDocument(t *testing.T) {
	const canary = "cnry-7f3a9"
	const stored = "/organizations/0/environments/0/credentials/0"
	change := func(old, replacement string) string { return strings.Replace(ownFixtures, old, replacement, 1) }
	reader := func(members string) string { return ownFixtures + "  reader: {" + members + "}\n" }
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "organizations is required"},
		{"an empty list", "organizations: []", "organizations is required"},
		{"not YAML", "organizations: [" + canary, "line 1: this is not YAML"},
		{"unknown key", "organisations: " + canary, "line 1: the key is not known here; did you mean organizations?"},
		{"unknown key of a principal", reader("organization: 7, role: viewer, " + canary + ": x"), "line 14: /principals/reader: the key is not known here"},
		{"wrong type", change("- id: 7", "- id: "+canary), "line 3: /organizations/0/id: the value must be a number"},
		{"no organization id", change("- id: 7", "- environments: []\n  - id: 7"), "line 3: /organizations/0: id is required"},
		{"organization twice", change("principals:", "  - id: 7\nprincipals:"), "line 12: /organizations/1: another organization"},
		{"key twice", change("name: Here", "name: Here\n        name: "+canary), "the key stands there twice"},
		{"list as text", change("          - {id: stored", "          "+canary+"\n          - {id: stored"), "line"},
		{"unknown member", change("clientSecret: hush", "clientSecrets: "+canary), "line 9: " + stored + ": The body has a member that is not known here; did you mean clientSecret"},
		{"missing member", change("url: u, ", ""), "line 9: " + stored + "/url: url is required"},
		{"wrong enum", change("Staging", canary), "line 7: /organizations/0/environments/0/environmentFlag: environmentFlag must be one of"},
		{"secret of a wrong type", change("clientSecret: hush", "clientSecret: ["+canary+"]"), "line 9: " + stored + "/clientSecret: clientSecret must be a string"},
		{"no value of JSON", change("clientSecret: hush", "clientSecret: .nan"), stored + "/clientSecret: the value has no form in JSON"},
		{"broken link", change("authCredential: stored", "authCredential: "+canary), "line 11: /organizations/0/environments/0/destinations/0/authCredential: authCredential must be the id"},
		{"second document", ownFixtures + "---\n" + canary, "second document"},
		{"no role", reader("organization: 7"), "line 14: /principals/reader: role is required"},
		{"unknown role", reader("organization: 7, role: " + canary), "/principals/reader/role: role must be engineer"},
		{"unknown organization", reader("organization: 8, role: viewer"), "/principals/reader/organization: organization must be the id"},
		{"token with a blank", reader("organization: 7, role: viewer, tokens: [" + canary + " x]"), "line 14: /principals/reader/tokens/0: a token cannot be empty"},
		{"token of another", reader("organization: 7, role: viewer, tokens: [dev-token]"), "/principals/reader/tokens/0: a token is given twice"},
		{"no keys", reader("organization: 7, role: viewer, keys: {keys: []}"), "/principals/reader/keys: keys must be a JWK set"},
		{"bad key", reader("organization: 7, role: viewer, keys: {keys: [{kty: oct, k: " + canary + "}]}"), "/principals/reader/keys: a key must be of type"},
		{"both sorts of keys", reader("organization: 7, role: viewer, developmentKeys: true, keys: {keys: []}"), "exclude each other"},
		{"faults as a mapping", ownFixtures + "faults: {status: 503}", "line 14: /faults: this must be a list"},
		{"a fault as text", ownFixtures + "faults: [" + canary + "]", "line 14: /faults/0: this must be a mapping"},
		{"unknown key of a fault", ownFixtures + "faults: [{" + canary + ": 503}]", "line 14: /faults/0: the key is not known here; known are operations, methods, times, status"},
		{"a fault of nothing", ownFixtures + "faults: [{times: 2}]", "line 14: /faults/0: Say what is to go wrong"},
		{"a status as text", ownFixtures + "faults: [{status: " + canary + "}]", "line 14: /faults/0/status: the value must be a whole number"},
		{"a number for a delay", ownFixtures + "faults: [{delay: 5, status: 42}]", "line 14: /faults/0/delay: the value must be a string\nfixtures: line 14: /faults/0/status: status must be"},
		{"a status of success", ownFixtures + "faults:\n  - status: 503\n  - status: 200\n", "line 16: /faults/1/status: status must be one of an error"},
		{"unknown operation", ownFixtures + "faults: [{status: 500, operations: [" + canary + "]}]", "/faults/0/operations/0: This must be the id of an operation"},
		{"unknown mutant", ownFixtures + "faults: [{mutant: " + canary + "}]", "/faults/0/mutant: mutant must be one of"},
		{"alias to itself", change("clientSecret: hush", "clientSecret: &a [*a]"), "an alias here leads nowhere"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := mockserver.New(mockserver.Options{Fixtures: []byte(row.text)})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error holds a value: %v", err)
			}
		})
	}
}

// One reading finds every fault, in the order of the lines.
func TestAllFaultsOfFixturesAtOnce(t *testing.T) {
	_, err := mockserver.New(mockserver.Options{Fixtures: []byte(`organizations:
  - id: 7
    environments:
      - name: Here
        credentials:
          - {name: c, grantType: password, url: 7}
          - {name: d, authStrategy: AwsSigv4}
        destinations:
          - {}
    colour: red
principals:
  viewer: {organization: 9, role: reader}
`)})
	want := []string{
		"line 4: /organizations/0/environments/0/id: id is required",
		"line 4: /organizations/0/environments/0/environmentFlag: environmentFlag is required",
		"line 6: /organizations/0/environments/0/credentials/0/grantType: ", "line 6: /organizations/0/environments/0/credentials/0/url: ",
		"line 7: /organizations/0/environments/0/credentials/1/accessKey: ", "line 7: /organizations/0/environments/0/credentials/1/secretKey: ",
		"line 9: /organizations/0/environments/0/destinations/0/name: ", "line 10: /organizations/0: the key is not known",
		"line 12: /principals/viewer/organization: ", "line 12: /principals/viewer/role: ",
	}
	if err == nil {
		t.Fatal("no fault")
	}
	rest := err.Error()
	for _, fault := range want {
		_, after, found := strings.Cut(rest, "fixtures: "+fault)
		if !found {
			t.Fatalf("%q is missing, or not in its place, in\n%v", fault, err)
		}
		rest = after
	}
}

func TestPrincipalsOfFixtures(t *testing.T) {
	mock := start(t, mockserver.Options{Fixtures: []byte(ownFixtures + `
  job: {organization: 7, role: engineer, tokens: [job-token, second-token]}
  reader: {organization: 7, role: viewer, tokens: [reader-token]}
`)})
	body := `{"name":"n","environmentId":"here","grantType":"client_credentials","url":"u"}`
	for token, owed := range map[string]int{"job-token": 201, "second-token": 201, "reader-token": 403, "no-token": 401} {
		if got := mock.as(token, "POST", "/v1/authcredentials", body); got.status != owed {
			t.Errorf("%s: %d, owed %d", token, got.status, owed)
		}
	}
}

// An item without an id has the same one whenever the same fixtures are read; a date stays the text that it is.
func TestFixturesGiveTheSameIDs(t *testing.T) {
	text := strings.Replace(ownFixtures, "- {id: stored, name: c,", "- {name: 2026-01-15,", 1)
	text = strings.Replace(text, ", authCredential: stored", "", 1)
	list := func() string {
		return start(t, mockserver.Options{Fixtures: []byte(text), Clock: fixedClock}).send("GET", "/v1/environments/here/authcredentials", "").text
	}
	if first, second := list(), list(); first != second || !strings.Contains(first, `"name":"2026-01-15"`) {
		t.Errorf("%s%s", first, second)
	}
}

func fixedClock() time.Time { return time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC) }

func TestPrivateKeysAreNotFixtures(t *testing.T) {
	private := strings.ReplaceAll(string(mockserver.DevelopmentKeys()), "\n", " ")
	_, err := mockserver.New(mockserver.Options{Fixtures: []byte(ownFixtures + "  c: {organization: 7, role: viewer, keys: " + private + "}")})
	if err == nil || !strings.Contains(err.Error(), "public") {
		t.Errorf("%v", err)
	}
}

// publicKeys are the development keys as a client would give them to the fixtures.
func publicKeys(t *testing.T) string {
	t.Helper()
	private, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		t.Fatal(err)
	}
	public, err := jwk.PublicSetOf(private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTokensAreDistinct(t *testing.T) {
	for name, options := range map[string]mockserver.Options{
		"same for two":    {Tokens: []string{"a"}, ViewerToken: "a"},
		"one twice":       {Tokens: []string{"a", "a"}},
		"empty":           {Tokens: []string{""}},
		"with a blank":    {OtherToken: "a b"},
		"with a new line": {OtherToken: "a\nb"},
	} {
		if _, err := mockserver.New(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	mock := start(t, mockserver.Options{Tokens: []string{"one", "two"}})
	for _, token := range []string{"one", "two"} {
		if got := mock.as(token, "GET", "/v1/authcredentials/strategies", ""); got.status != 200 {
			t.Errorf("%d", got.status)
		}
	}
	if got := mock.as(mockserver.DefaultToken, "GET", "/v1/authcredentials/strategies", ""); got.status != 401 {
		t.Errorf("the default token is known beside others: %d", got.status)
	}
}

func TestADocumentThatTheMockCannotServe(t *testing.T) {
	for old, replacement := range map[string]string{
		"x-action: verify":          "x-action: strategies",
		"x-resource: environment\n": "x-resource: token\n",
	} {
		text := strings.Replace(string(credmock.Document()), old, replacement, 1)
		spec, err := credmock.Load([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mockserver.New(mockserver.Options{Spec: spec}); err == nil || !strings.Contains(err.Error(), "the mock has no way to") {
			t.Errorf("%v", err)
		}
	}
}

// statuses sends as many requests as there are statuses wanted.
func statuses(t *testing.T, mock *api, when, path string, want ...int) {
	t.Helper()
	for i, status := range want {
		if got := mock.obtain("GET", mock.URL+path, http.Header{}, ""); got.status != status {
			t.Errorf("%s, request %d: %d, not %d", when, i+1, got.status, status)
		}
	}
}

// Each session begins with the faults of the fixtures, and a reset brings them back.
func TestFixturesPlanFaults(t *testing.T) {
	mock := start(t, mockserver.Options{Fixtures: []byte(ownFixtures + "faults:\n  - {operations: [getAuthCredential], times: 2, status: 503}\n")})
	stored := "/v1/authcredentials/stored"
	statuses(t, mock, "at the start", stored, 503, 503, 200)
	statuses(t, mock, "another operation", strategiesPath, 200)
	if got := mock.operate("POST", "reset", ""); got.status != 200 {
		t.Fatalf("reset: %d", got.status)
	}
	statuses(t, mock, "after a reset", stored, 503, 503, 200)
	if got := mock.operate("POST", "sessions", `{"name":"mine"}`); got.status != 201 {
		t.Fatalf("session: %d", got.status)
	}
	statuses(t, mock.in("mine"), "in a session", stored, 503, 503, 200)
	statuses(t, mock, "beside it", stored, 200)
}

func TestFixturesPlanAMutant(t *testing.T) {
	broken := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	}
	options := mockserver.Options{
		Fixtures: []byte(ownFixtures + "faults: [{mutant: teapot}]"),
		Mutants:  map[string]func(http.Handler) http.Handler{"teapot": broken},
	}
	mock := start(t, options)
	statuses(t, mock, "before the mutant is removed", strategiesPath, http.StatusTeapot)
	if got := mock.operate("DELETE", "faults", ""); got.status != 200 {
		t.Fatalf("delete: %d", got.status)
	}
	statuses(t, mock, "after that", strategiesPath, 200)
	options.Mutants["teapot"] = func(sound http.Handler) http.Handler { return sound }
	mock = start(t, options)
	statuses(t, mock, "through a server that passes everything on", strategiesPath, 200)
	if kept := mock.journal("")[0]; kept["injected"] != "mutant teapot" {
		t.Errorf("the journal does not say what stood before the mock: %v", kept)
	}
	options.Fixtures = []byte(ownFixtures + "faults: [{mutant: teapot}, {mutant: teapot}]")
	if _, err := mockserver.New(options); err == nil || !strings.Contains(err.Error(), "/faults/1/mutant: one broken server stands before the mock already") {
		t.Errorf("two at once: %v", err)
	}
}
