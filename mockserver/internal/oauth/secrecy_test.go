package oauth_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// live matches what is a secret while it lives: a JWT, and a signature of AWS.
var live = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}|Signature=[0-9a-f]{64}`)

// The requests of all strategies are described, sent, accepted and refused. Nothing that the mock shows or logs holds a secret, an
// assertion, a token or a signature.
func TestExchangesShowNoSecret(t *testing.T) {
	detector, count := leak.New(), 0
	secret := func() string {
		count++
		made := fmt.Sprintf("cnry|^%d^|z%d|^", count, count*7)
		detector.Add(leak.Secret{Label: fmt.Sprint(count), Scope: "all"}, made)
		return made
	}
	kept := &mocktest.Vault{}
	logger := slog.New(slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelDebug}))
	mock := mocktest.Start(t, mockserver.Options{Seed: 7, Logger: logger})
	seen := exercise(mock, secret)
	for _, path := range []string{"requests?limit=1000", "requests.har", "requests.txtar", "state", "ui/"} {
		got := mock.Obtain("GET", own(mock, "/__admin/"+path), http.Header{}, "")
		if got.Status != 200 {
			t.Errorf("%s: %d", path, got.Status)
		}
		seen += got.Text
	}
	seen += kept.Seen.String()
	for _, sighting := range detector.Scan(seen, "all") {
		t.Errorf("secret %s is shown, %s", sighting.Secret.Label, sighting.Form)
	}
	if found := live.FindString(seen); found != "" {
		t.Errorf("%q is shown", found)
	}
	if count < 15 || len(seen) < 50_000 {
		t.Errorf("only %d secrets, %d bytes", count, len(seen))
	}
}

// forged is an Authorization header with a signature that no key made.
var forged = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=" +
	strings.Repeat("ab", 32)

// exercise sends the requests of credentials of all strategies, with secrets in every place, and returns what the mock answers.
func exercise(mock *mocktest.API, secret func() string) (seen string) {
	account := own(mock, "/__iam/v1/projects/-/serviceAccounts/lab@p.iam.gserviceaccount.com:generateAccessToken")
	const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"
	for action, credentials := range map[string][]string{
		"token-request": {
			mocktest.Object(mocktest.OAuthBody, mocktest.Members{"url": mock.OAuth(), "clientId": "lab", "clientSecret": secret(),
				"username": "u", "password": secret(), "basicNoForm": true}),
			mocktest.Object(mocktest.OAuthBody, mocktest.Members{"authStrategy": "SMART_Backend", "url": mock.OAuth(), "clientId": "smart",
				"scopes": "system/*.rs", "clientSecret": secret(), "password": secret()}),
			mocktest.Object(mocktest.WifBody, mocktest.Members{"audience": audience, "token_url": own(mock, "/__sts/v1/token"),
				"service_account_impersonation_url": account, "scope": "a"}),
		},
		"signed-request": {mocktest.Object(mocktest.AwsBody, signing, mocktest.Members{"secretKey": secret(), "sessionToken": secret()})},
	} {
		for _, credential := range credentials {
			id := mock.Create(credential)
			for _, query := range []string{"", "?send=true", "?send=true&grant=refresh"} {
				seen += request(mock, id, action+query, "").Text
			}
			seen += request(mock, id, action+"?send=true", `{"subjectToken":"`+secret()+`"}`).Text
			seen += request(mock, id, action+"?send=true", `{"refreshToken":"`+secret()+`"}`).Text
			seen += request(mock, id, action+"?send=true", `{"headers":{"X-Amz-Security-Token":"`+secret()+`"}}`).Text
		}
	}
	form := url.Values{"client_assertion": {secret()}, "subject_token": {secret()}, "client_secret": {secret()}}
	for _, path := range []string{"/__oauth/token", "/__sts/v1/token", "/__sigv4/x"} {
		for _, authorization := range []string{"", "Bearer " + secret(), forged} {
			header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {authorization}}
			seen += mock.Raw("POST", own(mock, path), header, strings.NewReader(form.Encode())).Text
		}
	}
	return seen
}
