package oauth

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// tokenLife is how long a bearer token lives that the token endpoint gave out.
const tokenLife = 5 * time.Minute

// The parameters of OAuth 2.0 (RFC 6749, RFC 7523) that the token endpoint looks at.
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
	if faults := c.Model.TokenForm.Sent(form); len(faults) > 0 {
		return refuseToken(http.StatusBadRequest, oauthCode(faults), serve.JoinMessages(faults))
	}
	assertion, _ := form[parameterAssertion].(string)
	client, fault := prove(c, []byte(assertion))
	if fault != "" {
		return refuseToken(http.StatusUnauthorized, "invalid_client", fault)
	}
	now := c.Session.Clock.Now()
	who := client.Principal
	who.Expires, who.Published = now.Add(tokenLife), false
	token := rand.Text() + rand.Text()
	c.Session.Tokens.RemoveExpired(now)
	c.Model.Secrets.Add(token)
	c.Session.Tokens.Add(token, who)
	return &serve.Reply{Status: http.StatusOK, Bare: map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": tokenLife.Seconds(),
	}}
}

// readForm reads the form of a token request. A parameter that stands there twice is refused, as OAuth asks.
func readForm(c *serve.Call) (map[string]any, *serve.Reply) {
	if refusal := serve.CheckMediaType(c); refusal != nil {
		return nil, refuseToken(http.StatusBadRequest, "invalid_request", "Send Content-Type: "+c.Route.MediaType+".")
	}
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return nil, refuseToken(http.StatusBadRequest, "invalid_request", refusal.Violations[0].Message)
	}
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

// tokenAudiences returns the URLs by which a client may know this endpoint: the document's, and those of the host it asked.
func tokenAudiences(c *serve.Call) []string {
	var audiences []string
	asked, _, _ := strings.Cut(c.RequestURI, "?") // with whatever was put before the path on the way here
	for _, path := range []string{c.Route.Prefix + c.Route.Path, asked} {
		audiences = append(audiences, "http://"+c.Host+path, "https://"+c.Host+path)
	}
	return append(audiences, documentedAudiences(c, c.Route.Operation)...)
}

// documentedAudiences returns the URLs that the document gives the token endpoint.
func documentedAudiences(c *serve.Call, issue *credmock.Operation) []string {
	servers := c.Model.Spec.OpenAPI.Paths.Value(issue.Path).Servers
	if own := issue.Source.Servers; own != nil {
		servers = *own
	}
	var audiences []string
	for _, server := range servers {
		audiences = append(audiences, strings.TrimSuffix(server.URL, "/")+issue.Path)
	}
	return audiences
}

// oauthCode returns the code that OAuth has for what is wrong with a token request.
func oauthCode(faults []view.Violation) string {
	for _, fault := range faults {
		if fault.Code == view.CodeEnum && fault.Pointer == "/"+parameterGrantType {
			return "unsupported_grant_type"
		}
	}
	return "invalid_request"
}

// refuseToken returns a refusal with a code of OAuth.
func refuseToken(status int, code, message string) *serve.Reply {
	answer := serve.Refuse(status, strings.ReplaceAll(code, "_", "-"), message)
	answer.Bare = map[string]any{"error": code, "error_description": message}
	return answer
}
