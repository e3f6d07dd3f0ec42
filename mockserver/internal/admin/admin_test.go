package admin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestExportAndImport(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush-hush", "audience": "x?hush-hush"}))
	mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"authCredential":"`+id+`","verificationToken":"whisper"}`)
	masked, whole := mock.Operate("GET", "state", ""), mock.Operate("GET", "state?secrets=true", "")
	if strings.Contains(masked.Text, "hush") || strings.Contains(masked.Text, "whisper") || !strings.Contains(whole.Text, "hush") ||
		!strings.Contains(whole.Text, "whisper") {
		t.Errorf("%s\n%s", masked.Text, whole.Text)
	}
	other := mocktest.Start(t)
	if got := other.Operate("PUT", "state", whole.Text); got.Status != 200 {
		t.Fatalf("%d: %s", got.Status, got.Text)
	}
	if again := other.Operate("GET", "state?secrets=true", ""); again.Text != whole.Text {
		t.Errorf("%s\n%s", again.Text, whole.Text)
	}
	if other.Send("DELETE", "/v1/authcredentials/"+id, "").Status != 409 {
		t.Error("the import lost the link")
	}
	if got := other.Operate("PUT", "state", masked.Text); got.Status != 200 ||
		other.Operate("GET", "state?secrets=true", "").Text != whole.Text {
		t.Errorf("import of a masked export: %d %s", got.Status, got.Text)
	}
	if got := mocktest.Start(t).Operate("PUT", "state", masked.Text); got.Status != 400 ||
		!slices.Contains(got.Violations(), "secret-missing /organizations/0/environments/0/credentials/0/hasClientSecret") {
		t.Errorf("import of a masked export into another mock: %s", got.Text)
	}
}

func TestImportIsValidated(t *testing.T) {
	mock := mocktest.Start(t)
	before := mock.Operate("GET", "state", "").Text
	got := mock.Operate("PUT", "state", `{"organizations":[{"id":118,"environments":[{"id":"`+mocktest.Development+`",
		"credentials":[{"id":"c","name":1,"grantType":"x","url":"u"},{"id":"d","authStrategy":"none"},7,
			{"id":"e","name":"n","grantType":"client_credentials","url":"u"},{"id":"e","name":"n","grantType":"client_credentials","url":"u"}],
		"destinations":[{"id":"f","name":"n","authCredential":"nobody"}]},{"id":"elsewhere"}]}]}`)
	at := "/organizations/0/environments/0/"
	want := []string{
		"duplicate-id " + at + "credentials/4/id", "enum " + at + "credentials/0/grantType", "type " + at + "credentials/0/name",
		"type " + at + "credentials/2",
		"unknown-credential " + at + "destinations/0/authCredential", "unknown-environment /organizations/0/environments/1",
		"unknown-strategy " + at + "credentials/1/authStrategy",
	}
	if found := slices.Sorted(slices.Values(got.Violations())); got.Status != 400 || !slices.Equal(found, want) {
		t.Errorf("%d %q", got.Status, found)
	}
	for _, body := range []string{`{`, `{"organization":[]}`, `{"organizations":{}}`, strings.Repeat("[", 100)} {
		if got := mock.Operate("PUT", "state", body); got.Status != 400 {
			t.Errorf("%s: %d", body, got.Status)
		}
	}
	if after := mock.Operate("GET", "state", "").Text; after != before {
		t.Error("a rejected import changed the state")
	}
}

func TestResetAndSnapshots(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Seed: 5})
	beginning := mock.Operate("GET", "state", "").Text
	first := mock.Create(mocktest.Object(mocktest.OAuthBody))
	if got := mock.Operate("POST", "snapshots", `{"name":"one"}`); got.Status != 201 {
		t.Fatal(got.Text)
	}
	noted := mock.Operate("GET", "state", "").Text
	for range 2 {
		mock.Send("PATCH", "/v1/authcredentials/"+first, mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": "changed"}))
		mock.Create(mocktest.Object(mocktest.AwsBody))
		mock.Operate("POST", "reset", `{"snapshot":"one"}`)
		if again := mock.Operate("GET", "state", "").Text; again != noted {
			t.Errorf("%s", again)
		}
	}
	mock.Operate("POST", "faults", `{"status":503}`)
	mock.Operate("POST", "clock", `{"set":"2001-01-01T00:00:00Z","frozen":true}`)
	mock.Operate("POST", "reset", "")
	if again := mock.Operate("GET", "state", "").Text; again != beginning || len(mock.Journal("")) != 0 {
		t.Error("the reset does not restore the initial state")
	}
	if mock.Create(mocktest.Object(mocktest.OAuthBody)) != first {
		t.Error("the reset does not restart the ids")
	}
	if got := mock.Operate("POST", "reset", `{"snapshot":"one"}`); got.Status != 400 {
		t.Error("a reset keeps snapshots")
	}
}

func TestSnapshotsAreBounded(t *testing.T) {
	mock := mocktest.Start(t)
	for i := range 100 {
		if got := mock.Operate("POST", "snapshots", fmt.Sprintf(`{"name":"s%d"}`, i)); got.Status != 201 {
			t.Fatal(got.Text)
		}
	}
	for body, want := range map[string]int{`{"name":"one-more"}`: 409, `{"name":"s7"}`: 201} {
		if got := mock.Operate("POST", "snapshots", body); got.Status != want {
			t.Errorf("%s: %d: %s", body, got.Status, got.Text)
		}
	}
}

func TestClock(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "clock", `{"set":"2030-01-02T03:04:05.678Z","frozen":true}`)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	if at := mock.Get(id)["createdAt"]; at != "2030-01-02T03:04:05.678Z" {
		t.Errorf("%v", at)
	}
	got := mock.Operate("POST", "clock", `{"advance":"1h"}`)
	if got.Body["now"] != "2030-01-02T04:04:05.678Z" || got.Body["frozen"] != true {
		t.Error(got.Text)
	}
	if got := mock.Operate("POST", "clock", `{"frozen":false}`); got.Body["frozen"] != false || got.Body["ahead"] == "0s" {
		t.Error(got.Text)
	}
	if got := mock.Operate("POST", "clock", `{"set":"noon","advance":"far"}`); !slices.Equal(got.Violations(),
		[]string{"invalid-time /set", "invalid-duration /advance"}) {
		t.Error(got.Text)
	}
}

func TestAdminAuthorization(t *testing.T) {
	open, closed := mocktest.Start(t), mocktest.Start(t, mockserver.Options{AdminToken: "operator-token"})
	named := mocktest.Start(t, mockserver.Options{AdminToken: "operator-token", AllowHosts: []string{"mock.example.com"}})
	for name, row := range map[string]struct {
		mock   *mocktest.API
		header map[string]string
		want   int
	}{
		"here":             {open, nil, 200},
		"by name":          {open, map[string]string{"Host": "localhost:1"}, 200},
		"IPv6":             {open, map[string]string{"Host": "[::1]:80"}, 200},
		"rebound name":     {open, map[string]string{"Host": "evil.example.com"}, 421},
		"a name like it":   {open, map[string]string{"Host": "127.0.0.1.example.com"}, 421},
		"page of ours":     {open, map[string]string{"Host": "localhost:1", "Origin": "http://localhost:1"}, 200},
		"page of another":  {open, map[string]string{"Origin": "http://evil.example.com"}, 403},
		"page of nobody":   {open, map[string]string{"Origin": "null"}, 403},
		"image of another": {open, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403},
		"link from another": {open,
			map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
		"no token":              {closed, nil, 401},
		"an API token":          {closed, map[string]string{"Authorization": "Bearer dev-token"}, 401},
		"the token":             {closed, map[string]string{"Authorization": "Bearer operator-token"}, 200},
		"the token, by a name":  {named, map[string]string{"Authorization": "Bearer operator-token", "Host": "mock.example.com"}, 200},
		"the token, by another": {closed, map[string]string{"Authorization": "Bearer operator-token", "Host": "mock.example.com"}, 421},
		"the token, from other": {closed, map[string]string{"Authorization": "Bearer operator-token", "Origin": "http://evil.example.com"}, 403},
	} {
		request, _ := http.NewRequest("GET", row.mock.At("")+"/__admin/state", nil)
		for name, value := range row.header {
			request.Header.Set(name, value)
		}
		request.Host = request.Header.Get("Host")
		response, err := row.mock.Client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != row.want {
			t.Errorf("%s: %d, not %d", name, response.StatusCode, row.want)
		}
	}
	if got := closed.Raw("GET", closed.At("")+"/healthz", http.Header{}, nil); got.Status != 200 {
		t.Error("/healthz requires a token")
	}
	if got := open.Operate("GET", "nothing", ""); got.Status != 404 {
		t.Error(got.Text)
	}
}
