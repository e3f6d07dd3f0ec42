package api_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// Secrets are sent to every operation, in valid and invalid places. No answer and no log line holds one.
func TestAnswersAndLogsHoldNoSecret(t *testing.T) {
	for name, options := range map[string]mockserver.Options{"document": {}, "variant": {Spec: mocktest.Variant(t)}} {
		t.Run(name, func(t *testing.T) {
			kept := &mocktest.Vault{}
			options.Logger = slog.New(slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelDebug}))
			leakEverywhere(t, mocktest.Start(t, options), kept)
			kept.Search(t)
			if !strings.Contains(kept.Seen.String(), "/platform/v1/authcredentials/{id}") || len(kept.Canaries) < 100 {
				t.Error("too few bytes were searched")
			}
		})
	}
}

func leakEverywhere(t *testing.T, mock *mocktest.API, kept *mocktest.Vault) {
	oauthSecrets := func() mocktest.Members {
		return mocktest.Members{"clientSecret": kept.Canary(), "password": kept.Canary()}
	}
	awsSecrets := func() mocktest.Members {
		return mocktest.Members{"secretKey": kept.Canary(), "sessionToken": kept.Canary(), "accountNumber": nil}
	}
	if strategies := mock.Send("GET", "/v1/authcredentials/strategies", ""); strings.Contains(strategies.Text, "accountNumber") {
		awsBody := awsSecrets
		awsSecrets = func() mocktest.Members { secrets := awsBody(); secrets["accountNumber"] = "1"; return secrets }
	}
	var ids []string
	for _, body := range []string{mocktest.Object(mocktest.OAuthBody, oauthSecrets()), mocktest.Object(mocktest.AwsBody, awsSecrets())} {
		created := kept.Keep(mock.Send("POST", "/v1/authcredentials", body))
		if created.Status != 201 {
			t.Fatalf("%d: %s", created.Status, created.Text)
		}
		ids = append(ids, created.Payload()["id"].(string))
	}
	for i, id := range ids {
		at := "/v1/authcredentials/" + id
		kept.Keep(mock.Send("GET", at, ""))
		kept.Keep(mock.Send("PATCH", at,
			mocktest.Object([]mocktest.Members{mocktest.PatchBody, {}}[i], []mocktest.Members{oauthSecrets(), awsSecrets()}[i])))
		refusals(mock, kept, "PATCH", at)
	}
	refusals(mock, kept, "POST", "/v1/authcredentials")
	refusals(mock, kept, "POST", "/v1/environments/"+mocktest.Development+"/destinations")
	refusals(mock, kept, "PATCH", "/v1/destinations/"+mocktest.Inbox)
	kept.Keep(mock.Send("POST", "/v1/environments/"+mocktest.Development+"/destinations",
		mocktest.Object(mocktest.Members{"name": "d", "verificationToken": kept.Canary()})))
	kept.Keep(mock.Send("PATCH", "/v1/destinations/"+mocktest.Inbox,
		mocktest.Object(mocktest.Members{"authCredential": ids[0], "verificationToken": kept.Canary()})))
	for _, path := range []string{"/v1/environments/" + mocktest.Development + "/authcredentials",
		"/v1/environments/" + mocktest.Development + "/destinations",
		"/v1/destinations/" + mocktest.Inbox, "/v1/organizations/118/environments"} {
		kept.Keep(mock.Send("GET", path, ""))
	}
	kept.Keep(mock.Send("POST", "/v1/destinations/"+mocktest.Inbox+"/verify",
		mocktest.Object(mocktest.Members{"verificationToken": kept.Canary()})))
	for _, id := range ids { // the first one is in use
		kept.Keep(mock.Send("DELETE", "/v1/authcredentials/"+id, ""))
	}
	misplacedSecrets(mock, kept)
	tokenRequests(mock, kept)
}

// refusals sends secrets in every kind of body that an operation rejects.
func refusals(mock *mocktest.API, kept *mocktest.Vault, method, path string) {
	secret := kept.Canary
	quoted := func() string { text, _ := json.Marshal(secret()); return string(text) }
	bodies := []string{
		`{"clientSecret":` + quoted(), `{"clientSecret":` + quoted() + `} x`, quoted(), `[` + quoted() + `]`, secret(),
		`{` + quoted() + `:1,` + quoted() + `:{` + quoted() + `:2}}`,
		`{"clientSecret":` + quoted() + `,"clientSecret":` + quoted() + `}`,
		`{"a":{` + quoted() + `:1},` + quoted() + `:1,` + quoted() + `:1}`,
		strings.Repeat(`{`+quoted()+`:`, 70), `{"clientSecret":"` + strings.Repeat("x", 1<<20) + secret() + `"}`,
		"{\"clientSecret\":\"\xff" + secret() + `"}`,
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": mocktest.Members{secret(): secret()}}),
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": []any{secret()}}),
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"grantType": secret()}),
		mocktest.Object(mocktest.Members{"authStrategy": secret(), "name": secret()}),
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": secret()}),
		mocktest.Object(mocktest.Members{"name": mocktest.Members{secret(): 1}, "url": []any{secret()}, "noBasic": []any{secret()},
			"authCredential": secret()}),
		mocktest.Object(mocktest.WifBody,
			mocktest.Members{"scope": []any{mocktest.Members{secret(): secret()}}, "delegates": mocktest.Members{secret(): 1}}),
		mocktest.Object(mocktest.AwsBody, mocktest.Members{"secretKey": 1, "clientSecret": secret(), "sessionTokn": secret()}),
		mocktest.Object(mocktest.Members{"id": secret(), "createdAt": secret(), "updatedAt": secret(), "hasClientSecret": secret(),
			"environment": mocktest.Members{"id": secret()}, "organization": secret()}),
	}
	for _, body := range bodies {
		kept.Keep(mock.Send(method, path, body))
	}
	for _, token := range []string{mock.ViewerToken, mock.OtherToken, secret()[:8] + "zQ9", ""} {
		kept.Keep(mock.As(token, method, path, mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": secret()})))
	}
}

// misplacedSecrets sends secrets in ids, paths, queries, methods and headers.
func misplacedSecrets(mock *mocktest.API, kept *mocktest.Vault) {
	secret := func() string { return url.PathEscape(kept.Canary()) }
	for _, path := range []string{"/v1/" + secret(), "/v1/authcredentials/" + secret(), "/v1/authcredentials/strategies?secret=" + secret(),
		"/v1/environments/" + secret() + "/authcredentials", "/v1/organizations/" + secret() + "/environments", "/v1/destinations/" + secret()} {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE", "PUT"} {
			kept.Keep(mock.Send(method, path, `{}`))
		}
	}
	kept.Keep(mock.Send("CNRY-zQ9", "/v1/authcredentials", ""))
	for _, name := range []string{"Content-Type", "Content-Encoding", "Accept", "X-Request-Id", "User-Agent", "Cookie"} {
		header := http.Header{"Authorization": {"Bearer " + mock.Token}, "Content-Type": {"application/json"}}
		header.Set(name, strings.ToValidUTF8(kept.Canary(), ""))
		kept.Keep(mock.Raw("POST", mock.URL+"/v1/authcredentials", header, strings.NewReader(`{}`)))
	}
}

func tokenRequests(mock *mocktest.API, kept *mocktest.Vault) {
	endpoint := strings.TrimSuffix(mock.URL, "/platform") + "/v2/auth/token"
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, form := range []url.Values{
		{"grant_type": {kept.Canary()}}, {kept.Canary(): {kept.Canary()}}, mocktest.AssertionForm(kept.Canary()),
		mocktest.AssertionForm(encode(`{"alg":"ES384","kid":"`+kept.Canary()[:5]+`"}`) + "." + encode(`{"iss":"development-client"}`) + ".AAAA"),
		mocktest.AssertionForm(encode(`{"alg":"ES384"}`) + "." + encode(mocktest.Object(mocktest.Members{"iss": kept.Canary()})) + "." +
			encode(kept.Canary())),
		{"grant_type": {"client_credentials", kept.Canary()}},
	} {
		kept.Keep(mock.Raw("POST", endpoint, header, strings.NewReader(form.Encode())))
	}
	kept.Keep(mock.Raw("POST", endpoint, header, strings.NewReader("%zz"+kept.Canary())))
	kept.Keep(mock.Raw("PUT", endpoint+"?x="+url.QueryEscape(kept.Canary()), header, nil))
}
