package mockserver_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func (a *api) oauth() string { return strings.TrimSuffix(a.URL, "/platform") + "/__oauth/token" }

// The mock's authorization server accepts what the mock sends for a credential, whatever that describes, and a refresh after it.
func TestTheAuthorizationServerAcceptsWhatTheCredentialDescribes(t *testing.T) {
	mock := start(t)
	for name, fields := range map[string]members{
		"usual":       {"clientId": "usual", "clientSecret": clientSecret},
		"everything":  everything,
		"JSON":        {"clientId": "json", "clientSecret": clientSecret, "contentType": "application/json", "scopes": "a"},
		"own names":   {"clientId": "own", "clientSecret": clientSecret, "clientIdName": "appId", "accessTokenName": "accessToken", "expiresFieldName": "expires"},
		"Basic alone": {"clientId": "basic", "clientSecret": clientSecret, "basicNoForm": true},
		"form alone":  {"clientId": "form", "clientSecret": clientSecret, "noBasic": "true", "refreshGrantType": "refresh", "refreshTokenName": "renew"},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := mock.describe("?send=true", fields, members{"url": mock.oauth(), "refreshGrantType": "refresh_token"}, fields)
			got.described(t)
			answer := got.body["answer"].(members)
			if answer["accessToken"] != "[masked]" || answer["expiresInSeconds"] != 300.0 || answer["refreshToken"] != "[masked]" {
				t.Fatalf("%v", answer)
			}
			id := mock.newest()
			for range 2 {
				again := mock.admin("POST", "credentials/"+id+"/token-request?send=true&grant=refresh")
				again.described(t)
				if answer := again.body["answer"].(members); answer["accessToken"] != "[masked]" {
					t.Errorf("refresh: %v", answer)
				}
			}
		})
	}
}

// newest returns the id of the credential that was created last.
func (a *api) newest() string {
	a.t.Helper()
	list := a.send("GET", "/v1/environments/"+development+"/authcredentials", "").payload()["credentials"].([]any)
	return list[len(list)-1].(members)["id"].(string)
}

func TestTheAuthorizationServerSaysWhatDiffers(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody, members{"clientId": "lab", "clientSecret": clientSecret, "scopes": "orders.read"}))
	const wrong = "cnry-wrong"
	basic := func(user, word string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+word))
	}
	right := url.Values{"grant_type": {"client_credentials"}, "client_id": {"lab"}, "client_secret": {clientSecret}, "scope": {"orders.read"}}
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
	for _, row := range []struct {
		name, kind, authorization string
		form                      url.Values
		status                    int
		want                      string
	}{
		{"right", "", basic("lab", clientSecret), right, 200, ""},
		{"right, with a charset", "application/x-www-form-urlencoded; charset=utf-8", basic("lab", clientSecret), right, 200, ""},
		{"wrong secret", "", basic("lab", clientSecret), with("client_secret", wrong), 400, "The parameter client_secret has not the value that clientSecret says."},
		{"wrong password", "", basic("lab", wrong), right, 400, "The password of the Authorization header is not the client secret."},
		{"another user", "", basic(wrong, clientSecret), right, 400, "The user of the Authorization header is not the client id."},
		{"no Basic", "", "", right, 400, "The Authorization header is missing"},
		{"Bearer", "", "Bearer " + wrong, right, 400, "The Authorization header is missing"},
		{"no scope", "", basic("lab", clientSecret), with("scope"), 400, "The parameter scope is missing; scopes says its value."},
		{"a stranger", "", basic("lab", clientSecret), with(wrong, "x"), 400, "a parameter that the credential does not describe"},
		{"twice", "", basic("lab", clientSecret), with("scope", "orders.read", wrong), 400, "must be sent once"},
		{"wrong media type", "text/plain", basic("lab", clientSecret), right, 400, "Content-Type must be application/x-www-form-urlencoded."},
		{"unknown client", "", basic(wrong, wrong), with("client_id", wrong), 401, "has this client id"},
		{"a refresh that nobody gave out", "", basic("lab", clientSecret), with("grant_type", "refresh_token"), 400, "The parameter grant_type has not the value"},
	} {
		t.Run(row.name, func(t *testing.T) {
			header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
			if row.kind != "" {
				header.Set("Content-Type", row.kind)
			}
			if row.authorization != "" {
				header.Set("Authorization", row.authorization)
			}
			got := mock.raw("POST", mock.oauth(), header, strings.NewReader(row.form.Encode()))
			if got.status != row.status || !strings.Contains(got.text, row.want) {
				t.Errorf("%d: %s", got.status, got.text)
			}
			if strings.Contains(got.text, wrong) {
				t.Errorf("a value is shown: %s", got.text)
			}
			hidesSecrets(t, got.text)
		})
	}
	for _, body := range []io.Reader{strings.NewReader("{"), strings.NewReader(`{"client_id":7}`), strings.NewReader(strings.Repeat("x", 1<<20+1))} {
		if got := mock.raw("POST", mock.oauth(), http.Header{"Content-Type": {"application/json"}}, body); got.status/100 != 4 {
			t.Errorf("%d: %s", got.status, got.text)
		}
	}
	if got := mock.raw("GET", mock.oauth(), nil, nil); got.status != 405 {
		t.Errorf("GET: %d", got.status)
	}
}
