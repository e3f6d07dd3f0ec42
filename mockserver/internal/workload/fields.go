// Package workload has the requests of workload identity federation, which exchange a token of the platform for one of another cloud, and
// servers that answer such requests.
package workload

import (
	"encoding/json"
	"strings"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/mockserver/internal/model"
)

// The roles of a credential's fields (see x-request-role in docs/reference.md).
const (
	roleTokenURL       = "token-url"
	roleAudience       = "audience"
	roleScopes         = "scope"
	roleExchangeScopes = "exchange-scopes"
	roleImpersonation  = "impersonation-url"
	roleDelegates      = "delegates"
	roleLifetime       = "lifetime"
	roleOptions        = "options"
)

// The values of a token exchange (RFC 8693).
const (
	grantExchange   = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeAccessToken = "urn:ietf:params:oauth:token-type:access_token"
	typeJWT         = "urn:ietf:params:oauth:token-type:jwt"
	typeIDToken     = "urn:ietf:params:oauth:token-type:id_token"
	usualScope      = "https://www.googleapis.com/auth/cloud-platform"
	usualLifetime   = "3600s" // of a server if the request does not say it; Google's clients do
)

// Impersonates reports whether a credential goes on from the token exchange to a service account.
func Impersonates(credential *model.Settings) bool { return credential.Text(roleImpersonation) != "" }

// exchangeScope returns the scope of the first request.
func exchangeScope(credential *model.Settings) string {
	if credential.Text(roleImpersonation) != "" {
		return credential.TextOr(roleExchangeScopes, usualScope)
	}
	if scopes := credential.List(roleScopes); len(scopes) > 0 {
		return strings.Join(scopes, " ")
	}
	return usualScope
}

// tokenScopes returns the scopes of the second request.
func tokenScopes(credential *model.Settings) []string {
	if scopes := credential.List(roleScopes); len(scopes) > 0 {
		return scopes
	}
	return []string{usualScope}
}

var digits = lazy.Regexp(`^[0-9]+$`)

// lifetime returns the life of the second token, with its unit; empty if it is not set.
func lifetime(credential *model.Settings) string {
	text := credential.Text(roleLifetime)
	if digits().MatchString(text) {
		return text + "s"
	}
	return text
}

// notesOf returns hints about fields that may not have the intended effect.
func notesOf(credential *model.Settings) []string {
	var notes []string
	note := func(condition bool, text string) {
		if condition {
			notes = append(notes, text)
		}
	}
	impersonates, audience := credential.Text(roleImpersonation) != "", credential.Text(roleAudience)
	note(!strings.HasPrefix(audience, "//iam.googleapis.com/projects/") && !strings.HasPrefix(audience, "//iam.googleapis.com/locations/"),
		credential.Name(roleAudience)+" is usually the name of a provider: it begins with //iam.googleapis.com/projects/ or "+
			"//iam.googleapis.com/locations/.")
	note(len(credential.List(roleScopes)) == 0, credential.Name(roleScopes)+" is not set, so the request asks for "+usualScope+".")
	note(!impersonates && credential.Text(roleExchangeScopes) != "", credential.Name(roleExchangeScopes)+" is not sent, for "+
		credential.Name(roleImpersonation)+" is not set.")
	for _, role := range []string{roleDelegates, roleLifetime} {
		note(!impersonates && len(credential.List(role)) > 0, credential.Name(role)+" is not sent, for "+credential.Name(roleImpersonation)+
			" is not set.")
	}
	note(lifetime(credential) != credential.Text(roleLifetime), credential.Name(roleLifetime)+
		" has no unit, so it is sent with s for seconds.")
	note(lifetime(credential) != "" && !lifetimeForm().MatchString(lifetime(credential)),
		credential.Name(roleLifetime)+" is no number of seconds such as 3600s. It is sent unchanged, and the server refuses it.")
	var options map[string]any
	text := credential.Text(roleOptions)
	note(text != "" && (json.Unmarshal([]byte(text), &options) != nil || options == nil),
		credential.Name(roleOptions)+" is no JSON object. It is sent unchanged.")
	for _, role := range []string{roleTokenURL, roleAudience, roleImpersonation, roleExchangeScopes, roleLifetime} {
		note(strings.TrimSpace(credential.Text(role)) != credential.Text(role), credential.Name(role)+
			" begins or ends with a blank, which is kept.")
	}
	return notes
}
