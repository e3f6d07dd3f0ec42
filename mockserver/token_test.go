package mockserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver"
)

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertions signs assertions for one mock at one time.
type assertions struct {
	t    *testing.T
	mock *api
	now  time.Time
	next int
}

func tokenMock(t *testing.T) *assertions {
	made := &assertions{t: t, now: time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)}
	made.mock = start(t, mockserver.Options{Clock: func() time.Time { return made.now }})
	return made
}

func (a *assertions) endpoint() string {
	return strings.TrimSuffix(a.mock.URL, "/platform") + "/v2/auth/token"
}

// claims are those of an assertion that is right, with changes; nil leaves a claim out.
func (a *assertions) claims(changes members) members {
	a.next++
	claims := members{
		"iss": mockserver.DevelopmentClient, "sub": mockserver.DevelopmentClient, "aud": a.endpoint(),
		"iat": a.now.Unix(), "exp": a.now.Add(time.Minute).Unix(), "jti": fmt.Sprint(a.next),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// sign signs claims with the development key of that algorithm.
func (a *assertions) sign(algorithm jwa.SignatureAlgorithm, claims members) string {
	a.t.Helper()
	set, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		a.t.Fatal(err)
	}
	key, _ := set.LookupKeyID("development-" + strings.ToLower(algorithm.String()))
	return a.signWith(algorithm, key, claims)
}

func (a *assertions) signWith(algorithm jwa.SignatureAlgorithm, key any, claims members) string {
	a.t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		a.t.Fatal(err)
	}
	signed, err := jws.Sign(payload, jws.WithKey(algorithm, key))
	if err != nil {
		a.t.Fatal(err)
	}
	return string(signed)
}

func (a *assertions) post(form url.Values) result {
	a.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return a.mock.raw("POST", a.endpoint(), header, strings.NewReader(form.Encode()))
}

func request(assertion string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_assertion_type": {jwtBearer}, "client_assertion": {assertion}}
}

func TestTokenOpensTheAPI(t *testing.T) {
	asked := tokenMock(t)
	for _, algorithm := range []jwa.SignatureAlgorithm{jwa.RS384(), jwa.ES384()} {
		for _, audience := range []any{asked.endpoint(), "https://api.redoxengine.com/v2/auth/token", []any{"x", asked.endpoint()}} {
			got := asked.post(request(asked.sign(algorithm, asked.claims(members{"aud": audience}))))
			token, _ := got.body["access_token"].(string)
			if got.status != 200 || got.body["token_type"] != "Bearer" || got.body["expires_in"] != 300.0 || len(token) < 40 {
				t.Fatalf("%d: %s", got.status, got.text)
			}
			if opened := asked.mock.as(token, "POST", "/v1/authcredentials", object(oauthBody)); opened.status != 201 {
				t.Errorf("the token opens nothing: %d", opened.status)
			}
			asked.now = asked.now.Add(5*time.Minute - time.Second)
			if opened := asked.mock.as(token, "GET", "/v1/authcredentials/strategies", ""); opened.status != 200 {
				t.Errorf("the token died early: %d", opened.status)
			}
			asked.now = asked.now.Add(time.Second)
			if closed := asked.mock.as(token, "GET", "/v1/authcredentials/strategies", ""); closed.status != 401 || !strings.Contains(closed.text, "has expired") {
				t.Errorf("the token lives on, or it is not said that it ended: %d %s", closed.status, closed.text)
			}
			if stranger := asked.mock.as(token+"x", "GET", "/v1/authcredentials/strategies", ""); strings.Contains(stranger.text, "has expired") {
				t.Errorf("what was never a token has expired: %s", stranger.text)
			}
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	asked := tokenMock(t)
	ago := func(d time.Duration) int64 { return asked.now.Add(-d).Unix() }
	stranger, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := jwk.Import(stranger)
	if err != nil {
		t.Fatal(err)
	}
	if err := foreign.Set(jwk.KeyIDKey, "development-es384"); err != nil {
		t.Fatal(err)
	}
	es := func(changes members) url.Values {
		return request(asked.sign(jwa.ES384(), asked.claims(changes)))
	}
	without := func(name string) url.Values { form := es(nil); form.Del(name); return form }
	with := func(name string, values ...string) url.Values { form := es(nil); form[name] = values; return form }
	replayed := asked.sign(jwa.ES384(), asked.claims(nil))
	asked.post(request(replayed))
	good := asked.sign(jwa.ES384(), asked.claims(nil))
	dot := strings.LastIndex(good, ".")
	for _, row := range []struct {
		name   string
		form   url.Values
		status int
		code   string
	}{
		{"no grant type", without("grant_type"), 400, "invalid_request"},
		{"no assertion", without("client_assertion"), 400, "invalid_request"},
		{"no assertion type", without("client_assertion_type"), 400, "invalid_request"},
		{"another grant type", with("grant_type", "password"), 400, "unsupported_grant_type"},
		{"another assertion type", with("client_assertion_type", "x"), 400, "invalid_request"},
		{"a parameter twice", with("grant_type", "client_credentials", "client_credentials"), 400, "invalid_request"},
		{"empty assertion", with("client_assertion", ""), 400, "invalid_request"},
		{"no JWT", request("a.b.c"), 401, "invalid_client"},
		{"JSON form", request(`{"payload":"x"}`), 401, "invalid_client"},
		{"unknown client", es(members{"iss": "x", "sub": "x"}), 401, "invalid_client"},
		{"sub is another", es(members{"sub": "x"}), 401, "invalid_client"},
		{"no audience", es(members{"aud": nil}), 401, "invalid_client"},
		{"another audience", es(members{"aud": "https://evil.example.com/v2/auth/token"}), 401, "invalid_client"},
		{"no iat", es(members{"iat": nil}), 401, "invalid_client"},
		{"iat as text", es(members{"iat": "now"}), 401, "invalid_client"},
		{"iat too old", es(members{"iat": ago(5*time.Minute + 11*time.Second)}), 401, "invalid_client"},
		{"iat to come", es(members{"iat": ago(-11 * time.Second)}), 401, "invalid_client"},
		{"no exp", es(members{"exp": nil}), 401, "invalid_client"},
		{"expired", es(members{"exp": ago(10 * time.Second)}), 401, "invalid_client"},
		{"not yet", es(members{"nbf": ago(-time.Minute)}), 401, "invalid_client"},
		{"no jti", es(members{"jti": nil}), 401, "invalid_client"},
		{"replay", request(replayed), 401, "invalid_client"},
		{"another key", request(asked.signWith(jwa.ES384(), foreign, asked.claims(nil))), 401, "invalid_client"},
		{"no kid", request(asked.signWith(jwa.ES384(), stranger, asked.claims(nil))), 401, "invalid_client"},
		{"another algorithm", request(asked.signWith(jwa.HS384(), []byte(strings.Repeat("k", 48)), asked.claims(nil))), 401, "invalid_client"},
		{"cut signature", request(good[:dot+1]), 401, "invalid_client"},
		{"within the skew", es(members{"iat": ago(5*time.Minute + 9*time.Second), "exp": ago(9 * time.Second)}), 200, ""},
		{"a clock ahead", es(members{"iat": ago(-9 * time.Second)}), 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := asked.post(row.form)
			code, _ := got.body["error"].(string)
			if got.status != row.status || code != row.code || code != "" && got.body["error_description"] == "" {
				t.Errorf("%d: %s", got.status, got.text)
			}
			assertion := row.form.Get("client_assertion")
			if len(assertion) > 8 && strings.Contains(got.text, assertion[len(assertion)-8:]) {
				t.Error("the answer holds a part of the assertion")
			}
		})
	}
}

func TestTokenEndpointTakesFormsByPost(t *testing.T) {
	asked := tokenMock(t)
	got := asked.mock.raw("GET", asked.endpoint(), nil, nil)
	if got.status != 405 || got.header.Get("Allow") != "POST" || got.body["error"] != "invalid_request" {
		t.Errorf("GET: %d %s", got.status, got.text)
	}
	for _, body := range []string{"{}", "%zz", strings.Repeat("x", 1<<20+1)} {
		for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
			got := asked.mock.raw("POST", asked.endpoint(), http.Header{"Content-Type": {kind}}, strings.NewReader(body))
			if got.status != 400 || got.body["error"] != "invalid_request" {
				t.Errorf("%s: %d %s", kind, got.status, got.text)
			}
		}
	}
}
