package admin_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestJournal(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Journal: 4})
	id := mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientSecret": "hush-hush", "clientId": "hush-hush", "scopes": "a hush-hush b"}))
	mock.Send("GET", "/v1/authcredentials/"+id+"?token=x", "")
	mock.Send("POST", "/v1/authcredentials", `{"name":1,"clientSecrt":"x","clientSecret":["y"]}`)
	mock.As("", "GET", "/v1/authcredentials/not-an-id", "")
	list := mock.Journal("")
	if len(list) != 4 {
		t.Fatalf("%d exchanges", len(list))
	}
	created, read, rejected, unknown := list[0], list[1], list[2], list[3]
	body := created["request"].(mocktest.Members)["body"].(mocktest.Members)
	if body["clientSecret"] != "[masked]" || body["clientId"] != "[masked]" || body["scopes"] != "[masked]" ||
		body["url"] != "https://a.example.com" {
		t.Errorf("%v", body)
	}
	if created["operation"] != "createAuthCredential" || created["caller"] != "engineer" ||
		created["template"] != "/platform/v1/authcredentials" {
		t.Errorf("%v", created)
	}
	if read["path"] != "/platform/v1/authcredentials/"+id+"?[masked]" ||
		read["response"].(mocktest.Members)["body"].(mocktest.Members)["payload"].(mocktest.Members)["clientId"] != "[masked]" {
		t.Errorf("%v", read)
	}
	if want := (mocktest.Members{"name": "[masked number]", "clientSecret": "[masked array]",
		"[unknown 1]": "[masked]"}); !reflect.DeepEqual(rejected["request"].(mocktest.Members)["body"], want) {
		t.Errorf("%v", rejected["request"])
	}
	if violations := rejected["faults"].([]any); len(violations) != 3 || violations[1].(mocktest.Members)["pointer"] != "/name" {
		t.Errorf("%v", violations)
	}
	if unknown["path"] != "/platform/v1/authcredentials/{id}" || unknown["status"] != 401.0 || unknown["caller"] != nil {
		t.Errorf("%v", unknown)
	}
	testQueries(t, mock)
	testSessionQueries(t, mock, id)
	mock.Send("GET", "/v1/authcredentials/strategies", "")
	if got := mock.Operate("GET", "requests", ""); got.Body["dropped"] != 1.0 || got.Body["last"] != 5.0 ||
		len(got.Body["requests"].([]any)) != 4 {
		t.Errorf("%s", got.Text)
	}
	if mock.Operate("GET", "requests/1", "").Status != 404 || mock.Operate("GET", "requests/5", "").Body["operation"] != "listAuthStrategies" {
		t.Error("wrong exchange for an id")
	}
	mock.Operate("DELETE", "requests", "")
	if len(mock.Journal("")) != 0 || mock.Operate("GET", "requests/5", "").Status != 404 {
		t.Error("the journal was not cleared")
	}
}

// testQueries checks the number of exchanges that queries find, and rejects invalid queries.
func testQueries(t *testing.T, mock *mocktest.API) {
	t.Helper()
	for query, want := range map[string]int{
		"?status=2xx": 2, "?status=400": 1, "?operation=getAuthCredential": 2, "?after=3": 1, "?limit=2": 2,
		"?since=2000-01-01T00:00:00Z": 4, "?since=2999-01-01T00:00:00Z": 0,
	} {
		if found := mock.Journal(query); len(found) != want {
			t.Errorf("%s finds %d, not %d", query, len(found), want)
		}
	}
	for _, query := range []string{"?status=6xx", "?after=-1", "?limit=x", "?since=now", "?operation=getCredential", "?stauts=400"} {
		for _, form := range []string{"requests", "requests.har", "requests.txtar"} {
			if got := mock.Obtain("GET", mock.At("")+"/__admin/"+form+query, http.Header{}, ""); got.Status != 400 && query != "?limit=x" {
				t.Errorf("%s%s: %d", form, query, got.Status)
			}
		}
	}
}

// testSessionQueries checks that a query for a session finds only its exchanges.
func testSessionQueries(t *testing.T, mock *mocktest.API, id string) {
	t.Helper()
	mock.Operate("POST", "sessions", `{"name":"mine"}`)
	mock.In("mine").Send("GET", "/v1/authcredentials/strategies", "")
	for _, form := range []string{"requests", "requests.har", "requests.txtar"} {
		if got := mock.Obtain("GET", mock.At("")+"/__admin/"+form+"?session=mine", http.Header{}, ""); got.Status != 200 ||
			strings.Count(got.Text, "authcredentials/strategies") == 0 || strings.Contains(got.Text, id) {
			t.Errorf("%s of a session: %d %s", form, got.Status, got.Text)
		}
		if got := mock.Operate("GET", form+"?session=nobodys", ""); got.Status != 404 || !strings.Contains(got.Text, "unknown-session") {
			t.Errorf("%s of no session: %d %s", form, got.Status, got.Text)
		}
	}
}

func TestHAR(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush-hush"}))
	got := mock.Operate("GET", "requests.har", "")
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
	if err := json.Unmarshal([]byte(got.Text), &archive); err != nil || archive.Log.Version != "1.2" || len(archive.Log.Entries) != 1 {
		t.Fatal(err, got.Text)
	}
	entry := archive.Log.Entries[0]
	if entry.Request.URL != mock.URL+"/v1/authcredentials" || entry.Response.Status != 201 ||
		!strings.Contains(entry.Request.PostData.Text, `"clientSecret":"[masked]"`) {
		t.Errorf("%+v", entry)
	}
	if entry.Response.Content.Size != len(entry.Response.Content.Text) || entry.StartedDateTime.IsZero() {
		t.Errorf("%+v", entry)
	}
}

func TestEvents(t *testing.T) {
	mock := mocktest.Start(t)
	response, err := mock.Client.Get(mock.At("") + "/__admin/events")
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
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush-hush"}))
	seen := until("\n\n")
	if !strings.HasPrefix(seen, "id: 1\nevent: exchange\ndata: {") || strings.Contains(seen, "hush") ||
		!strings.Contains(seen, `"status":201`) {
		t.Error(seen)
	}
}

func TestLargeBodiesAreKeptAsLengths(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"scopes": strings.Repeat("x", 40<<10)}))
	list := mock.Journal("")
	if request := list[0]["request"].(mocktest.Members); request["body"] != nil || request["bytes"].(float64) < 40<<10 {
		t.Errorf("%v", request)
	}
	if fmt.Sprint(list[0]["response"].(mocktest.Members)["body"]) != "<nil>" {
		t.Error("a large answer is kept")
	}
}

// A placeholder that programs write for a missing id is useful in a journal and kept; other texts may be secrets and are
// masked.
func TestJournalKeepsCommonPlaceholders(t *testing.T) {
	mock := mocktest.Start(t)
	for _, path := range []string{"/v1/authcredentials/undefined", "/v1/organizations/204/environments", "/v1/authcredentials/hush-hush"} {
		mock.Send("GET", path, "")
	}
	want := []string{"/platform/v1/authcredentials/undefined", "/platform/v1/organizations/204/environments",
		"/platform/v1/authcredentials/{id}"}
	for i, kept := range mock.Journal("") {
		if kept["path"] != want[i] {
			t.Errorf("%v, not %s", kept["path"], want[i])
		}
	}
}

// A password in a URL is masked, whatever the document says about the field.
func TestPasswordsInURLsAreMasked(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"url": "https://me:hush-hush@auth.example.com/token", "scopes": "mail me@example.com: now"}))
	for _, path := range []string{"requests", "requests.har", "requests.txtar", "state", "ui/"} {
		got := mock.Obtain("GET", mock.At("")+"/__admin/"+path, http.Header{}, "")
		if got.Status != 200 || strings.Contains(got.Text, "hush-hush") {
			t.Errorf("%s shows the password: %d %s", path, got.Status, got.Text)
		}
		if path == "requests" && !strings.Contains(got.Text, "me@example.com") {
			t.Errorf("the address is masked: %s", got.Text)
		}
	}
}

// The journal has the body of a request whatever the answer is, with the secrets masked, and tells a repeat.
func TestBodiesAreKeptWhateverIsAnswered(t *testing.T) {
	body := mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush-hush", "scopes": "a hush-hush b"})
	form := "name=form-name&clientSecret=hush-hush"
	jsonType, formType := "application/json", "application/x-www-form-urlencoded"
	for name, sent := range map[string]struct {
		method, path, token, contentType, body string
		status                                 int
	}{
		"401":     {"POST", "/v1/authcredentials", "wrong-token", jsonType, body, 401},
		"403":     {"POST", "/v1/authcredentials", "viewer-token", jsonType, body, 403},
		"404":     {"PATCH", "/v1/authcredentials/00000000-0000-4000-8000-000000000000", "dev-token", jsonType, body, 404},
		"no path": {"POST", "/v1/authcredential", "dev-token", jsonType, body, 404},
		"405":     {"PUT", "/v1/authcredentials", "dev-token", jsonType, body, 405},
		"415":     {"POST", "/v1/authcredentials", "dev-token", "text/plain", body, 415},
		"form":    {"POST", "/v1/authcredentials", "dev-token", formType, form, 415},
		"fault":   {"POST", "/v1/destinations/x/verify", "dev-token", jsonType, body, 503},
	} {
		t.Run(name, func(t *testing.T) {
			mock := mocktest.Start(t)
			mock.Operate("POST", "faults", `{"operations":["verifyDestination"],"status":503}`)
			header := http.Header{"Authorization": {"Bearer " + sent.token}, "Content-Type": {sent.contentType}}
			for range 2 {
				if got := mock.Obtain(sent.method, mock.URL+sent.path, header, sent.body); got.Status != sent.status {
					t.Fatalf("status %d", got.Status)
				}
			}
			list := mock.Journal("")
			request := list[1]["request"].(mocktest.Members)
			kept, _ := request["body"].(mocktest.Members)
			if kept["clientSecret"] != "[masked]" || kept["name"] == nil || kept["name"] == "[masked]" ||
				request["bytes"] != float64(len(sent.body)) {
				t.Errorf("kept: %v", request)
			}
			if list[0]["repeats"] != nil || list[1]["repeats"] != list[0]["id"] {
				t.Errorf("repeats: %v, %v", list[0]["repeats"], list[1]["repeats"])
			}
			mocktest.HidesSecrets(t, fmt.Sprint(list))
		})
	}
}

// Of a body that is no JSON object the journal shows the signs and the names that the document has.
func TestMalformedBodiesAreSketched(t *testing.T) {
	mock := mocktest.Start(t)
	for sent, want := range map[string]string{
		`{"clientSecret":"hush-hush`:                       `{"clientSecret":"[masked]`,
		`{"name": "one two", "url" : 7,, "hunter2": true}`: `{"name": "[masked] [masked]", "url" : [masked],, "[masked]": true}`,
		`[{"clientSecret":"hush-hush"}]`:                   `[{"clientSecret":"[masked]"}]`,
		`{"name":"a","name":"b"}`:                          `{"name":"[masked]","name":"[masked]"}`,
		"clientSecret hush-hush \xff url":                  "[masked] [masked] [masked] [masked]",
		`"clientSecret"`:                                   `"[masked]"`,
	} {
		mock.Operate("DELETE", "requests", "")
		mock.Send("POST", "/v1/authcredentials", sent)
		if request := mock.Journal("")[0]["request"].(mocktest.Members); request["body"] != want {
			t.Errorf("%s is shown as %v", sent, request["body"])
		}
		replay := mock.Obtain("GET", mock.At("")+"/__admin/requests.txtar", http.Header{}, "")
		if !strings.Contains(replay.Text, "Left out") {
			t.Errorf("%s is replayed: %s", sent, replay.Text)
		}
	}
}

// A path that the document does not have is shown as it was sent, but for segments that may be secrets.
func TestUnknownPathsAreShown(t *testing.T) {
	mock := mocktest.Start(t)
	for path, want := range map[string]string{
		"/platform//v1/authcredentials":                      "",
		"/platform/v1/authcredential":                        "",
		"/v1/authcredentials/strategies":                     "",
		"/platform/v2/authCredentials/":                      "",
		"/platform/v1/authcredentials/undefined/secrets":     "/platform/v1/authcredentials/undefined/[masked]",
		"/platform/v1/authcredentials/hunter2hunter2/x":      "/platform/v1/authcredentials/[masked]/[masked]",
		"/platform/v1/authcredentials/dev-token/strategiesx": "/platform/v1/authcredentials/[masked]/strategiesx",
		"/hunter2hunter2":                                    "/[masked]",
		"/" + strings.Repeat("v1/", 100):                     "/[masked]",
	} {
		mock.Operate("DELETE", "requests", "")
		mock.Obtain("GET", mock.At("")+path, http.Header{"Authorization": {"Bearer dev-token"}}, "")
		list := mock.Journal("")
		if len(list) != 1 || list[0]["path"] != cmp.Or(want, path) {
			t.Errorf("%s: %v", path, list)
		}
	}
	mock.Operate("DELETE", "requests", "")
	for _, path := range []string{"/favicon.ico", "/healthz", "/health", "/readyz", "/apple-touch-icon-precomposed.png", "/.well-known/x"} {
		mock.Obtain("GET", mock.At("")+path, http.Header{}, "")
	}
	if list := mock.Journal(""); len(list) != 0 {
		t.Errorf("probes and icons are in the journal: %v", list)
	}
}

func TestJournalIsFiltered(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "first name", "clientSecret": "hush-hush"}))
	mock.As("viewer-token", "POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody))
	mock.As("", "GET", "/v1/authcredentials/strategies", "")
	for query, want := range map[string]int{
		"method=get": 1, "method=POST": 2, "path=strategies": 1, "path=/platform/v1": 3, "caller=viewer": 1, "caller=none": 1,
		"text=first+name": 1, "text=needs+the+engineer": 1, "text=hush-hush": 0, "caller=engineer&method=POST&status=201": 1,
	} {
		for _, form := range []string{"?", "?wait=1&timeout=1ms&"} {
			if found := mock.Journal(form + query); len(found) != want {
				t.Errorf("%s%s finds %d, not %d", form, query, len(found), want)
			}
		}
	}
	for _, query := range []string{
		"method=x", "caller=nobody", "wait=0", "wait=x", "wait=1001", "timeout=1s", "wait=1&timeout=2m", "wait=1&timeout=-1s",
	} {
		if got := mock.Operate("GET", "requests?"+query, ""); got.Status != 400 || !strings.Contains(got.Text, "invalid-parameter") {
			t.Errorf("%s: %d %s", query, got.Status, got.Text)
		}
	}
}

// A query with wait ends as soon as there are enough exchanges, or after its time.
func TestJournalIsAwaited(t *testing.T) {
	mock := mocktest.Start(t)
	answer := make(chan mocktest.Result)
	go func() { answer <- mock.Operate("GET", "requests?wait=2&timeout=1m&status=200", "") }()
	for range 2 {
		mock.Send("GET", "/v1/authcredentials/strategies", "")
	}
	if got := <-answer; got.Body["missing"] != 0.0 || len(got.Body["requests"].([]any)) != 2 {
		t.Errorf("%s", got.Text)
	}
	if got := mock.Operate("GET", "requests?wait=3&timeout=1ms", ""); got.Status != 200 || got.Body["missing"] != 1.0 {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}
