package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
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

// service is a client as written for the real service: it knows only the host.
type service struct {
	*mocktest.Assertions
	host   string
	http   *http.Client
	token  string
	until  time.Time
	issued int
}

// bearer returns the present token, or a new one shortly before it expires, like oauth2.ReuseTokenSource.
func (s *service) bearer() string {
	s.T.Helper()
	if s.token != "" && s.Now.Before(s.until) {
		return s.token
	}
	endpoint := s.host + "/v2/auth/token"
	form := mocktest.AssertionForm(s.Sign(jwa.RS384(), s.Claims(mocktest.Members{"aud": endpoint})))
	response, err := s.http.PostForm(endpoint, form)
	if err != nil {
		s.T.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Token string  `json:"access_token"`
		Type  string  `json:"token_type"`
		Life  float64 `json:"expires_in"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK || answer.Type != "Bearer" {
		s.T.Fatalf("%s: %v", response.Status, err)
	}
	s.issued++
	s.token, s.until = answer.Token, s.Now.Add(time.Duration(answer.Life)*time.Second)
	return s.token
}

func (s *service) call(method, path, body string) (int, map[string]any) {
	s.T.Helper()
	request, err := http.NewRequestWithContext(s.T.Context(), method, s.host+"/platform"+path, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.bearer())
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.http.Do(request)
	if err != nil {
		s.T.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Payload map[string]any }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		s.T.Fatal(err)
	}
	return response.StatusCode, answer.Payload
}

func TestClientFlowNeedsOnlyTheHost(t *testing.T) {
	asked := tokenMock(t)
	client := &service{Assertions: asked, host: strings.TrimSuffix(asked.Mock.URL, "/platform"), http: asked.Mock.Client}
	status, made := client.call("POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush"}))
	if status != http.StatusCreated || made["hasClientSecret"] != true {
		t.Fatalf("create: %d %v", status, made)
	}
	id := "/v1/authcredentials/" + made["id"].(string)
	if status, changed := client.call("PATCH", id, mocktest.Object(mocktest.PatchBody, mocktest.Members{"scopes": "a b"})); status != 200 ||
		changed["scopes"] != "a b" {
		t.Errorf("update: %d %v", status, changed)
	}
	if client.issued != 1 {
		t.Errorf("%d tokens for two calls", client.issued)
	}
	asked.Now = asked.Now.Add(5 * time.Minute)
	if status, _ := client.call("DELETE", id, ""); status != http.StatusOK || client.issued != 2 {
		t.Errorf("delete, five minutes later: %d with %d tokens", status, client.issued)
	}
}

// A mock mounted below a path, such as a session, has a token endpoint whose URL begins with that path.
func TestAudienceMayHavePathPrefix(t *testing.T) {
	asked := tokenMock(t)
	below := httptest.NewServer(http.StripPrefix("/below", asked.Mock.Server))
	defer below.Close()
	for path, want := range map[string]int{"/below/v2/auth/token": 200, "/v2/auth/token": 200, "/other/v2/auth/token": 401} {
		form := mocktest.AssertionForm(asked.Sign(jwa.ES384(), asked.Claims(mocktest.Members{"aud": below.URL + path})))
		response, err := below.Client().PostForm(below.URL+"/below/v2/auth/token", form)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
}

// An assertion id can be used once per client: clients with the same key may use the same id.
func TestReplayIsPerClient(t *testing.T) {
	keys := strings.ReplaceAll(mocktest.PublicKeys(t), "\n", " ")
	now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	asked := &mocktest.Assertions{T: t, Now: now}
	asked.Mock = mocktest.Start(t, mockserver.Options{Clock: func() time.Time { return asked.Now }, Fixtures: []byte(mocktest.OwnFixtures +
		"  " + mockserver.DevelopmentClient + ": {organization: 7, role: engineer, keys: " + keys + "}\n" +
		"  reader: {organization: 7, role: viewer, keys: " + keys + "}\n")})
	for client, want := range map[string]int{mockserver.DevelopmentClient: 201, "reader": 403} {
		got := asked.Post(mocktest.AssertionForm(asked.Sign(jwa.ES384(),
			asked.Claims(mocktest.Members{"iss": client, "sub": client, "jti": "same"}))))
		if got.Status != 200 {
			t.Fatalf("%s: %d %s", client, got.Status, got.Text)
		}
		token := got.Body["access_token"].(string)
		body := mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": "here"})
		if opened := asked.Mock.As(token, "POST", "/v1/authcredentials", body); opened.Status != want {
			t.Errorf("%s: %d, want %d", client, opened.Status, want)
		}
	}
	again := asked.Post(mocktest.AssertionForm(asked.Sign(jwa.ES384(), asked.Claims(mocktest.Members{"jti": "same"}))))
	if description, _ := url.QueryUnescape(again.Text); again.Status != 401 || !strings.Contains(description, "once") {
		t.Errorf("replay: %d %s", again.Status, again.Text)
	}
}
