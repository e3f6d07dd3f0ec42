package mockserver_test

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
)

// planted makes secrets that cannot be mistaken and tells a detector of each.
type planted struct {
	*leak.Detector
	count int
}

func (p *planted) secret() string {
	p.count++
	made := fmt.Sprintf("%s|^k%d^|q%d|^", string(rune('a'+p.count%26)), p.count, p.count*7)
	p.Add(leak.Secret{Label: fmt.Sprint(p.count), Scope: "all"}, made)
	return made
}

// Secrets go through everything, in right places and wrong ones. Nothing that the mock's own surface shows holds one, in any form.
func TestTheAdminSurfaceHoldsNoSecret(t *testing.T) {
	planted := &planted{Detector: leak.New()}
	token := "dev" + planted.secret()
	planted.Add(leak.Secret{Label: "token", Scope: "all"}, token)
	kept := &vault{}
	mock := start(t, mockserver.Options{Tokens: []string{token}, Logger: slog.New(slog.NewTextHandler(kept, nil))})
	stream, err := mock.Client.Get(mock.at("") + "/__admin/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	lines.Buffer(nil, 1<<20)
	lines.Scan() // by now it listens

	exchanges := plant(mock, planted)
	events := 0
	for events < exchanges && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			events++
		}
		fmt.Fprintln(kept, lines.Text())
	}
	for _, path := range []string{"requests?limit=1000", "requests.har", "requests.txtar", "state", "faults", "sessions", "clock", "snapshots", "requests/1"} {
		got := mock.obtain("GET", mock.at("")+"/__admin/"+path, http.Header{}, "")
		if got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
		fmt.Fprintf(kept, "%s\n%v\n", got.text, got.header)
		for _, sighting := range planted.Scan(got.text, "all") {
			t.Errorf("%s shows secret %s, %s", path, sighting.Secret.Label, sighting.Form)
		}
	}
	for _, sighting := range planted.Scan(kept.seen.String(), "all") {
		t.Errorf("secret %s came out, %s", sighting.Secret.Label, sighting.Form)
	}
	if planted.count < 50 || events < exchanges {
		t.Errorf("%d secrets, %d events of %d exchanges", planted.count, events, exchanges)
	}
}

// plant sends secrets wherever a client might, and returns how many requests the mock remembers.
func plant(mock *api, planted *planted) int {
	secret := planted.secret
	sent := 0
	send := func(method, path, body string) result { sent++; return mock.send(method, path, body) }
	both := secret()
	created := send("POST", "/v1/authcredentials", object(oauthBody, members{
		"clientSecret": both, "password": secret(), "clientId": both, "url": "https://a.example.com/?key=" + both, "scopes": "a " + both + " b",
	}))
	id := created.payload()["id"].(string)
	at := "/v1/authcredentials/" + id
	send("GET", at, "")
	send("GET", at+"?secret="+url.QueryEscape(secret()), "")
	send("PATCH", at, object(patchBody, members{"clientSecret": secret(), "customFieldValue": both}))
	send("PATCH", at, object(patchBody, members{"clientSecrt": secret(), secret(): secret(), "password": members{secret(): []any{secret()}}}))
	send("PATCH", at, object(patchBody, members{"url": []any{secret()}, "noBasic": members{"clientSecret": secret()}, "name": members{secret(): 1}}))
	send("POST", "/v1/authcredentials", object(awsBody, members{"secretKey": secret(), "sessionToken": secret()}))
	send("POST", "/v1/authcredentials", object(wifBody, members{"scope": []any{"a", both, members{secret(): secret()}}, "delegates": []any{secret() == ""}}))
	send("PATCH", "/v1/destinations/"+inbox, object(members{"verificationToken": secret(), "environment": members{"id": members{secret(): 1}}}))
	send("GET", "/v1/environments/"+development+"/authcredentials", "")
	for _, body := range []string{
		`{"clientSecret":"` + secret(), `["` + secret() + `"]`, `"` + secret() + `"`, secret(), `{"clientSecret":"` + secret() + `","clientSecret":"` + secret() + `"}`,
		`{"clientSecret":"` + strings.Repeat(secret(), 90_000) + `"}`, "{\"password\":\"\xff" + secret() + `"}`,
	} {
		send("POST", "/v1/authcredentials", body)
	}
	for _, path := range []string{"/v1/" + secret(), "/v1/authcredentials/" + secret(), "/v1/environments/" + secret() + "/authcredentials", "/v1/organizations/" + secret() + "/environments"} {
		send("GET", strings.ReplaceAll(path, "^", "%5E"), "")
		send("PUT", strings.ReplaceAll(path, "^", "%5E"), object(members{"clientSecret": secret()}))
	}
	for _, name := range []string{"Cookie", "X-Api-Key", "X-Request-Id", "Proxy-Authorization", "If-Match"} {
		sent++
		header := http.Header{"Authorization": {"Bearer " + mock.Token}, "Content-Type": {"application/json"}, "User-Agent": {both}, "Prefer": {both}}
		header.Set(name, secret())
		mock.raw("POST", mock.URL+"/v1/authcredentials", header, strings.NewReader(object(members{"clientSecret": secret()})))
	}
	for _, bearer := range []string{secret(), secret()[:7]} {
		sent++
		mock.as(bearer, "PATCH", at, object(patchBody, members{"clientSecret": secret()}))
	}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	form := url.Values{"grant_type": {"client_credentials"}, "client_assertion": {encode(secret()) + "." + encode(secret()) + "." + encode(secret())}, secret(): {secret()}}
	sent++
	mock.raw("POST", mock.at("")+"/v2/auth/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, strings.NewReader(form.Encode()))
	mock.operate("POST", "faults", `{"status":503,"times":1}`)
	sent++
	if got := mock.obtain("PATCH", mock.URL+at, http.Header{}, object(patchBody, members{"clientSecret": secret(), "name": both})); got.status != 503 {
		mock.t.Errorf("%d", got.status)
	}
	send("DELETE", at, "")
	return sent
}
