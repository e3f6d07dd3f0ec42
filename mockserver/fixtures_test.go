package mockserver_test

import (
	"strings"
	"testing"

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
  viewer: {organization: 7, engineer: true}
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
	change := func(old, replacement string) string { return strings.Replace(ownFixtures, old, replacement, 1) }
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "organizations is required"},
		{"not YAML", "organizations: [" + canary, "line 1"},
		{"unknown key", "organisations: " + canary, "line 1: the key is not known"},
		{"unknown principal", change("  viewer:", "  "+canary+":"), "line 13: the key is not known"},
		{"wrong type", change("- id: 7", "- id: "+canary), "line 3: the value has the wrong type"},
		{"key twice", change("name: Here", "name: Here\n        name: "+canary), "twice"},
		{"list as text", change("          - {id: stored", "          "+canary+"\n          - {id: stored"), "line"},
		{"unknown member", change("clientSecret: hush", "clientSecrets: "+canary), "did you mean clientSecret"},
		{"missing member", change("url: u, ", ""), "line 9: url is required"},
		{"wrong enum", change("Staging", canary), "environmentFlag must be one of"},
		{"secret of a wrong type", change("clientSecret: hush", "clientSecret: ["+canary+"]"), "clientSecret must be a string"},
		{"broken link", change("authCredential: stored", "authCredential: "+canary), "authCredential must be the id"},
		{"second document", ownFixtures + "---\n" + canary, "second document"},
		{"client without keys", ownFixtures + "clients: [{id: c, organization: 7}]", "client 1: keys must be a JWK set"},
		{"client with a bad key", ownFixtures + "clients: [{id: c, organization: 7, keys: {keys: [{kty: oct, k: " + canary + "}]}}]", "client 1"},
		{"client twice", ownFixtures + "clients: [{id: c, developmentKeys: true}, {id: c, developmentKeys: true}]", "client 2 needs an id"},
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

func TestPrivateKeysAreNotFixtures(t *testing.T) {
	private := strings.ReplaceAll(string(mockserver.DevelopmentKeys()), "\n", " ")
	_, err := mockserver.New(mockserver.Options{Fixtures: []byte(ownFixtures + "clients: [{id: c, keys: " + private + "}]")})
	if err == nil || !strings.Contains(err.Error(), "public") {
		t.Errorf("%v", err)
	}
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
