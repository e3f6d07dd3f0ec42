package credmock

import (
	"fmt"
	"slices"
	"strings"
)

// RequestKind is a kind of requests that a credential describes. A strategy names its kind with x-token-request.
type RequestKind string

// The kinds of requests.
const (
	RequestOAuth     RequestKind = "oauth"     // a token for an id and a secret (RFC 6749)
	RequestAssertion RequestKind = "assertion" // a token for a signed assertion (RFC 7523)
	RequestExchange  RequestKind = "exchange"  // a token for a token of the platform (RFC 8693)
	RequestSignature RequestKind = "signature" // no token: each request is signed (AWS Signature Version 4)
)

// requestRoles are the purposes that a field can have in a request, as x-request-role names them.
var requestRoles = []string{
	"token-url", "grant-type", "grant-type-name", "client-id", "client-id-name", "client-secret", "client-secret-name", "username", "password",
	"scope", "audience", "resource", "content-type", "no-basic", "basic-no-form", "custom-name", "custom-value", "refresh-grant-type",
	"refresh-token-name", "access-token-name", "expires-name", "default-life", "exchange-scopes", "impersonation-url", "delegates",
	"lifetime", "options", "access-key", "secret-key", "session-token", "region", "service",
}

// neededRoles are the roles without which a credential describes no request of a kind.
var neededRoles = map[RequestKind][]string{
	RequestOAuth: {"token-url", "grant-type"}, RequestAssertion: {"token-url", "grant-type", "client-id"},
	RequestExchange: {"token-url", "audience"}, RequestSignature: {"access-key", "secret-key", "region", "service"},
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
