package interop

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	cloudaccount "cloud.google.com/go/auth/credentials/externalaccount"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"golang.org/x/oauth2/google/externalaccount"

	"github.com/credmock/credmock/mockserver"
)

const subjectType = "urn:ietf:params:oauth:token-type:jwt"

// subject is a subject token that a client presents.
type subject string

func (s subject) SubjectToken(context.Context, externalaccount.SupplierOptions) (string, error) {
	return string(s), nil
}

// provider is the same for the later client.
type provider struct{ subject }

func (p provider) SubjectToken(context.Context, *cloudaccount.RequestOptions) (string, error) {
	return string(p.subject), nil
}

// workloadClients are the clients of workload identity federation.
var workloadClients = []clientSetup{
	{"cloud.google.com/go/auth", "cloud.google.com/go/auth", withCloudAuth, ""},
	{"x/oauth2/google", "golang.org/x/oauth2", withOAuth2Google, ""},
	{"google-auth-library", "google-auth-library", nil, ""},
}

func withCloudAuth(ctx context.Context, ask ask) outcome {
	credentials, err := cloudaccount.NewCredentials(&cloudaccount.Options{
		Audience: ask.Audience, SubjectTokenType: subjectType, TokenURL: ask.TokenURL, ServiceAccountImpersonationURL: ask.AccountURL,
		Scopes: strings.Fields(ask.Scope), SubjectTokenProvider: provider{subject(ask.Subject)},
	})
	if err != nil {
		return outcome{Text: err.Error()}
	}
	token, err := credentials.Token(ctx)
	if err != nil {
		return outcome{Text: err.Error()}
	}
	return outcome{Token: token.Value != "" && token.Type == "Bearer" && token.Expiry.After(time.Now())}
}

func withOAuth2Google(ctx context.Context, ask ask) outcome {
	source, err := externalaccount.NewTokenSource(ctx, externalaccount.Config{
		Audience: ask.Audience, SubjectTokenType: subjectType, TokenURL: ask.TokenURL, ServiceAccountImpersonationURL: ask.AccountURL,
		Scopes: strings.Fields(ask.Scope), SubjectTokenSupplier: subject(ask.Subject),
	})
	if err != nil {
		return outcome{Text: err.Error()}
	}
	token, err := source.Token()
	if err != nil {
		return outcome{Text: err.Error()}
	}
	return outcome{Token: token.AccessToken != "" && token.Valid()}
}

// subjectToken returns a token for an audience, signed with a key of the fixtures.
func subjectToken(t *testing.T, m *mock, audience string) string {
	t.Helper()
	keys, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		t.Fatal(err)
	}
	key, _ := keys.LookupKeyID("development-rs384")
	claims, err := json.Marshal(members{
		"iss": m.root + "/__platform", "sub": newID(), "aud": "https:" + audience, "jti": uuid.NewString(),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jws.Sign(claims, jws.WithKey(jwa.RS256(), key))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// workloadTrials are the columns of the table of these clients.
var workloadTrials = []struct {
	name        string
	impersonate bool
	scope       string // what the client asks for; empty for the scope of the credential
	audience    string // of the subject token; empty for that of the credential
	lifetime    any    // of the credential; nil if it is not set
	want        string // text that the client can read; empty for a token
}{
	{"a token", false, "", "", nil, ""},
	{"impersonation", true, "", "", "3600s", ""},
	{"no lifetime", true, "", "", nil, ""},
	{"another lifetime", true, "", "", "600s", "lifetime is not the one"},
	{"another audience", false, "", "//elsewhere", nil, "invalid_grant"},
	{"another scope", false, "https://www.googleapis.com/auth/other", "", nil, "invalid_scope"},
	{"impersonation, another scope", true, "https://www.googleapis.com/auth/other", "", nil, "scope is not the one"},
}

// Clients of workload identity federation get a token from both of the mock's servers, and can read why they are refused.
func TestWorkloadClients(t *testing.T) {
	t.Parallel()
	m := start(t)
	const usual = "https://www.googleapis.com/auth/cloud-platform"
	heading, rows := []string{"client of federation"}, [][]string{}
	for _, trial := range workloadTrials {
		heading = append(heading, trial.name)
	}
	asksOf := func(client string) (asks []ask) {
		for _, trial := range workloadTrials {
			one := ask{Client: client, TokenURL: m.root + "/__sts/v1/token", Scope: cmp.Or(trial.scope, usual),
				Audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/" + newID()}
			fields := members{"authStrategy": "GoogleWIF", "grantType": nil, "audience": one.Audience, "token_url": one.TokenURL, "scope": usual}
			if trial.impersonate {
				one.AccountURL = m.root + "/__iam/v1/projects/-/serviceAccounts/lab@p.iam.gserviceaccount.com:generateAccessToken"
				fields["service_account_impersonation_url"], fields["lifetime"] = one.AccountURL, trial.lifetime
			}
			m.put(fields)
			one.Subject = subjectToken(t, m, cmp.Or(trial.audience, one.Audience))
			asks = append(asks, one)
		}
		return asks
	}
	for _, client := range workloadClients {
		asks := asksOf(client.name)
		row := []string{client.name + " " + versionOf(t, client.version)}
		for i, got := range outcomesOf(t, client, asks) {
			trial := workloadTrials[i]
			if got.Token != (trial.want == "") || !strings.Contains(got.Code+" "+got.Text, trial.want) {
				t.Errorf("%s, %s: %+v, want %q", client.name, trial.name, got, trial.want)
			}
			if strings.Contains(got.Text, asks[i].Subject) {
				t.Errorf("%s, %s: the refusal shows the subject token", client.name, trial.name)
			}
			row = append(row, map[bool]string{true: "token", false: "refused: " + trial.want}[got.Token])
		}
		rows = append(rows, row)
	}
	compare(t, heading, rows)
}

// outcomesOf runs a client.
func outcomesOf(t *testing.T, client clientSetup, asks []ask) (outcomes []outcome) {
	t.Helper()
	if client.run == nil {
		return runInNode(t, asks)
	}
	for _, one := range asks {
		outcomes = append(outcomes, client.run(t.Context(), one))
	}
	return outcomes
}
