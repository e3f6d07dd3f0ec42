package mockserver_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

const (
	development = "a31a92e5-43b7-45df-8085-4ac5a746d105"
	staging     = "5f6a1c0b-2f0e-4d0c-9f63-8b7f5f3c2e21"
	elsewhere   = "19e8d7c6-b5a4-4938-8271-60f5e4d3c265" // of the other organization
	inbox       = "5d1f0f4e-9a39-4d5e-8a51-6a3a2a2b7c10" // the destination in development

	oauth = "OAuth_2.0_2-legged"
)

// api speaks to a running mock.
type api struct {
	*mockserver.Running
	t testing.TB
}

// result is an answer of the mock, decoded.
type result struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func start(t testing.TB, options ...mockserver.Options) *api {
	return &api{Running: mockserver.Start(t, options...), t: t}
}

// variant is the document with a further strategy, secret and required field.
func variant(t testing.TB) *credmock.Spec {
	t.Helper()
	text, err := os.ReadFile("../testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := credmock.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// send asks as an engineer. A body is sent as JSON.
func (a *api) send(method, path, body string) result {
	a.t.Helper()
	return a.as(a.Token, method, path, body)
}

// as asks with a token; an empty one sends no Authorization header.
func (a *api) as(token, method, path, body string) result {
	a.t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	return a.raw(method, a.URL+path, header, strings.NewReader(body))
}

// raw sends a request as it is, and holds the answer to what every answer promises.
func (a *api) raw(method, url string, header http.Header, body io.Reader) result {
	a.t.Helper()
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header = header
	response, err := a.Client.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	got := result{status: response.StatusCode, header: response.Header, text: string(text)}
	if method == http.MethodHead {
		return got
	}
	if err := json.Unmarshal(text, &got.body); err != nil {
		a.t.Fatalf("%s answered %d with a body that is no JSON object", method, got.status)
	}
	if got.status >= 500 {
		a.t.Errorf("%s answered %d: %s", method, got.status, got.text)
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		a.t.Errorf("Content-Type is %q", kind)
	}
	meta, _ := got.body["meta"].(map[string]any)
	if strings.HasPrefix(request.URL.Path, "/platform/") && meta["version"] != "1.0.0" {
		a.t.Errorf("meta.version is missing: %.200s", got.text)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		a.t.Error("an answer may be cached")
	}
	return got
}

// payload is the answer's data.
func (r result) payload() map[string]any {
	payload, _ := r.body["payload"].(map[string]any)
	return payload
}

// faults are the answer's faults, as "code pointer".
func (r result) faults() []string {
	var faults []string
	errors, _ := r.body["errors"].([]any)
	for _, entry := range errors {
		fault := entry.(map[string]any)
		pointer, _ := fault["pointer"].(string)
		faults = append(faults, strings.TrimSpace(fault["code"].(string)+" "+pointer))
	}
	return faults
}

// create creates a credential and returns its id.
func (a *api) create(body string) string {
	a.t.Helper()
	created := a.send("POST", "/v1/authcredentials", body)
	if created.status != http.StatusCreated {
		a.t.Fatalf("create answered %d: %s", created.status, created.text)
	}
	return created.payload()["id"].(string)
}

func (a *api) get(id string) map[string]any {
	a.t.Helper()
	got := a.send("GET", "/v1/authcredentials/"+id, "")
	if got.status != http.StatusOK {
		a.t.Fatalf("get answered %d: %s", got.status, got.text)
	}
	return got.payload()
}

// object encodes members over each other; nil leaves one out.
func object(parts ...map[string]any) string {
	merged := map[string]any{}
	for _, part := range parts {
		for name, value := range part {
			if merged[name] = value; value == nil {
				delete(merged, name)
			}
		}
	}
	text, err := json.Marshal(merged)
	if err != nil {
		panic(err)
	}
	return string(text)
}

type members = map[string]any

var (
	basic     = members{"name": "n", "environmentId": development}
	oauthBody = members{"name": "n", "environmentId": development, "authStrategy": oauth, "grantType": "client_credentials", "url": "https://a.example.com"}
	awsBody   = members{"name": "n", "environmentId": development, "authStrategy": "AwsSigv4", "accessKey": "A", "secretKey": "S", "serviceName": "s3", "awsRegion": "eu-west-1"}
	wifBody   = members{"name": "n", "environmentId": development, "authStrategy": "GoogleWIF", "audience": "a", "token_url": "t"}
	patchBody = members{"grantType": "client_credentials", "url": "https://a.example.com"}
)
