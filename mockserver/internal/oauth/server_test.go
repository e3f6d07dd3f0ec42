package oauth_test

import (
	"encoding/base64"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// The mock's authorization server accepts the mock's own request for any credential, and a refresh after it.
func TestAuthorizerAcceptsDescribedRequest(t *testing.T) {
	mock := mocktest.Start(t)
	for name, fields := range map[string]mocktest.Members{
		"usual":      {"clientId": "usual", "clientSecret": mocktest.ClientSecret},
		"everything": mocktest.Everything,
		"JSON":       {"clientId": "json", "clientSecret": mocktest.ClientSecret, "contentType": "application/json", "scopes": "a"},
		"own names": {"clientId": "own", "clientSecret": mocktest.ClientSecret, "clientIdName": "appId", "accessTokenName": "accessToken",
			"expiresFieldName": "expires"},
		"Basic alone": {"clientId": "basic", "clientSecret": mocktest.ClientSecret, "basicNoForm": true},
		"form alone": {"clientId": "form", "clientSecret": mocktest.ClientSecret, "noBasic": "true", "refreshGrantType": "refresh",
			"refreshTokenName": "renew"},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := mock.Describe("?send=true", fields, mocktest.Members{"url": mock.OAuth(), "refreshGrantType": "refresh_token"}, fields)
			got.Described(t)
			answer := got.Body["answer"].(mocktest.Members)
			if answer["accessToken"] != "[masked]" || answer["expiresInSeconds"] != 300.0 || answer["refreshToken"] != "[masked]" {
				t.Fatalf("%v", answer)
			}
			id := mock.Newest()
			for range 2 {
				again := mock.Admin("POST", "credentials/"+id+"/token-request?send=true&grant=refresh")
				again.Described(t)
				if answer := again.Body["answer"].(mocktest.Members); answer["accessToken"] != "[masked]" {
					t.Errorf("refresh: %v", answer)
				}
			}
		})
	}
}

// wrong is a value that no answer may repeat.
const wrong = "cnry-wrong"

// tokenRow is a token request and the expected answer.
type tokenRow struct {
	name, kind, authorization string
	form                      url.Values
	status                    int
	want                      string
}

// right is the body of the request that the credential of TestAuthorizerListsDifferences describes.
var right = url.Values{"grant_type": {"client_credentials"}, "client_id": {"lab"}, "client_secret": {mocktest.ClientSecret},
	"scope": {"orders.read orders.write"}, "audience": {"a"}, "resource": {"r"}}

func with(name string, values ...string) url.Values {
	form := maps.Clone(right)
	form[name] = values
	return form
}

func without(names ...string) url.Values {
	form := maps.Clone(right)
	for _, name := range names {
		form.Del(name)
	}
	return form
}

func basic(user, word string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+word))
}

// identityRows are token requests that identify the client rightly or not.
func identityRows() []tokenRow {
	return []tokenRow{
		{"right", "", basic("lab", mocktest.ClientSecret), right, 200, ""},
		{"right, with a charset", "application/x-www-form-urlencoded; charset=utf-8", basic("lab", mocktest.ClientSecret), right, 200, ""},
		{"an empty stranger", "", basic("lab", mocktest.ClientSecret), with("stranger", ""), 200, ""},
		{"Basic alone", "", basic("lab", mocktest.ClientSecret), without("client_id", "client_secret"), 200, `"identity":"basic"`},
		{"Basic and the id", "", basic("lab", mocktest.ClientSecret), without("client_secret"), 200, `"identity":"both"`},
		{"the body alone", "", "", right, 200, `"identity":"body"`},
		{"nobody", "", "", without("client_secret"), 401, "invalid_client"},
		{"wrong secret", "", basic("lab", mocktest.ClientSecret), with("client_secret", wrong), 401,
			"The parameter client_secret has not the value that clientSecret says."},
		{"wrong password", "", basic("lab", wrong), right, 401, "The password of the Authorization header is not the client secret, neither"},
		{"wrong password, no body", "", basic("lab", wrong), without("client_id", "client_secret"), 401, "invalid_client"},
		{"another user", "", basic(wrong, mocktest.ClientSecret), right, 401, "The user of the Authorization header is not the client id"},
		{"Bearer", "", "Bearer " + wrong, right, 401, "The Authorization header is missing"},
	}
}

// parameterRows are token requests whose other parameters are right or not.
func parameterRows() []tokenRow {
	return []tokenRow{
		{"no scope", "", basic("lab", mocktest.ClientSecret), without("scope"), 400, "The parameter scope is missing; scopes says its value."},
		{"an empty scope", "", basic("lab", mocktest.ClientSecret), with("scope", ""), 400, "invalid_scope"},
		{"another scope", "", basic("lab", mocktest.ClientSecret), with("scope", wrong), 400, "invalid_scope"},
		{"scopes in another order", "", basic("lab", mocktest.ClientSecret), with("scope", "orders.write orders.read"), 200, ""},
		{"scopes with commas", "", basic("lab", mocktest.ClientSecret), with("scope", "orders.read,orders.write"), 400, "invalid_scope"},
		{"another audience", "", basic("lab", mocktest.ClientSecret), with("audience", wrong), 400, "invalid_target"},
		{"no resource", "", basic("lab", mocktest.ClientSecret), without("resource"), 400, "invalid_target"},
		{"a wrong secret before a wrong scope", "", basic("lab", wrong), with("scope", wrong), 401, "invalid_client"},
		{"a stranger", "", basic("lab", mocktest.ClientSecret), with(wrong, "x"), 400, "a parameter that the credential does not describe"},
		{"twice", "", basic("lab", mocktest.ClientSecret), with("scope", "orders.read", wrong), 400, "must be sent once"},
		{"wrong media type", "text/plain", basic("lab", mocktest.ClientSecret), right, 400,
			"Content-Type must be application/x-www-form-urlencoded."},
		{"unknown client", "", basic(wrong, wrong), with("client_id", wrong), 401, "has this client id"},
		{"another grant type", "", basic("lab", mocktest.ClientSecret), with("grant_type", "password"), 400, "unsupported_grant_type"},
		{"no grant type", "", basic("lab", mocktest.ClientSecret), without("grant_type"), 400, "invalid_request"},
		{"a refresh that nobody gave out", "", basic("lab", mocktest.ClientSecret), with("grant_type", "refresh_token"), 400,
			"The parameter grant_type has not the value"},
	}
}

func TestAuthorizerListsDifferences(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "scopes": "orders.read orders.write"},
		mocktest.Members{"audience": "a", "resource": "r"}))
	for _, row := range append(identityRows(), parameterRows()...) {
		t.Run(row.name, func(t *testing.T) {
			header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
			if row.kind != "" {
				header.Set("Content-Type", row.kind)
			}
			if row.authorization != "" {
				header.Set("Authorization", row.authorization)
			}
			got := mock.Raw("POST", mock.OAuth(), header, strings.NewReader(row.form.Encode()))
			if got.Status != row.status || !strings.Contains(got.Text, row.want) {
				t.Errorf("%d: %s", got.Status, got.Text)
			}
			challenge := got.Header.Get("WWW-Authenticate")
			unknown := got.Body["error"] == "invalid_client"
			challenged := unknown && row.authorization != ""
			if unknown != (got.Status == 401) || challenged != strings.HasPrefix(challenge, `Basic realm="`) || !challenged && challenge != "" {
				t.Errorf("%q: %s", challenge, got.Text)
			}
			if strings.Contains(got.Text, wrong) {
				t.Errorf("a value is shown: %s", got.Text)
			}
			mocktest.HidesSecrets(t, got.Text)
		})
	}
	for _, body := range []io.Reader{strings.NewReader("{"), strings.NewReader(`{"client_id":7}`),
		strings.NewReader(strings.Repeat("x", 1<<20+1))} {
		if got := mock.Raw("POST", mock.OAuth(), http.Header{"Content-Type": {"application/json"}}, body); got.Status/100 != 4 {
			t.Errorf("%d: %s", got.Status, got.Text)
		}
	}
	if got := mock.Raw("GET", mock.OAuth(), nil, nil); got.Status != 405 {
		t.Errorf("GET: %d", got.Status)
	}
}

// Only the document names the fields of a credential.
func TestFieldNamesAreInDocument(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == "mocktest" {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		seen++
		text, err := os.ReadFile(path)
		for _, name := range []string{`"grantType"`, `"clientId"`, `"clientSecret"`, `"scopes"`, `"noBasic"`, `"basicNoForm"`,
			`"customFieldName"`, `"accessTokenName"`} {
			if strings.Contains(string(text), name) {
				t.Errorf("%s names the field %s", path, name)
			}
		}
		return err
	})
	if err != nil || seen < 50 {
		t.Errorf("%d files: %v", seen, err)
	}
}
