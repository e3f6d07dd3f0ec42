package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func tokenMock(t *testing.T) *mocktest.Assertions {
	made := &mocktest.Assertions{T: t, Now: time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)}
	made.Mock = mocktest.Start(t, mockserver.Options{Clock: func() time.Time { return made.Now }})
	return made
}

func TestTokenIsAccepted(t *testing.T) {
	asked := tokenMock(t)
	for _, algorithm := range []jwa.SignatureAlgorithm{jwa.RS384(), jwa.ES384()} {
		for _, audience := range []any{asked.Endpoint(), "https://api.redoxengine.com/v2/auth/token", []any{"x", asked.Endpoint()}} {
			got := asked.Post(mocktest.AssertionForm(asked.Sign(algorithm, asked.Claims(mocktest.Members{"aud": audience}))))
			token, _ := got.Body["access_token"].(string)
			if got.Status != 200 || got.Body["token_type"] != "Bearer" || got.Body["expires_in"] != 300.0 || len(token) < 40 {
				t.Fatalf("%d: %s", got.Status, got.Text)
			}
			if opened := asked.Mock.As(token, "POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody)); opened.Status != 201 {
				t.Errorf("the token is rejected: %d", opened.Status)
			}
			asked.Now = asked.Now.Add(5*time.Minute - time.Second)
			if opened := asked.Mock.As(token, "GET", "/v1/authcredentials/strategies", ""); opened.Status != 200 {
				t.Errorf("the token expired early: %d", opened.Status)
			}
			asked.Now = asked.Now.Add(time.Second)
			if closed := asked.Mock.As(token, "GET", "/v1/authcredentials/strategies", ""); closed.Status != 401 ||
				!strings.Contains(closed.Text, "has expired") {
				t.Errorf("the token did not expire, or the answer does not say so: %d %s", closed.Status, closed.Text)
			}
			if unknown := asked.Mock.As(token+"x", "GET", "/v1/authcredentials/strategies", ""); strings.Contains(unknown.Text, "has expired") {
				t.Errorf("an unknown token is reported as expired: %s", unknown.Text)
			}
		}
	}
}

// foreignKeys returns a key that the mock does not know, without and with the id of a known key.
func foreignKeys(t *testing.T) (*ecdsa.PrivateKey, jwk.Key) {
	t.Helper()
	unknown, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := jwk.Import(unknown)
	if err != nil {
		t.Fatal(err)
	}
	if err := foreign.Set(jwk.KeyIDKey, "development-es384"); err != nil {
		t.Fatal(err)
	}
	return unknown, foreign
}

// assertionRow is a token request and the expected answer.
type assertionRow struct {
	name   string
	form   url.Values
	status int
	code   string
}

// assertionRows returns token requests with assertions, most of them invalid.
func assertionRows(t *testing.T, asked *mocktest.Assertions) []assertionRow {
	t.Helper()
	ago := func(d time.Duration) int64 { return asked.Now.Add(-d).Unix() }
	unknown, foreign := foreignKeys(t)
	es := func(changes mocktest.Members) url.Values {
		return mocktest.AssertionForm(asked.Sign(jwa.ES384(), asked.Claims(changes)))
	}
	without := func(name string) url.Values { form := es(nil); form.Del(name); return form }
	with := func(name string, values ...string) url.Values { form := es(nil); form[name] = values; return form }
	replayed := asked.Sign(jwa.ES384(), asked.Claims(nil))
	asked.Post(mocktest.AssertionForm(replayed))
	good := asked.Sign(jwa.ES384(), asked.Claims(nil))
	dot := strings.LastIndex(good, ".")
	return []assertionRow{
		{"no grant type", without("grant_type"), 400, "invalid_request"},
		{"no assertion", without("client_assertion"), 400, "invalid_request"},
		{"no assertion type", without("client_assertion_type"), 400, "invalid_request"},
		{"another grant type", with("grant_type", "password"), 400, "unsupported_grant_type"},
		{"another assertion type", with("client_assertion_type", "x"), 400, "invalid_request"},
		{"a parameter twice", with("grant_type", "client_credentials", "client_credentials"), 400, "invalid_request"},
		{"empty assertion", with("client_assertion", ""), 400, "invalid_request"},
		{"no JWT", mocktest.AssertionForm("a.b.c"), 401, "invalid_client"},
		{"JSON form", mocktest.AssertionForm(`{"payload":"x"}`), 401, "invalid_client"},
		{"unknown client", es(mocktest.Members{"iss": "x", "sub": "x"}), 401, "invalid_client"},
		{"sub is another", es(mocktest.Members{"sub": "x"}), 401, "invalid_client"},
		{"no audience", es(mocktest.Members{"aud": nil}), 401, "invalid_client"},
		{"another audience", es(mocktest.Members{"aud": "https://evil.example.com/v2/auth/token"}), 401, "invalid_client"},
		{"no iat", es(mocktest.Members{"iat": nil}), 401, "invalid_client"},
		{"iat as text", es(mocktest.Members{"iat": "now"}), 401, "invalid_client"},
		{"iat too old", es(mocktest.Members{"iat": ago(5*time.Minute + 11*time.Second)}), 401, "invalid_client"},
		{"iat to come", es(mocktest.Members{"iat": ago(-11 * time.Second)}), 401, "invalid_client"},
		{"no exp", es(mocktest.Members{"exp": nil}), 401, "invalid_client"},
		{"expired", es(mocktest.Members{"exp": ago(10 * time.Second)}), 401, "invalid_client"},
		{"not yet", es(mocktest.Members{"nbf": ago(-time.Minute)}), 401, "invalid_client"},
		{"no jti", es(mocktest.Members{"jti": nil}), 401, "invalid_client"},
		{"replay", mocktest.AssertionForm(replayed), 401, "invalid_client"},
		{"another key", mocktest.AssertionForm(asked.SignWith(jwa.ES384(), foreign, asked.Claims(nil))), 401, "invalid_client"},
		{"no kid", mocktest.AssertionForm(asked.SignWith(jwa.ES384(), unknown, asked.Claims(nil))), 401, "invalid_client"},
		{"another algorithm", mocktest.AssertionForm(asked.SignWith(jwa.HS384(), []byte(strings.Repeat("k", 48)), asked.Claims(nil))), 401,
			"invalid_client"},
		{"cut signature", mocktest.AssertionForm(good[:dot+1]), 401, "invalid_client"},
		{"within the skew", es(mocktest.Members{"iat": ago(5*time.Minute + 9*time.Second), "exp": ago(9 * time.Second)}), 200, ""},
		{"a clock ahead", es(mocktest.Members{"iat": ago(-9 * time.Second)}), 200, ""},
	}
}

func TestTokenRefusals(t *testing.T) {
	asked := tokenMock(t)
	for _, row := range assertionRows(t, asked) {
		t.Run(row.name, func(t *testing.T) {
			got := asked.Post(row.form)
			code, _ := got.Body["error"].(string)
			if got.Status != row.status || code != row.code || code != "" && got.Body["error_description"] == "" {
				t.Errorf("%d: %s", got.Status, got.Text)
			}
			if challenge := got.Header.Get("WWW-Authenticate"); challenge != "" {
				t.Errorf("the challenge %s, which no client of this endpoint can take", challenge)
			}
			assertion := row.form.Get("client_assertion")
			if len(assertion) > 8 && strings.Contains(got.Text, assertion[len(assertion)-8:]) {
				t.Error("the answer holds a part of the assertion")
			}
		})
	}
}

func TestTokenEndpointAcceptsPostedForms(t *testing.T) {
	asked := tokenMock(t)
	got := asked.Mock.Raw("GET", asked.Endpoint(), nil, nil)
	if got.Status != 405 || got.Header.Get("Allow") != "POST" || got.Body["error"] != "invalid_request" {
		t.Errorf("GET: %d %s", got.Status, got.Text)
	}
	for _, body := range []string{"{}", "%zz", strings.Repeat("x", 1<<20+1)} {
		for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
			got := asked.Mock.Raw("POST", asked.Endpoint(), http.Header{"Content-Type": {kind}}, strings.NewReader(body))
			if got.Status != 400 || got.Body["error"] != "invalid_request" {
				t.Errorf("%s: %d %s", kind, got.Status, got.Text)
			}
		}
	}
}
