package api_test

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// A document with an additional strategy, secret and required field is served completely, without a change of code.
func TestVariantDocument(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Spec: mocktest.Variant(t)})
	strategies := mock.Send("GET", "/v1/authcredentials/strategies", "").Payload()["strategies"].(mocktest.Members)
	if fields := strategies["ApiKey"].(mocktest.Members)["availableFields"]; !reflect.DeepEqual(fields,
		[]any{"headerName", "apiKey", "keyPrefix", "rotationDays"}) {
		t.Errorf("availableFields are %v", fields)
	}
	key := mocktest.Members{"authStrategy": "ApiKey", "headerName": "X-Key", "apiKey": "hush"}
	for _, row := range []struct {
		body string
		want []string
	}{
		{mocktest.Object(mocktest.Basic, mocktest.Members{"authStrategy": "ApiKey"}), []string{"required /apiKey", "required /headerName"}},
		{mocktest.Object(mocktest.Basic, key, mocktest.Members{"keyPrefix": "Other", "rotationDays": 0, "refreshToken": "x"}),
			[]string{"enum /keyPrefix", "minimum /rotationDays", "unknown-member /refreshToken"}},
		{mocktest.Object(mocktest.AwsBody), []string{"required /accountNumber"}},
	} {
		refused := mock.Send("POST", "/v1/authcredentials", row.body)
		if got := slices.Sorted(slices.Values(refused.Violations())); refused.Status != 400 || !slices.Equal(got, row.want) {
			t.Errorf("%d %q: %s", refused.Status, got, refused.Text)
		}
	}
	id := mock.Create(mocktest.Object(mocktest.Basic, key, mocktest.Members{"rotationDays": 30, "keyPrefix": "Key"}))
	if shown := mock.Get(id); shown["hasApiKey"] != true || shown["apiKey"] != nil || shown["rotationDays"] != 30.0 {
		t.Errorf("%v", shown)
	}
	if got := mock.Send("PATCH", "/v1/authcredentials/"+id, `{"rotationDays":null}`); !slices.Equal(got.Violations(),
		[]string{"required /headerName"}) {
		t.Errorf("update without a required field: %d %s", got.Status, got.Text)
	}
	if got := mock.Send("PATCH", "/v1/authcredentials/"+id, `{"headerName":"X-Other","keyPrefix":null}`); got.Status != 200 ||
		got.Payload()["hasApiKey"] != true || got.Payload()["keyPrefix"] != nil {
		t.Errorf("update: %d %s", got.Status, got.Text)
	}
	again := mock.Get(mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"refreshToken": "hush"})))
	if again["hasRefreshToken"] != true || again["refreshToken"] != nil || again["hasClientSecret"] != false {
		t.Errorf("%v", again)
	}
}

// A field may be secret in one strategy and plain in another: each shows its own, and a list shows neither.
func TestFieldSecretInOneStrategy(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.NewReplacer("apiKey", "audience", "hasApiKey", "hasAudience").Replace(string(text))
	spec, err := credmock.Load([]byte(renamed))
	if err != nil {
		t.Fatal(err)
	}
	mock := mocktest.Start(t, mockserver.Options{Spec: spec})
	secret := mock.Get(mock.Create(mocktest.Object(mocktest.Basic,
		mocktest.Members{"authStrategy": "ApiKey", "headerName": "X-Key", "audience": "hush"})))
	if _, shown := secret["audience"]; shown || secret["hasAudience"] != true {
		t.Errorf("%v", secret)
	}
	if plain := mock.Get(mock.Create(mocktest.Object(mocktest.WifBody))); plain["audience"] != "a" {
		t.Errorf("%v", plain)
	}
	if listed := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", ""); strings.Contains(listed.Text, "udience") {
		t.Error(listed.Text)
	}
}

// The credential of the document's examples is there; a document without its strategy starts without it.
func TestCredentialOfTheExamples(t *testing.T) {
	const example, name = "0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", "OAuth_2.0_2-legged"
	if shown := mocktest.Start(t, mockserver.Options{}).Get(example); shown["authStrategy"] != name || shown["hasClientSecret"] != true {
		t.Errorf("%v", shown)
	}
	spec, err := credmock.Load(bytes.ReplaceAll(credmock.Document(), []byte(name), []byte("OAuth_Other")))
	if err != nil {
		t.Fatal(err)
	}
	mock := mocktest.Start(t, mockserver.Options{Spec: spec})
	if got := mock.Send("GET", "/v1/authcredentials/"+example, ""); got.Status != 404 {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if got := mock.Send("GET", "/v1/destinations/8b0c2f7a-6f43-4c56-9d0e-0f7f5b7a4d32", ""); got.Status != 200 {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}
