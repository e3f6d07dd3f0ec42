// Package oauth has the token endpoint of the API, the token request that a credential describes, and an authorization server
// that answers such requests.
package oauth

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/platform"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/workload"
)

// oauthPath is the path of the authorization server.
const oauthPath = "/__oauth/token"

// Authorizer is the mock's authorization server for its own credentials. It also shows and sends their token requests.
type Authorizer struct {
	sender   *outbound.Sender
	platform *platform.Platform
	workload *workload.Exchanger
}

// New returns an authorizer that sends requests with a sender, and signs for a platform.
func New(sender *outbound.Sender, signer *platform.Platform, exchanger *workload.Exchanger) *Authorizer {
	return &Authorizer{sender: sender, platform: signer, workload: exchanger}
}

// Routes returns the routes of the authorizer.
func (a *Authorizer) Routes() []*serve.Route {
	return append([]*serve.Route{
		serve.OwnRoute(http.MethodPost, oauthPath, "answerTokenRequest", a.answerToken),
		serve.AdminRoute(http.MethodPost, "credentials/{id}/token-request", "describeTokenRequest",
			a.describeToken).Takes("send", "deliver", "grant", "basic", "alg", "jku"),
	}, discoveryRoutes()...)
}

// Actions are the operations of the token endpoint, by x-resource and x-action.
var Actions = map[string]serve.Action{"token create": issueToken}

// answerToken accepts exactly the request that one of the mock's credentials describes, and otherwise lists the parts that
// differ. The answer contains no value, since each may be a secret.
func (a *Authorizer) answerToken(c *serve.Call) *serve.Reply {
	got, refusal := readRequest(c)
	if refusal != nil {
		return refusal
	}
	if _, signed := got.parameters[parameterAssertion]; signed {
		return a.answerAssertion(c, got)
	}
	name := tokenParameters[slices.IndexFunc(tokenParameters, func(row tokenParameter) bool { return row.value == roleClientID })]
	closest, same := outbound.Compare(c, model.RequestOAuth, func(one *model.Settings) bool {
		id := one.Text(roleClientID)
		return id != "" && (got.user.is(id) || got.parameters[one.TextOr(name.name, name.usual)] == id)
	}, func(one *model.Settings) *verdict { return compare(c, one, got) })
	if len(same) > 0 {
		return grant(c, closest, same)
	}
	if closest == nil {
		closest = &verdict{}
		closest.add(true, invalidClient, "No credential of the mock that describes a token request has this client id, "+
			"as the user of Authorization: Basic or under the name that its clientIdName gives.")
	}
	return a.refuse(c, closest)
}

// refuse rejects a request with its differences.
func (a *Authorizer) refuse(c *serve.Call, found *verdict) *serve.Reply {
	status, code := http.StatusBadRequest, found.code()
	if code == invalidClient {
		status = http.StatusUnauthorized
	}
	reply := refuseGrant(status, code, found.differences)
	if c.Header.Get("Authorization") == "" {
		// RFC 6749, section 5.2, requires the challenge only if the client used the header. Some clients read no body beside one.
		reply.Challenge = serve.NoChallenge
	}
	return a.sender.Refuse(c, found.Verdict(), reply)
}

// refuseGrant returns a rejection of the authorization server.
func refuseGrant(status int, code string, differences []string) *serve.Reply {
	return &serve.Reply{Status: status, Challenge: `Basic realm="credmock", charset="UTF-8"`, Bare: map[string]any{
		"error": code, "error_description": strings.Join(differences, " "), "differences": outbound.Texts(differences),
	}}
}

// grant answers with a token under the names in the credential. Only the receiver of a
// destination accepts the token. The other members tell which
// credential the request fits, and how the client identified itself.
func grant(c *serve.Call, found *verdict, same []string) *serve.Reply {
	credential := found.credential
	token := outbound.Issue(c, same, c.Session.TokenLife, false)
	answer := map[string]any{"credential": credential.ID, "token_type": "Bearer"}
	if found.identity != "" {
		answer["identity"] = found.identity
	}
	if found.identity == "basic" || found.identity == "both" {
		answer["basic"] = map[bool]string{false: "as it stands", true: "form-decoded"}[found.decoded]
	}
	answer[credential.TextOr(roleAccessName, usualAccess)] = token
	answer[credential.TextOr(roleExpiresName, usualExpires)] = c.Session.TokenLife.Seconds()
	if found.refreshed || refreshes(credential) {
		refresh := rand.Text() + rand.Text()
		c.Model.Secrets.Add(refresh)
		c.Session.Grants.Issue(credential.ID, holderOf(credential), refresh)
		answer[credential.TextOr(roleRefreshName, usualRefresh)] = refresh
	}
	return &serve.Reply{Status: http.StatusOK, Bare: answer}
}
