// Package mocktest starts mocks for tests and sends them requests. It checks every answer for the properties that all answers
// have.
package mocktest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

const (
	Development = "a31a92e5-43b7-45df-8085-4ac5a746d105"
	Staging     = "5f6a1c0b-2f0e-4d0c-9f63-8b7f5f3c2e21"
	Production  = "c47d3e9f-18b6-4a75-b1d4-6e9a0c8d5f43"
	Elsewhere   = "19e8d7c6-b5a4-4938-8271-60f5e4d3c265" // in the other organization
	Inbox       = "5d1f0f4e-9a39-4d5e-8a51-6a3a2a2b7c10" // the destination in development

	Oauth = "OAuth_2.0_2-legged"
)

// API is a client of a running mock.
type API struct {
	*mockserver.Running
	T testing.TB
}

// Result is an answer of the mock, decoded.
type Result struct {
	Status int
	Header http.Header
	Text   string
	Body   map[string]any
}

func Start(t testing.TB, options ...mockserver.Options) *API {
	return &API{Running: mockserver.Start(t, options...), T: t}
}

// Variant returns the document with an additional strategy, secret and required field.
func Variant(t testing.TB) *credmock.Spec {
	t.Helper()
	text, err := os.ReadFile("../../../testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := credmock.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// Send sends a request as an engineer, with body as JSON.
func (a *API) Send(method, path, body string) Result {
	a.T.Helper()
	return a.As(a.Token, method, path, body)
}

// As sends a request with a token; an empty token sends no Authorization header.
func (a *API) As(token, method, path, body string) Result {
	a.T.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	return a.Raw(method, a.URL+path, header, strings.NewReader(body))
}

// Raw sends a request unchanged and checks the answer for the properties that all answers have.
func (a *API) Raw(method, url string, header http.Header, body io.Reader) Result {
	a.T.Helper()
	got := a.send(method, url, header, body)
	if method == http.MethodHead {
		return got
	}
	if err := json.Unmarshal([]byte(got.Text), &got.Body); err != nil {
		a.T.Fatalf("%s answered %d with a body that is not a JSON object", method, got.Status)
	}
	if got.Status >= 500 {
		a.T.Errorf("%s answered %d: %s", method, got.Status, got.Text)
	}
	if kind := got.Header.Get("Content-Type"); kind != "application/json" {
		a.T.Errorf("Content-Type is %q", kind)
	}
	meta, _ := got.Body["meta"].(map[string]any)
	if strings.HasPrefix(url, a.URL+"/") && meta["version"] != "1.0.0" {
		a.T.Errorf("meta.version is missing: %.200s", got.Text)
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		a.T.Error("an answer may be cached")
	}
	return got
}

// send sends a request unchanged and returns the answer.
func (a *API) send(method, url string, header http.Header, body io.Reader) Result {
	a.T.Helper()
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		a.T.Fatal(err)
	}
	request.Header = header
	response, err := a.Client.Do(request)
	if err != nil {
		a.T.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.T.Fatal(err)
	}
	return Result{Status: response.StatusCode, Header: response.Header, Text: string(text)}
}

// Payload returns the data of the answer.
func (r Result) Payload() map[string]any {
	payload, _ := r.Body["payload"].(map[string]any)
	return payload
}

// Violations returns the violations listed in the answer, as "code pointer".
func (r Result) Violations() []string {
	var faults []string
	errors, _ := r.Body["errors"].([]any)
	for _, entry := range errors {
		fault := entry.(map[string]any)
		pointer, _ := fault["pointer"].(string)
		faults = append(faults, strings.TrimSpace(fault["code"].(string)+" "+pointer))
	}
	return faults
}

// Create creates a credential and returns its id.
func (a *API) Create(body string) string {
	a.T.Helper()
	created := a.Send("POST", "/v1/authcredentials", body)
	if created.Status != http.StatusCreated {
		a.T.Fatalf("create answered %d: %s", created.Status, created.Text)
	}
	return created.Payload()["id"].(string)
}

func (a *API) Get(id string) map[string]any {
	a.T.Helper()
	got := a.Send("GET", "/v1/authcredentials/"+id, "")
	if got.Status != http.StatusOK {
		a.T.Fatalf("get answered %d: %s", got.Status, got.Text)
	}
	return got.Payload()
}

// Merged returns the merged parts; a nil value removes a member.
func Merged(parts ...map[string]any) Members {
	merged := Members{}
	for _, part := range parts {
		for name, value := range part {
			if merged[name] = value; value == nil {
				delete(merged, name)
			}
		}
	}
	return merged
}

// Object encodes the merged parts as JSON; a nil value removes a member.
func Object(parts ...map[string]any) string {
	text, err := json.Marshal(Merged(parts...))
	if err != nil {
		panic(err)
	}
	return string(text)
}

type Members = map[string]any

var (
	Basic     = Members{"name": "n", "environmentId": Development}
	OAuthBody = Members{"name": "n", "environmentId": Development, "authStrategy": Oauth, "grantType": "client_credentials",
		"url": "https://a.example.com"}
	AwsBody = Members{"name": "n", "environmentId": Development, "authStrategy": "AwsSigv4", "accessKey": "A", "secretKey": "S",
		"serviceName": "s3", "awsRegion": "eu-west-1"}
	WifBody   = Members{"name": "n", "environmentId": Development, "authStrategy": "GoogleWIF", "audience": "a", "token_url": "t"}
	PatchBody = Members{"grantType": "client_credentials", "url": "https://a.example.com"}
)

const StrategiesPath = "/v1/authcredentials/strategies"

// Answered requests the strategies and returns the response and its body, which may be cut off.
func Answered(t *testing.T, mock *API, header http.Header) (*http.Response, string, error) {
	t.Helper()
	request, _ := http.NewRequest("GET", mock.URL+StrategiesPath, nil)
	request.Header = header
	request.Header.Set("Authorization", "Bearer "+mock.Token)
	response, err := mock.Client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, string(text), err
}

const OwnFixtures = `
organizations:
  - id: 7
    environments:
      - id: here
        name: Here
        environmentFlag: Staging
        credentials:
          - {id: stored, name: c, grantType: client_credentials, url: u, clientSecret: hush}
        destinations:
          - {name: d, authCredential: stored}
principals:
  viewer: {organization: 7, role: engineer}
`

// Teapot is a broken server, and Sound is a sound one.
func Teapot(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
}

func Sound(mock http.Handler) http.Handler { return mock }

func FakeVerify(ctx context.Context, judged mockserver.Judged) ([]byte, string, error) {
	for done := range 50 {
		outcome := "pass"
		if done == 7 {
			outcome = "fail"
		}
		judged.Progress(done+1, 50, fmt.Sprintf("family/check-%d", done), outcome)
	}
	return []byte("<!DOCTYPE html><html lang=en><title>r</title><table class=matrix><tr><td>" + judged.URL + "</table>"), "violates", ctx.Err()
}

func FixedClock() time.Time { return time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC) }

// PublicKeys returns the public development keys as a client of the fixtures lists them.
func PublicKeys(t *testing.T) string {
	t.Helper()
	private, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		t.Fatal(err)
	}
	public, err := jwk.PublicSetOf(private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const Strategies = "/platform/v1/authcredentials/strategies"

func ManyMembers(number int) string {
	members := make([]string, number)
	for i := range members {
		members[i] = `"k` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/700) + `":1`
	}
	slices.Sort(members)
	return strings.Join(slices.Compact(members), ",")
}
