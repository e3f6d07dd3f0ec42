package credmock

import (
	"fmt"
	"slices"
	"strings"
)

// The kinds of requests that a credential can describe, as x-token-request names them.
const (
	requestOAuth     = "oauth"     // a token for an id and a secret (RFC 6749)
	requestAssertion = "assertion" // a token for a signed assertion (RFC 7523)
	requestExchange  = "exchange"  // a token for a token of the platform (RFC 8693)
	requestSignature = "signature" // no token: each request is signed (AWS Signature Version 4)
)

// requestRoles are the purposes that a field can have in a request, as x-request-role names them.
var requestRoles = []string{
	"token-url", "grant-type", "grant-type-name", "client-id", "client-id-name", "client-secret", "client-secret-name", "username", "password",
	"scope", "audience", "resource", "content-type", "no-basic", "basic-no-form", "custom-name", "custom-value", "refresh-grant-type",
	"refresh-token-name", "access-token-name", "expires-name", "default-life", "exchange-scopes", "impersonation-url", "delegates",
	"lifetime", "options", "access-key", "secret-key", "session-token", "region", "service", "destination-url",
}

// neededRoles are the roles without which a credential describes no request of a kind.
var neededRoles = map[string][]string{
	requestOAuth: {"token-url", "grant-type"}, requestAssertion: {"token-url", "grant-type", "client-id"},
	requestExchange: {"token-url", "audience"}, requestSignature: {"access-key", "secret-key", "region", "service"},
}

// unusableRequest returns the reason why the fields of a strategy make no request of its kind; empty if they do.
func (s *Strategy) unusableRequest() string {
	seen := map[string]string{}
	for _, field := range s.Fields {
		if first, repeated := seen[field.RequestRole]; repeated && field.RequestRole != "" {
			return fmt.Sprintf("%s and %s both have x-request-role: %s; only one field can have it", first, field.Name, field.RequestRole)
		}
		seen[field.RequestRole] = field.Name
	}
	missing := slices.DeleteFunc(slices.Clone(neededRoles[s.Request]), func(role string) bool { return seen[role] != "" })
	if len(missing) > 0 {
		return fmt.Sprintf("x-token-request: %s needs fields with x-request-role: %s", s.Request, strings.Join(missing, ", "))
	}
	return ""
}
