// Package oauth has the token endpoint of the API, the token request that a credential describes, and an authorization server
// that answers such requests.
package oauth

import (
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// oauthPath is the path of the authorization server.
const oauthPath = "/__oauth/token"

// Authorizer is the mock's authorization server for its own credentials. It also shows and sends their token requests.
type Authorizer struct {
	heard    heard
	outbound []string       // hosts allowed in addition to loopback addresses
	trusted  *x509.CertPool // certificate authorities of token endpoints; nil for those of the system
}

// New returns an authorizer that may send token requests to loopback addresses and the given hosts. It trusts the given
// certificate authorities, or those of the system if the pool is nil.
func New(outbound []string, trusted *x509.CertPool) *Authorizer {
	return &Authorizer{outbound: outbound, trusted: trusted}
}

// Routes returns the routes of the authorizer.
func (a *Authorizer) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(http.MethodPost, oauthPath, "answerTokenRequest", a.answerToken),
		serve.AdminRoute(http.MethodPost, "credentials/{id}/token-request", "describeTokenRequest",
			serve.WithoutBody(a.describeToken)).Takes("send", "grant"),
	}
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
	var closest *verdict
	for _, credential := range candidates(c, got) {
		found := compare(c, credential, got)
		if len(found.differences) == 0 {
			return grant(c, found)
		}
		if closest == nil || len(found.differences) < len(closest.differences) {
			closest = found
		}
	}
	if closest == nil {
		closest = &verdict{}
		closest.add(true, invalidClient, "No credential of the mock that describes a token request has this client id, "+
			"as the user of Authorization: Basic or under the name that its clientIdName gives.")
	}
	return a.refuse(c, closest)
}

// refuse rejects a request with its differences, and records them if the mock itself sent it.
func (a *Authorizer) refuse(c *serve.Call, found *verdict) *serve.Reply {
	a.heard.note(c.RemoteAddr, found)
	status, code := http.StatusBadRequest, found.code()
	if code == invalidClient {
		status = http.StatusUnauthorized
	}
	reply := refuseGrant(status, code, found.differences)
	if found.credential != nil {
		reply.Bare["credential"] = found.credential.ID
	}
	return reply
}

// refuseGrant returns a rejection of the authorization server.
func refuseGrant(status int, code string, differences []string) *serve.Reply {
	return &serve.Reply{Status: status, Challenge: `Basic realm="credmock", charset="UTF-8"`, Bare: map[string]any{
		"error": code, "error_description": strings.Join(differences, " "), "differences": textTree(differences),
	}}
}

// candidates returns the credentials with the client id of the request.
func candidates(c *serve.Call, got *presented) []*store.Record {
	name := tokenParameters[slices.IndexFunc(tokenParameters, func(row tokenParameter) bool { return row.value == fieldClientID })]
	var found []*store.Record
	for _, environment := range c.Model.Environments {
		for _, credential := range c.Session.Store.List(store.ResourceCredential, environment.ID) {
			id := setting(credential, fieldClientID)
			if id == "" || !DescribesToken(c.VariantOf(credential)) {
				continue
			}
			if got.user.is(id) || got.parameters[settingOr(credential, name.name, name.usual)] == id {
				found = append(found, credential)
			}
		}
	}
	slices.SortFunc(found, func(a, b *store.Record) int { return int(a.Sequence - b.Sequence) })
	return found
}

// grant answers with a token under the names in the credential. The token is accepted nowhere. The other members tell which
// credential the request fits, and how the client identified itself.
func grant(c *serve.Call, found *verdict) *serve.Reply {
	credential := found.credential
	token := rand.Text() + rand.Text()
	c.Model.Secrets.Add(token)
	answer := map[string]any{"credential": credential.ID, "token_type": "Bearer"}
	if found.identity != "" {
		answer["identity"] = found.identity
	}
	if found.identity == "basic" || found.identity == "both" {
		answer["basic"] = map[bool]string{false: "as it stands", true: "form-decoded"}[found.decoded]
	}
	answer[settingOr(credential, fieldAccessName, usualAccess)] = token
	answer[settingOr(credential, fieldExpiresName, usualExpires)] = c.Session.TokenLife.Seconds()
	if found.refreshed || refreshes(credential) {
		refresh := rand.Text() + rand.Text()
		c.Model.Secrets.Add(refresh)
		c.Session.Grants.Issue(credential.ID, holderOf(credential), refresh)
		answer[settingOr(credential, fieldRefreshName, usualRefresh)] = refresh
	}
	return &serve.Reply{Status: http.StatusOK, Bare: answer}
}
