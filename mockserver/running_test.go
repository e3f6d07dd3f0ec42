package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
)

// credential is a type of a test, with its own subset of the members.
type credential struct {
	ID            string `json:"id,omitempty"`
	Name          string `json:"name"`
	EnvironmentID string `json:"environmentId,omitempty"`
	GrantType     string `json:"grantType"`
	URL           string `json:"url"`
	ClientSecret  string `json:"clientSecret,omitempty"`
}

const hush = "not-a-real-secret-of-a-handle"

func sample() credential {
	return credential{Name: "Lab results", GrantType: "client_credentials", URL: "https://auth.example.com/token", ClientSecret: hush}
}

// send sends a request with a token and returns the status and the body.
func send(t *testing.T, mock *mockserver.Running, method, path, token, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, mock.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := mock.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestPutCredential(t *testing.T) {
	mock := mockserver.Start(t)
	id := mock.Put(sample())
	if status, text := send(t, mock, "GET", "/v1/authcredentials/"+id, mock.Token, ""); status != 200 ||
		!strings.Contains(text, `"hasClientSecret":true`) || strings.Contains(text, hush) {
		t.Errorf("%d %s", status, text)
	}
	other := sample()
	other.ID, other.Name, other.ClientSecret = id, "Renamed", ""
	if again := mock.Put(other); again != id {
		t.Errorf("stored as %q", again)
	}
	if _, text := send(t, mock, "GET", "/v1/authcredentials/"+id, mock.Token, ""); !strings.Contains(text, `"hasClientSecret":false`) {
		t.Errorf("it is not replaced: %s", text)
	}
	mock.Put(map[string]any{"id": "mine", "name": "M", "grantType": "client_credentials", "url": "u"})
	if status, _ := send(t, mock, "DELETE", "/v1/authcredentials/mine", mock.Token, ""); status != 200 {
		t.Errorf("delete: %d", status)
	}
	mock.Reset()
	if status, _ := send(t, mock, "GET", "/v1/authcredentials/"+id, mock.Token, ""); status != 404 {
		t.Errorf("after the reset: %d", status)
	}
}

// failing records the message of Fatalf, and ends the goroutine as testing does.
type failing struct {
	testing.TB
	message string
}

func (f *failing) Helper() {}

func (f *failing) Fatalf(format string, values ...any) {
	f.message = fmt.Sprintf(format, values...)
	panic(f)
}

// messageOf returns the message with which a call fails a test, or "".
func messageOf(t *testing.T, call func(mock *mockserver.Running)) string {
	t.Helper()
	test := &failing{TB: t}
	mock := mockserver.Start(test)
	func() {
		defer func() { _ = recover() }()
		call(mock)
	}()
	return test.message
}

func TestHandleRefusesMistakes(t *testing.T) {
	cases := []struct {
		name string
		call func(mock *mockserver.Running)
		want string
	}{
		{"no url", func(m *mockserver.Running) { m.Put(credential{Name: hush, GrantType: "x"}) }, "/grantType grantType must be"},
		{"no object", func(m *mockserver.Running) { m.Put([]string{hush}) }, "a []string is not encoded as a JSON object"},
		{"no JSON", func(m *mockserver.Running) { m.Put(func() {}) }, "a func() is not encoded as JSON"},
		{"id", func(m *mockserver.Running) { m.Put(map[string]any{"id": 7}) }, "/id id must be a string"},
		{"environment", func(m *mockserver.Running) {
			wrong := sample()
			wrong.EnvironmentID = "nowhere"
			m.Put(wrong)
		}, "/environmentId environmentId must be the id of an environment"},
		{"status", func(m *mockserver.Running) { m.Fault(mockserver.Fault{Status: 99}) }, "/status status must be"},
		{"operation", func(m *mockserver.Running) { m.Fault(mockserver.Fault{Status: 503, Operations: []string{"x"}}) },
			"/operations/0 This must be the id"},
		{"retry", func(m *mockserver.Running) { m.Fault(mockserver.Fault{Status: 503, RetryAfter: time.Millisecond}) }, "whole seconds"},
		{"shadow", func(m *mockserver.Running) {
			m.Fault(mockserver.Fault{Status: 503})
			m.Fault(mockserver.Fault{Status: 500, Methods: []string{"GET"}})
		}, "no request can get this fault: fault 1 gets them all before"},
		{"nothing", func(m *mockserver.Running) { m.Fault(mockserver.Fault{}) }, "Say what is to go wrong"},
		{"filter", func(m *mockserver.Running) { m.Requests("getAuthCredentia") }, "did you mean getAuthCredential?"},
		{"clock", func(m *mockserver.Running) { m.Advance(-200 * 365 * 24 * time.Hour) }, "the clock is not moved"},
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) {
			message := messageOf(t, one.call)
			if !strings.Contains(message, one.want) || strings.Contains(message, hush) {
				t.Errorf("fails with %q", message)
			}
		})
	}
}

// A request is a repeat only if the secrets in its body are the same too, which the journal does not show.
func TestRequestsTellRepeats(t *testing.T) {
	mock := mockserver.Start(t)
	mock.Fault(mockserver.Fault{Operations: []string{"createAuthCredential"}, Times: 2, Status: 503, RetryAfter: time.Second})
	body := `{"name":"n","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","grantType":"client_credentials","url":"u",` +
		`"clientSecret":"` + hush + `"}`
	send(t, mock, "POST", "/v1/authcredentials", mock.Token, body)
	send(t, mock, "POST", "/v1/authcredentials", mock.Token, strings.Replace(body, hush, hush+"!", 1))
	send(t, mock, "POST", "/v1/authcredentials", mock.Token, body)
	send(t, mock, "GET", "/v1/authcredentials/strategies", mock.Token, "")
	sent := mock.Requests("createAuthCredential")
	if len(sent) != 3 || len(mock.Requests()) != 4 {
		t.Fatalf("%d requests, %d in all", len(sent), len(mock.Requests()))
	}
	first, second, third := sent[0], sent[1], sent[2]
	if first.Status != 503 || first.Fault == "" || third.Status != 201 || third.Caller != "engineer" ||
		third.Header.Get("Content-Type") == "" {
		t.Errorf("%+v\n%+v", first, third)
	}
	if first.Body != third.Body || !strings.Contains(first.Body, `"clientSecret":"[masked]"`) || strings.Contains(fmt.Sprint(sent), hush) {
		t.Errorf("body %s, answer %s", first.Body, third.Answer)
	}
	if !third.IsRepeat(first) || second.IsRepeat(first) || mock.Requests()[3].IsRepeat(first) {
		t.Error("other repeats are told")
	}
}

func TestHandleOfASession(t *testing.T) {
	mock := mockserver.Start(t)
	id := mock.Put(sample())
	remove := mock.Fault(mockserver.Fault{Status: 500})
	session := mock.Session(t)
	mine := session.Put(sample())
	for _, path := range []string{"/v1/authcredentials/" + id, "/v1/authcredentials/" + mine} {
		if status, _ := send(t, session, "GET", path, session.Token, ""); status != 200 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if remove(); len(mock.Requests()) != 0 || len(session.Requests()) != 2 {
		t.Errorf("%d and %d requests", len(mock.Requests()), len(session.Requests()))
	}
	if status, _ := send(t, mock, "GET", "/v1/authcredentials/"+mine, mock.Token, ""); status != 404 {
		t.Errorf("outside of the session: %d", status)
	}
	session.Advance(time.Hour)
	if got, outside := clockOf(t, session), clockOf(t, mock); !strings.Contains(got, `"ahead": "1h0m0s"`) ||
		!strings.Contains(outside, `"ahead": "0s"`) {
		t.Errorf("clock %s, outside %s", got, outside)
	}
}

// clockOf returns the clock as the admin surface shows it.
func clockOf(t *testing.T, mock *mockserver.Running) string {
	t.Helper()
	response, err := mock.Client.Get(mock.AdminURL + "/clock")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
