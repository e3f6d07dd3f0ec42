package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// at returns the root of the server, or of a session of it.
func (a *api) at(session string) string {
	root := strings.TrimSuffix(a.URL, "/platform")
	if session != "" {
		root += "/__sessions/" + session
	}
	return root
}

// operate asks the surface of the mock itself.
func (a *api) operate(method, path, body string) result {
	a.t.Helper()
	return a.raw(method, a.at("")+"/__admin/"+path, http.Header{}, strings.NewReader(body))
}

// obtain asks a mock for anything, as the engineer, and returns the answer as it is.
func (a *api) obtain(method, url string, header http.Header, body string) result {
	a.t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if request.Header = header; header.Get("Authorization") == "" {
		header.Set("Authorization", "Bearer "+a.Token)
	}
	response, err := a.Client.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return result{status: response.StatusCode, header: response.Header, text: string(text)}
}

// in returns a client of a session.
func (a *api) in(session string) *api {
	running := *a.Running
	running.URL = a.at(session) + "/platform"
	return &api{Running: &running, t: a.t}
}

// journal returns the exchanges that a query finds.
func (a *api) journal(query string) (found []members) {
	a.t.Helper()
	got := a.raw("GET", strings.TrimSuffix(a.URL, "/platform")+"/__admin/requests"+query, http.Header{}, nil)
	for _, one := range got.body["requests"].([]any) {
		found = append(found, one.(members))
	}
	return found
}

func TestStateGoesOutAndIn(t *testing.T) {
	mock := start(t)
	id := mock.create(object(oauthBody, members{"clientSecret": "hush-hush", "audience": "x?hush-hush"}))
	mock.send("PATCH", "/v1/destinations/"+inbox, `{"authCredential":"`+id+`","verificationToken":"whisper"}`)
	masked, whole := mock.operate("GET", "state", ""), mock.operate("GET", "state?secrets=true", "")
	if strings.Contains(masked.text, "hush") || strings.Contains(masked.text, "whisper") || !strings.Contains(whole.text, "hush") || !strings.Contains(whole.text, "whisper") {
		t.Errorf("%s\n%s", masked.text, whole.text)
	}
	other := start(t)
	if got := other.operate("PUT", "state", whole.text); got.status != 200 {
		t.Fatalf("%d: %s", got.status, got.text)
	}
	if again := other.operate("GET", "state?secrets=true", ""); again.text != whole.text {
		t.Errorf("%s\n%s", again.text, whole.text)
	}
	if other.send("DELETE", "/v1/authcredentials/"+id, "").status != 409 {
		t.Error("the link did not come along")
	}
	if got := other.operate("PUT", "state", masked.text); got.status != 200 || other.operate("GET", "state?secrets=true", "").text != whole.text {
		t.Errorf("a masked export put back: %d %s", got.status, got.text)
	}
	if got := start(t).operate("PUT", "state", masked.text); got.status != 400 || !slices.Contains(got.faults(), "secret-missing /organizations/0/environments/0/credentials/0/hasClientSecret") {
		t.Errorf("a masked export elsewhere: %s", got.text)
	}
}

func TestStateIsHeldToTheDocument(t *testing.T) {
	mock := start(t)
	before := mock.operate("GET", "state", "").text
	got := mock.operate("PUT", "state", `{"organizations":[{"id":118,"environments":[{"id":"`+development+`",
		"credentials":[{"id":"c","name":1,"grantType":"x","url":"u"},{"id":"d","authStrategy":"none"},7,
			{"id":"e","name":"n","grantType":"client_credentials","url":"u"},{"id":"e","name":"n","grantType":"client_credentials","url":"u"}],
		"destinations":[{"id":"f","name":"n","authCredential":"nobody"}]},{"id":"elsewhere"}]}]}`)
	at := "/organizations/0/environments/0/"
	want := []string{
		"duplicate-id " + at + "credentials/4/id", "enum " + at + "credentials/0/grantType", "type " + at + "credentials/0/name", "type " + at + "credentials/2",
		"unknown-credential " + at + "destinations/0/authCredential", "unknown-environment /organizations/0/environments/1", "unknown-strategy " + at + "credentials/1/authStrategy",
	}
	if found := slices.Sorted(slices.Values(got.faults())); got.status != 400 || !slices.Equal(found, want) {
		t.Errorf("%d %q", got.status, found)
	}
	for _, body := range []string{`{`, `{"organization":[]}`, `{"organizations":{}}`, strings.Repeat("[", 100)} {
		if got := mock.operate("PUT", "state", body); got.status != 400 {
			t.Errorf("%s: %d", body, got.status)
		}
	}
	if after := mock.operate("GET", "state", "").text; after != before {
		t.Error("a refused import changed something")
	}
}

func TestResetAndSnapshots(t *testing.T) {
	mock := start(t, mockserver.Options{Seed: 5})
	beginning := mock.operate("GET", "state", "").text
	first := mock.create(object(oauthBody))
	if got := mock.operate("POST", "snapshots", `{"name":"one"}`); got.status != 201 {
		t.Fatal(got.text)
	}
	noted := mock.operate("GET", "state", "").text
	for range 2 {
		mock.send("PATCH", "/v1/authcredentials/"+first, object(patchBody, members{"name": "changed"}))
		mock.create(object(awsBody))
		mock.operate("POST", "reset", `{"snapshot":"one"}`)
		if again := mock.operate("GET", "state", "").text; again != noted {
			t.Errorf("%s", again)
		}
	}
	mock.operate("POST", "faults", `{"status":503}`)
	mock.operate("POST", "clock", `{"set":"2001-01-01T00:00:00Z","frozen":true}`)
	mock.operate("POST", "reset", "")
	if again := mock.operate("GET", "state", "").text; again != beginning || len(mock.journal("")) != 0 {
		t.Error("the reset does not lead back to the start")
	}
	if mock.create(object(oauthBody)) != first {
		t.Error("ids do not begin again")
	}
	if got := mock.operate("POST", "reset", `{"snapshot":"one"}`); got.status != 400 {
		t.Error("a reset keeps snapshots")
	}
}

func TestSnapshotsAreBounded(t *testing.T) {
	mock := start(t)
	for i := range 100 {
		if got := mock.operate("POST", "snapshots", fmt.Sprintf(`{"name":"s%d"}`, i)); got.status != 201 {
			t.Fatal(got.text)
		}
	}
	for body, want := range map[string]int{`{"name":"one-more"}`: 409, `{"name":"s7"}`: 201} {
		if got := mock.operate("POST", "snapshots", body); got.status != want {
			t.Errorf("%s: %d: %s", body, got.status, got.text)
		}
	}
}

func TestClock(t *testing.T) {
	mock := start(t)
	mock.operate("POST", "clock", `{"set":"2030-01-02T03:04:05.678Z","frozen":true}`)
	id := mock.create(object(oauthBody))
	if at := mock.get(id)["createdAt"]; at != "2030-01-02T03:04:05.678Z" {
		t.Errorf("%v", at)
	}
	got := mock.operate("POST", "clock", `{"advance":"1h"}`)
	if got.body["now"] != "2030-01-02T04:04:05.678Z" || got.body["frozen"] != true {
		t.Error(got.text)
	}
	if got := mock.operate("POST", "clock", `{"frozen":false}`); got.body["frozen"] != false || got.body["ahead"] == "0s" {
		t.Error(got.text)
	}
	if got := mock.operate("POST", "clock", `{"set":"noon","advance":"far"}`); !slices.Equal(got.faults(), []string{"invalid-time /set", "invalid-duration /advance"}) {
		t.Error(got.text)
	}
}

func TestWhoMayUseTheAdminSurface(t *testing.T) {
	open, closed := start(t), start(t, mockserver.Options{AdminToken: "operator-token"})
	named := start(t, mockserver.Options{AdminToken: "operator-token", AllowHosts: []string{"mock.example.com"}})
	for name, row := range map[string]struct {
		mock   *api
		header map[string]string
		want   int
	}{
		"here":                  {open, nil, 200},
		"by name":               {open, map[string]string{"Host": "localhost:1"}, 200},
		"IPv6":                  {open, map[string]string{"Host": "[::1]:80"}, 200},
		"rebound name":          {open, map[string]string{"Host": "evil.example.com"}, 421},
		"a name like it":        {open, map[string]string{"Host": "127.0.0.1.example.com"}, 421},
		"page of ours":          {open, map[string]string{"Host": "localhost:1", "Origin": "http://localhost:1"}, 200},
		"page of another":       {open, map[string]string{"Origin": "http://evil.example.com"}, 403},
		"page of nobody":        {open, map[string]string{"Origin": "null"}, 403},
		"image of another":      {open, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403},
		"link from another":     {open, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
		"no token":              {closed, nil, 401},
		"an API token":          {closed, map[string]string{"Authorization": "Bearer dev-token"}, 401},
		"the token":             {closed, map[string]string{"Authorization": "Bearer operator-token"}, 200},
		"the token, by a name":  {named, map[string]string{"Authorization": "Bearer operator-token", "Host": "mock.example.com"}, 200},
		"the token, by another": {closed, map[string]string{"Authorization": "Bearer operator-token", "Host": "mock.example.com"}, 421},
		"the token, from other": {closed, map[string]string{"Authorization": "Bearer operator-token", "Origin": "http://evil.example.com"}, 403},
	} {
		request, _ := http.NewRequest("GET", row.mock.at("")+"/__admin/state", nil)
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
	if got := closed.raw("GET", closed.at("")+"/healthz", http.Header{}, nil); got.status != 200 {
		t.Error("/healthz needs no token")
	}
	if got := open.operate("GET", "nothing", ""); got.status != 404 {
		t.Error(got.text)
	}
}
