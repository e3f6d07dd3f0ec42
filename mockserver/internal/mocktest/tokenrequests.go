package mocktest

import (
	"net/http"
	"strings"
	"testing"
)

func (a *API) OAuth() string { return strings.TrimSuffix(a.URL, "/platform") + "/__oauth/token" }

// Newest returns the id of the latest credential.
func (a *API) Newest() string {
	a.T.Helper()
	list := a.Send("GET", "/v1/environments/"+Development+"/authcredentials", "").Payload()["credentials"].([]any)
	return list[len(list)-1].(Members)["id"].(string)
}

const (
	ClientSecret = "cnry|S3cr'et&1"
	Password     = "cnry|P4ss word"
)

// Admin sends a request to the admin surface.
func (a *API) Admin(method, path string) Result {
	a.T.Helper()
	return a.Raw(method, strings.TrimSuffix(a.URL, "/platform")+"/__admin/"+path, http.Header{}, nil)
}

// Describe creates a credential and returns its id and the token request that it describes.
func (a *API) Describe(query string, parts ...Members) (id string, got Result) {
	a.T.Helper()
	id = a.Create(Object(append([]Members{OAuthBody}, parts...)...))
	got = a.Admin("POST", "credentials/"+id+"/token-request"+query)
	return id, got
}

func (r Result) Described(t *testing.T) (headers, body Members) {
	t.Helper()
	if r.Status != http.StatusOK {
		t.Fatalf("%d: %s", r.Status, r.Text)
	}
	request := r.Body["request"].(Members)
	return request["headers"].(Members), request["body"].(Members)
}

// Everything is a credential with every field that affects a token request.
var Everything = Members{
	"clientId": "lab", "clientSecret": ClientSecret, "username": "ann", "password": Password, "scopes": "a b",
	"audience": "https://aud.example.com", "resource": "https://res.example.com", "customFieldName": "tenant", "customFieldValue": "t=1",
}

func HidesSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{ClientSecret, Password, "S3cr", "P4ss", "bGFiOm"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is shown in %s", secret, text)
		}
	}
}
