package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestDestinationLifecycle(t *testing.T) {
	mock := mocktest.Start(t)
	path := "/v1/environments/" + mocktest.Development + "/destinations"
	made := mock.Send("POST", path, `{"name":"d","endpoint":"https://d.example.com","verificationToken":"hush"}`)
	destination, _ := made.Payload()["destination"].(mocktest.Members)
	if made.Status != 201 || destination["environment"].(mocktest.Members)["id"] != mocktest.Development ||
		destination["environment"].(mocktest.Members)["environmentFlag"] != "Development" {
		t.Fatalf("%d: %s", made.Status, made.Text)
	}
	at := "/v1/destinations/" + destination["id"].(string)
	if made.Header.Get("Location") != "/platform"+at {
		t.Errorf("Location is %q", made.Header.Get("Location"))
	}
	if got := mock.Send("PATCH", at, `{"endpoint":null,"name":"e"}`).Payload()["destination"].(mocktest.Members); got["name"] != "e" ||
		got["endpoint"] != nil {
		t.Errorf("update: %v", got)
	}
	if got := mock.Send("POST", at+"/verify", ""); got.Status != 200 || got.Payload()["destination"].(mocktest.Members)["name"] != "e" {
		t.Errorf("verify: %d", got.Status)
	}
	if got := mock.Send("GET", path, "").Payload()["destinations"].([]any); len(got) != 2 {
		t.Errorf("list: %v", got)
	}
	read := mock.Send("GET", at, "").Payload()["destination"].(mocktest.Members)
	if got := mock.Send("PATCH", at, mocktest.Object(read)); got.Status != 200 {
		t.Errorf("write-back: %d %s", got.Status, got.Text)
	}
	if got := mock.Send("DELETE", at, ""); got.Status != 200 {
		t.Errorf("delete: %d", got.Status)
	}
	if got := mock.Send("GET", at, ""); got.Status != 404 {
		t.Errorf("after delete: %d", got.Status)
	}
}

func TestDestinationViolations(t *testing.T) {
	mock := mocktest.Start(t)
	far := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": mocktest.Staging}))
	for body, want := range map[string][]string{
		`{}`:                                  {"required /name"},
		`{"name":1,"authCredential":1}`:       {"type /authCredential", "type /name"},
		`{"name":"d","authCredential":"x"}`:   {"unknown-credential /authCredential"},
		`{"name":"d","authCredential":""}`:    {"unknown-credential /authCredential"},
		`{"authCredential":"` + far + `"}`:    {"required /name", "unknown-credential /authCredential"},
		`{"name":"d","id":"x"}`:               {"read-only /id"},
		`{"name":"d","environment":{}}`:       {"read-only /environment"},
		`{"name":"d","zebra":1}`:              {"unknown-member"},
		`{"name":"d","verificationToken":[]}`: {"type /verificationToken"},
	} {
		got := mock.Send("POST", "/v1/environments/"+mocktest.Development+"/destinations", body)
		if violations := slices.Sorted(slices.Values(got.Violations())); got.Status != 400 || !slices.Equal(violations, want) {
			t.Errorf("%s: %d %q", body, got.Status, violations)
		}
	}
	for body, want := range map[string][]string{
		`{"name":null}`:                       {"required /name"},
		`{"authCredential":"` + far + `"}`:    {"unknown-credential /authCredential"},
		`{"environment":{"id":"x"},"id":"y"}`: {"immutable /environment", "immutable /id"},
	} {
		got := mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, body)
		if violations := slices.Sorted(slices.Values(got.Violations())); got.Status != 400 || !slices.Equal(violations, want) {
			t.Errorf("%s: %d %q", body, got.Status, violations)
		}
	}
}

func TestCredentialInUseIsNotDeleted(t *testing.T) {
	mock := mocktest.Start(t)
	id, at := mock.Create(mocktest.Object(mocktest.OAuthBody)), "/v1/destinations/"+mocktest.Inbox
	attach := func(body string) {
		t.Helper()
		if got := mock.Send("PATCH", at, body); got.Status != 200 {
			t.Fatalf("%d: %s", got.Status, got.Text)
		}
	}
	remove := func() mocktest.Result { return mock.Send("DELETE", "/v1/authcredentials/"+id, "") }
	attach(`{"authCredential":"` + id + `"}`)
	attach(`{"name":"unrelated"}`)
	if got := remove(); got.Status != 409 || !slices.Equal(got.Violations(), []string{"in-use"}) {
		t.Errorf("in use: %d", got.Status)
	}
	if got := mock.Send("GET", at, "").Payload()["destination"].(mocktest.Members); got["authCredential"] != id {
		t.Errorf("the link is gone: %v", got)
	}
	mock.Get(id)
	second := mock.Send("POST", "/v1/environments/"+mocktest.Development+"/destinations", `{"name":"d","authCredential":"`+id+`"}`)
	attach(`{"authCredential":null}`)
	if got := remove(); got.Status != 409 {
		t.Errorf("still in use: %d", got.Status)
	}
	other := strings.TrimPrefix(second.Header.Get("Location"), "/platform")
	if got := mock.Send("DELETE", other, ""); got.Status != 200 {
		t.Errorf("delete of the destination: %d", got.Status)
	}
	if got := remove(); got.Status != 200 {
		t.Errorf("free: %d %s", got.Status, got.Text)
	}
	if got := mock.Send("PATCH", at, `{"authCredential":"`+id+`"}`); got.Status != 400 {
		t.Errorf("attached a deleted credential: %d", got.Status)
	}
}
