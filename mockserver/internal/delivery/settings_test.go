package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// A mock delivers only if its options or the session say so.
func TestDeliveryIsOffByDefault(t *testing.T) {
	mock := mocktest.Start(t)
	path := "/v1/destinations/" + mocktest.Inbox + "/verify"
	if got := mock.Send("POST", path, ""); got.Status != http.StatusOK || len(mock.Requests("receiveDelivery")) != 0 {
		t.Errorf("%d: %s", got.Status, got.Text)
	}
	mock.Operate("POST", "sessions", `{"name":"on","deliver":true}`)
	on := &circle{API: mock.In("on")}
	credential := on.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientId": "lab", "clientSecret": mocktest.CanarySecret,
		"basicNoForm": true, "url": mock.At("on") + "/__oauth/token"}))
	on.Send("PATCH", "/v1/destinations/"+mocktest.Inbox, `{"endpoint":null,"authCredential":"`+credential+`"}`)
	if got := on.Send("POST", path, "{}"); got.Status != http.StatusOK || len(on.received(mocktest.Inbox)) != 1 {
		t.Errorf("in a session: %d %s", got.Status, got.Text)
	}
	if listed := mock.Operate("GET", "sessions", "").Text; !strings.Contains(listed, `"deliver": true`) {
		t.Errorf("the session is listed as %s", listed)
	}
	fork := mock.In("on").Raw("POST", mock.At("on")+"/__admin/sessions", http.Header{}, strings.NewReader(`{"name":"off","deliver":false}`))
	off := &circle{API: mock.In("off")}
	if got := off.Send("POST", path, ""); fork.Status != 201 || got.Status != 200 || len(off.received(mocktest.Inbox)) != 0 {
		t.Errorf("in a copy that does not deliver: %d %s", got.Status, got.Text)
	}
}

// A token request ends when the client of the verification goes away.
func TestVerifyEndsWithItsClient(t *testing.T) {
	mock := newCircle(t, mockserver.Options{})
	asked, ended := make(chan struct{}), make(chan struct{})
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices the end of a connection behind the body
		close(asked)
		<-r.Context().Done()
		close(ended)
	}))
	defer endpoint.Close()
	id := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientId": "lab", "url": endpoint.URL}))})
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, "POST", mock.URL+"/v1/destinations/"+id+"/verify", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+mock.Token)
	go func() {
		<-asked
		cancel()
	}()
	if response, err := mock.Client.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("the client got an answer")
	}
	<-ended
	kept := fmt.Sprint(mock.Journal("?operation=verifyDestination&wait=1"))
	if !strings.Contains(kept, "no-token") || strings.Contains(kept, "does not answer in time") {
		t.Errorf("the request ended by its time limit: %s", kept)
	}
}

// A destination that is the verification itself is verified once more, and not again and again.
func TestVerifyDoesNotCallItself(t *testing.T) {
	mock := newCircle(t, mockserver.Options{})
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"`+mock.Token+`","token_type":"Bearer","expires_in":60}`)
	}))
	defer endpoint.Close()
	id := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientId": "lab", "url": endpoint.URL}))})
	path := "/v1/destinations/" + id
	mock.Send("PATCH", path, mocktest.Object(mocktest.Members{"endpoint": mock.URL + path + "/verify"}))
	if got := mock.verify(id); got.Status != http.StatusOK || len(mock.Requests("verifyDestination")) != 2 {
		t.Errorf("%d: %s, %d times", got.Status, got.Text, len(mock.Requests("verifyDestination")))
	}
}

// The document says which field has the URL, which strategies have which requests, and which statuses a refusal can have.
func TestDeliveryFollowsTheDocument(t *testing.T) {
	text := string(credmock.Document())
	for old, renamed := range map[string]string{
		"        endpoint:\n": "        inbox:\n", "endpoint: https": "inbox: https", "endpoint: 'https": "inbox: 'https",
		"        authCredential:\n": "        proof:\n", "authCredential: 0b6f": "proof: 0b6f", "OAuth_2.0_2-legged": "Another",
	} {
		text = strings.ReplaceAll(text, old, renamed)
	}
	before, verify, _ := strings.Cut(text, "operationId: verifyDestination")
	text = before + "operationId: verifyDestination" +
		strings.Replace(verify, "        '403': {", "        '409': {$ref: '#/components/responses/Conflict'}\n        '403': {", 1)
	spec, err := credmock.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	fixtures := strings.ReplaceAll(string(mockserver.DefaultFixtures()), "endpoint:", "inbox:")
	fixtures = strings.ReplaceAll(fixtures, "OAuth_2.0_2-legged", "Another")
	mock := newCircle(t, mockserver.Options{Spec: spec, Fixtures: []byte(fixtures)})
	credential := mocktest.Merged(mock.circles()["oauth"], mocktest.Members{"authStrategy": "Another"})
	id := mock.destination(mocktest.Members{"proof": mock.Create(mocktest.Object(credential))})
	if got := mock.verify(id); got.Status != http.StatusOK || len(mock.received(id)) != 1 {
		t.Errorf("%d: %s", got.Status, got.Text)
	}
	mock.Send("PATCH", "/v1/destinations/"+id, `{"inbox":"http://127.0.0.1:1/"}`)
	if got := mock.verify(id); got.Status != http.StatusConflict || !strings.Contains(got.Text, "Nobody listens at the destination.") {
		t.Errorf("%d: %s", got.Status, got.Text)
	}
}

// An operator delivers a token without a verification.
func TestOperatorsDeliver(t *testing.T) {
	mock := newCircle(t, mockserver.Options{})
	for name, credential := range mock.circles() {
		if name == "sigv4" {
			continue // it has no token
		}
		id := mock.Create(mocktest.Object(credential))
		path := "credentials/" + id + "/token-request?send=true&deliver=true"
		if got := mock.Admin("POST", path); got.Status != http.StatusConflict || got.Violations()[0] != "no-destination" {
			t.Errorf("%s, without a destination: %d %s", name, got.Status, got.Text)
		}
		inbox := mock.destination(mocktest.Members{"authCredential": id})
		got := mock.Admin("POST", path)
		delivery, _ := got.Body["delivery"].(mocktest.Members)
		if fmt.Sprint(delivery["answer"]) != "map[status:200]" || len(mock.received(inbox)) != 1 {
			t.Errorf("%s: %d %s", name, got.Status, got.Text)
		}
		mock.seen.WriteString(got.Text)
		mock.Send("PATCH", "/v1/destinations/"+inbox, `{"endpoint":"http://192.0.2.7:1/"}`)
		delivery, _ = mock.Admin("POST", path).Body["delivery"].(mocktest.Members)
		if !strings.Contains(fmt.Sprint(delivery["answer"]), "--allow-outbound") {
			t.Errorf("%s, elsewhere: %v", name, delivery["answer"])
		}
		if got := mock.Admin("POST", "credentials/"+id+"/token-request?deliver=true"); got.Status != http.StatusBadRequest {
			t.Errorf("%s, without sending: %d %s", name, got.Status, got.Text)
		}
	}
	mock.hides(t)
}

// The id of a destination in fixtures may have any characters.
func TestReceiverPathsAreEscaped(t *testing.T) {
	const id = "in box/é?%2e"
	mock := newCircle(t, mockserver.Options{Fixtures: []byte(`
organizations:
  - id: 7
    environments:
      - id: here
        name: Here
        environmentFlag: Staging
        credentials: [{id: c, name: c, authStrategy: AwsSigv4, accessKey: A, secretKey: s, serviceName: execute-api, awsRegion: r}]
        destinations: [{id: "` + id + `", name: d, authCredential: c}]
principals:
  engineer: {organization: 7, role: engineer, tokens: [t]}
`)})
	got := mock.As("t", "POST", "/v1/destinations/"+url.PathEscape(id)+"/verify", "")
	if sent := mock.Requests("receiveDelivery"); got.Status != http.StatusOK || len(sent) != 1 || sent[0].Status != http.StatusOK {
		t.Errorf("%d: %s, %v", got.Status, got.Text, sent)
	}
}
