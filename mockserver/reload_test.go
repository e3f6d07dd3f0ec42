package mockserver

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

const reloadFixtures = `organizations:
  - id: 118
    environments:
      - {id: here, name: Here, environmentFlag: Staging, credentials: [{id: c, name: before, grantType: client_credentials, url: u, clientSecret: hush}]}
principals:
  job: {organization: 118, role: viewer, tokens: [job-token]}
`

func reloading(t *testing.T) *Server {
	t.Helper()
	server, err := New(Options{Fixtures: []byte(reloadFixtures)})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func send(t *testing.T, server *Server, token, method, path, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

// What a session has must all move: a field that is added later, too.
func TestASessionMovesWhole(t *testing.T) {
	server := reloading(t)
	if status, text := send(t, server, "", "POST", "/__admin/sessions", `{"name":"mine","seed":7}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	before := server.sessions.find("mine")
	before.snapshots = map[string]*state{"noted": {}}
	next, changes, err := server.Reload(nil, nil)
	if err != nil || len(changes) != 0 {
		t.Fatalf("%v %v", changes, err)
	}
	after := next.sessions.find("mine")
	was, is := reflect.ValueOf(before.session).Elem(), reflect.ValueOf(after.session).Elem()
	for i := range was.NumField() {
		if name := was.Type().Field(i).Name; name != "successor" && name != "moved" && was.Field(i).IsZero() != is.Field(i).IsZero() {
			t.Errorf("the field %s does not move", name)
		}
	}
	if after.store != before.store || after.journal != before.journal || after.clock != before.clock || after.faults != before.faults {
		t.Error("requests that are under way would write to another session")
	}
}

func TestReloadKeepsWhatIsThere(t *testing.T) {
	server := reloading(t)
	if status, text := send(t, server, "", "POST", "/__admin/sessions", `{"name":"mine"}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	const body = `{"name":"n","environmentId":"here","grantType":"client_credentials","url":"u","clientSecret":"hush-hush"}`
	if status, text := send(t, server, DefaultToken, "POST", "/__sessions/mine/platform/v1/authcredentials", body); status != http.StatusCreated {
		t.Fatal(text)
	}
	change := strings.NewReplacer("before", "after", "role: viewer", "role: engineer", "job-token", "other-job-token").Replace(reloadFixtures)
	next, changes, err := server.Reload(nil, []byte(change))
	if err != nil || strings.Join(changes, "; ") != "fixtures: 0 added, 1 changed, 0 removed; fixtures: other principals" {
		t.Fatalf("%v %v", changes, err)
	}
	const list = "/v1/environments/here/authcredentials"
	for path, owed := range map[string]string{"/platform" + list: `"after"`, "/__sessions/mine/platform" + list: `"n"`} {
		if status, text := send(t, next, DefaultToken, "GET", path, ""); status != 200 || !strings.Contains(text, owed) || !strings.Contains(text, `"after"`) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	for token, owed := range map[string]int{"job-token": 401, "other-job-token": 201, DefaultToken: 201} {
		if status, text := send(t, next, token, "POST", "/platform/v1/authcredentials", body); status != owed {
			t.Errorf("%s: %d, owed %d: %s", token, status, owed, text)
		}
	}
	for _, session := range []string{"", "/__sessions/mine"} {
		if status, text := send(t, next, "", "POST", session+"/__admin/reset", "{}"); status != 200 {
			t.Fatal(text)
		}
		if _, text := send(t, next, DefaultToken, "GET", session+"/platform"+list, ""); strings.Contains(text, `"n"`) || !strings.Contains(text, `"after"`) {
			t.Errorf("after a reset: %s", text)
		}
	}
}

func TestReloadOfBrokenFixturesChangesNothing(t *testing.T) {
	server := reloading(t)
	for _, text := range []string{"organizations: [", strings.Replace(reloadFixtures, "url: u, ", "", 1), strings.Replace(reloadFixtures, "job-token", DefaultToken, 1)} {
		if next, _, err := server.Reload(nil, []byte(text)); err == nil || next != nil {
			t.Errorf("no fault in %s", text)
		}
	}
	if status, _ := send(t, server, "job-token", "GET", "/platform/v1/authcredentials/c", ""); status != 200 {
		t.Errorf("%d", status)
	}
}

// Other faults in the fixtures take the place of those before; what was added by hand stays, and a broken server goes on
// before the new mock.
func TestReloadBringsOtherFaults(t *testing.T) {
	server, err := New(Options{Fixtures: []byte(reloadFixtures + "faults: [{status: 503}]")})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := send(t, server, "", "POST", "/__admin/faults", `{"methods":["DELETE"],"status":500}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	server, said, err := server.Reload(nil, []byte(reloadFixtures+"faults: [{methods: [GET], status: 502}]"))
	if err != nil || !reflect.DeepEqual(said, []string{"fixtures: other faults"}) {
		t.Fatal(said, err)
	}
	for method, want := range map[string]int{"GET": 502, "PATCH": 400, "DELETE": 500} {
		if status, text := send(t, server, DefaultToken, method, "/platform/v1/authcredentials/c", "{}"); status != want {
			t.Errorf("%s: %d: %s", method, status, text)
		}
	}
	server, said, err = server.Reload(nil, []byte(reloadFixtures+"faults: [{methods: [GET], status: 502}]"))
	if err != nil || said != nil || len(server.faults.list) != 2 {
		t.Errorf("%v %v %v", said, err, server.faults.list)
	}
}

func TestAMutantStaysBeforeAReloadedMock(t *testing.T) {
	passes := func(sound http.Handler) http.Handler { return sound }
	server, err := New(Options{Fixtures: []byte(reloadFixtures), Mutants: map[string]func(http.Handler) http.Handler{"sound": passes}})
	if err != nil {
		t.Fatal(err)
	}
	send(t, server, "", "POST", "/__admin/faults", `{"mutant":"sound"}`)
	server, _, err = server.Reload(nil, []byte(strings.Replace(reloadFixtures, "id: c,", "id: d,", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if status, text := send(t, server, DefaultToken, "GET", "/platform/v1/authcredentials/d", ""); status != http.StatusOK {
		t.Errorf("it answers with what there was before: %d %s", status, text)
	}
	if matched := server.faults.list[0].matched; matched != 1 {
		t.Errorf("%d matched", matched)
	}
}

// What was asked of a mock just before it was reloaded is there in the one that took its place.
func TestWhatCrossesAReloadIsKept(t *testing.T) {
	server := reloading(t)
	next, _, err := server.Reload(nil, []byte(strings.NewReplacer("before", "after", "job-token", "new-token").Replace(reloadFixtures)))
	if err != nil {
		t.Fatal(err)
	}
	if !server.tokens.add("late-token", principal{organization: server.organizations[0], engineer: true}) {
		t.Fatal("the token is known already")
	}
	if status, text := send(t, next, "late-token", "GET", "/platform/v1/authcredentials/c", ""); status != http.StatusOK {
		t.Errorf("the token: %d %s", status, text)
	}
	if status, text := send(t, server, "", "POST", "/__admin/sessions", `{"name":"late"}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	if status, text := send(t, next, "new-token", "GET", "/__sessions/late/platform/v1/authcredentials/c", ""); !strings.Contains(text, `"after"`) {
		t.Errorf("the session: %d %s", status, text)
	}
}

// A request that comes to a server after its reload, and before whoever serves it knows, is answered as by the new one.
func TestAReloadedServerPassesRequestsOn(t *testing.T) {
	server := reloading(t)
	next, _, err := server.Reload(nil, []byte(strings.Replace(reloadFixtures, "before", "after", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if !next.tokens.add("new-token", principal{organization: next.organizations[0], engineer: true}) {
		t.Fatal("the token is known already")
	}
	if who, known := server.tokens.find("new-token", server.clock.now); !known || !who.engineer {
		t.Error("a request that is under way would be refused a token that was just given out")
	}
	if status, text := send(t, server, "new-token", "GET", "/platform/v1/authcredentials/c", ""); !strings.Contains(text, `"after"`) {
		t.Errorf("%d %s", status, text)
	}
}

// A request that is under way while a mock is reloaded works on what took the place of what it came to.
func TestRequestsUnderWayDuringAReload(t *testing.T) {
	server := reloading(t)
	next, _, err := server.Reload(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if !server.clients.once("job", "1", now.Add(time.Minute), now) || next.clients.once("job", "1", now.Add(time.Minute), now) {
		t.Error("the assertion serves twice, or not at all")
	}
	if !server.tokens.add("given-out", principal{organization: server.organizations[0]}) {
		t.Fatal("the token is known already")
	}
	if !server.takeSnapshot("late") || !next.restoreSnapshot("late") {
		t.Error("the snapshot is lost")
	}
	server.reset()
	if next.restoreSnapshot("late") {
		t.Error("the snapshot outlives the reset")
	}
	if _, known := next.tokens.find("given-out", time.Now); known {
		t.Error("the token outlives the reset")
	}
	if !next.clients.once("job", "1", now.Add(time.Minute), now) {
		t.Error("the assertion outlives the reset")
	}
}
