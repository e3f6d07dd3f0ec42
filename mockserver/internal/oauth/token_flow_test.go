package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// service is a client as written for the real service: it knows only the host.
type service struct {
	*mocktest.Assertions
	host   string
	http   *http.Client
	token  string
	until  time.Time
	issued int
}

// bearer returns the present token, or a new one shortly before it expires, like oauth2.ReuseTokenSource.
func (s *service) bearer() string {
	s.T.Helper()
	if s.token != "" && s.Now.Before(s.until) {
		return s.token
	}
	endpoint := s.host + "/v2/auth/token"
	form := mocktest.AssertionForm(s.Sign(jwa.RS384(), s.Claims(mocktest.Members{"aud": endpoint})))
	response, err := s.http.PostForm(endpoint, form)
	if err != nil {
		s.T.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Token string  `json:"access_token"`
		Type  string  `json:"token_type"`
		Life  float64 `json:"expires_in"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK || answer.Type != "Bearer" {
		s.T.Fatalf("%s: %v", response.Status, err)
	}
	s.issued++
	s.token, s.until = answer.Token, s.Now.Add(time.Duration(answer.Life)*time.Second)
	return s.token
}

func (s *service) call(method, path, body string) (int, map[string]any) {
	s.T.Helper()
	request, err := http.NewRequestWithContext(s.T.Context(), method, s.host+"/platform"+path, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.bearer())
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.http.Do(request)
	if err != nil {
		s.T.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Payload map[string]any }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		s.T.Fatal(err)
	}
	return response.StatusCode, answer.Payload
}

func TestClientFlowNeedsOnlyTheHost(t *testing.T) {
	asked := tokenMock(t)
	client := &service{Assertions: asked, host: strings.TrimSuffix(asked.Mock.URL, "/platform"), http: asked.Mock.Client}
	status, made := client.call("POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush"}))
	if status != http.StatusCreated || made["hasClientSecret"] != true {
		t.Fatalf("create: %d %v", status, made)
	}
	id := "/v1/authcredentials/" + made["id"].(string)
	if status, changed := client.call("PATCH", id, mocktest.Object(mocktest.PatchBody, mocktest.Members{"scopes": "a b"})); status != 200 ||
		changed["scopes"] != "a b" {
		t.Errorf("update: %d %v", status, changed)
	}
	if client.issued != 1 {
		t.Errorf("%d tokens for two calls", client.issued)
	}
	asked.Now = asked.Now.Add(5 * time.Minute)
	if status, _ := client.call("DELETE", id, ""); status != http.StatusOK || client.issued != 2 {
		t.Errorf("delete, five minutes later: %d with %d tokens", status, client.issued)
	}
}

// A mock mounted below a path, such as a session, has a token endpoint whose URL begins with that path.
func TestAudienceMayHavePathPrefix(t *testing.T) {
	asked := tokenMock(t)
	below := httptest.NewServer(http.StripPrefix("/below", asked.Mock.Server))
	defer below.Close()
	for path, want := range map[string]int{"/below/v2/auth/token": 200, "/v2/auth/token": 200, "/other/v2/auth/token": 401} {
		form := mocktest.AssertionForm(asked.Sign(jwa.ES384(), asked.Claims(mocktest.Members{"aud": below.URL + path})))
		response, err := below.Client().PostForm(below.URL+"/below/v2/auth/token", form)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
}

// An assertion id can be used once per client: clients with the same key may use the same id.
func TestReplayIsPerClient(t *testing.T) {
	keys := strings.ReplaceAll(mocktest.PublicKeys(t), "\n", " ")
	now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	asked := &mocktest.Assertions{T: t, Now: now}
	asked.Mock = mocktest.Start(t, mockserver.Options{Clock: func() time.Time { return asked.Now }, Fixtures: []byte(mocktest.OwnFixtures +
		"  " + mockserver.DevelopmentClient + ": {organization: 7, role: engineer, keys: " + keys + "}\n" +
		"  reader: {organization: 7, role: viewer, keys: " + keys + "}\n")})
	for client, want := range map[string]int{mockserver.DevelopmentClient: 201, "reader": 403} {
		got := asked.Post(mocktest.AssertionForm(asked.Sign(jwa.ES384(),
			asked.Claims(mocktest.Members{"iss": client, "sub": client, "jti": "same"}))))
		if got.Status != 200 {
			t.Fatalf("%s: %d %s", client, got.Status, got.Text)
		}
		token := got.Body["access_token"].(string)
		body := mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": "here"})
		if opened := asked.Mock.As(token, "POST", "/v1/authcredentials", body); opened.Status != want {
			t.Errorf("%s: %d, want %d", client, opened.Status, want)
		}
	}
	again := asked.Post(mocktest.AssertionForm(asked.Sign(jwa.ES384(), asked.Claims(mocktest.Members{"jti": "same"}))))
	if description, _ := url.QueryUnescape(again.Text); again.Status != 401 || !strings.Contains(description, "once") {
		t.Errorf("replay: %d %s", again.Status, again.Text)
	}
}
