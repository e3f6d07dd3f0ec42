package mockserver_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// The proof by change: a document with a further strategy, secret and required field is served whole.
func TestVariantDocument(t *testing.T) {
	mock := start(t, mockserver.Options{Spec: variant(t)})
	strategies := mock.send("GET", "/v1/authcredentials/strategies", "").payload()["strategies"].(members)
	if fields := strategies["ApiKey"].(members)["availableFields"]; !reflect.DeepEqual(fields, []any{"headerName", "apiKey", "keyPrefix", "rotationDays"}) {
		t.Errorf("availableFields are %v", fields)
	}
	key := members{"authStrategy": "ApiKey", "headerName": "X-Key", "apiKey": "hush"}
	for _, row := range []struct {
		body string
		want []string
	}{
		{object(basic, members{"authStrategy": "ApiKey"}), []string{"required /apiKey", "required /headerName"}},
		{object(basic, key, members{"keyPrefix": "Other", "rotationDays": 0, "refreshToken": "x"}), []string{"enum /keyPrefix", "minimum /rotationDays", "unknown-member /refreshToken"}},
		{object(awsBody), []string{"required /accountNumber"}},
	} {
		refused := mock.send("POST", "/v1/authcredentials", row.body)
		if got := slices.Sorted(slices.Values(refused.faults())); refused.status != 400 || !slices.Equal(got, row.want) {
			t.Errorf("%d %q: %s", refused.status, got, refused.text)
		}
	}
	id := mock.create(object(basic, key, members{"rotationDays": 30, "keyPrefix": "Key"}))
	if shown := mock.get(id); shown["hasApiKey"] != true || shown["apiKey"] != nil || shown["rotationDays"] != 30.0 {
		t.Errorf("%v", shown)
	}
	if got := mock.send("PATCH", "/v1/authcredentials/"+id, `{"rotationDays":null}`); !slices.Equal(got.faults(), []string{"required /headerName"}) {
		t.Errorf("update without what it requires: %d %s", got.status, got.text)
	}
	if got := mock.send("PATCH", "/v1/authcredentials/"+id, `{"headerName":"X-Other","keyPrefix":null}`); got.status != 200 || got.payload()["hasApiKey"] != true || got.payload()["keyPrefix"] != nil {
		t.Errorf("update: %d %s", got.status, got.text)
	}
	again := mock.get(mock.create(object(oauthBody, members{"refreshToken": "hush"})))
	if again["hasRefreshToken"] != true || again["refreshToken"] != nil || again["hasClientSecret"] != false {
		t.Errorf("%v", again)
	}
}

// What is secret to one strategy may be plain to another: each shows its own, and a list shows neither.
func TestANameThatIsSecretToOneStrategyAlone(t *testing.T) {
	text, err := os.ReadFile("../testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.NewReplacer("apiKey", "audience", "hasApiKey", "hasAudience").Replace(string(text))
	spec, err := credmock.Load([]byte(renamed))
	if err != nil {
		t.Fatal(err)
	}
	mock := start(t, mockserver.Options{Spec: spec})
	secret := mock.get(mock.create(object(basic, members{"authStrategy": "ApiKey", "headerName": "X-Key", "audience": "hush"})))
	if _, shown := secret["audience"]; shown || secret["hasAudience"] != true {
		t.Errorf("%v", secret)
	}
	if plain := mock.get(mock.create(object(wifBody))); plain["audience"] != "a" {
		t.Errorf("%v", plain)
	}
	if listed := mock.send("GET", "/v1/environments/"+development+"/authcredentials", ""); strings.Contains(listed.text, "udience") {
		t.Error(listed.text)
	}
}
