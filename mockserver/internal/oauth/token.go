package oauth

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// The parameters of OAuth 2.0 (RFC 6749, RFC 7523) that the token endpoint reads.
const (
	parameterGrantType = "grant_type"
	parameterAssertion = "client_assertion"
)

// issueToken exchanges a signed assertion for a bearer token.
func issueToken(c *serve.Call) *serve.Reply {
	form, refusal := readForm(c)
	if refusal != nil {
		return refusal
	}
	if violations := c.Model.TokenForm.Sent(form); len(violations) > 0 {
		return refuseToken(http.StatusBadRequest, oauthCode(violations), serve.JoinMessages(violations))
	}
	assertion, _ := form[parameterAssertion].(string)
	client, reason := prove(c, []byte(assertion))
	if reason != "" {
		return refuseToken(http.StatusUnauthorized, "invalid_client", reason)
	}
	now := c.Session.Clock.Now()
	who := client.Principal
	who.Expires, who.Published = now.Add(c.Session.TokenLife), false
	token := rand.Text() + rand.Text()
	c.Session.Tokens.RemoveExpired(now)
	c.Model.Secrets.Add(token)
	c.Session.Tokens.Add(token, who)
	return &serve.Reply{Status: c.Route.Status, Bare: map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": c.Session.TokenLife.Seconds(),
	}}
}

// readForm parses the form of a token request. A repeated parameter is rejected, as OAuth requires.
func readForm(c *serve.Call) (map[string]any, *serve.Reply) {
	if refusal := serve.CheckMediaType(c); refusal != nil {
		return nil, refuseToken(http.StatusBadRequest, "invalid_request", "Send Content-Type: "+c.Route.MediaType+".")
	}
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return nil, refuseToken(http.StatusBadRequest, "invalid_request", refusal.Violations[0].Message)
	}
	c.KeepText(read.Text)
	values, err := url.ParseQuery(string(read.Text))
	if err != nil {
		return nil, refuseToken(http.StatusBadRequest, "invalid_request", "The body is not a form.")
	}
	form := map[string]any{}
	for name, sent := range values {
		if len(sent) > 1 {
			return nil, refuseToken(http.StatusBadRequest, "invalid_request", "Send each parameter once.")
		}
		form[name] = sent[0]
	}
	return form, nil
}

// tokenAudiences returns the URLs of this endpoint that an assertion may name: the document's, and those with the host of the
// request.
func tokenAudiences(c *serve.Call) []string {
	var audiences []string
	asked, _, _ := strings.Cut(c.RequestURI, "?") // includes any prefix added by a proxy or a session
	for _, path := range []string{c.Route.Prefix + c.Route.Path, asked} {
		audiences = append(audiences, "http://"+c.Host+path, "https://"+c.Host+path)
	}
	return append(audiences, documentedAudiences(c.Route.Operation)...)
}

// documentedAudiences returns the URLs of the token endpoint in the document.
func documentedAudiences(issue *credmock.Operation) []string {
	var audiences []string
	for _, server := range issue.Servers {
		audiences = append(audiences, strings.TrimSuffix(server, "/")+issue.Path)
	}
	return audiences
}

// oauthCode returns the OAuth error code for the violations of a token request.
func oauthCode(violations []view.Violation) string {
	for _, violation := range violations {
		if violation.Code == view.CodeEnum && violation.Pointer == "/"+parameterGrantType {
			return "unsupported_grant_type"
		}
	}
	return "invalid_request"
}

// refuseToken returns a rejection with an OAuth error code.
func refuseToken(status int, code, message string) *serve.Reply {
	answer := serve.Refuse(status, strings.ReplaceAll(code, "_", "-"), message)
	answer.Challenge = serve.NoChallenge // no header proves a client here
	answer.Bare = map[string]any{"error": code, "error_description": message}
	return answer
}
