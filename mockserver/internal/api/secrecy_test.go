package api_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// planted makes secrets that cannot be mistaken and adds each to a detector.
type planted struct {
	*leak.Detector
	count int
	sent  int // requests
}

func (p *planted) secret() string {
	p.count++
	made := fmt.Sprintf("%s|^k%d^|q%d|^", string(rune('a'+p.count%26)), p.count, p.count*7)
	p.Add(leak.Secret{Label: fmt.Sprint(p.count), Scope: "all"}, made)
	return made
}

// Secrets are sent in valid and invalid places. The admin surface shows none of them in any form.
func TestAdminSurfaceHoldsNoSecret(t *testing.T) {
	planted := &planted{Detector: leak.New()}
	token := "dev" + planted.secret()
	planted.Add(leak.Secret{Label: "token", Scope: "all"}, token)
	kept := &mocktest.Vault{}
	mock := mocktest.Start(t, mockserver.Options{Tokens: []string{token}, Logger: slog.New(slog.NewTextHandler(kept, nil))})
	stream, err := mock.Client.Get(mock.At("") + "/__admin/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	lines.Buffer(nil, 1<<20)
	lines.Scan() // the first line is sent once the stream is open

	exchanges := plant(mock, planted)
	events := 0
	for events < exchanges && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			events++
		}
		fmt.Fprintln(kept, lines.Text())
	}
	for _, path := range []string{"requests?limit=1000", "requests.har", "requests.txtar", "state", "faults", "sessions", "clock",
		"snapshots", "requests/1"} {
		got := mock.Obtain("GET", mock.At("")+"/__admin/"+path, http.Header{}, "")
		if got.Status != 200 {
			t.Errorf("%s: %d", path, got.Status)
		}
		fmt.Fprintf(kept, "%s\n%v\n", got.Text, got.Header)
		for _, sighting := range planted.Scan(got.Text, "all") {
			t.Errorf("%s shows secret %s, %s", path, sighting.Secret.Label, sighting.Form)
		}
	}
	for _, sighting := range planted.Scan(kept.Seen.String(), "all") {
		t.Errorf("secret %s is disclosed, %s", sighting.Secret.Label, sighting.Form)
	}
	if planted.count < 50 || events < exchanges {
		t.Errorf("%d secrets, %d events of %d exchanges", planted.count, events, exchanges)
	}
}

// plant sends secrets in every place of a request and returns the number of exchanges in the journal.
func plant(mock *mocktest.API, planted *planted) int {
	both := planted.secret()
	created := planted.send(mock, "POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{
		"clientSecret": both, "password": planted.secret(), "clientId": both, "url": "https://a.example.com/?key=" + both,
		"scopes": "a " + both + " b",
	}))
	at := "/v1/authcredentials/" + created.Payload()["id"].(string)
	planted.inBodies(mock, at, both)
	planted.inPathsAndHeaders(mock, at, both)
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	secret := planted.secret
	form := url.Values{"grant_type": {"client_credentials"},
		"client_assertion": {encode(secret()) + "." + encode(secret()) + "." + encode(secret())}, secret(): {secret()}}
	planted.sent++
	mock.Raw("POST", mock.At("")+"/v2/auth/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(form.Encode()))
	mock.Operate("POST", "faults", `{"status":503,"times":1}`)
	planted.sent++
	if got := mock.Obtain("PATCH", mock.URL+at, http.Header{},
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"clientSecret": secret(), "name": both})); got.Status != 503 {
		mock.T.Errorf("%d", got.Status)
	}
	planted.send(mock, "DELETE", at, "")
	return planted.sent
}

func (p *planted) send(mock *mocktest.API, method, path, body string) mocktest.Result {
	p.sent++
	return mock.Send(method, path, body)
}

// inBodies sends secrets in bodies, valid and invalid ones.
func (p *planted) inBodies(mock *mocktest.API, at, both string) {
	secret := p.secret
	send := func(method, path, body string) { p.send(mock, method, path, body) }
	send("GET", at, "")
	send("GET", at+"?secret="+url.QueryEscape(secret()), "")
	send("PATCH", at, mocktest.Object(mocktest.PatchBody, mocktest.Members{"clientSecret": secret(), "customFieldValue": both}))
	send("PATCH", at, mocktest.Object(mocktest.PatchBody,
		mocktest.Members{"clientSecrt": secret(), secret(): secret(), "password": mocktest.Members{secret(): []any{secret()}}}))
	send("PATCH", at, mocktest.Object(mocktest.PatchBody,
		mocktest.Members{"url": []any{secret()}, "noBasic": mocktest.Members{"clientSecret": secret()}, "name": mocktest.Members{secret(): 1}}))
	send("POST", "/v1/authcredentials", mocktest.Object(mocktest.AwsBody, mocktest.Members{"secretKey": secret(), "sessionToken": secret()}))
	send("POST", "/v1/authcredentials",
		mocktest.Object(mocktest.WifBody,
			mocktest.Members{"scope": []any{"a", both, mocktest.Members{secret(): secret()}}, "delegates": []any{secret() == ""}}))
	send("PATCH", "/v1/destinations/"+mocktest.Inbox,
		mocktest.Object(mocktest.Members{"verificationToken": secret(), "environment": mocktest.Members{"id": mocktest.Members{secret(): 1}}}))
	send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", "")
	for _, body := range []string{
		`{"clientSecret":"` + secret(), `["` + secret() + `"]`, `"` + secret() + `"`, secret(),
		`{"clientSecret":"` + secret() + `","clientSecret":"` + secret() + `"}`,
		`{"clientSecret":"` + strings.Repeat(secret(), 90_000) + `"}`, "{\"password\":\"\xff" + secret() + `"}`,
	} {
		send("POST", "/v1/authcredentials", body)
	}
}

// inPathsAndHeaders sends secrets in paths, headers and bearer tokens.
func (p *planted) inPathsAndHeaders(mock *mocktest.API, at, both string) {
	secret := p.secret
	send := func(method, path, body string) { p.send(mock, method, path, body) }
	for _, path := range []string{"/v1/" + secret(), "/v1/authcredentials/" + secret(), "/v1/environments/" + secret() + "/authcredentials",
		"/v1/organizations/" + secret() + "/environments"} {
		send("GET", strings.ReplaceAll(path, "^", "%5E"), "")
		send("PUT", strings.ReplaceAll(path, "^", "%5E"), mocktest.Object(mocktest.Members{"clientSecret": secret()}))
	}
	for _, name := range []string{"Cookie", "X-Api-Key", "X-Request-Id", "Proxy-Authorization", "If-Match"} {
		p.sent++
		header := http.Header{"Authorization": {"Bearer " + mock.Token}, "Content-Type": {"application/json"}, "User-Agent": {both},
			"Prefer": {both}}
		header.Set(name, secret())
		mock.Raw("POST", mock.URL+"/v1/authcredentials", header, strings.NewReader(mocktest.Object(mocktest.Members{"clientSecret": secret()})))
	}
	for _, bearer := range []string{secret(), secret()[:7]} {
		p.sent++
		mock.As(bearer, "PATCH", at, mocktest.Object(mocktest.PatchBody, mocktest.Members{"clientSecret": secret()}))
	}
}
