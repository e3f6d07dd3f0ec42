package oauth_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

const (
	awsSecret    = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	sessionToken = "session-token-1"
)

// own returns the URL of one of the mock's own servers.
func own(mock *mocktest.API, path string) string { return mock.At("") + path }

// request asks for the description of a credential's request.
func request(mock *mocktest.API, id, action, body string) mocktest.Result {
	return mock.Operate("POST", "credentials/"+id+"/"+action, body)
}

// A signed assertion gets a token from the mock's own server, once.
func TestSignedAssertionIsAccepted(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Seed: 7})
	smart := mocktest.Members{"authStrategy": "SMART_Backend", "url": mock.OAuth(), "clientId": "smart", "scopes": "system/*.rs"}
	for _, query := range []string{"", "&alg=ES384", "&jku=true"} {
		_, got := mock.Describe("?send=true"+query, smart)
		got.Described(t)
		answer := got.Body["answer"].(mocktest.Members)
		if answer["status"] != 200.0 || answer["accessToken"] != masked || got.Body["differences"] != nil {
			t.Errorf("%s: %v", query, answer)
		}
		if strings.Contains(got.Text, "eyJ") {
			t.Errorf("an assertion is shown: %s", got.Text)
		}
	}
	_, refused := mock.Describe("?send=true", smart, mocktest.Members{"clientId": "other", "url": mock.OAuth() + "?x=1"})
	if refused.Body["answer"].(mocktest.Members)["status"] != 200.0 {
		t.Errorf("a query in the URL: %s", refused.Text)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_assertion": {"a.b.c"}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	got := mock.Raw("POST", mock.OAuth(), header, strings.NewReader(form.Encode()))
	if got.Status != 401 || got.Body["error"] != "invalid_client" {
		t.Errorf("no JWT: %d %s", got.Status, got.Text)
	}
	if meta := mock.Raw("GET", own(mock, "/__oauth/.well-known/smart-configuration"), nil, nil); meta.Body["token_endpoint"] != mock.OAuth() {
		t.Errorf("%d %s", meta.Status, meta.Text)
	}
}

// A client of one's own signs with a key of the fixtures, and gets one token for each assertion.
func TestClientSignsWithAKeyOfTheFixtures(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "SMART_Backend", "url": mock.OAuth(), "clientId": "smart",
		"scopes": "system/*.rs"}))
	signer := &mocktest.Assertions{T: t, Mock: mock, Now: time.Now()}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	send := func(changes mocktest.Members) mocktest.Result {
		claims := signer.Claims(mocktest.Members{"iss": "smart", "sub": "smart", "aud": mock.OAuth()})
		maps.Copy(claims, changes)
		form := mocktest.AssertionForm(signer.Sign(jwa.ES384(), claims))
		form.Set("scope", "system/*.rs")
		return mock.Raw("POST", mock.OAuth(), header, strings.NewReader(form.Encode()))
	}
	if got := send(mocktest.Members{"jti": "once"}); got.Status != 200 ||
		got.Body["token_type"] != "bearer" || got.Body["scope"] != "system/*.rs" {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	for what, changes := range map[string]mocktest.Members{
		"a second time": {"jti": "once"}, "another audience": {"aud": "https://other.example.com/token"}, "late": {"exp": 1.0},
		"far ahead": {"exp": time.Now().Add(time.Hour).Unix()}, "another subject": {"sub": "other"},
	} {
		if got := send(changes); got.Status != 401 || got.Body["error"] != "invalid_client" {
			t.Errorf("%s: %d %s", what, got.Status, got.Text)
		}
	}
}

// Both requests of a token exchange are accepted by the mock's own servers.
func TestTokenExchangeIsAccepted(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Seed: 7})
	account := own(mock, "/__iam/v1/projects/-/serviceAccounts/lab@p.iam.gserviceaccount.com:generateAccessToken")
	const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"
	for name, row := range map[string]struct {
		fields mocktest.Members
		steps  int
	}{
		"without impersonation": {mocktest.Members{"scope": "a b"}, 1},
		"with impersonation":    {mocktest.Members{"service_account_impersonation_url": account, "scope": []any{"a"}, "lifetime": "600"}, 2},
		"delegates":             {mocktest.Members{"service_account_impersonation_url": account, "delegates": []any{"x"}, "options": "{}"}, 2},
	} {
		exchange := mocktest.Members{"audience": audience, "token_url": own(mock, "/__sts/v1/token")}
		id := mock.Create(mocktest.Object(mocktest.WifBody, exchange, row.fields))
		got := request(mock, id, "token-request?send=true", "")
		if got.Status != 200 {
			t.Fatalf("%s: %d %s", name, got.Status, got.Text)
		}
		steps := got.Body["requests"].([]any)
		answer := got.Body["answer"].(mocktest.Members)
		if len(steps) != row.steps || answer["accessToken"] != masked || answer["fault"] != nil || strings.Contains(got.Text, "eyJ") {
			t.Errorf("%s: %s", name, got.Text)
		}
		refused := request(mock, id, "token-request?send=true", `{"subjectToken":"cnry-subject-token"}`)
		answer = refused.Body["answer"].(mocktest.Members)
		if answer["error"] != "invalid_grant" || answer["credential"] != id || strings.Contains(refused.Text, "cnry") {
			t.Errorf("%s: %s", name, refused.Text)
		}
	}
	if got := mock.Raw("POST", account, nil, strings.NewReader("{}")); got.Status != 401 || !strings.Contains(got.Text, "UNAUTHENTICATED") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}

const wifAudience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"

// exchange asks for a federated token with a subject token that a key of the fixtures signs.
func exchange(t *testing.T, mock *mocktest.API, algorithm jwa.SignatureAlgorithm, issuer string) mocktest.Result {
	t.Helper()
	set, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		t.Fatal(err)
	}
	key, _ := set.LookupKeyID("development-rs384")
	signer := &mocktest.Assertions{T: t, Mock: mock, Now: time.Now()}
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "audience": {wifAudience},
		"scope":                {"https://www.googleapis.com/auth/cloud-platform"},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"subject_token_type":   {"urn:ietf:params:oauth:token-type:jwt"},
		"subject_token": {signer.SignWith(algorithm, key,
			signer.Claims(mocktest.Members{"iss": issuer, "aud": "https:" + wifAudience}))},
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return mock.Raw("POST", own(mock, "/__sts/v1/token"), header, strings.NewReader(form.Encode()))
}

// A client of one's own signs the subject token with a key of the fixtures.
func TestSubjectTokenIsSignedWithAKeyOfTheFixtures(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.WifBody, mocktest.Members{"audience": wifAudience, "token_url": own(mock, "/__sts/v1/token")}))
	issuer := own(mock, "/__platform")
	for name, row := range map[string]struct {
		algorithm jwa.SignatureAlgorithm
		issuer    string
		status    int
	}{
		"the platform's issuer": {jwa.RS256(), issuer, 200}, "another issuer": {jwa.RS256(), mockserver.DevelopmentClient, 400},
		"another algorithm": {jwa.RS384(), issuer, 400},
	} {
		if got := exchange(t, mock, row.algorithm, row.issuer); got.Status != row.status {
			t.Errorf("%s: %d %s", name, got.Status, got.Text)
		}
	}
}

// One hour is the life of a token of a service account if nothing is said, so a client may say it and the credential not.
func TestUsualLifetimeMayBeSaid(t *testing.T) {
	account := "/__iam/v1/projects/-/serviceAccounts/lab@p.iam.gserviceaccount.com:generateAccessToken"
	for stored, said := range map[string]map[string]int{
		"":      {"": 200, `,"lifetime":"3600s"`: 200, `,"lifetime":"600s"`: 400},
		"3600":  {"": 200, `,"lifetime":"3600s"`: 200},
		"600s":  {"": 400, `,"lifetime":"600s"`: 200, `,"lifetime":"3600s"`: 400},
		"3600s": {"": 200},
	} {
		mock := mocktest.Start(t)
		fields := mocktest.Members{"audience": wifAudience, "token_url": own(mock, "/__sts/v1/token"),
			"service_account_impersonation_url": own(mock, account), "scope": "a"}
		if stored != "" {
			fields["lifetime"] = stored
		}
		mock.Create(mocktest.Object(mocktest.WifBody, fields))
		token, _ := exchange(t, mock, jwa.RS256(), own(mock, "/__platform")).Body["access_token"].(string)
		for more, status := range said {
			header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
			got := mock.Raw("POST", own(mock, account), header, strings.NewReader(`{"scope":["a"]`+more+`}`))
			if got.Status != status {
				t.Errorf("%q, %s: %d %s", stored, more, got.Status, got.Text)
			}
		}
	}
}

// signing is a credential that signs requests.
var signing = mocktest.Members{"accessKey": "AKIDEXAMPLE", "secretKey": awsSecret, "sessionToken": sessionToken,
	"serviceName": "execute-api",
	"awsRegion":   "us-east-1"}

// A signed request shows its parts without secrets, and the mock verifies it.
func TestSignedRequestIsVerified(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Clock: mocktest.FixedClock})
	id := mock.Create(mocktest.Object(mocktest.AwsBody, signing))
	got := request(mock, id, "signed-request", `{"method":"POST","url":"https://inbox.example.com/fhir/Patient?b=2&a=x%20y",`+
		`"body":"{\"resourceType\":\"Patient\"}","time":"2026-01-15T09:30:00Z"}`)
	const hash = "db9d7fa26e55c8a03d342acb2efcb8650d278f3835d68eb8e8a62709e659da7f"
	if got.Status != 200 || !strings.HasSuffix(got.Body["stringToSign"].(string), hash) ||
		!strings.Contains(got.Body["canonicalRequest"].(string), "\nx-amz-security-token:[masked]\n") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	for _, body := range []string{"", `{"payload":"unsigned"}`,
		`{"method":"GET","url":"` + own(mock, "/__sigv4/a%20b//%C3%BC?z=1&a=+&a") + `"}`} {
		sent := request(mock, id, "signed-request?send=true", body)
		if answer, _ := sent.Body["answer"].(mocktest.Members); sent.Status != 200 || answer["status"] != 200.0 {
			t.Errorf("%s: %d %s", body, sent.Status, sent.Text)
		}
		for _, secret := range []string{awsSecret, sessionToken} {
			if strings.Contains(sent.Text, secret) || strings.Contains(got.Text, secret) {
				t.Errorf("%s is shown", secret)
			}
		}
	}
	for path, noted := range map[string]bool{"/a": false, "/a?b=%20": false, "/a%20b": true} {
		shown := request(mock, id, "signed-request", `{"url":"https://inbox.example.com`+path+`"}`)
		if notes := fmt.Sprint(shown.Body["notes"]); strings.Contains(notes, "versions of curl") != noted {
			t.Errorf("%s: %s", path, notes)
		}
	}
	late := request(mock, id, "signed-request?send=true", `{"time":"2026-01-15T08:30:00Z"}`)
	if answer := late.Body["answer"].(mocktest.Members); answer["status"] != 403.0 ||
		!strings.Contains(fmt.Sprint(answer["differences"]), "expired") {
		t.Errorf("%s", late.Text)
	}
	for header, kind := range map[string]string{
		"": "MissingAuthenticationTokenException", "Basic YTpi": "IncompleteSignatureException",
		"AWS4-HMAC-SHA256 Credential=A/20260115/r/s/aws4_request, SignedHeaders=host, Signature=x": "IncompleteSignatureException",
	} {
		refused := mock.Raw("DELETE", own(mock, "/__sigv4/x"), http.Header{"Authorization": {header}}, nil)
		if refused.Status != 403 || refused.Body["__type"] != kind {
			t.Errorf("%q: %d %s", header, refused.Status, refused.Text)
		}
	}
}

// A strategy behaves as the document says, whatever its name and the names of its fields.
func TestStrategyBehavesAsDocumentSays(t *testing.T) {
	text := bytes.ReplaceAll(credmock.Document(), []byte("OAuth_2.0_2-legged"), []byte("Another"))
	for old, renamed := range map[string]string{"        clientId:\n": "        tenantId:\n", "        scopes:\n": "        wanted:\n"} {
		text = bytes.ReplaceAll(text, []byte(old), []byte(renamed))
	}
	spec, err := credmock.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	mock := mocktest.Start(t, mockserver.Options{Spec: spec})
	_, got := mock.Describe("?send=true", mocktest.Members{"authStrategy": "Another", "url": mock.OAuth(), "tenantId": "lab", "wanted": "a",
		"clientSecret": mocktest.ClientSecret, "basicNoForm": true})
	_, body := got.Described(t)
	if answer := got.Body["answer"].(mocktest.Members); body["scope"] != "a" || answer["status"] != 200.0 {
		t.Errorf("%s", got.Text)
	}
}
