package interop

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/credmock/credmock/mockserver"
)

// ask is a request for a token, or for a signed request.
type ask struct {
	Client string          `json:"client"`
	URL    string          `json:"url"`
	Issuer string          `json:"issuer,omitempty"`
	ID     string          `json:"id,omitempty"`
	Secret string          `json:"secret,omitempty"`
	Scope  string          `json:"scope,omitempty"`
	Renew  bool            `json:"refresh,omitempty"` // the token is refreshed too
	Key    json.RawMessage `json:"key,omitempty"`     // private, as JWK

	Audience   string `json:"audience,omitempty"`
	TokenURL   string `json:"tokenURL,omitempty"`
	AccountURL string `json:"accountURL,omitempty"`
	Subject    string `json:"subject,omitempty"`

	SessionToken string `json:"sessionToken,omitempty"`
	Method       string `json:"method,omitempty"`
	Service      string `json:"service,omitempty"`
	Region       string `json:"region,omitempty"`
	Body         string `json:"body,omitempty"`
}

// outcome says whether a client got what it asked for, and otherwise what it can read about the refusal.
type outcome struct {
	Token bool   `json:"token"`
	Code  string `json:"code"`
	Text  string `json:"text"`
	// Challenged says that the client reports a challenge, and leaves the body to the program.
	Challenged bool `json:"challenged"`
}

// word returns ok or the error code.
func (o outcome) word() string {
	if o.Token {
		return "ok"
	}
	return o.Code
}

// cell returns the outcome as the page shows it.
func (o outcome) cell() string {
	if o.Token {
		return "token"
	}
	return "`" + o.Code + "`"
}

// runInNode runs the clients that run in Node.js, all in one process.
func runInNode(t *testing.T, asks []ask) []outcome {
	t.Helper()
	command := node(t, "clients.mjs", asks)
	command.Stderr = os.Stderr
	text, err := command.Output()
	var outcomes []outcome
	if err == nil {
		err = json.Unmarshal(text, &outcomes)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return outcomes
}

// clientSetup is a client of another make as a program sets it up.
type clientSetup struct {
	name, version string
	run           func(context.Context, ask) outcome // nil if it runs in Node.js
	want          string                             // one word for each column
}

// The outcomes of a client that identifies itself in one place, or in the other if the first is refused.
const (
	inHeaderOnly = "ok invalid_client ok ok invalid_client ok invalid_scope"
	inBodyOnly   = "invalid_client ok ok ok invalid_client ok invalid_scope"
	inEither     = "ok ok ok ok invalid_client ok invalid_scope"
)

var clientSetups = []clientSetup{
	{"x/oauth2, AuthStyleInHeader", "golang.org/x/oauth2", goClient(oauth2.AuthStyleInHeader), inHeaderOnly},
	{"x/oauth2, AuthStyleInParams", "golang.org/x/oauth2", goClient(oauth2.AuthStyleInParams), inBodyOnly},
	{"x/oauth2, AuthStyleAutoDetect", "golang.org/x/oauth2", goClient(oauth2.AuthStyleAutoDetect), inEither},
	{"openid-client, ClientSecretBasic", "openid-client", nil, inHeaderOnly},
	{"openid-client, ClientSecretPost", "openid-client", nil, inBodyOnly},
	{"simple-oauth2, header", "simple-oauth2", nil, inHeaderOnly},
	{"simple-oauth2, header, loose", "simple-oauth2", nil, inHeaderOnly},
	{"simple-oauth2, body", "simple-oauth2", nil, inBodyOnly},
	{"@badgateway/oauth2-client, basic", "@badgateway/oauth2-client", nil, inHeaderOnly},
	{"@badgateway/oauth2-client, post", "@badgateway/oauth2-client", nil, inBodyOnly},
	{"client-oauth2", "client-oauth2", nil, inHeaderOnly},
}

func goClient(style oauth2.AuthStyle) func(context.Context, ask) outcome {
	return func(ctx context.Context, ask ask) outcome {
		config := clientcredentials.Config{
			ClientID: ask.ID, ClientSecret: ask.Secret, TokenURL: ask.URL, Scopes: strings.Fields(ask.Scope), AuthStyle: style,
		}
		token, err := config.Token(ctx)
		if err == nil && ask.Renew {
			renewing := oauth2.Config{ClientID: ask.ID, ClientSecret: ask.Secret, Endpoint: oauth2.Endpoint{TokenURL: ask.URL, AuthStyle: style}}
			token, err = renewing.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
		}
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) {
			basic := strings.HasPrefix(refused.Response.Header.Get("WWW-Authenticate"), "Basic ")
			if refused.ErrorCode == "invalid_client" && basic != (style == oauth2.AuthStyleInHeader) {
				return outcome{Text: "The challenge does not fit the place of the secret."}
			}
			return outcome{Code: refused.ErrorCode, Text: refused.ErrorDescription}
		}
		if err != nil {
			return outcome{Text: err.Error()}
		}
		return outcome{Token: token.AccessToken != ""}
	}
}

// clientTrials are the columns of the table of clients: the fields of the credential, and what the client does with them.
var clientTrials = []struct {
	name   string
	fields members
	secret string
	scope  string
	renew  bool
}{
	{"basicNoForm", inHeader, odd, "a b", false},
	{"noBasic", inBody, odd, "a b", false},
	{"neither", nil, odd, "a b", false},
	{"neither, no scopes", members{"scopes": ""}, odd, "", false},
	{"neither, wrong secret", nil, "another", "a b", false},
	{"neither, refreshed", members{"refreshTokenName": "refresh_token"}, odd, "a b", true},
	{"neither, other scope", nil, odd, "a z", false},
}

// Clients of other makes get tokens from the mock's authorization server, and can read why they are refused.
func TestClients(t *testing.T) {
	t.Parallel()
	m := start(t)
	url := m.root + "/__oauth/token"
	asks := make([][]ask, len(clientSetups))
	var inNode []ask
	for i, setup := range clientSetups {
		for _, trial := range clientTrials {
			one := ask{Client: setup.name, URL: url, Issuer: m.root + "/__oauth", ID: newID(), Secret: trial.secret, Scope: trial.scope,
				Renew: trial.renew}
			m.put(members{"url": url, "clientId": one.ID, "clientSecret": odd, "scopes": "a b"}, trial.fields)
			asks[i] = append(asks[i], one)
			if setup.run == nil {
				inNode = append(inNode, one)
			}
		}
	}
	outcomes := runInNode(t, inNode)
	heading, rows := []string{"client"}, [][]string{}
	for _, trial := range clientTrials {
		heading = append(heading, trial.name)
	}
	for i, setup := range clientSetups {
		row, words := []string{setup.name + " " + versionOf(t, setup.version)}, []string{}
		for j, one := range asks[i] {
			var got outcome
			if setup.run != nil {
				got = setup.run(t.Context(), one)
			} else {
				got, outcomes = outcomes[0], outcomes[1:]
			}
			if trial := clientTrials[j]; trial.secret != odd && !strings.Contains(strings.ToLower(got.Text), "secret") {
				t.Errorf("%s, %s: the refusal says %q", setup.name, trial.name, got.Text)
			}
			if strings.Contains(got.Text, odd) {
				t.Errorf("%s, %s: the refusal shows the secret", setup.name, clientTrials[j].name)
			}
			if got.Challenged && !strings.HasSuffix(setup.name, "Basic") {
				t.Errorf("%s, %s: there is a challenge, and the client did not use the header", setup.name, clientTrials[j].name)
			}
			words = append(words, got.word())
			row = append(row, got.cell())
		}
		rows = append(rows, row)
		if got := strings.Join(words, " "); got != setup.want {
			t.Errorf("%s: %s, want %s", setup.name, got, setup.want)
		}
	}
	compare(t, heading, rows)
}

// A client that signs its assertion with a key of the fixtures gets a token, also one for the API, if it names the token endpoint as the
// audience.
func TestClientsWithSignedAssertions(t *testing.T) {
	t.Parallel()
	m := start(t)
	url := m.root + "/__oauth/token"
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(mockserver.DevelopmentKeys(), &set); err != nil {
		t.Fatal(err)
	}
	var asks []ask
	for _, key := range set.Keys {
		for _, client := range []string{"openid-client, PrivateKeyJwt", "openid-client, PrivateKeyJwt with aud"} {
			one := ask{Client: client, URL: url, Issuer: m.root + "/__oauth", ID: newID(), Scope: "system/*.rs", Key: key}
			m.put(members{"authStrategy": "SMART_Backend", "url": url, "clientId": one.ID, "scopes": one.Scope})
			platform := ask{Client: client, URL: m.root + "/v2/auth/token", ID: mockserver.DevelopmentClient, Key: key}
			asks = append(asks, one, platform)
		}
	}
	for i, got := range runInNode(t, asks) {
		want := map[bool]string{true: "ok", false: "invalid_client"}[strings.HasSuffix(asks[i].Client, "aud")]
		if got.word() != want || got.Challenged || want != "ok" && !strings.Contains(got.Text, "aud") {
			t.Errorf("%s: %+v, want %s", asks[i].Client, got, want)
		}
	}
}
