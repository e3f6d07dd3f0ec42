package command

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock/mockserver"
)

func TestTokenPrintsABearer(t *testing.T) {
	mock := mockserver.Start(t)
	for _, address := range []string{mock.URL, mock.URL + "/", strings.TrimSuffix(mock.URL, "/platform")} {
		for _, more := range []string{"", " --key-id development-rs384", " --key-id development-es384"} {
			seen := invoke(t.Context(), nil, words("token --url "+address+more)...)
			if seen.code != 0 || seen.stderr != "" || strings.Count(seen.stdout, "\n") != 1 {
				t.Fatalf("%d: %q %q", seen.code, seen.stdout, seen.stderr)
			}
			if status := get(t, mock.URL+"/v1/authcredentials/strategies", strings.TrimSpace(seen.stdout)); status != http.StatusOK {
				t.Errorf("the bearer opens nothing: %d", status)
			}
		}
	}
}

func TestTokenPrintsTheDevelopmentKeys(t *testing.T) {
	seen := invoke(t.Context(), nil, "token", "--print-key")
	set, err := jwk.Parse([]byte(seen.stdout))
	if seen.code != 0 || err != nil || set.Len() != 2 {
		t.Fatalf("%d: %v", seen.code, err)
	}
	for i := range set.Len() {
		key, _ := set.Key(i)
		if private, err := jwk.IsPrivateKey(key); err != nil || !private {
			t.Errorf("key %d is no private key", i)
		}
	}
	help := invoke(t.Context(), nil, "token", "--help").stdout
	if !strings.Contains(help, "published") {
		t.Error("the help does not say that the key is public knowledge")
	}
}

// The assertion is what the token endpoint asks for.
func TestTokenPrintsAnAssertion(t *testing.T) {
	mock := mockserver.Start(t)
	seen := invoke(t.Context(), nil, "token", "--assertion", "--url", mock.URL)
	if seen.code != 0 || seen.stderr != "" {
		t.Fatalf("%d %s", seen.code, seen.stderr)
	}
	response, err := http.PostForm(strings.TrimSuffix(mock.URL, "/platform")+"/v2/auth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {strings.TrimSpace(seen.stdout)},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%d", response.StatusCode)
	}
}

// A client of the fixtures, with a key of its own in PEM, as a key tool writes it.
func TestTokenForAnotherClient(t *testing.T) {
	private, public := keyPair(t)
	mock := mockserver.Start(t, mockserver.Options{Fixtures: []byte(`organizations: [{id: 118}]
principals:
  nightly-job: {organization: 118, role: viewer, keys: {keys: [` + public + `]}}
`)})
	key := file(t, "key.pem", private)
	for command, owed := range map[string]string{
		"":                                       "needs --client-id",
		" --client-id nightly-job":               "give it with --key-id",
		" --client-id stranger --key-id mine":    "iss is not the id of a known client",
		" --client-id nightly-job --key-id x":    "kid is not that of a key",
		" --client-id nightly-job --key-id mine": "",
	} {
		seen := invoke(t.Context(), nil, words("token --url "+mock.URL+" --key "+key+command)...)
		if owed == "" && seen.code != 0 || owed != "" && (seen.code == 0 || seen.stdout != "" || !strings.Contains(seen.stderr, owed)) {
			t.Errorf("%s: %d %q", command, seen.code, seen.stderr)
		}
		if strings.Contains(seen.stderr, private[40:60]) {
			t.Errorf("%s: the key is shown", command)
		}
	}
}

func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	made, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := jwk.Import(made.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := shared.Set(jwk.KeyIDKey, "mine"); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(shared)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})), string(text)
}

func TestTokenRefusals(t *testing.T) {
	_, public := keyPair(t)
	for name, row := range map[string]invocation{
		"nobody there": {words("token --url http://" + closed(t)), nil, 1, "",
			`credmock: http://127.0.0.1:\d+/v2/auth/token does not answer: .*\n`},
		"bad URL":        {words("token --url x"), nil, 2, "", `credmock: --url needs a scheme.*\n`},
		"no time":        {words("token --timeout 0s"), nil, 2, "", `credmock: --timeout must be more than nothing.*\n`},
		"client, no key": {words("token --client-id me"), nil, 2, "", `credmock: --client-id needs --key.*\n`},
		"print and key":  {words("token --print-key --client-id me"), nil, 2, "", `credmock: --print-key prints .*\n`},
		"no such file":   {words("token --client-id me --key not-here.pem"), nil, 2, "", `credmock: --key: there is no file not-here.pem\n`},
		"no key": {words("token --client-id me --key " + file(t, "key", "secret")), nil, 2, "",
			`credmock: --key must name a file with a private key.*\n`},
		"a public key": {words("token --client-id me --key " + file(t, "key", public)), nil, 2, "", `credmock: --key holds a public key.*\n`},
		"a symmetric key": {words("token --client-id me --key-id k --key " + file(t, "key", `{"kty":"oct","k":"AAAA","kid":"k"}`)), nil, 2, "",
			`credmock: --key must hold an RSA key.*\n`},
		"no such key id": {words("token --key-id other"), nil, 2, "", `credmock: --key holds no key of the id .*\n`},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}

// The assertion goes to the URL that was given and to no other.
func TestTokenFollowsNoRedirect(t *testing.T) {
	visited := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	defer elsewhere.Close()
	lure := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer lure.Close()
	seen := invoke(t.Context(), nil, "token", "--url", lure.URL)
	if seen.code != 1 || visited || !strings.Contains(seen.stderr, "307") {
		t.Errorf("%d %q, visited: %v", seen.code, seen.stderr, visited)
	}
}

func get(t *testing.T, address, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}
