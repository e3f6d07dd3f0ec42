package mockserver_test

import (
	"slices"
	"strings"
	"testing"
)

func TestDestinationLife(t *testing.T) {
	mock := start(t)
	path := "/v1/environments/" + development + "/destinations"
	made := mock.send("POST", path, `{"name":"d","endpoint":"https://d.example.com","verificationToken":"hush"}`)
	destination, _ := made.payload()["destination"].(members)
	if made.status != 201 || destination["environment"].(members)["id"] != development || destination["environment"].(members)["environmentFlag"] != "Development" {
		t.Fatalf("%d: %s", made.status, made.text)
	}
	at := "/v1/destinations/" + destination["id"].(string)
	if made.header.Get("Location") != "/platform"+at {
		t.Errorf("Location is %q", made.header.Get("Location"))
	}
	if got := mock.send("PATCH", at, `{"endpoint":null,"name":"e"}`).payload()["destination"].(members); got["name"] != "e" || got["endpoint"] != nil {
		t.Errorf("update: %v", got)
	}
	if got := mock.send("POST", at+"/verify", ""); got.status != 200 || got.payload()["destination"].(members)["name"] != "e" {
		t.Errorf("verify: %d", got.status)
	}
	if got := mock.send("GET", path, "").payload()["destinations"].([]any); len(got) != 2 {
		t.Errorf("list: %v", got)
	}
	read := mock.send("GET", at, "").payload()["destination"].(members)
	if got := mock.send("PATCH", at, object(read)); got.status != 200 {
		t.Errorf("write-back: %d %s", got.status, got.text)
	}
	if got := mock.send("DELETE", at, ""); got.status != 200 {
		t.Errorf("delete: %d", got.status)
	}
	if got := mock.send("GET", at, ""); got.status != 404 {
		t.Errorf("after delete: %d", got.status)
	}
}

func TestDestinationFaults(t *testing.T) {
	mock := start(t)
	far := mock.create(object(oauthBody, members{"environmentId": staging}))
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
		got := mock.send("POST", "/v1/environments/"+development+"/destinations", body)
		if faults := slices.Sorted(slices.Values(got.faults())); got.status != 400 || !slices.Equal(faults, want) {
			t.Errorf("%s: %d %q", body, got.status, faults)
		}
	}
	for body, want := range map[string][]string{
		`{"name":null}`:                       {"required /name"},
		`{"authCredential":"` + far + `"}`:    {"unknown-credential /authCredential"},
		`{"environment":{"id":"x"},"id":"y"}`: {"immutable /environment", "immutable /id"},
	} {
		got := mock.send("PATCH", "/v1/destinations/"+inbox, body)
		if faults := slices.Sorted(slices.Values(got.faults())); got.status != 400 || !slices.Equal(faults, want) {
			t.Errorf("%s: %d %q", body, got.status, faults)
		}
	}
}

func TestACredentialInUseStays(t *testing.T) {
	mock := start(t)
	id, at := mock.create(object(oauthBody)), "/v1/destinations/"+inbox
	attach := func(body string) {
		t.Helper()
		if got := mock.send("PATCH", at, body); got.status != 200 {
			t.Fatalf("%d: %s", got.status, got.text)
		}
	}
	remove := func() result { return mock.send("DELETE", "/v1/authcredentials/"+id, "") }
	attach(`{"authCredential":"` + id + `"}`)
	attach(`{"name":"unrelated"}`)
	if got := remove(); got.status != 409 || !slices.Equal(got.faults(), []string{"in-use"}) {
		t.Errorf("in use: %d", got.status)
	}
	if got := mock.send("GET", at, "").payload()["destination"].(members); got["authCredential"] != id {
		t.Errorf("the link is gone: %v", got)
	}
	mock.get(id)
	second := mock.send("POST", "/v1/environments/"+development+"/destinations", `{"name":"d","authCredential":"`+id+`"}`)
	attach(`{"authCredential":null}`)
	if got := remove(); got.status != 409 {
		t.Errorf("still in use: %d", got.status)
	}
	other := strings.TrimPrefix(second.header.Get("Location"), "/platform")
	if got := mock.send("DELETE", other, ""); got.status != 200 {
		t.Errorf("delete of the destination: %d", got.status)
	}
	if got := remove(); got.status != 200 {
		t.Errorf("free: %d %s", got.status, got.text)
	}
	if got := mock.send("PATCH", at, `{"authCredential":"`+id+`"}`); got.status != 400 {
		t.Errorf("attached what is gone: %d", got.status)
	}
}
