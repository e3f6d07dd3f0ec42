package oauth_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// live matches what is a secret while it lives: a JWT, and a signature of AWS.
var live = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}|Signature=[0-9a-f]{64}`)

// The requests of all strategies are described, sent, accepted and refused. Nothing that the mock shows or logs holds a secret, an
// assertion, a token or a signature.
func TestExchangesShowNoSecret(t *testing.T) {
	detector, count := leak.New(), 0
	secret := func() string {
		count++
		made := fmt.Sprintf("cnry|^%d^|z%d|^", count, count*7)
		detector.Add(leak.Secret{Label: fmt.Sprint(count), Scope: "all"}, made)
		return made
	}
	kept := &mocktest.Vault{}
	logger := slog.New(slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.Level(-100)}))
	mock := mocktest.Start(t, mockserver.Options{Seed: 7, Logger: logger})
	other := startEcho(t, secret)
	seen := exercise(mock, secret) + exerciseOthers(mock, other, secret)
	for _, token := range append(issued(t, mock), other.heard...) {
		count++
		detector.Add(leak.Secret{Label: "token " + fmt.Sprint(count), Scope: "all"}, token)
	}
	for _, path := range []string{"requests?limit=1000", "requests.har", "requests.txtar", "state", "ui/"} {
		got := mock.Obtain("GET", own(mock, "/__admin/"+path), http.Header{}, "")
		if got.Status != 200 {
			t.Errorf("%s: %d", path, got.Status)
		}
		seen += got.Text
	}
	seen += kept.Seen.String()
	for _, sighting := range detector.Scan(seen, "all") {
		t.Errorf("secret %s is shown, %s", sighting.Secret.Label, sighting.Form)
	}
	if found := live.FindString(seen); found != "" {
		t.Errorf("%q is shown", found)
	}
	for kind, form := range map[string]string{
		"assertions": `^eyJ`, "signatures": `^[0-9a-f]{64}$`, "Basic headers": `^bGFi`, "tokens": `^cnry`,
	} {
		if sent := slices.IndexFunc(other.heard, regexp.MustCompile(form).MatchString); sent < 0 {
			t.Errorf("no %s were sent", kind)
		}
	}
	if count < 80 || len(seen) < 50_000 {
		t.Errorf("only %d secrets, %d bytes", count, len(seen))
	}
}

// forged is an Authorization header with a signature that no key made.
var forged = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=" +
	strings.Repeat("ab", 32)

// exercise sends the requests of credentials of all strategies, with secrets in every place, and returns what the mock answers.
func exercise(mock *mocktest.API, secret func() string) (seen string) {
	account := own(mock, "/__iam/v1/projects/-/serviceAccounts/lab@p.iam.gserviceaccount.com:generateAccessToken")
	const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"
	for action, credentials := range map[string][]string{
		"token-request": {
			mocktest.Object(mocktest.OAuthBody, mocktest.Members{"url": mock.OAuth(), "clientId": "lab", "clientSecret": secret(),
				"username": "u", "password": secret(), "basicNoForm": true}),
			mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "SMART_Backend", "url": mock.OAuth(), "clientId": "smart",
				"scopes": "system/*.rs", "clientSecret": secret(), "password": secret()}),
			mocktest.Object(mocktest.WifBody, mocktest.Members{"audience": audience, "token_url": own(mock, "/__sts/v1/token"),
				"service_account_impersonation_url": account, "scope": "a"}),
		},
		"signed-request": {mocktest.Object(mocktest.AwsBody, signing, mocktest.Members{"secretKey": secret(), "sessionToken": secret()})},
	} {
		for _, credential := range credentials {
			id := mock.Create(credential)
			for _, query := range []string{"", "?send=true", "?send=true&grant=refresh"} {
				seen += request(mock, id, action+query, "").Text
			}
			seen += request(mock, id, action+"?send=true", `{"subjectToken":"`+secret()+`"}`).Text
			seen += request(mock, id, action+"?send=true", `{"refreshToken":"`+secret()+`"}`).Text
			seen += request(mock, id, action+"?send=true", `{"headers":{"X-Amz-Security-Token":"`+secret()+`"}}`).Text
		}
	}
	form := url.Values{"client_assertion": {secret()}, "subject_token": {secret()}, "client_secret": {secret()}}
	for _, path := range []string{"/__oauth/token", "/__sts/v1/token", "/__sigv4/x"} {
		for _, authorization := range []string{"", "Bearer " + secret(), forged} {
			header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {authorization}}
			seen += mock.Raw("POST", own(mock, path), header, strings.NewReader(form.Encode())).Text
		}
	}
	return seen
}

// echo is a server that is all to all credentials. It answers with tokens of its own and with everything that it was sent, and
// remembers what is secret of it.
type echo struct {
	*httptest.Server
	secret func() string // makes a token
	mutex  sync.Mutex
	heard  []string
}

func startEcho(t *testing.T, secret func() string) *echo {
	made := &echo{secret: secret}
	made.Server = httptest.NewServer(made)
	t.Cleanup(made.Close)
	return made
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	heard := []string{r.Header.Get("X-Amz-Security-Token")}
	_, word, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if _, signature, signed := strings.Cut(word, "Signature="); signed {
		word = signature
	}
	heard = append(heard, word)
	for _, name := range []string{"client_secret", "password", "refresh_token", "client_assertion", "subject_token"} {
		heard = append(heard, form.Get(name))
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.heard = append(e.heard, slices.DeleteFunc(heard, func(one string) bool { return one == "" })...)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Echo", word)
	if strings.Contains(r.URL.Path, "refuse") {
		w.WriteHeader(http.StatusUnauthorized)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": e.secret(), "refresh_token": e.secret(), "accessToken": e.secret(), "token_type": "Bearer", "expires_in": 60,
		"issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "expireTime": "2030-01-01T00:00:00Z",
		"error": word, "error_description": string(body), "scope": word, "echo": fmt.Sprint(r.Header, string(body)),
	})
}

// exerciseOthers sends the requests of all strategies to a server that echoes them, and returns what the mock answers.
func exerciseOthers(mock *mocktest.API, other *echo, secret func() string) (seen string) {
	for _, path := range []string{"/grant", "/refuse"} {
		at := other.URL + path
		for action, credentials := range map[string][]string{
			"token-request": {
				mocktest.Object(mocktest.OAuthBody, mocktest.Members{"url": at, "clientId": "lab", "clientSecret": secret(),
					"username": "u", "password": secret()}),
				mocktest.Object(mocktest.OAuthBody, mocktest.Members{"url": at, "clientId": "lab", "clientSecret": secret(),
					"contentType": "application/json", "noBasic": "true"}),
				mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "SMART_Backend", "url": at, "clientId": "smart"}),
				mocktest.Object(mocktest.WifBody, mocktest.Members{"audience": "a", "token_url": other.URL + "/grant",
					"service_account_impersonation_url": at + ":generateAccessToken"}),
			},
			"signed-request": {mocktest.Object(mocktest.AwsBody, signing, mocktest.Members{"secretKey": secret(), "sessionToken": secret()})},
		} {
			for _, credential := range credentials {
				id := mock.Create(credential)
				for _, query := range []string{"", "&grant=refresh", "&alg=ES384&jku=true", "&basic=encoded"} {
					seen += request(mock, id, action+"?send=true"+query, bodyOf(action, at)).Text
				}
			}
		}
	}
	return seen
}

// bodyOf returns the instructions for a request.
func bodyOf(action, address string) string {
	if action == "signed-request" {
		return `{"url":"` + address + `/%C3%BC?b=1&a"}`
	}
	return ""
}

// issued returns tokens that the mock's own servers give to clients.
func issued(t *testing.T, mock *mocktest.API) (tokens []string) {
	t.Helper()
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientId": "issued", "clientSecret": mocktest.ClientSecret,
		"noBasic": "true", "refreshTokenName": "refresh_token"}))
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"issued"}, "client_secret": {mocktest.ClientSecret}}
	got := mock.Raw("POST", mock.OAuth(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(form.Encode()))
	for _, name := range []string{"access_token", "refresh_token"} {
		token, _ := got.Body[name].(string)
		if token == "" {
			t.Fatalf("%d %s", got.Status, got.Text)
		}
		tokens = append(tokens, token)
	}
	return tokens
}

// The platform publishes the public halves of its keys alone.
func TestPlatformPublishesNoPrivateKey(t *testing.T) {
	mock := mocktest.Start(t)
	got := mock.Raw("GET", own(mock, "/__platform/jwks.json"), nil, nil)
	keys, _ := got.Body["keys"].([]any)
	for _, key := range keys {
		for name := range key.(mocktest.Members) {
			if !slices.Contains([]string{"kty", "kid", "use", "alg", "key_ops", "n", "e", "crv", "x", "y"}, name) {
				t.Errorf("a key has the member %s", name)
			}
		}
	}
	if len(keys) != 2 {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}
