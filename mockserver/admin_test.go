package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestJournal(t *testing.T) {
	mock := start(t, mockserver.Options{Journal: 4})
	id := mock.create(object(oauthBody, members{"clientSecret": "hush-hush", "clientId": "hush-hush", "scopes": "a hush-hush b"}))
	mock.send("GET", "/v1/authcredentials/"+id+"?token=x", "")
	mock.send("POST", "/v1/authcredentials", `{"name":1,"clientSecrt":"x","clientSecret":["y"]}`)
	mock.as("", "GET", "/v1/authcredentials/not-an-id", "")
	list := mock.journal("")
	if len(list) != 4 {
		t.Fatalf("%d exchanges", len(list))
	}
	created, read, refused, unknown := list[0], list[1], list[2], list[3]
	body := created["request"].(members)["body"].(members)
	if body["clientSecret"] != "[masked]" || body["clientId"] != "[masked]" || body["scopes"] != "[masked]" || body["url"] != "https://a.example.com" {
		t.Errorf("%v", body)
	}
	if created["operation"] != "createAuthCredential" || created["caller"] != "engineer" || created["template"] != "/platform/v1/authcredentials" {
		t.Errorf("%v", created)
	}
	if read["path"] != "/platform/v1/authcredentials/"+id+"?[masked]" || read["response"].(members)["body"].(members)["payload"].(members)["clientId"] != "[masked]" {
		t.Errorf("%v", read)
	}
	if want := (members{"name": "[masked number]", "clientSecret": "[masked array]", "[unknown 1]": "[masked]"}); !reflect.DeepEqual(refused["request"].(members)["body"], want) {
		t.Errorf("%v", refused["request"])
	}
	if faults := refused["faults"].([]any); len(faults) != 3 || faults[1].(members)["pointer"] != "/name" {
		t.Errorf("%v", faults)
	}
	if unknown["path"] != "/platform/v1/authcredentials/{id}" || unknown["status"] != 401.0 || unknown["caller"] != nil {
		t.Errorf("%v", unknown)
	}
	for query, want := range map[string]int{
		"?status=2xx": 2, "?status=400": 1, "?operation=getAuthCredential": 2, "?after=3": 1, "?limit=2": 2,
		"?since=2000-01-01T00:00:00Z": 4, "?since=2999-01-01T00:00:00Z": 0,
	} {
		if found := mock.journal(query); len(found) != want {
			t.Errorf("%s finds %d, not %d", query, len(found), want)
		}
	}
	for _, query := range []string{"?status=6xx", "?after=-1", "?limit=x", "?since=now", "?operation=getCredential", "?stauts=400"} {
		for _, form := range []string{"requests", "requests.har", "requests.txtar"} {
			if got := mock.obtain("GET", mock.at("")+"/__admin/"+form+query, http.Header{}, ""); got.status != 400 && query != "?limit=x" {
				t.Errorf("%s%s: %d", form, query, got.status)
			}
		}
	}
	mock.operate("POST", "sessions", `{"name":"mine"}`)
	mock.in("mine").send("GET", "/v1/authcredentials/strategies", "")
	for _, form := range []string{"requests", "requests.har", "requests.txtar"} {
		if got := mock.obtain("GET", mock.at("")+"/__admin/"+form+"?session=mine", http.Header{}, ""); got.status != 200 || strings.Count(got.text, "authcredentials/strategies") == 0 || strings.Contains(got.text, id) {
			t.Errorf("%s of a session: %d %s", form, got.status, got.text)
		}
		if got := mock.operate("GET", form+"?session=nobodys", ""); got.status != 404 || !strings.Contains(got.text, "unknown-session") {
			t.Errorf("%s of no session: %d %s", form, got.status, got.text)
		}
	}
	mock.send("GET", "/v1/authcredentials/strategies", "")
	if got := mock.operate("GET", "requests", ""); got.body["dropped"] != 1.0 || got.body["last"] != 5.0 || len(got.body["requests"].([]any)) != 4 {
		t.Errorf("%s", got.text)
	}
	if mock.operate("GET", "requests/1", "").status != 404 || mock.operate("GET", "requests/5", "").body["operation"] != "listAuthStrategies" {
		t.Error("an exchange by its id")
	}
	mock.operate("DELETE", "requests", "")
	if len(mock.journal("")) != 0 || mock.operate("GET", "requests/5", "").status != 404 {
		t.Error("the journal was not cleared")
	}
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

// A given token expires when the clock of its session is moved on, in that session alone.
func TestTokensLiveByTheClockOfTheirSession(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	mock := start(t, mockserver.Options{Clock: func() time.Time { return now }})
	mock.operate("POST", "sessions", `{"name":"late"}`)
	mock.raw("POST", mock.at("late")+"/__admin/clock", http.Header{}, strings.NewReader(`{"advance":"6m"}`))
	if at := mock.in("late").get(mock.in("late").create(object(oauthBody)))["createdAt"]; at != "2026-03-01T12:06:00.000Z" {
		t.Errorf("%v", at)
	}
	if at := mock.get(mock.create(object(oauthBody)))["createdAt"]; at != "2026-03-01T12:00:00.000Z" {
		t.Errorf("%v", at)
	}
}

func TestWhoMayUseTheAdminSurface(t *testing.T) {
	open, closed := start(t), start(t, mockserver.Options{AdminToken: "operator-token"})
	for name, row := range map[string]struct {
		mock   *api
		header map[string]string
		want   int
	}{
		"here":                  {open, nil, 200},
		"by name":               {open, map[string]string{"Host": "localhost:1"}, 200},
		"IPv6":                  {open, map[string]string{"Host": "[::1]:80"}, 200},
		"rebound name":          {open, map[string]string{"Host": "evil.example.com"}, 403},
		"a name like it":        {open, map[string]string{"Host": "127.0.0.1.example.com"}, 403},
		"page of ours":          {open, map[string]string{"Host": "localhost:1", "Origin": "http://localhost:1"}, 200},
		"page of another":       {open, map[string]string{"Origin": "http://evil.example.com"}, 403},
		"page of nobody":        {open, map[string]string{"Origin": "null"}, 403},
		"image of another":      {open, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403},
		"link from another":     {open, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200},
		"no token":              {closed, nil, 401},
		"an API token":          {closed, map[string]string{"Authorization": "Bearer dev-token"}, 401},
		"the token":             {closed, map[string]string{"Authorization": "Bearer operator-token", "Host": "mock.example.com"}, 200},
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

func TestHAR(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody, members{"clientSecret": "hush-hush"}))
	got := mock.operate("GET", "requests.har", "")
	var archive struct {
		Log struct {
			Version string
			Entries []struct {
				StartedDateTime time.Time
				Request         struct {
					Method, URL, HTTPVersion string
					PostData                 struct{ MimeType, Text string }
				}
				Response struct {
					Status  int
					Content struct {
						Size int
						Text string
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got.text), &archive); err != nil || archive.Log.Version != "1.2" || len(archive.Log.Entries) != 1 {
		t.Fatal(err, got.text)
	}
	entry := archive.Log.Entries[0]
	if entry.Request.URL != mock.URL+"/v1/authcredentials" || entry.Response.Status != 201 || !strings.Contains(entry.Request.PostData.Text, `"clientSecret":"[masked]"`) {
		t.Errorf("%+v", entry)
	}
	if entry.Response.Content.Size != len(entry.Response.Content.Text) || entry.StartedDateTime.IsZero() {
		t.Errorf("%+v", entry)
	}
}

func TestEvents(t *testing.T) {
	mock := start(t)
	response, err := mock.Client.Get(mock.at("") + "/__admin/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read := make([]byte, 1<<16)
	until := func(text string) string {
		seen := ""
		for !strings.Contains(seen, text) {
			count, err := response.Body.Read(read)
			if seen += string(read[:count]); err != nil {
				t.Fatal(err, seen)
			}
		}
		return seen
	}
	until("listening")
	mock.create(object(oauthBody, members{"clientSecret": "hush-hush"}))
	seen := until("\n\n")
	if !strings.HasPrefix(seen, "id: 1\nevent: exchange\ndata: {") || strings.Contains(seen, "hush") || !strings.Contains(seen, `"status":201`) {
		t.Error(seen)
	}
}

func TestLargeBodiesAreKeptAsLengths(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody, members{"scopes": strings.Repeat("x", 40<<10)}))
	mock.send("POST", "/v1/authcredentials", `{"clientSecret":"hush-hush`)
	list := mock.journal("")
	for i, least := range []float64{40 << 10, 20} {
		request := list[i]["request"].(members)
		if request["body"] != nil || request["bytes"].(float64) < least {
			t.Errorf("%v", request)
		}
	}
	if fmt.Sprint(list[0]["response"].(members)["body"]) != "<nil>" {
		t.Error("a large answer is kept")
	}
}

// Who knows no path is led to where something is, and who mistypes one is told what it may have been.
func TestWaysIn(t *testing.T) {
	mock := start(t)
	mock.operate("POST", "sessions", `{"name":"mine"}`)
	for _, root := range []string{mock.at(""), mock.at("mine")} {
		base := strings.TrimPrefix(root, mock.at(""))
		for _, path := range []string{"/", "/__admin/"} {
			got := mock.raw("GET", root+path, http.Header{}, nil)
			if got.status != 200 || got.body["api"] != base+"/platform" || got.body["inspector"] != base+"/__admin/ui/" {
				t.Errorf("%s: %d %s", path, got.status, got.text)
			}
			for name, at := range got.body {
				if there := mock.obtain("GET", mock.at("")+at.(string), http.Header{}, ""); name != "api" && there.status != 200 {
					t.Errorf("%s leads to %d", name, there.status)
				}
			}
			if page := mock.obtain("GET", root+path, http.Header{"Accept": {"text/html,*/*"}}, ""); !strings.Contains(page.text, "<!DOCTYPE html>") {
				t.Errorf("a browser gets %d %s", page.status, page.text)
			}
		}
	}
	for path, want := range map[string]string{
		"/v1/authcredentials":                            "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authcredential":                    "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authCredentials/hush":              "did you mean /platform/v1/authcredentials/{id}?",
		"/platform/v1/authcredentials/":                  "did you mean /platform/v1/authcredentials?",
		"/platform/v2/environments/x/authcredentials":    "did you mean /platform/v1/environments/{environmentId}/authcredentials?",
		"/__admin/fault":                                 "did you mean /__admin/faults?",
		"/hush":                                          "/__admin/docs/ shows those that there are.",
		"/platform/v1/authcredentials/hush/hush":         "/__admin/docs/ shows those that there are.",
		"/platform/v1/" + strings.Repeat("hush/", 1_000): "/__admin/docs/ shows those that there are.",
	} {
		got := mock.obtain("GET", mock.at("")+path, http.Header{}, "")
		if got.status != 404 || !strings.Contains(got.text, want) || strings.Contains(got.text, "hush") {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestUnknownMembersOfTheAdminSurface(t *testing.T) {
	mock := start(t)
	for path, want := range map[string]string{
		"sessions": "known are name, seed, from.", "faults": "known are operations, methods, times, status,", "reset": "known are snapshot.",
		"clock": "known are ", "snapshots": "known are name.",
	} {
		if got := mock.operate("POST", path, `{"hush":1}`); got.status != 400 || !strings.Contains(got.text, want) || strings.Contains(got.text, "hush") {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestTheAdminSurfaceSaysWhatWouldBeRight(t *testing.T) {
	mock := start(t, mockserver.Options{Mutants: map[string]func(http.Handler) http.Handler{"flags/create/missing": nil}})
	for _, row := range []struct{ method, path, body, want string }{
		{"POST", "faults", `{"status":"503"}`, "/status"}, {"POST", "faults", `{"status":"503"}`, "a whole number"},
		{"POST", "faults", `{"delay":5}`, "must be a string"}, {"POST", "faults", `{"times":0,"status":500}`, "1 or more"},
		{"POST", "faults", `{"operations":"x","status":500}`, "must be a list"}, {"POST", "faults", `{"expiredToken":1}`, "true or false"},
		{"POST", "faults", `{"mutant":"flags/create/mising"}`, "did you mean flags/create/missing?"},
		{"POST", "faults", `{"mutant":"` + strings.Repeat("x", 5_000) + `"}`, "GET /__admin/mutants lists."},
		{"POST", "sessions", `{"from":"yesterday"}`, "from must be now"}, {"PUT", "state", `{}`, "organizations is required"},
	} {
		if got := mock.operate(row.method, row.path, row.body); got.status != 400 || !strings.Contains(got.text, row.want) {
			t.Errorf("%s %s: %d %s", row.path, row.body, got.status, got.text)
		}
	}
	if got := mock.operate("GET", "mutants", ""); got.status != 200 || !strings.Contains(got.text, "flags/create/missing") {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := mock.operate("GET", "faults", ""); strings.Contains(got.text, "missing") {
		t.Errorf("the faults are lost among the mutants: %s", got.text)
	}
}

// A session is a copy of what there is, or begins where the mock began.
func TestSessionsBeginNowOrAtTheStart(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody))
	list := "/v1/environments/" + development + "/authcredentials"
	for from, want := range map[string]int{"now": 1, "start": 0} {
		if got := mock.operate("POST", "sessions", `{"name":"`+from+`","from":"`+from+`"}`); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.text)
		}
		own := mock.in(from)
		own.create(object(oauthBody))
		if found := len(own.send("GET", list, "").payload()["credentials"].([]any)); found != want+1 {
			t.Errorf("from %s: %d credentials", from, found)
		}
		mock.obtain("POST", mock.at(from)+"/__admin/reset", http.Header{}, "")
		if found := len(own.send("GET", list, "").payload()["credentials"].([]any)); found != want {
			t.Errorf("from %s, after a reset: %d credentials", from, found)
		}
	}
}

// What a program writes for an id that it does not have is what one looks for in a journal; other texts may be secrets.
func TestTheJournalKeepsTheUsualSlips(t *testing.T) {
	mock := start(t)
	for _, path := range []string{"/v1/authcredentials/undefined", "/v1/organizations/204/environments", "/v1/authcredentials/hush-hush"} {
		mock.send("GET", path, "")
	}
	want := []string{"/platform/v1/authcredentials/undefined", "/platform/v1/organizations/204/environments", "/platform/v1/authcredentials/{id}"}
	for i, kept := range mock.journal("") {
		if kept["path"] != want[i] {
			t.Errorf("%v, not %s", kept["path"], want[i])
		}
	}
}

// A password in a URL is a secret, whatever the document says of the field that holds the URL.
func TestPasswordsInURLsAreMasked(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody, members{"url": "https://me:hush-hush@auth.example.com/token", "scopes": "mail me@example.com: now"}))
	for _, path := range []string{"requests", "requests.har", "requests.txtar", "state", "ui/"} {
		got := mock.obtain("GET", mock.at("")+"/__admin/"+path, http.Header{}, "")
		if got.status != 200 || strings.Contains(got.text, "hush-hush") {
			t.Errorf("%s shows it: %d %s", path, got.status, got.text)
		}
		if path == "requests" && !strings.Contains(got.text, "me@example.com") {
			t.Errorf("an address is no password: %s", got.text)
		}
	}
}
