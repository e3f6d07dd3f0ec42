package delivery_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// circle is a mock that delivers, and all that it sends and logs.
type circle struct {
	*mocktest.API
	seen *bytes.Buffer
}

func newCircle(t *testing.T, options mockserver.Options) *circle {
	seen := &bytes.Buffer{}
	options.Deliver, options.Logger = true, slog.New(slog.NewTextHandler(seen, nil))
	return &circle{mocktest.Start(t, options), seen}
}

// destination creates a destination and returns its id.
func (c *circle) destination(members mocktest.Members) string {
	c.T.Helper()
	made := c.Send("POST", "/v1/environments/"+mocktest.Development+"/destinations",
		mocktest.Object(mocktest.Members{"name": "Inbox"}, members))
	if made.Status != http.StatusCreated {
		c.T.Fatalf("%d: %s", made.Status, made.Text)
	}
	return made.Payload()["destination"].(mocktest.Members)["id"].(string)
}

func (c *circle) verify(id string) mocktest.Result {
	c.T.Helper()
	got := c.Send("POST", "/v1/destinations/"+id+"/verify", "")
	c.seen.WriteString(got.Text)
	return got
}

// received returns the exchanges with the receiver of a destination.
func (c *circle) received(id string) []mocktest.Members {
	c.T.Helper()
	return c.Journal("?operation=receiveDelivery&path=/__destination/" + id)
}

// circles has a credential of each strategy that the mock's own servers accept.
func (c *circle) circles() map[string]mocktest.Members {
	root := c.At("")
	oauth := mocktest.Members{"clientId": "lab", "clientSecret": mocktest.CanarySecret, "basicNoForm": true, "url": root + "/__oauth/token"}
	wif := mocktest.Members{"audience": "//iam.googleapis.com/projects/1/p", "token_url": root + "/__sts/v1/token", "scope": "a b"}
	return map[string]mocktest.Members{
		"oauth": mocktest.Merged(mocktest.OAuthBody, oauth),
		"smart": mocktest.Merged(mocktest.OAuthBody, oauth, mocktest.Members{"authStrategy": "SMART_Backend", "clientId": "chart",
			"scopes":       "system/*.rs",
			"clientSecret": "", "basicNoForm": false}),
		"wif": mocktest.Merged(mocktest.WifBody, wif, mocktest.Members{"audience": "//iam.googleapis.com/projects/2/p"}),
		"wif with a service account": mocktest.Merged(mocktest.WifBody, wif, mocktest.Members{
			"service_account_impersonation_url": root + "/__iam/v1/projects/-/serviceAccounts/a@b.example.com:generateAccessToken"}),
		"sigv4": mocktest.Merged(mocktest.AwsBody, mocktest.Members{"secretKey": mocktest.CanarySecret,
			"sessionToken": mocktest.CanarySecret + "-session"}),
	}
}

// A verification goes the full circle with each strategy, and the journal shows what arrived.
func TestVerifyDelivers(t *testing.T) {
	mock := newCircle(t, mockserver.Options{})
	for name, credential := range mock.circles() {
		t.Run(name, func(t *testing.T) {
			id := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(credential))})
			if got := mock.verify(id); got.Status != http.StatusOK || got.Payload()["destination"] == nil {
				t.Fatalf("%d: %s", got.Status, got.Text)
			}
			seen := mock.received(id)
			if len(seen) != 1 || seen[0]["status"] != 200.0 || seen[0]["method"] != "POST" ||
				!strings.Contains(fmt.Sprint(seen[0]["request"]), "Authorization:[masked]") {
				t.Errorf("the receiver saw %v", seen)
			}
		})
	}
	id := mock.destination(nil)
	if got := mock.verify(id); got.Status != http.StatusOK || len(mock.received(id)) != 1 {
		t.Errorf("without a credential: %d %s", got.Status, got.Text)
	}
	mock.hides(t)
}

// hides searches the answers, the log, the journal in every form and the page for secrets.
func (c *circle) hides(t *testing.T) {
	t.Helper()
	for _, path := range []string{"requests", "requests.har", "requests.txtar", "ui/"} {
		c.seen.WriteString(c.Obtain("GET", c.At("")+"/__admin/"+path, http.Header{}, "").Text)
	}
	text := c.seen.String()
	if !strings.Contains(text, "receiveDelivery") {
		t.Error("the deliveries are not shown")
	}
	for _, secret := range []string{mocktest.CanarySecret, "Signature=", "eyJ"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
}

// A verification that fails says why, in an answer of the document.
func TestVerifyTellsWhyItFails(t *testing.T) {
	mock := newCircle(t, mockserver.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/expired":
			_, _ = io.WriteString(w, `{"access_token":"`+mocktest.CanarySecret+`-token","token_type":"Bearer","expires_in":0}`)
		case "/foreign":
			_, _ = io.WriteString(w, `{"access_token":"`+mocktest.CanarySecret+`-token","token_type":"Bearer","expires_in":60}`)
		default:
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, `{"error":"`+mocktest.CanarySecret+`"}`)
		}
	}))
	defer server.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	with := func(name string, change mocktest.Members) mocktest.Members {
		body := mock.circles()[name]
		for field, value := range change {
			body[field] = value
		}
		return body
	}
	at := func(path string) mocktest.Members {
		return mocktest.Members{"url": server.URL + path, "clientId": "lab-" + path[1:]}
	}
	to := func(endpoint string) mocktest.Members { return mocktest.Members{"endpoint": endpoint} }
	for name, row := range map[string]struct {
		credential, destination mocktest.Members
		want                    []string
		delivered               int
	}{
		"token refused": {with("oauth", mocktest.Members{"noBasic": "true"}), nil,
			[]string{"no-token", "status 401 and the error invalid_client.", "has this client id"}, 0},
		"token refused elsewhere": {with("oauth", at("/refuse")), nil,
			[]string{"no-token", "The endpoint refuses. Its answer has the status 418."}, 0},
		"token endpoint is gone": {with("oauth", mocktest.Members{"url": closed.URL}), nil,
			[]string{"no-token", "Nobody listens at the token endpoint."}, 0},
		"token endpoint elsewhere": {with("oauth", mocktest.Members{"url": "http://192.0.2.7:1/"}), nil, []string{"outbound-refused"}, 0},
		"no URL": {with("oauth", mocktest.Members{"url": "nowhere"}), nil,
			[]string{"no-token", "url is no URL of a token endpoint"}, 0},
		"expired token": {with("oauth", at("/expired")), nil,
			[]string{"no-token", "The token endpoint gives a token that is expired."}, 0},
		"foreign token": {with("oauth", at("/foreign")), nil,
			[]string{"not-delivered", "none that a token server of this session gave out"}, 1},
		"no client id": {with("smart", mocktest.Members{"clientId": ""}), nil, []string{"no-token", "clientId is not set"}, 0},
		"exchange refused": {with("wif", mocktest.Members{"audience": "//x", "options": "{}", "token_url": server.URL + "/refuse"}), nil,
			[]string{"no-token", "status 418"}, 0},
		"service account refused": {with("wif with a service account", mocktest.Members{"audience": "//y",
			"service_account_impersonation_url": mock.At("") + "/__iam/v1/projects/-/serviceAccounts/x:generateAccessToken", "lifetime": "0s"}), nil,
			[]string{"no-token", "INVALID_ARGUMENT", "The lifetime must be from 1s to 43200s."}, 0},
		"destination refuses": {mock.circles()["sigv4"], to(server.URL), []string{"not-delivered", "The destination refuses."}, 0},
		"destination is gone": {mock.circles()["sigv4"], to(closed.URL),
			[]string{"not-delivered", "Nobody listens at the destination."}, 0},
		"destination elsewhere":     {mock.circles()["sigv4"], to("http://192.0.2.7:1/"), []string{"outbound-refused"}, 0},
		"destination without a URL": {nil, to("ftp://x"), []string{"not-delivered", "endpoint is no URL of a destination"}, 0},
		"signature refused": {with("sigv4", mocktest.Members{"accessKey": "B/C"}), nil,
			[]string{"not-delivered", "The Credential must have five parts"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			members := mocktest.Members{}
			if row.credential != nil {
				members["authCredential"] = mock.Create(mocktest.Object(row.credential))
			}
			id := mock.destination(mocktest.Members{"endpoint": row.destination["endpoint"], "authCredential": members["authCredential"]})
			got := mock.verify(id)
			if got.Status != http.StatusForbidden || len(got.Violations()) == 0 {
				t.Fatalf("%d: %s", got.Status, got.Text)
			}
			for _, want := range row.want {
				if !strings.Contains(got.Text, want) {
					t.Errorf("%s lacks %q", got.Text, want)
				}
			}
			if seen := mock.received(id); len(seen) != row.delivered {
				t.Errorf("the receiver saw %v", seen)
			}
		})
	}
	mock.hides(t)
}

// The receiver checks what any client sends, and names what is wrong.
func TestReceiverChecks(t *testing.T) {
	mock := newCircle(t, mockserver.Options{TokenLife: time.Minute})
	credentials := mock.circles()
	first, other := mock.Create(mocktest.Object(credentials["oauth"])), credentials["oauth"]
	other["clientId"] = "other"
	mock.Create(mocktest.Object(other))
	inbox := mock.destination(mocktest.Members{"authCredential": first})
	signed := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(credentials["sigv4"]))})
	google := credentials["wif with a service account"]
	federated := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(google))})
	deliver := func(id, authorization string) (int, string) {
		header := http.Header{"Content-Type": {"application/json"}}
		if authorization != "" {
			header.Set("Authorization", authorization)
		}
		got := mock.Raw("PUT", mock.At("")+"/__destination/"+id, header, strings.NewReader(`{"secret":"`+mocktest.CanarySecret+`"}`))
		mock.seen.WriteString(got.Text)
		return got.Status, got.Text
	}
	token := func(client string) string {
		request, _ := http.NewRequest("POST", mock.OAuth(), strings.NewReader("grant_type=client_credentials"))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(client, mocktest.CanarySecret)
		got := mock.Raw("POST", mock.OAuth(), request.Header, request.Body)
		return got.Body["access_token"].(string)
	}
	right := token("lab")
	for _, row := range []struct {
		id, authorization string
		status            int
		want              string
	}{
		{inbox, "Bearer " + right, 200, `"checked":"bearer token"`},
		{inbox, "bearer  " + right, 200, `"checked":"bearer token"`},
		{inbox, "", 401, "There must be one Authorization header"},
		{inbox, "Basic bGFi", 401, "must be Bearer"},
		{inbox, "Bearer " + right + "x", 401, "none that a token server of this session gave out"},
		{inbox, "Bearer " + mock.Token, 401, "none that a token server of this session gave out"},
		{inbox, "Bearer " + token("other"), 401, "for another credential"},
		{signed, "", 403, "The Authorization header is missing."},
		{signed, "Bearer " + right, 403, "must begin with AWS4-HMAC-SHA256"},
		{federated, "Bearer " + right, 401, "for another credential"},
		{"0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", "Bearer " + right, 404, "There is no destination of this id."},
	} {
		if status, text := deliver(row.id, row.authorization); status != row.status || !strings.Contains(text, row.want) {
			t.Errorf("%s: %d %s, want %d %q", row.authorization[:min(8, len(row.authorization))], status, text, row.status, row.want)
		}
	}
	mock.Advance(2 * time.Minute)
	if status, text := deliver(inbox, "Bearer "+right); status != 401 || !strings.Contains(text, "is expired; the clock") {
		t.Errorf("an expired token: %d %s", status, text)
	}
	mock.Reset()
	if sent := mock.Requests("receiveDelivery"); len(sent) != 0 {
		t.Errorf("after a reset: %v", sent)
	}
	deliver(mocktest.Inbox, "")
	sent := mock.Requests("receiveDelivery")
	if len(sent) != 1 || sent[0].Method != "PUT" || sent[0].Path != "/__destination/"+mocktest.Inbox {
		t.Errorf("%+v", sent)
	}
	mock.hides(t)
}
