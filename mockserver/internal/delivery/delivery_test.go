package delivery_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
	"github.com/credmock/credmock/mockserver/internal/platform"
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
	if mock.hides(t); !strings.Contains(mock.seen.String(), "Authorization: $AUTHORIZATION") {
		t.Error("the inspector repeats a delivery as a request to the API")
	}
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

// failure is a credential and a destination that cannot be verified.
type failure struct {
	credential, destination mocktest.Members
	want                    []string
	delivered               int
}

// elsewhere is another server, whose paths answer with tokens and refusals.
func elsewhere(t *testing.T) (open, closed string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/expired":
			_, _ = io.WriteString(w, `{"access_token":"`+mocktest.CanarySecret+`-token","token_type":"Bearer","expires_in":0}`)
		case "/odd":
			_, _ = io.WriteString(w, `{"access_token":"`+mocktest.CanarySecret+`\r\nX-Other: a","token_type":"Bearer","expires_in":60}`)
		case "/foreign":
			_, _ = io.WriteString(w, `{"access_token":"`+mocktest.CanarySecret+`-token","token_type":"Bearer","expires_in":60}`)
		default:
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, `{"error":"`+mocktest.CanarySecret+`"}`)
		}
	}))
	t.Cleanup(server.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	return server.URL, gone.URL
}

// failures returns everything that can go wrong.
func (c *circle) failures(open, closed string) map[string]failure {
	with := func(name string, change mocktest.Members) mocktest.Members {
		return mocktest.Merged(c.circles()[name], change)
	}
	at := func(path string) mocktest.Members {
		return mocktest.Members{"url": open + path, "clientId": "lab-" + path[1:]}
	}
	to := func(endpoint string) mocktest.Members { return mocktest.Members{"endpoint": endpoint} }
	token := func(credential mocktest.Members, want ...string) failure {
		return failure{credential: credential, want: append(want, "no-token")}
	}
	return map[string]failure{
		"token refused": token(with("oauth", mocktest.Members{"noBasic": "true"}), "status 401 and the error invalid_client.",
			"has this client id"),
		"token refused elsewhere":  token(with("oauth", at("/refuse")), "The endpoint refuses. Its answer has the status 418."),
		"token endpoint is gone":   token(with("oauth", mocktest.Members{"url": closed}), "Nobody listens at the token endpoint."),
		"no URL":                   token(with("oauth", mocktest.Members{"url": "nowhere"}), "url is no URL of a token endpoint"),
		"expired token":            token(with("oauth", at("/expired")), "The token endpoint gives a token that is expired."),
		"no client id":             token(with("smart", mocktest.Members{"clientId": ""}), "clientId is not set"),
		"exchange refused":         token(with("wif", mocktest.Members{"audience": "//x", "token_url": open + "/refuse"}), "status 418"),
		"token endpoint elsewhere": {with("oauth", mocktest.Members{"url": "http://192.0.2.7:1/"}), nil, []string{"outbound-refused"}, 0},
		"foreign token": {with("oauth", at("/foreign")), nil,
			[]string{"not-delivered", "none that a token server of this session gave out"}, 1},
		"token with a line end": {with("oauth", at("/odd")), nil,
			[]string{"not-delivered", "The token has a control character"}, 0},
		"exchanged token with a line end": token(with("wif with a service account", mocktest.Members{"audience": "//z",
			"token_url": open + "/odd"}), "The token has a control character"),
		"service account refused": token(with("wif with a service account", mocktest.Members{"audience": "//y", "lifetime": "0s"}),
			"INVALID_ARGUMENT", "The lifetime must be from 1s to 43200s."),
		"destination refuses":       {c.circles()["sigv4"], to(open), []string{"not-delivered", "The destination refuses."}, 0},
		"destination is gone":       {c.circles()["sigv4"], to(closed), []string{"not-delivered", "Nobody listens at the destination."}, 0},
		"destination elsewhere":     {c.circles()["sigv4"], to("http://192.0.2.7:1/"), []string{"outbound-refused"}, 0},
		"destination without a URL": {nil, to("ftp://x"), []string{"not-delivered", "endpoint is no URL of a destination"}, 0},
		"signature refused": {with("sigv4", mocktest.Members{"accessKey": "B/C"}), nil,
			[]string{"not-delivered", "The Credential must have five parts"}, 1},
	}
}

// A verification that fails says why, in an answer of the document.
func TestVerifyTellsWhyItFails(t *testing.T) {
	mock := newCircle(t, mockserver.Options{})
	open, closed := elsewhere(t)
	for name, row := range mock.failures(open, closed) {
		t.Run(name, func(t *testing.T) {
			uses := mocktest.Members{}
			if row.credential != nil {
				uses["authCredential"] = mock.Create(mocktest.Object(row.credential))
			}
			id := mock.destination(mocktest.Merged(row.destination, uses))
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

// deliver sends a request to the receiver of a destination.
func (c *circle) deliver(id, authorization string) (int, string) {
	c.T.Helper()
	header := http.Header{"Content-Type": {"application/json"}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	got := c.Raw("PUT", c.At("")+"/__destination/"+id, header, strings.NewReader(`{"secret":"`+mocktest.CanarySecret+`"}`))
	c.seen.WriteString(got.Text)
	return got.Status, got.Text
}

// token returns a token of the authorization server for a client.
func (c *circle) token(client string) string {
	c.T.Helper()
	request, _ := http.NewRequest("POST", c.OAuth(), strings.NewReader("grant_type=client_credentials"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(client, mocktest.CanarySecret)
	return c.Raw("POST", c.OAuth(), request.Header, request.Body).Body["access_token"].(string)
}

// exchange returns a token of the token exchange for an audience. The seed is that of the mock.
func (c *circle) exchange(audience string, seed int64) string {
	c.T.Helper()
	token, _, err := platform.New(seed).Sign(mocktest.Members{"iss": c.At("") + "/__platform", "sub": "test", "aud": "https:" + audience,
		"exp": time.Now().Add(time.Minute).Unix()}, jwa.RS256(), nil)
	if err != nil {
		c.T.Fatal(err)
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "audience": {audience}, "subject_token": {token},
		"scope":                {"https://www.googleapis.com/auth/cloud-platform"},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"}, "subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"}}
	got := c.Raw("POST", c.At("")+"/__sts/v1/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(form.Encode()))
	made, isText := got.Body["access_token"].(string)
	if !isText {
		c.T.Fatalf("%d: %s", got.Status, got.Text)
	}
	return made
}

// The receiver checks what any client sends, and names what is wrong.
func TestReceiverChecks(t *testing.T) {
	mock := newCircle(t, mockserver.Options{TokenLife: time.Minute, Seed: 7})
	credentials := mock.circles()
	first, other := mock.Create(mocktest.Object(credentials["oauth"])), credentials["oauth"]
	other["clientId"] = "other"
	mock.Create(mocktest.Object(other))
	inbox := mock.destination(mocktest.Members{"authCredential": first})
	signed := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(credentials["sigv4"]))})
	google := credentials["wif with a service account"]
	federated := mock.destination(mocktest.Members{"authCredential": mock.Create(mocktest.Object(google))})
	right := mock.token("lab")
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
		{inbox, "Bearer " + mock.token("other"), 401, "for another credential"},
		{signed, "", 403, "The Authorization header is missing."},
		{signed, "Bearer " + right, 403, "must begin with AWS4-HMAC-SHA256"},
		{federated, "Bearer " + right, 401, "for another credential"},
		{federated, "Bearer " + mock.exchange(google["audience"].(string), 7), 401, "is that of the token exchange"},
		{"0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", "Bearer " + right, 404, "There is no destination of this id."},
	} {
		if status, text := mock.deliver(row.id, row.authorization); status != row.status || !strings.Contains(text, row.want) {
			t.Errorf("%s: %d %s, want %d %q", row.authorization[:min(8, len(row.authorization))], status, text, row.status, row.want)
		}
	}
	mock.Advance(2 * time.Minute)
	if status, text := mock.deliver(inbox, "Bearer "+right); status != 401 || !strings.Contains(text, "is expired; the clock") {
		t.Errorf("an expired token: %d %s", status, text)
	}
	mock.Reset()
	if sent := mock.Requests("receiveDelivery"); len(sent) != 0 {
		t.Errorf("after a reset: %v", sent)
	}
	mock.deliver(mocktest.Inbox, "")
	sent := mock.Requests("receiveDelivery")
	if len(sent) != 1 || sent[0].Method != "PUT" || sent[0].Path != "/__destination/"+mocktest.Inbox {
		t.Errorf("%+v", sent)
	}
	mock.hides(t)
}
