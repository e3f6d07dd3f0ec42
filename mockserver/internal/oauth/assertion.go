package oauth

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/origin"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

const (
	assertionAge = 5 * time.Minute  // maximum age of an assertion (docs/contract.md#token-endpoint)
	clockSkew    = 10 * time.Second // tolerated clock difference
)

// prove returns the client whose key signed a valid assertion. Otherwise the second result says what is wrong, without any
// content of the assertion, which is a secret until it expires.
func prove(c *serve.Call, assertion []byte) (*model.Client, string) {
	if bytes.Count(assertion, []byte(".")) != 2 {
		return nil, "client_assertion must be a JWT in compact form."
	}
	message, err := jws.Parse(assertion)
	if err != nil || len(message.Signatures()) != 1 {
		return nil, "client_assertion is not a JWT."
	}
	claims, refusal := jsonbody.DecodeObject(message.Payload())
	if refusal != nil {
		return nil, "The claims of client_assertion are not a JSON object."
	}
	issuer, _ := claims["iss"].(string)
	client := c.Model.Clients[issuer]
	if client == nil || client.Principal.Published && origin.SocketOf(c.Request) == origin.OpenSocket {
		return nil, "The claim iss is not the id of a known client: a principal of the fixtures with keys, or with developmentKeys."
	}
	if reason := checkSignature(client, assertion, message.Signatures()[0].ProtectedHeaders()); reason != "" {
		return nil, reason
	}
	return client, judgeClaims(c, claims, tokenAudiences(c))
}

// checkSignature returns what is wrong with the signature of an assertion; empty if it is valid.
func checkSignature(c *model.Client, assertion []byte, headers jws.Headers) string {
	algorithm, _ := headers.Algorithm()
	if !slices.Contains(algorithms, algorithm) {
		return "The header alg must be RS384 or ES384."
	}
	kid, named := headers.KeyID()
	if !named {
		return "The header kid is required."
	}
	keys, err := c.Keys()
	if err != nil {
		return "The keys of the client cannot be read."
	}
	key, known := keys.LookupKeyID(kid)
	if !known {
		return "The header kid is not that of a key of the client."
	}
	if _, err := jws.Verify(assertion, jws.WithKey(algorithm, key)); err != nil {
		return "The signature does not fit the key."
	}
	return ""
}

// judgeClaims returns what is wrong with the claims of a signed assertion; empty if they are valid.
func judgeClaims(c *serve.Call, claims map[string]any, audiences []string) string {
	now := c.Session.Clock.Now()
	issued, hasIssued := timeClaim(claims, "iat")
	expires, hasExpires := timeClaim(claims, "exp")
	from, hasFrom := timeClaim(claims, "nbf")
	jti, _ := claims["jti"].(string)
	switch {
	case claims["sub"] != claims["iss"]:
		return "The claim sub must be the same as iss."
	case !hasAudience(claims["aud"], audiences):
		documented := append([]string{"as you call it"}, documentedAudiences(c.Model.Spec.Operation("token", "create"))...)
		return "The claim aud must be the URL of this endpoint: " + strings.Join(documented, ", or ") + "."
	case !hasIssued || issued.After(now.Add(clockSkew)) || issued.Before(now.Add(-assertionAge-clockSkew)):
		return "The claim iat must be a time within the last five minutes, in seconds since 1970" + c.Session.Clock.Remark() + "."
	case !hasExpires || !expires.After(now.Add(-clockSkew)):
		return "The claim exp must be a time to come, in seconds since 1970" + c.Session.Clock.Remark() + "."
	case hasFrom && from.After(now.Add(clockSkew)):
		return "The claim nbf is a time to come" + c.Session.Clock.Remark() + "."
	case jti == "":
		return "The claim jti is required."
	case !c.Session.Assertions.Use(claims["iss"].(string), jti, issued.Add(assertionAge+2*clockSkew), now):
		return "The claim jti was used before; each assertion serves once."
	}
	return ""
}

// timeClaim returns a claim in Unix seconds.
func timeClaim(claims map[string]any, name string) (time.Time, bool) {
	seconds, isNumber := claims[name].(float64)
	return time.UnixMilli(int64(seconds * 1000)), isNumber && seconds > 0 && seconds < 1<<40
}

// hasAudience reports whether the aud claim, a string or an array of strings, contains one of the audiences.
func hasAudience(claim any, audiences []string) bool {
	named, isList := claim.([]any)
	if !isList {
		named = []any{claim}
	}
	return slices.ContainsFunc(named, func(one any) bool {
		text, isText := one.(string)
		return isText && slices.Contains(audiences, text)
	})
}

// algorithms are the accepted signature algorithms.
var algorithms = []jwa.SignatureAlgorithm{jwa.RS384(), jwa.ES384()}
