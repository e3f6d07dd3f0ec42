package api_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

const fuzzCanary = "cnry^7|zQ9"

// FuzzBody sends any body to every operation that has one. The mock answers with JSON and a status below 500, and a rejection
// repeats nothing of the body.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"a":1,"a":2}`, `{"a":` + strings.Repeat("[", 70), `{"x":1e999}`, "{\"x\":\"\xff\"}", `{"x":"\ud800"}`,
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": fuzzCanary}),
		mocktest.Object(mocktest.AwsBody, mocktest.Members{"secretKey": fuzzCanary, "sessionToken": fuzzCanary}),
		mocktest.Object(mocktest.WifBody, mocktest.Members{"scope": []any{"a", 1}}),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"clientSecret": fuzzCanary, fuzzCanary: 1}),
		mocktest.Object(mocktest.Members{"grantType": fuzzCanary, "url": []any{fuzzCanary}, "organization": fuzzCanary, "id": fuzzCanary}),
		`{"name":"d","authCredential":"` + fuzzCanary + `","verificationToken":"` + fuzzCanary + `"}`,
		`grant_type=client_credentials&client_assertion=` + fuzzCanary,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		mock, err := mockserver.New(mockserver.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		id := firstCredential(t, mock)
		for _, operation := range credmock.Default().Operations {
			if operation.MediaType == "" {
				continue
			}
			path := operation.Prefix +
				strings.NewReplacer("{id}", id, "{environmentId}", mocktest.Development, "{destinationId}", mocktest.Inbox).Replace(operation.Path)
			request := httptest.NewRequest(operation.Method, path, strings.NewReader(string(body)))
			request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
			request.Header.Set("Content-Type", operation.MediaType)
			recorder := httptest.NewRecorder()
			mock.ServeHTTP(recorder, request)
			if recorder.Code >= 500 || !json.Valid(recorder.Body.Bytes()) {
				t.Errorf("%s: %d: %s", operation.ID, recorder.Code, recorder.Body)
			}
			if recorder.Code >= 400 && strings.Contains(recorder.Body.String(), fuzzCanary) {
				t.Errorf("%s: the rejection repeats the body: %s", operation.ID, recorder.Body)
			}
		}
	})
}

func firstCredential(t *testing.T, mock *mockserver.Server) string {
	request := httptest.NewRequest("POST", "/platform/v1/authcredentials",
		strings.NewReader(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s"})))
	request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	mock.ServeHTTP(recorder, request)
	var answer struct{ Payload struct{ ID string } }
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.Payload.ID == "" {
		t.Fatal("there is no credential")
	}
	return answer.Payload.ID
}

// FuzzFixtures checks that New returns either a mock or an error for any fixtures.
func FuzzFixtures(f *testing.F) {
	f.Add(string(mockserver.DefaultFixtures()))
	f.Add(mocktest.OwnFixtures + "  reader: {organization: 7, role: viewer, tokens: [t-1], developmentKeys: true}\nfaults:\n  - {status: " +
		"503, times: 1}\n  - {delay: 1s, delayMax: 2s, methods: [GET]}\n")
	f.Add("organizations: &a [*a]\n")
	f.Add("organizations: [{id: .inf, environments: [{id: e, credentials: [{? [x] : y}]}]}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		mock, err := mockserver.New(mockserver.Options{Fixtures: []byte(text)})
		if (mock == nil) == (err == nil) {
			t.Error("New returned both a mock and an error, or neither")
		}
	})
}
