package mockserver_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// loadFixtures are two sets of fixtures that differ in a credential, an environment, a principal and a fault.
var loadFixtures = [2]string{`organizations:
  - id: 118
    environments:
      - {id: here, name: Here, environmentFlag: Staging, credentials: [{id: c, name: one, grantType: client_credentials,
          url: u, clientSecret: hush-one}]}
principals:
  job: {organization: 118, role: engineer, tokens: [job-token]}
`, `organizations:
  - id: 118
    environments:
      - {id: here, name: Here, environmentFlag: Staging, credentials: [{id: c, name: two, grantType: client_credentials, url: u},
          {id: d, name: d, grantType: client_credentials, url: u}]}
      - {id: there, name: There, environmentFlag: Staging}
principals:
  other-job: {organization: 118, role: viewer, tokens: [other-job-token]}
faults: [{operations: [listAuthStrategies], status: 503}]
`}

// Clients that work while the mock reloads get the expected answers and lose no record.
func TestReloadUnderLoad(t *testing.T) {
	server, err := mockserver.New(mockserver.Options{Fixtures: []byte(loadFixtures[0])})
	if err != nil {
		t.Fatal(err)
	}
	const clients, turns, reloads = 64, 8, 12
	var group sync.WaitGroup
	made := make([][]string, clients)
	for i := range clients {
		base := ""
		if i%2 == 1 {
			base = fmt.Sprintf("/__sessions/s%d", i)
			mustAnswer(t, server, "POST", "/__admin/sessions", fmt.Sprintf(`{"name":"s%d"}`, i), http.StatusCreated)
		}
		group.Go(func() {
			for turn := range turns {
				made[i] = append(made[i], oneTurn(t, server, base, turn))
			}
		})
	}
	other, err := credmock.Load(bytes.Replace(credmock.Document(), []byte("version: 1.0.0"), []byte("version: 1.0.1"), 1))
	if err != nil {
		t.Fatal(err)
	}
	specs := [2]*credmock.Spec{credmock.Default(), other}
	for turn := range reloads {
		if _, err := server.Reload(specs[(turn+1)%2], []byte(loadFixtures[(turn+1)%2])); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	for i, ids := range made {
		base := ""
		if i%2 == 1 {
			base = fmt.Sprintf("/__sessions/s%d", i)
		}
		for _, id := range ids {
			if text := mustAnswer(t, server, "GET", base+"/platform/v1/authcredentials/"+id, "", http.StatusOK); !strings.Contains(text, "changed") {
				t.Errorf("a change is lost: %s", text)
			}
		}
	}
}

// oneTurn creates, updates and reads a credential, and returns its id.
func oneTurn(t *testing.T, server http.Handler, base string, turn int) string {
	path := base + "/platform/v1/authcredentials"
	text := mustAnswer(t, server, "POST", path,
		`{"name":"n","environmentId":"here","grantType":"client_credentials","url":"u","clientSecret":"hush-hush"}`, http.StatusCreated)
	_, rest, _ := strings.Cut(text, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	mustAnswer(t, server, "PATCH", path+"/"+id, fmt.Sprintf(`{"name":"changed %d","grantType":"client_credentials","url":"u"}`, turn),
		http.StatusOK)
	if list := mustAnswer(t, server, "GET", base+"/platform/v1/environments/here/authcredentials", "", http.StatusOK); !strings.Contains(list,
		id) {
		t.Errorf("%s is not listed", id)
	}
	mustAnswer(t, server, "GET", path+"/c", "", http.StatusOK)
	return id
}

// mustAnswer sends a request and fails the test if the answer has another status.
func mustAnswer(t *testing.T, server http.Handler, method, path, body string, want int) string {
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	if recorder.Code != want {
		t.Errorf("%s %s: %d, want %d: %s", method, path, recorder.Code, want, recorder.Body)
	}
	return recorder.Body.String()
}
