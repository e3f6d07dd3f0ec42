package oauth

import (
	"crypto/rand"
	"mime"
	"net/http"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/platform"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// The parameters and names of a token request with a signed assertion (RFC 7523, section 2.2).
const (
	parameterAssertionType = "client_assertion_type"
	parameterClientID      = "client_id"
	parameterScope         = "scope"
	assertionType          = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	assertionField         = "clientAssertion"
)

// describeAssertion shows and sends a request that proves the client with an assertion.
func (a *Authorizer) describeAssertion(c *serve.Call, credential *model.Settings, order outbound.Order) *serve.Reply {
	algorithm, header := jwa.RS384(), map[string]any{}
	if c.Query.Get("alg") == jwa.ES384().String() {
		algorithm = jwa.ES384()
	}
	if c.Query.Get("jku") == "true" {
		header["jku"] = a.platform.Issuer(c) + "/jwks.json"
	}
	described, reason := a.assertionRequest(c, credential, algorithm, header)
	if reason != "" {
		return noTokenRequest(reason)
	}
	return a.answerDescribed(c, credential, described, nil, order)
}

// assertionRequest returns the request with an assertion, which the platform signs. If there is none, the second result says why.
func (a *Authorizer) assertionRequest(
	c *serve.Call, credential *model.Settings, algorithm jwa.SignatureAlgorithm, header map[string]any,
) (*tokenRequest, string) {
	if credential.Text(roleClientID) == "" {
		return nil, credential.Name(roleClientID) + " is not set, and the assertion must name the client."
	}
	id, now := credential.Text(roleClientID), c.Session.Clock.Now()
	claims := map[string]any{
		"iss": id, "sub": id, "aud": credential.Text(roleURL), "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(assertionAge).Unix(),
	}
	signed, shown, err := a.platform.Sign(claims, algorithm, header)
	if err != nil {
		return nil, "The platform cannot sign."
	}
	c.Model.Secrets.Add(signed)
	described, reason := signedRequestOf(credential, signed)
	if reason == "" {
		described.decoded = map[string]any{parameterAssertion: map[string]any{"header": shown, "claims": claims}}
		client, endpoint := []string{credential.Name(roleClientID)}, []string{credential.Name(roleURL)}
		described.behind = outbound.Signed(parameterAssertion, shown, claims,
			map[string][]string{"iss": client, "sub": client, "aud": endpoint})
	}
	return described, reason
}

// signedRequestOf returns the request of a credential with an assertion. The guide fixes its form, so the fields that rename
// parameters have no effect. If there is no request, the second result says why.
func signedRequestOf(credential *model.Settings, assertion string) (*tokenRequest, string) {
	made := &tokenRequest{credential: credential, url: credential.Text(roleURL), mediaType: credential.TextOr(roleContentType, mediaTypeForm)}
	if reason := outbound.CheckURL(credential.Name(roleURL), outbound.AtTokenEndpoint, made.url); reason != "" {
		return nil, reason
	}
	if kind, _, err := mime.ParseMediaType(made.mediaType); err != nil || kind != mediaTypeForm {
		return nil, credential.Name(roleContentType) + " must be that of a form: SMART App Launch takes no other body."
	}
	of := func(role, name, code string) {
		field := credential.Name(role)
		made.Add(sentParameter{name: name, value: credential.Text(role), role: role, field: field, from: []string{field}, code: code})
	}
	of(roleGrantType, parameterGrantType, unsupportedGrant)
	made.Add(sentParameter{name: parameterAssertionType, value: assertionType, field: "the guide", code: invalidRequest})
	made.Add(sentParameter{name: parameterAssertion, value: assertion, field: assertionField, secret: true, code: invalidClient,
		from: []string{credential.Name(roleClientID), credential.Name(roleURL)}})
	of(roleScopes, parameterScope, invalidScope)
	of(roleAudience, "audience", invalidTarget)
	of(roleResource, "resource", invalidTarget)
	of(roleCustomValue, credential.Text(roleCustomName), invalidRequest)
	made.noteSigned(credential)
	return made, ""
}

// noteSigned adds hints about fields that have no effect beside a signed assertion.
func (t *tokenRequest) noteSigned(credential *model.Settings) {
	t.noteIf(credential.Text(roleScopes) == "", credential.Name(roleScopes)+" is not set. SMART App Launch requires a scope.")
	for _, role := range []string{
		roleClientSecret, rolePassword, roleUsername, roleGrantTypeName, roleClientIDName, roleClientSecretName, roleRefreshGrant,
		roleNoBasic, roleBasicNoForm,
	} {
		t.noteIf(credential.Text(role) != "", credential.Name(role)+" is not sent and has no effect: the signed assertion takes its place.")
	}
	t.noteIf(credential.Text(roleCustomName) == "" && credential.Text(roleCustomValue) != "",
		credential.Name(roleCustomValue)+" is not sent, for "+credential.Name(roleCustomName)+" is not set.")
	t.noteBlanks(credential)
	t.noteIf(true, "No field holds a key. The platform signs, and its public keys are at "+keysPath+
		". A server must know that URL or its keys.")
}

const keysPath = "/__platform/jwks.json"

// answerAssertion accepts a request with a signed assertion if it is the one that a credential describes.
func (a *Authorizer) answerAssertion(c *serve.Call, got *presented) *serve.Reply {
	assertion := got.parameters[parameterAssertion]
	issuer, headers, claims, reason := readAssertion(assertion)
	fits := func(one *model.Settings) bool { return issuer != "" && one.Text(roleClientID) == issuer }
	closest, same := outbound.Compare(c, model.RequestAssertion, fits, func(one *model.Settings) *verdict {
		return a.compareSigned(c, one, got, headers, claims)
	})
	if closest == nil {
		closest = &verdict{}
		closest.add(reason != "", invalidClient, "%s", reason)
		closest.add(reason == "", invalidClient, "No credential of the mock that proves its client with a signed assertion has the claim iss as "+
			"its client id.")
		return a.refuse(c, closest)
	}
	jti, _ := claims["jti"].(string)
	expires, _ := timeClaim(claims, "exp")
	used := len(closest.differences) == 0 &&
		!c.Session.Assertions.Use(oauthPath+"\x00"+issuer, jti, expires.Add(clockSkew), c.Session.Clock.Now())
	closest.add(used, invalidClient, "The claim jti was used before; each assertion serves once.")
	if len(closest.differences) > 0 {
		return a.refuse(c, closest)
	}
	token := outbound.Issue(c, same, c.Session.TokenLife, false)
	answer := map[string]any{
		"access_token": token, "token_type": "bearer", "expires_in": c.Session.TokenLife.Seconds(), "credential": closest.credential.ID,
		"scope": closest.credential.Text(roleScopes), "identity": "assertion",
	}
	if headers.typ == "" {
		answer["assertion"] = "The header typ is missing. SMART App Launch requires JWT."
	}
	return &serve.Reply{Status: http.StatusOK, Bare: answer}
}

// assertionHeaders are the headers of an assertion.
type assertionHeaders struct {
	jws.Headers
	typ, jku string
}

// readAssertion parses an assertion, whose signature is not checked yet. The reason says why it is none.
func readAssertion(assertion string) (issuer string, headers *assertionHeaders, claims map[string]any, reason string) {
	if strings.Count(assertion, ".") != 2 {
		return "", nil, nil, "client_assertion must be a JWT in compact form."
	}
	message, err := jws.Parse([]byte(assertion))
	if err != nil || len(message.Signatures()) != 1 {
		return "", nil, nil, "client_assertion is not a JWT."
	}
	claims, mistake := jsonbody.DecodeObject(message.Payload())
	if mistake != nil {
		return "", nil, nil, "The claims of client_assertion are not a JSON object."
	}
	headers = &assertionHeaders{Headers: message.Signatures()[0].ProtectedHeaders()}
	headers.typ, _ = headers.Type()
	headers.jku, _ = headers.JWKSetURL()
	issuer, _ = claims["iss"].(string)
	return issuer, headers, claims, ""
}

// compareSigned compares a request with the one that a credential describes, and checks the assertion.
func (a *Authorizer) compareSigned(
	c *serve.Call, credential *model.Settings, got *presented, headers *assertionHeaders, claims map[string]any,
) *verdict {
	described, reason := signedRequestOf(credential, got.parameters[parameterAssertion])
	if reason != "" {
		return unusable(credential, reason)
	}
	plain := *got
	if got.parameters[parameterClientID] == claims["sub"] { // some clients send it too
		plain.parameters = withoutKey(got.parameters, parameterClientID)
	}
	found := described.compare(credential, &plain)
	found.identity = "assertion"
	wrong := func(condition bool, text string) { found.add(condition, invalidClient, "%s", text) }
	wrong(headers.typ != "" && !strings.EqualFold(headers.typ, "JWT"), "The header typ must be JWT.")
	wrong(headers.jku != "" && !platform.IsKeysURL(headers.jku), "The header jku is not the URL of the platform's keys.")
	kid, _ := headers.KeyID()
	signature := checkSignature(a.platform.SignerOf(c, kid), []byte(got.parameters[parameterAssertion]), headers.Headers)
	wrong(signature != "", signature)
	now, remark := c.Session.Clock.Now(), c.Session.Clock.Remark()
	expires, hasExpires := timeClaim(claims, "exp")
	from, hasFrom := timeClaim(claims, "nbf")
	issued, hasIssued := timeClaim(claims, "iat")
	jti, _ := claims["jti"].(string)
	wrong(claims["sub"] != claims["iss"], "The claim sub must be the same as iss.")
	wrong(!hasAudience(claims["aud"], []string{described.url}), "The claim aud must be the URL that "+credential.Name(roleURL)+" says.")
	wrong(!hasExpires || !expires.After(now.Add(-clockSkew)), "The claim exp must be a time to come, in seconds since 1970"+remark+".")
	wrong(hasExpires && expires.After(now.Add(assertionAge+clockSkew)), "The claim exp is more than five minutes ahead"+remark+".")
	wrong(hasFrom && from.After(now.Add(clockSkew)), "The claim nbf is a time to come"+remark+".")
	wrong(hasIssued && issued.After(now.Add(clockSkew)), "The claim iat is a time to come"+remark+".")
	wrong(jti == "", "The claim jti is required.")
	return found
}

func withoutKey(from map[string]string, name string) map[string]string {
	kept := map[string]string{}
	for key, value := range from {
		if key != name {
			kept[key] = value
		}
	}
	return kept
}

// discoveryRoutes are the documents that tell clients about the authorization server (SMART App Launch; RFC 8414).
func discoveryRoutes() []*serve.Route {
	discover := func(c *serve.Call) *serve.Reply {
		scheme := map[bool]string{false: "http://", true: "https://"}[c.TLS != nil]
		root := scheme + c.Host + c.Base
		return serve.JSON(http.StatusOK, map[string]any{
			"issuer": root + "/__oauth", "token_endpoint": root + oauthPath,
			"grant_types_supported": []string{"client_credentials", "refresh_token"}, "response_types_supported": []string{},
			"token_endpoint_auth_methods_supported":            []string{"private_key_jwt", "client_secret_basic", "client_secret_post"},
			"token_endpoint_auth_signing_alg_values_supported": []string{"RS384", "ES384"},
			"scopes_supported":                                 []string{"system/*.rs"}, "capabilities": []string{"client-confidential-asymmetric"},
			"code_challenge_methods_supported": []string{"S256"},
		})
	}
	var routes []*serve.Route
	for id, path := range map[string]string{
		"smartConfiguration": "/__oauth/.well-known/smart-configuration", "oauthMetadata": "/__oauth/.well-known/oauth-authorization-server",
		"openidConfiguration": "/__oauth/.well-known/openid-configuration",
		"wellKnownMetadata":   "/.well-known/oauth-authorization-server/__oauth",
	} {
		routes = append(routes, serve.OwnRoute(http.MethodGet, path, id, discover))
	}
	return routes
}
