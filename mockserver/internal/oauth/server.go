// Package oauth has the token endpoint of the API, the token request that a credential describes, and an authorization server
// that answers such requests.
package oauth

import (
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/jsonbody"
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

// presented is a received token request.
type presented struct {
	mediaType  string
	json       bool
	parameters map[string]string
	repeated   bool // a parameter is repeated or its value is not a text
	basic      bool
	user, word string // credentials in the Authorization header
	other      bool   // the Authorization header has another scheme
}

// answerToken accepts exactly the request that one of the mock's credentials describes, and otherwise lists the parts that
// differ. The answer contains no value, since each may be a secret.
func (a *Authorizer) answerToken(c *serve.Call) *serve.Reply {
	got, refusal := readRequest(c)
	if refusal != nil {
		return refusal
	}
	candidates := candidates(c, got)
	if len(candidates) == 0 {
		return a.refuse(c, http.StatusUnauthorized, "invalid_client",
			[]string{"No credential of the mock that describes a token request has this client id, " +
				"as the user of Authorization: Basic or under the name that its clientIdName gives."})
	}
	var closest []string
	for _, credential := range candidates {
		differences, refreshed := compare(c, credential, got)
		if len(differences) == 0 {
			return grant(c, credential, refreshed)
		}
		if closest == nil || len(differences) < len(closest) {
			closest = differences
		}
	}
	return a.refuse(c, http.StatusBadRequest, "invalid_request", closest)
}

// refuse rejects a request with its differences, and records them if the mock itself sent it.
func (a *Authorizer) refuse(c *serve.Call, status int, code string, differences []string) *serve.Reply {
	a.heard.note(c.RemoteAddr, differences)
	return refuseGrant(status, code, differences)
}

func refuseGrant(status int, code string, differences []string) *serve.Reply {
	return &serve.Reply{Status: status, Bare: map[string]any{
		"error": code, "error_description": strings.Join(differences, " "), "differences": textTree(differences),
	}}
}

// readRequest parses a request.
func readRequest(c *serve.Call) (*presented, *serve.Reply) {
	got := &presented{parameters: map[string]string{}}
	kind, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	got.mediaType = strings.ToLower(strings.TrimSpace(kind))
	got.json = got.mediaType == serve.MediaTypeJSON || strings.HasSuffix(got.mediaType, "+json")
	got.user, got.word, got.basic = c.BasicAuth()
	got.other = c.Header.Get("Authorization") != "" && !got.basic
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return nil, refuseGrant(refusal.Status, "invalid_request", []string{refusal.Violations[0].Message})
	}
	if got.json {
		return got, got.takeJSON(read.Text)
	}
	values, err := url.ParseQuery(string(read.Text))
	if err != nil {
		return nil, refuseGrant(http.StatusBadRequest, "invalid_request", []string{"The body is not a form."})
	}
	for name, sent := range values {
		got.parameters[name] = sent[0]
		got.repeated = got.repeated || len(sent) > 1
	}
	return got, nil
}

func (p *presented) takeJSON(text []byte) *serve.Reply {
	members, mistake := jsonbody.DecodeObject(text)
	if mistake != nil {
		return refuseGrant(http.StatusBadRequest, "invalid_request", []string{mistake.Message})
	}
	for name, value := range members {
		sent, isText := value.(string)
		p.parameters[strings.Clone(name)] = strings.Clone(sent)
		p.repeated = p.repeated || !isText
	}
	return nil
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
			if got.basic && got.user == id || got.parameters[settingOr(credential, name.name, name.usual)] == id {
				found = append(found, credential)
			}
		}
	}
	slices.SortFunc(found, func(a, b *store.Record) int { return int(a.Sequence - b.Sequence) })
	return found
}

// grant answers with a token under the names in the credential. The token is accepted nowhere.
func grant(c *serve.Call, credential *store.Record, refreshed bool) *serve.Reply {
	token := rand.Text() + rand.Text()
	c.Model.Secrets.Add(token)
	answer := map[string]any{
		settingOr(credential, fieldAccessName, usualAccess): token,
		"token_type": "Bearer",
		settingOr(credential, fieldExpiresName, usualExpires): tokenLife.Seconds(),
	}
	if refreshed || setting(credential, fieldRefreshName) != "" || setting(credential, fieldRefreshGrant) != "" {
		refresh := rand.Text() + rand.Text()
		c.Model.Secrets.Add(refresh)
		c.Session.Grants.Issue(credential.ID, refresh)
		answer[settingOr(credential, fieldRefreshName, usualRefresh)] = refresh
	}
	return &serve.Reply{Status: http.StatusOK, Bare: answer}
}
