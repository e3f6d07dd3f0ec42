package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// answer is the answer to a request.
type answer struct {
	status int
	text   []byte
}

// is reports whether an answer has a status and the code of an error.
func (a answer) is(status int, code string) bool {
	return a.status == status && strings.Contains(string(a.text), `"code":"`+code+`"`)
}

// client keeps enough connections for all sessions at once.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

// send sends a request to nginx or to a mock. Headers are names and values in turns.
func (f *farm) send(ctx context.Context, address, method, path, body string, headers ...string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	token := f.token
	if strings.Contains(path, "/__admin/") {
		token = f.admin
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, text}, err
}

// session is one session of a farm, as a job of a test run uses it.
type session struct {
	*farm
	name     string
	byHeader bool   // names the session in the header instead of the path
	id       string // of its credential
	changed  string // name of its credential after the change
}

const (
	environment = "a31a92e5-43b7-45df-8085-4ac5a746d105" // the mock's Development environment
	prefix      = "/platform/v1"
	fields      = `"grantType":"client_credentials","url":"https://login.example.com/token","clientSecret":"not-a-real-secret"`
)

// create creates the session. The name in the body decides which mock gets it.
func (s *session) create(ctx context.Context) error {
	made, err := s.send(ctx, s.address, http.MethodPost, "/__admin/sessions", fmt.Sprintf(`{"name":%q}`, s.name))
	if err == nil && made.status != http.StatusCreated {
		err = fmt.Errorf("session %s: %d %s", s.name, made.status, made.text)
	}
	return err
}

// ask sends a request of the API in the session.
func (s *session) ask(ctx context.Context, method, path, body string) (answer, error) {
	if s.byHeader {
		return s.send(ctx, s.address, method, prefix+path, body, "X-Credmock-Session", s.name)
	}
	return s.send(ctx, s.address, method, "/__sessions/"+s.name+prefix+path, body)
}

// work creates a credential, changes it, and checks that the session lists this one alone.
func (s *session) work(ctx context.Context) error {
	var made struct{ Payload struct{ ID string } }
	create := fmt.Sprintf(`{"name":%q,"environmentId":%q,%s}`, s.name, environment, fields)
	if err := s.succeed(ctx, http.MethodPost, "/authcredentials", create, &made); err != nil {
		return err
	}
	s.id, s.changed = made.Payload.ID, s.name+", changed"
	change := fmt.Sprintf(`{"name":%q,%s}`, s.changed, fields)
	if err := s.succeed(ctx, http.MethodPatch, "/authcredentials/"+s.id, change, &made); err != nil {
		return err
	}
	return s.check(ctx, s.changed)
}

// check checks the names of all credentials of the session.
func (s *session) check(ctx context.Context, names ...string) error {
	var list struct {
		Payload struct{ Credentials []struct{ Name string } }
	}
	if err := s.succeed(ctx, http.MethodGet, "/environments/"+environment+"/authcredentials", "", &list); err != nil {
		return err
	}
	var found []string
	for _, one := range list.Payload.Credentials {
		found = append(found, one.Name)
	}
	if strings.Join(found, "\n") != strings.Join(names, "\n") {
		return fmt.Errorf("session %s lists %q, expected %q", s.name, found, names)
	}
	return nil
}

// succeed sends a request of the API that must succeed, and decodes the answer.
func (s *session) succeed(ctx context.Context, method, path, body string, into any) error {
	given, err := s.ask(ctx, method, path, body)
	switch {
	case err != nil:
		return err
	case given.status >= http.StatusBadRequest:
		return fmt.Errorf("session %s: %s %s: %d %s", s.name, method, path, given.status, given.text)
	}
	return json.Unmarshal(given.text, into)
}

// expect checks that each request of the session gets an error.
func (s *session) expect(ctx context.Context, status int, code string) error {
	given, err := s.ask(ctx, http.MethodGet, "/environments/"+environment+"/authcredentials", "")
	if err == nil && !given.is(status, code) {
		err = fmt.Errorf("session %s: %d %s, expected %d %s", s.name, given.status, given.text, status, code)
	}
	return err
}
