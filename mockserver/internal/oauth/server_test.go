package oauth_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
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

// tokenRows returns token requests for the credential of TestAuthorizerListsDifferences.
func tokenRows() []tokenRow {
	basic := func(user, word string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+word))
	}
	right := url.Values{"grant_type": {"client_credentials"}, "client_id": {"lab"}, "client_secret": {mocktest.ClientSecret},
		"scope": {"orders.read"}}
	with := func(name string, values ...string) url.Values {
		form := url.Values{}
		for name, value := range right {
			form[name] = value
		}
		form[name] = values
		if len(values) == 0 {
			form.Del(name)
		}
		return form
	}
	return []tokenRow{
		{"right", "", basic("lab", mocktest.ClientSecret), right, 200, ""},
		{"right, with a charset", "application/x-www-form-urlencoded; charset=utf-8", basic("lab", mocktest.ClientSecret), right, 200, ""},
		{"wrong secret", "", basic("lab", mocktest.ClientSecret), with("client_secret", wrong), 400,
			"The parameter client_secret has not the value that clientSecret says."},
		{"wrong password", "", basic("lab", wrong), right, 400, "The password of the Authorization header is not the client secret."},
		{"another user", "", basic(wrong, mocktest.ClientSecret), right, 400, "The user of the Authorization header is not the client id."},
		{"no Basic", "", "", right, 400, "The Authorization header is missing"},
		{"Bearer", "", "Bearer " + wrong, right, 400, "The Authorization header is missing"},
		{"no scope", "", basic("lab", mocktest.ClientSecret), with("scope"), 400, "The parameter scope is missing; scopes says its value."},
		{"a stranger", "", basic("lab", mocktest.ClientSecret), with(wrong, "x"), 400, "a parameter that the credential does not describe"},
		{"twice", "", basic("lab", mocktest.ClientSecret), with("scope", "orders.read", wrong), 400, "must be sent once"},
		{"wrong media type", "text/plain", basic("lab", mocktest.ClientSecret), right, 400,
			"Content-Type must be application/x-www-form-urlencoded."},
		{"unknown client", "", basic(wrong, wrong), with("client_id", wrong), 401, "has this client id"},
		{"a refresh that nobody gave out", "", basic("lab", mocktest.ClientSecret), with("grant_type", "refresh_token"), 400,
			"The parameter grant_type has not the value"},
	}
}

func TestAuthorizerListsDifferences(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "scopes": "orders.read"}))
	for _, row := range tokenRows() {
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
