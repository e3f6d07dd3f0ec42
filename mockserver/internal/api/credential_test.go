package api_test

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
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestCreateShowsFlagsForSecrets(t *testing.T) {
	mock := mocktest.Start(t)
	created := mock.Send("POST", "/v1/authcredentials",
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush", "noBasic": "true", "basicNoForm": true}))
	if created.Status != http.StatusCreated {
		t.Fatalf("status %d: %s", created.Status, created.Text)
	}
	shown := created.Payload()
	if want := "/platform/v1/authcredentials/" + shown["id"].(string); created.Header.Get("Location") != want {
		t.Errorf("Location is %q, not %q", created.Header.Get("Location"), want)
	}
	want := mocktest.Members{"organization": 118.0, "authStrategy": mocktest.Oauth, "hasClientSecret": true, "hasPassword": false,
		"noBasic": "true", "basicNoForm": true}
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
	if again := mock.Get(shown["id"].(string)); !reflect.DeepEqual(again, shown) {
		t.Errorf("get shows %v, create %v", again, shown)
	}
}

// invalidCreates are bodies that create rejects, with their violations.
var invalidCreates = []struct {
	name string
	body string
	want []string
}{
	{"empty body", `{}`, []string{"required /authStrategy", "required /environmentId", "required /name"}},
	{"implied strategy", mocktest.Object(mocktest.Basic, mocktest.Members{"grantType": "client_credentials"}), []string{"required /url"}},
	{"required fields", mocktest.Object(mocktest.Basic, mocktest.Members{"authStrategy": mocktest.Oauth}),
		[]string{"required /grantType", "required /url"}},
	{"required fields of SMART", mocktest.Object(mocktest.Basic, mocktest.Members{"authStrategy": "SMART_Backend"}),
		[]string{"required /grantType", "required /url"}},
	{"required fields of AWS", mocktest.Object(mocktest.Basic, mocktest.Members{"authStrategy": "AwsSigv4"}),
		[]string{"required /accessKey", "required /awsRegion", "required /secretKey", "required /serviceName"}},
	{"required fields of Google", mocktest.Object(mocktest.Basic, mocktest.Members{"authStrategy": "GoogleWIF"}),
		[]string{"required /audience", "required /token_url"}},
	{"required secret, empty", mocktest.Object(mocktest.AwsBody, mocktest.Members{"secretKey": ""}), []string{"required /secretKey"}},
	{"null for required", `{"name":null,"environmentId":"` + mocktest.Development + `","grantType":null,"url":null}`,
		[]string{"required /grantType", "required /name", "required /url"}},
	{"null for a non-nullable field",
		`{"name":"n","environmentId":"` + mocktest.Development + `","grantType":"client_credentials","url":"u","organization":null}`,
		[]string{"type /organization"}},
	{"unknown strategy", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "nope"}),
		[]string{"unknown-strategy /authStrategy"}},
	{"strategy in lower case", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": strings.ToLower(mocktest.Oauth)}),
		[]string{"unknown-strategy /authStrategy"}},
	{"strategy of wrong type", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": 1}), []string{"type /authStrategy"}},
	{"wrong grant", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"grantType": "password"}), []string{"enum /grantType"}},
	{"wrong types", mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"noBasic": true, "defaultExpirationSeconds": 60, "basicNoForm": "true", "organization": "118", "clientSecret": 1,
			"name": 7}),
		[]string{"type /basicNoForm", "type /clientSecret", "type /defaultExpirationSeconds", "type /name", "type /noBasic",
			"type /organization"}},
	{"alternatives", mocktest.Object(mocktest.WifBody, mocktest.Members{"scope": 1, "delegates": []any{"a", 1}}),
		[]string{"type /delegates", "type /scope"}},
	{"unknown environment", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": "nope"}),
		[]string{"unknown-environment /environmentId"}},
	{"another organization's environment", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": mocktest.Elsewhere}),
		[]string{"unknown-environment /environmentId"}},
	{"wrong organization", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"organization": 204}),
		[]string{"wrong-organization /organization"}},
	{"read-only", mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"id": "x", "createdAt": "x", "updatedAt": "x", "hasClientSecret": true}),
		[]string{"read-only /createdAt", "read-only /hasClientSecret", "read-only /id", "read-only /updatedAt"}},
	{"another strategy's field", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"secretKey": "x"}),
		[]string{"unknown-member /secretKey"}},
	{"a misspelt and an unknown one", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientsecret": "x", "zebra": "x"}),
		[]string{"unknown-member", "unknown-member"}},
	{"everything at once", mocktest.Object(mocktest.Members{"environmentId": "nope", "authStrategy": "AwsSigv4", "accessKey": 1}),
		[]string{"required /awsRegion", "required /name", "required /secretKey", "required /serviceName", "type /accessKey",
			"unknown-environment /environmentId"}},
}

func TestCreateListsEveryViolation(t *testing.T) {
	mock := mocktest.Start(t)
	for _, row := range invalidCreates {
		t.Run(row.name, func(t *testing.T) {
			rejected := mock.Send("POST", "/v1/authcredentials", row.body)
			got := slices.Sorted(slices.Values(rejected.Violations()))
			if rejected.Status != http.StatusBadRequest || !slices.Equal(got, row.want) {
				t.Errorf("%d %q, not %q: %s", rejected.Status, got, row.want, rejected.Text)
			}
		})
	}
	if left := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials",
		""); len(left.Payload()["credentials"].([]any)) > 0 {
		t.Error("a rejected body stored a record")
	}
}

func TestCreateAccepts(t *testing.T) {
	mock := mocktest.Start(t)
	for name, body := range map[string]string{
		"every OAuth credential":    mocktest.Object(mocktest.OAuthBody),
		"an implied strategy":       mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": nil}),
		"the organization":          mocktest.Object(mocktest.OAuthBody, mocktest.Members{"organization": 118}),
		"null for an optional one":  strings.Replace(mocktest.Object(mocktest.OAuthBody), "{", `{"clientSecret":null,"audience":null,`, 1),
		"one string of scopes":      mocktest.Object(mocktest.WifBody, mocktest.Members{"scope": "a"}),
		"a list of scopes":          mocktest.Object(mocktest.WifBody, mocktest.Members{"scope": []any{"a", "b"}, "delegates": []any{}}),
		"AWS":                       mocktest.Object(mocktest.AwsBody),
		"SMART":                     mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "SMART_Backend"}),
		"an empty name":             mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": ""}),
		"text in every script":      mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "Ünïcödé 漢字 🔑 \u0000 \"\\/"}),
		"a large value":             mocktest.Object(mocktest.OAuthBody, mocktest.Members{"scopes": strings.Repeat("x", 1<<19)}),
		"a name with every control": mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "\u0001\t\r\n<script>&\u2028"}),
	} {
		t.Run(name, func(t *testing.T) {
			id := mock.Create(body)
			shown, sent := mock.Get(id), mocktest.Members{}
			if err := json.Unmarshal([]byte(body), &sent); err != nil {
				t.Fatal(err)
			}
			for name, value := range sent {
				if name != "secretKey" && value != nil && !reflect.DeepEqual(shown[name], value) {
					t.Errorf("%s was altered", name)
				}
			}
			if shown["hasClientSecret"] == true {
				t.Error("the flag is set without a secret")
			}
		})
	}
}

// updates are bodies of updates, with their answers and outcomes.
var updates = []struct {
	name       string
	stored     string
	body       string
	status     int
	violations []string
	want       mocktest.Members // expected members of the credential afterwards; nil if absent
}{
	{"keeps omitted fields", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s", "audience": "a"}),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"scopes": "x"}),
		200, nil, mocktest.Members{"scopes": "x", "audience": "a", "hasClientSecret": true}},
	{"null clears", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s", "audience": "a"}),
		strings.Replace(mocktest.Object(mocktest.PatchBody), "{", `{"clientSecret":null,"audience":null,`, 1),
		200, nil, mocktest.Members{"audience": nil, "hasClientSecret": false}},
	{"empty string clears a secret", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s"}),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"clientSecret": ""}),
		200, nil, mocktest.Members{"hasClientSecret": false}},
	{"blank is a secret", mocktest.Object(mocktest.OAuthBody), mocktest.Object(mocktest.PatchBody, mocktest.Members{"clientSecret": " "}), 200,
		nil, mocktest.Members{"hasClientSecret": true}},
	{"flags set nothing", mocktest.Object(mocktest.OAuthBody),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"hasClientSecret": true, "updatedAt": "2020-01-01T00:00:00Z"}),
		200, nil, mocktest.Members{"hasClientSecret": false}},
	{"flags clear nothing", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s"}),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"hasClientSecret": false}),
		200, nil, mocktest.Members{"hasClientSecret": true}},
	{"flags are booleans", mocktest.Object(mocktest.OAuthBody),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"hasClientSecret": "yes"}), 400, []string{"type /hasClientSecret"}, nil},
	{"OAuth requires its fields", mocktest.Object(mocktest.OAuthBody), `{"name":"m"}`, 400,
		[]string{"required /grantType", "required /url"}, mocktest.Members{"name": "n"}},
	{"SMART requires its fields", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "SMART_Backend"}), `{}`, 400,
		[]string{"required /grantType", "required /url"}, nil},
	{"null for required", mocktest.Object(mocktest.OAuthBody), `{"grantType":null,"url":null}`, 400,
		[]string{"required /grantType", "required /url"}, nil},
	{"AWS requires no field", mocktest.Object(mocktest.AwsBody), `{"awsRegion":"us-east-1"}`, 200, nil,
		mocktest.Members{"awsRegion": "us-east-1", "hasSecretKey": true}},
	{"empty body", mocktest.Object(mocktest.AwsBody), `{}`, 200, nil, mocktest.Members{"awsRegion": "eu-west-1"}},
	{"required on create, cleared", mocktest.Object(mocktest.AwsBody), `{"secretKey":null,"awsRegion":null,"name":null}`,
		400, []string{"required /awsRegion", "required /name", "required /secretKey"}, mocktest.Members{"hasSecretKey": true, "name": "n"}},
	{"required secret, emptied", mocktest.Object(mocktest.AwsBody), `{"secretKey":""}`, 400, []string{"required /secretKey"},
		mocktest.Members{"hasSecretKey": true}},
	{"immutable fields", mocktest.Object(mocktest.OAuthBody),
		mocktest.Object(mocktest.PatchBody,
			mocktest.Members{"id": "x", "createdAt": "x", "organization": 1, "environmentId": mocktest.Staging, "authStrategy": "AwsSigv4"}),
		400, []string{"immutable /authStrategy", "immutable /createdAt", "immutable /environmentId", "immutable /id",
			"immutable /organization"}, mocktest.Members{"environmentId": mocktest.Development}},
	{"immutable field of a wrong type", mocktest.Object(mocktest.OAuthBody),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"organization": "118"}), 400, []string{"type /organization"}, nil},
	{"repeated immutable fields", mocktest.Object(mocktest.OAuthBody),
		mocktest.Object(mocktest.PatchBody,
			mocktest.Members{"organization": 118, "environmentId": mocktest.Development, "authStrategy": mocktest.Oauth}), 200, nil, nil},
	{"another strategy's field", mocktest.Object(mocktest.OAuthBody),
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"secretKey": "x"}), 400, []string{"unknown-member /secretKey"}, nil},
	{"every violation at once", mocktest.Object(mocktest.OAuthBody), `{"url":1,"noBasic":true,"id":"x","zebra":1}`,
		400, []string{"immutable /id", "required /grantType", "type /noBasic", "type /url", "unknown-member"}, nil},
}

func TestUpdate(t *testing.T) {
	mock := mocktest.Start(t)
	for _, row := range updates {
		t.Run(row.name, func(t *testing.T) {
			id := mock.Create(row.stored)
			before := mock.Get(id)
			answered := mock.Send("PATCH", "/v1/authcredentials/"+id, row.body)
			got := slices.Sorted(slices.Values(answered.Violations()))
			if answered.Status != row.status || !slices.Equal(got, row.violations) {
				t.Fatalf("%d %q: %s", answered.Status, got, answered.Text)
			}
			after := mock.Get(id)
			if row.status == 200 && !reflect.DeepEqual(after, answered.Payload()) || row.status != 200 && !reflect.DeepEqual(after, before) {
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
	mock := mocktest.Start(t)
	for _, body := range []string{mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s", "audience": "a"}),
		mocktest.Object(mocktest.AwsBody), mocktest.Object(mocktest.WifBody, mocktest.Members{"scope": []any{"a"}})} {
		id := mock.Create(body)
		read := mock.Get(id)
		edited := maps.Clone(read)
		edited["name"] = "renamed"
		answered := mock.Send("PATCH", "/v1/authcredentials/"+id, mocktest.Object(edited))
		delete(edited, "updatedAt")
		shown := answered.Payload()
		delete(shown, "updatedAt")
		if answered.Status != 200 || !reflect.DeepEqual(shown, edited) {
			t.Errorf("%d: %s", answered.Status, answered.Text)
		}
	}
}

func TestListShowsMetadataOnly(t *testing.T) {
	mock := mocktest.Start(t)
	want := []string{"authStrategy", "createdAt", "environmentId", "id", "name", "organization", "updatedAt"}
	ids := []string{mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "s"})),
		mock.Create(mocktest.Object(mocktest.AwsBody)), mock.Create(mocktest.Object(mocktest.WifBody))}
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": mocktest.Staging}))
	listed := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", "").Payload()["credentials"].([]any)
	if len(listed) != len(ids) {
		t.Fatalf("%d items", len(listed))
	}
	for i, item := range listed {
		if got := slices.Sorted(maps.Keys(item.(mocktest.Members))); !slices.Equal(got, want) || item.(mocktest.Members)["id"] != ids[i] {
			t.Errorf("item %d is %v", i, item)
		}
	}
}

func TestDelete(t *testing.T) {
	mock := mocktest.Start(t)
	id, other := mock.Create(mocktest.Object(mocktest.OAuthBody)), mock.Create(mocktest.Object(mocktest.OAuthBody))
	if gone := mock.Send("DELETE", "/v1/authcredentials/"+id, ""); gone.Status != 200 || gone.Payload()["message"] == "" {
		t.Errorf("%d: %s", gone.Status, gone.Text)
	}
	for _, method := range []string{"GET", "DELETE", "PATCH"} {
		if again := mock.Send(method, "/v1/authcredentials/"+id, ""); again.Status != 404 || again.Violations()[0] != "not-found" {
			t.Errorf("%s: %d", method, again.Status)
		}
	}
	mock.Get(other)
}

func TestTimesNeverRunBackwards(t *testing.T) {
	now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.FixedZone("", 3600))
	mock := mocktest.Start(t, mockserver.Options{Clock: func() time.Time { return now }})
	id := mock.Create(mocktest.Object(mocktest.AwsBody))
	if made := mock.Get(id)["createdAt"]; made != "2026-01-15T08:30:00.000Z" {
		t.Errorf("createdAt is %v", made)
	}
	now = now.Add(-time.Hour)
	if changed := mock.Send("PATCH", "/v1/authcredentials/"+id, `{}`).Payload()["updatedAt"]; changed != "2026-01-15T08:30:00.000Z" {
		t.Errorf("updatedAt is %v", changed)
	}
	now = now.Add(2*time.Hour + time.Millisecond)
	if changed := mock.Send("PATCH", "/v1/authcredentials/"+id, `{}`).Payload()["updatedAt"]; changed != "2026-01-15T09:30:00.001Z" {
		t.Errorf("updatedAt is %v", changed)
	}
}

func TestSeedMakesIDsReproducible(t *testing.T) {
	id := func(seed int64) string {
		return mocktest.Start(t, mockserver.Options{Seed: seed}).Create(mocktest.Object(mocktest.OAuthBody))
	}
	if first, again, other := id(7), id(7), id(8); first != again || first == other {
		t.Error("ids differ for the same seed")
	}
	if first, second := id(0), id(0); first == second {
		t.Error("ids are the same without a seed")
	}
}

func TestStrategiesComeFromTheDocument(t *testing.T) {
	mock := mocktest.Start(t)
	strategies := mock.Send("GET", "/v1/authcredentials/strategies", "").Payload()["strategies"].(mocktest.Members)
	aws := strategies["AwsSigv4"].(mocktest.Members)["availableFields"]
	if len(strategies) != 4 || !reflect.DeepEqual(aws, []any{"accessKey", "secretKey", "serviceName", "awsRegion", "sessionToken"}) {
		t.Errorf("%v", strategies)
	}
}
