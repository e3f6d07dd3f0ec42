package mockserver

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/store"
)

const reloadFixtures = `organizations:
  - id: 118
    environments:
      - {id: here, name: Here, environmentFlag: Staging, credentials: [{id: c, name: before, grantType: client_credentials,
          url: u, clientSecret: hush}]}
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

func TestReloadKeepsState(t *testing.T) {
	server := reloading(t)
	if status, text := send(t, server, "", "POST", "/__admin/sessions", `{"name":"mine"}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	const body = `{"name":"n","environmentId":"here","grantType":"client_credentials","url":"u","clientSecret":"hush-hush"}`
	if status, text := send(t, server, DefaultToken, "POST", "/__sessions/mine/platform/v1/authcredentials",
		body); status != http.StatusCreated {
		t.Fatal(text)
	}
	change := strings.NewReplacer("before", "after", "role: viewer", "role: engineer", "job-token", "other-job-token").Replace(reloadFixtures)
	changes, err := server.Reload(nil, []byte(change))
	if err != nil || strings.Join(changes, "; ") != "fixtures: 0 added, 1 changed, 0 removed; fixtures: other principals" {
		t.Fatalf("%v %v", changes, err)
	}
	const list = "/v1/environments/here/authcredentials"
	for path, want := range map[string]string{"/platform" + list: `"after"`, "/__sessions/mine/platform" + list: `"n"`} {
		if status, text := send(t, server, DefaultToken, "GET", path, ""); status != 200 || !strings.Contains(text, want) ||
			!strings.Contains(text, `"after"`) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	for token, want := range map[string]int{"job-token": 401, "other-job-token": 201, DefaultToken: 201} {
		if status, text := send(t, server, token, "POST", "/platform/v1/authcredentials", body); status != want {
			t.Errorf("%s: %d, want %d: %s", token, status, want, text)
		}
	}
	for _, session := range []string{"", "/__sessions/mine"} {
		if status, text := send(t, server, "", "POST", session+"/__admin/reset", "{}"); status != 200 {
			t.Fatal(text)
		}
		if _, text := send(t, server, DefaultToken, "GET", session+"/platform"+list, ""); strings.Contains(text, `"n"`) ||
			!strings.Contains(text, `"after"`) {
			t.Errorf("after a reset: %s", text)
		}
	}
}

// An answer that a record remembers of an earlier model is not given, though a request that began before the reload may remember it
// after.
func TestReloadReachesRepeatedReads(t *testing.T) {
	server := reloading(t)
	earlier := server.mock.Site.Load().Model.Number
	if _, err := server.Reload(nil, []byte(strings.Replace(reloadFixtures, "before", "after", 1))); err != nil {
		t.Fatal(err)
	}
	late := &store.Shown{Model: earlier, Revision: 1, Text: []byte(`"before"`)}
	server.sessions.Root.Store.Get(store.ResourceCredential, "c").Remember(late)
	for range 2 {
		if _, text := send(t, server, "job-token", "GET", "/platform/v1/authcredentials/c", ""); !strings.Contains(text, `"after"`) {
			t.Error(text)
		}
	}
	runtime.KeepAlive(late)
}

func TestFailedReloadChangesNothing(t *testing.T) {
	server := reloading(t)
	for _, text := range []string{"organizations: [", strings.Replace(reloadFixtures, "url: u, ", "", 1),
		strings.Replace(reloadFixtures, "job-token", DefaultToken, 1)} {
		if _, err := server.Reload(nil, []byte(text)); err == nil {
			t.Errorf("no error for %s", text)
		}
	}
	if status, _ := send(t, server, "job-token", "GET", "/platform/v1/authcredentials/c", ""); status != 200 {
		t.Errorf("%d", status)
	}
}

// New fixture faults replace the previous ones. Faults added by clients stay, and so does a mutant.
func TestReloadReplacesFixtureFaults(t *testing.T) {
	server, err := New(Options{Fixtures: []byte(reloadFixtures + "faults: [{methods: [GET, PATCH], status: 503}]")})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := send(t, server, "", "POST", "/__admin/faults", `{"methods":["DELETE"],"status":500}`); status != http.StatusCreated {
		t.Fatal(text)
	}
	changes, err := server.Reload(nil, []byte(reloadFixtures+"faults: [{methods: [GET], status: 502}]"))
	if err != nil || !reflect.DeepEqual(changes, []string{"fixtures: other faults"}) {
		t.Fatal(changes, err)
	}
	for method, want := range map[string]int{"GET": 502, "PATCH": 400, "DELETE": 500} {
		if status, text := send(t, server, DefaultToken, method, "/platform/v1/authcredentials/c", "{}"); status != want {
			t.Errorf("%s: %d: %s", method, status, text)
		}
	}
	changes, err = server.Reload(nil, []byte(reloadFixtures+"faults: [{methods: [GET], status: 502}]"))
	if err != nil || changes != nil || len(server.sessions.Root.Faults.List) != 2 {
		t.Errorf("%v %v %v", changes, err, server.sessions.Root.Faults.List)
	}
}

func TestReloadKeepsMutant(t *testing.T) {
	passes := func(sound http.Handler) http.Handler { return sound }
	server, err := New(Options{Fixtures: []byte(reloadFixtures), Mutants: map[string]func(http.Handler) http.Handler{"sound": passes}})
	if err != nil {
		t.Fatal(err)
	}
	send(t, server, "", "POST", "/__admin/faults", `{"mutant":"sound"}`)
	_, err = server.Reload(nil, []byte(strings.Replace(reloadFixtures, "id: c,", "id: d,", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if status, text := send(t, server, DefaultToken, "GET", "/platform/v1/authcredentials/d", ""); status != http.StatusOK {
		t.Errorf("the mutant wraps the previous mock: %d %s", status, text)
	}
	if matched := server.sessions.Root.Faults.List[0].Matched; matched != 1 {
		t.Errorf("%d matched", matched)
	}
}

// A panic while a document is compiled changes nothing, and its text is not disclosed.
func TestPanickingReloadChangesNothing(t *testing.T) {
	server := reloading(t)
	before := server.mock.Site.Load().Model
	if _, err := server.Reload(&credmock.Spec{Operations: []*credmock.Operation{nil}}, nil); !errors.Is(err, errPanicked) {
		t.Errorf("%v", err)
	}
	if server.mock.Site.Load().Model != before {
		t.Error("the model was replaced")
	}
	if status, text := send(t, server, DefaultToken, "GET", "/platform/v1/authcredentials/c", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
}

// A request can show a record whose strategy exists only in the model before or after a reload.
func TestRecordsOutliveTheirStrategy(t *testing.T) {
	server := reloading(t)
	stored := server.sessions.Root.Store.Get(store.ResourceCredential, "c")
	before := server.mock.NewCall(server.sessions.Root, httptest.NewRequest(http.MethodGet, "/", nil))
	older, err := model.Compile(before.Model.Config, censor.NewSecretSet(), nil, store.New(), before.Session)
	if err != nil {
		t.Fatal(err)
	}
	delete(older.Variants, model.VariantName{Resource: stored.Resource, Strategy: stored.Strategy})
	before.Model = older
	if before.VariantOf(stored) == nil {
		t.Error("the previous model has no form for the record")
	}
	newer := &model.Model{Kinds: map[string]*model.Kind{}, Spec: older.Spec}
	if newer.NameVariants(server.mock.Site.Load().Model); newer.VariantOf(stored) == nil {
		t.Error("the new model has no form for the record")
	}
}

// A reload says which organizations come and go, although they have no environments.
func TestReloadTellsOrganizations(t *testing.T) {
	server, err := New(Options{Fixtures: []byte("organizations: [{id: 118}, {id: 7}]")})
	if err != nil {
		t.Fatal(err)
	}
	changes, err := server.Reload(nil, []byte("organizations: [{id: 118}, {id: 8}]"))
	want := []string{"fixtures: new organizations 8", "fixtures: no more organizations 7"}
	if err != nil || !reflect.DeepEqual(changes, want) {
		t.Errorf("%v %q", err, changes)
	}
}
