package mockserver_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
)

func TestCreateAnswersTheCredentialFlatWithFlags(t *testing.T) {
	mock := start(t)
	created := mock.send("POST", "/v1/authcredentials", object(oauthBody, members{"clientSecret": "hush", "noBasic": "true", "basicNoForm": true}))
	if created.status != http.StatusCreated {
		t.Fatalf("status %d: %s", created.status, created.text)
	}
	shown := created.payload()
	if want := "/platform/v1/authcredentials/" + shown["id"].(string); created.header.Get("Location") != want {
		t.Errorf("Location is %q, not %q", created.header.Get("Location"), want)
	}
	want := members{"organization": 118.0, "authStrategy": oauth, "hasClientSecret": true, "hasPassword": false, "noBasic": "true", "basicNoForm": true}
	for name, value := range want {
		if shown[name] != value {
			t.Errorf("%s is %v, not %v", name, shown[name], value)
		}
	}
	for _, absent := range []string{"clientSecret", "password", "username", "credential"} {
		if _, there := shown[absent]; there {
			t.Errorf("%s is shown", absent)
		}
	}
	times := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	if made, changed := shown["createdAt"].(string), shown["updatedAt"].(string); !times.MatchString(made) || changed < made {
		t.Errorf("createdAt %q, updatedAt %q", made, changed)
	}
	if again := mock.get(shown["id"].(string)); !reflect.DeepEqual(again, shown) {
		t.Errorf("get shows %v, create %v", again, shown)
	}
}

func TestCreateIsRefusedWithEveryFault(t *testing.T) {
	mock := start(t)
	for _, row := range []struct {
		name string
		body string
		want []string
	}{
		{"nothing", `{}`, []string{"required /authStrategy", "required /environmentId", "required /name"}},
		{"implied strategy", object(basic, members{"grantType": "client_credentials"}), []string{"required /url"}},
		{"required fields", object(basic, members{"authStrategy": oauth}), []string{"required /grantType", "required /url"}},
		{"required fields of SMART", object(basic, members{"authStrategy": "SMART_Backend"}), []string{"required /grantType", "required /url"}},
		{"required fields of AWS", object(basic, members{"authStrategy": "AwsSigv4"}), []string{"required /accessKey", "required /awsRegion", "required /secretKey", "required /serviceName"}},
		{"required fields of Google", object(basic, members{"authStrategy": "GoogleWIF"}), []string{"required /audience", "required /token_url"}},
		{"required secret left empty", object(awsBody, members{"secretKey": ""}), []string{"required /secretKey"}},
		{"null for required", `{"name":null,"environmentId":"` + development + `","grantType":null,"url":null}`, []string{"required /grantType", "required /name", "required /url"}},
		{"null for what cannot be", `{"name":"n","environmentId":"` + development + `","grantType":"client_credentials","url":"u","organization":null}`, []string{"type /organization"}},
		{"unknown strategy", object(oauthBody, members{"authStrategy": "nope"}), []string{"unknown-strategy /authStrategy"}},
		{"strategy in other letters", object(oauthBody, members{"authStrategy": strings.ToLower(oauth)}), []string{"unknown-strategy /authStrategy"}},
		{"strategy of wrong type", object(oauthBody, members{"authStrategy": 1}), []string{"type /authStrategy"}},
		{"wrong grant", object(oauthBody, members{"grantType": "password"}), []string{"enum /grantType"}},
		{"wrong types", object(oauthBody, members{"noBasic": true, "defaultExpirationSeconds": 60, "basicNoForm": "true", "organization": "118", "clientSecret": 1, "name": 7}),
			[]string{"type /basicNoForm", "type /clientSecret", "type /defaultExpirationSeconds", "type /name", "type /noBasic", "type /organization"}},
		{"alternatives", object(wifBody, members{"scope": 1, "delegates": []any{"a", 1}}), []string{"type /delegates", "type /scope"}},
		{"unknown environment", object(oauthBody, members{"environmentId": "nope"}), []string{"unknown-environment /environmentId"}},
		{"another organization's environment", object(oauthBody, members{"environmentId": elsewhere}), []string{"unknown-environment /environmentId"}},
		{"wrong organization", object(oauthBody, members{"organization": 204}), []string{"wrong-organization /organization"}},
		{"read-only", object(oauthBody, members{"id": "x", "createdAt": "x", "updatedAt": "x", "hasClientSecret": true}),
			[]string{"read-only /createdAt", "read-only /hasClientSecret", "read-only /id", "read-only /updatedAt"}},
		{"another strategy's field", object(oauthBody, members{"secretKey": "x"}), []string{"unknown-member /secretKey"}},
		{"a misspelt and an unknown one", object(oauthBody, members{"clientsecret": "x", "zebra": "x"}), []string{"unknown-member", "unknown-member"}},
		{"everything at once", object(members{"environmentId": "nope", "authStrategy": "AwsSigv4", "accessKey": 1}),
			[]string{"required /awsRegion", "required /name", "required /secretKey", "required /serviceName", "type /accessKey", "unknown-environment /environmentId"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			refused := mock.send("POST", "/v1/authcredentials", row.body)
			got := slices.Sorted(slices.Values(refused.faults()))
			if refused.status != http.StatusBadRequest || !slices.Equal(got, row.want) {
				t.Errorf("%d %q, not %q: %s", refused.status, got, row.want, refused.text)
			}
		})
	}
	if left := mock.send("GET", "/v1/environments/"+development+"/authcredentials", ""); len(left.payload()["credentials"].([]any)) > 0 {
		t.Error("a refused body left something behind")
	}
}

func TestCreateTakes(t *testing.T) {
	mock := start(t)
	for name, body := range map[string]string{
		"every OAuth credential":    object(oauthBody),
		"an implied strategy":       object(oauthBody, members{"authStrategy": nil}),
		"the organization":          object(oauthBody, members{"organization": 118}),
		"null for an optional one":  strings.Replace(object(oauthBody), "{", `{"clientSecret":null,"audience":null,`, 1),
		"one string of scopes":      object(wifBody, members{"scope": "a"}),
		"a list of scopes":          object(wifBody, members{"scope": []any{"a", "b"}, "delegates": []any{}}),
		"AWS":                       object(awsBody),
		"SMART":                     object(oauthBody, members{"authStrategy": "SMART_Backend"}),
		"an empty name":             object(oauthBody, members{"name": ""}),
		"text in every script":      object(oauthBody, members{"name": "Ünïcödé 漢字 🔑 \u0000 \"\\/"}),
		"a large value":             object(oauthBody, members{"scopes": strings.Repeat("x", 1<<19)}),
		"a name with every control": object(oauthBody, members{"name": "\u0001\t\r\n<script>&\u2028"}),
	} {
		t.Run(name, func(t *testing.T) {
			id := mock.create(body)
			shown, sent := mock.get(id), members{}
			if err := json.Unmarshal([]byte(body), &sent); err != nil {
				t.Fatal(err)
			}
			for name, value := range sent {
				if name != "secretKey" && value != nil && !reflect.DeepEqual(shown[name], value) {
					t.Errorf("%s came back altered", name)
				}
			}
			if shown["hasClientSecret"] == true {
				t.Error("a flag is set without a secret")
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	mock := start(t)
	for _, row := range []struct {
		name   string
		stored string
		body   string
		status int
		faults []string
		want   members // of the credential afterwards; nil for absent
	}{
		{"keeps what is left out", object(oauthBody, members{"clientSecret": "s", "audience": "a"}), object(patchBody, members{"scopes": "x"}),
			200, nil, members{"scopes": "x", "audience": "a", "hasClientSecret": true}},
		{"null clears", object(oauthBody, members{"clientSecret": "s", "audience": "a"}), strings.Replace(object(patchBody), "{", `{"clientSecret":null,"audience":null,`, 1),
			200, nil, members{"audience": nil, "hasClientSecret": false}},
		{"the empty string is no secret", object(oauthBody, members{"clientSecret": "s"}), object(patchBody, members{"clientSecret": ""}),
			200, nil, members{"hasClientSecret": false}},
		{"blanks are one", object(oauthBody), object(patchBody, members{"clientSecret": " "}), 200, nil, members{"hasClientSecret": true}},
		{"flags set nothing", object(oauthBody), object(patchBody, members{"hasClientSecret": true, "updatedAt": "2020-01-01T00:00:00Z"}),
			200, nil, members{"hasClientSecret": false}},
		{"flags clear nothing", object(oauthBody, members{"clientSecret": "s"}), object(patchBody, members{"hasClientSecret": false}),
			200, nil, members{"hasClientSecret": true}},
		{"flags are booleans", object(oauthBody), object(patchBody, members{"hasClientSecret": "yes"}), 400, []string{"type /hasClientSecret"}, nil},
		{"OAuth asks for its required fields", object(oauthBody), `{"name":"m"}`, 400, []string{"required /grantType", "required /url"}, members{"name": "n"}},
		{"SMART does too", object(oauthBody, members{"authStrategy": "SMART_Backend"}), `{}`, 400, []string{"required /grantType", "required /url"}, nil},
		{"null is not one", object(oauthBody), `{"grantType":null,"url":null}`, 400, []string{"required /grantType", "required /url"}, nil},
		{"AWS asks for none", object(awsBody), `{"awsRegion":"us-east-1"}`, 200, nil, members{"awsRegion": "us-east-1", "hasSecretKey": true}},
		{"nothing at all", object(awsBody), `{}`, 200, nil, members{"awsRegion": "eu-west-1"}},
		{"what create requires is not cleared", object(awsBody), `{"secretKey":null,"awsRegion":null,"name":null}`,
			400, []string{"required /awsRegion", "required /name", "required /secretKey"}, members{"hasSecretKey": true, "name": "n"}},
		{"nor emptied", object(awsBody), `{"secretKey":""}`, 400, []string{"required /secretKey"}, members{"hasSecretKey": true}},
		{"what is fixed stays", object(oauthBody), object(patchBody, members{"id": "x", "createdAt": "x", "organization": 1, "environmentId": staging, "authStrategy": "AwsSigv4"}),
			400, []string{"immutable /authStrategy", "immutable /createdAt", "immutable /environmentId", "immutable /id", "immutable /organization"}, members{"environmentId": development}},
		{"fixed and of a wrong type", object(oauthBody), object(patchBody, members{"organization": "118"}), 400, []string{"type /organization"}, nil},
		{"what is fixed may be repeated", object(oauthBody), object(patchBody, members{"organization": 118, "environmentId": development, "authStrategy": oauth}), 200, nil, nil},
		{"another strategy's field", object(oauthBody), object(patchBody, members{"secretKey": "x"}), 400, []string{"unknown-member /secretKey"}, nil},
		{"every fault at once", object(oauthBody), `{"url":1,"noBasic":true,"id":"x","zebra":1}`,
			400, []string{"immutable /id", "required /grantType", "type /noBasic", "type /url", "unknown-member"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			id := mock.create(row.stored)
			before := mock.get(id)
			answered := mock.send("PATCH", "/v1/authcredentials/"+id, row.body)
			got := slices.Sorted(slices.Values(answered.faults()))
			if answered.status != row.status || !slices.Equal(got, row.faults) {
				t.Fatalf("%d %q: %s", answered.status, got, answered.text)
			}
			after := mock.get(id)
			if row.status == 200 && !reflect.DeepEqual(after, answered.payload()) || row.status != 200 && !reflect.DeepEqual(after, before) {
				t.Errorf("stored is %v", after)
			}
			for name, value := range row.want {
				if after[name] != value {
					t.Errorf("%s is %v, not %v", name, after[name], value)
				}
			}
		})
	}
}

func TestReadEditWriteBack(t *testing.T) {
	mock := start(t)
	for _, body := range []string{object(oauthBody, members{"clientSecret": "s", "audience": "a"}), object(awsBody), object(wifBody, members{"scope": []any{"a"}})} {
		id := mock.create(body)
		read := mock.get(id)
		edited := maps.Clone(read)
		edited["name"] = "renamed"
		answered := mock.send("PATCH", "/v1/authcredentials/"+id, object(edited))
		delete(edited, "updatedAt")
		shown := answered.payload()
		delete(shown, "updatedAt")
		if answered.status != 200 || !reflect.DeepEqual(shown, edited) {
			t.Errorf("%d: %s", answered.status, answered.text)
		}
	}
}

func TestListShowsMetadataOnly(t *testing.T) {
	mock := start(t)
	want := []string{"authStrategy", "createdAt", "environmentId", "id", "name", "organization", "updatedAt"}
	ids := []string{mock.create(object(oauthBody, members{"clientSecret": "s"})), mock.create(object(awsBody)), mock.create(object(wifBody))}
	mock.create(object(oauthBody, members{"environmentId": staging}))
	listed := mock.send("GET", "/v1/environments/"+development+"/authcredentials", "").payload()["credentials"].([]any)
	if len(listed) != len(ids) {
		t.Fatalf("%d items", len(listed))
	}
	for i, item := range listed {
		if got := slices.Sorted(maps.Keys(item.(members))); !slices.Equal(got, want) || item.(members)["id"] != ids[i] {
			t.Errorf("item %d is %v", i, item)
		}
	}
}

func TestDelete(t *testing.T) {
	mock := start(t)
	id, other := mock.create(object(oauthBody)), mock.create(object(oauthBody))
	if gone := mock.send("DELETE", "/v1/authcredentials/"+id, ""); gone.status != 200 || gone.payload()["message"] == "" {
		t.Errorf("%d: %s", gone.status, gone.text)
	}
	for _, method := range []string{"GET", "DELETE", "PATCH"} {
		if again := mock.send(method, "/v1/authcredentials/"+id, ""); again.status != 404 || again.faults()[0] != "not-found" {
			t.Errorf("%s: %d", method, again.status)
		}
	}
	mock.get(other)
}

func TestTimesNeverRunBackwards(t *testing.T) {
	now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.FixedZone("", 3600))
	mock := start(t, mockserver.Options{Clock: func() time.Time { return now }})
	id := mock.create(object(awsBody))
	if made := mock.get(id)["createdAt"]; made != "2026-01-15T08:30:00.000Z" {
		t.Errorf("createdAt is %v", made)
	}
	now = now.Add(-time.Hour)
	if changed := mock.send("PATCH", "/v1/authcredentials/"+id, `{}`).payload()["updatedAt"]; changed != "2026-01-15T08:30:00.000Z" {
		t.Errorf("updatedAt is %v", changed)
	}
	now = now.Add(2*time.Hour + time.Millisecond)
	if changed := mock.send("PATCH", "/v1/authcredentials/"+id, `{}`).payload()["updatedAt"]; changed != "2026-01-15T09:30:00.001Z" {
		t.Errorf("updatedAt is %v", changed)
	}
}

func TestSeedMakesIDsReproducible(t *testing.T) {
	id := func(seed int64) string { return start(t, mockserver.Options{Seed: seed}).create(object(oauthBody)) }
	if first, again, other := id(7), id(7), id(8); first != again || first == other {
		t.Error("ids do not follow the seed")
	}
	if first, second := id(0), id(0); first == second {
		t.Error("ids are the same without a seed")
	}
}

func TestStrategiesComeFromTheDocument(t *testing.T) {
	mock := start(t)
	strategies := mock.send("GET", "/v1/authcredentials/strategies", "").payload()["strategies"].(members)
	aws := strategies["AwsSigv4"].(members)["availableFields"]
	if len(strategies) != 4 || !reflect.DeepEqual(aws, []any{"accessKey", "secretKey", "serviceName", "awsRegion", "sessionToken"}) {
		t.Errorf("%v", strategies)
	}
}
