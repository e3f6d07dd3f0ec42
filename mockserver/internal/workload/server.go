package workload

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/platform"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// The error codes of a token exchange (RFC 6749, section 5.2; RFC 8693, section 2.2.2).
const (
	invalidRequest   = "invalid_request"
	invalidGrant     = "invalid_grant"
	invalidScope     = "invalid_scope"
	invalidTarget    = "invalid_target"
	unsupportedGrant = "unsupported_grant_type"
)

// codeOrder is the order in which a server meets the mistakes of a request. It reports the first.
var codeOrder = []string{unsupportedGrant, invalidRequest, invalidTarget, invalidScope, invalidGrant}

// Limits of the tokens that an exchange gives out.
const (
	federatedLife = 3599 * time.Second
	clockSkew     = 10 * time.Second
)

// Routes returns the routes of the servers.
func (e *Exchanger) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(http.MethodPost, "/__sts/v1/token", "exchangeToken", e.exchange),
		serve.OwnRoute(http.MethodPost, "/__iam/v1/projects/-/serviceAccounts/{email}:generateAccessToken", "generateAccessToken", e.impersonate),
	}
}

// mistakes are the differences of a request from the described one, with the error code of each.
type mistakes struct {
	credential  *model.Settings
	differences []string
	codes       []string
}

func (m *mistakes) add(condition bool, code, format string, arguments ...any) {
	if condition {
		m.differences = append(m.differences, fmt.Sprintf(format, arguments...))
		m.codes = append(m.codes, code)
	}
}

// Verdict returns the mistakes as the sender of the request sees them.
func (m *mistakes) Verdict() *outbound.Verdict {
	verdict := &outbound.Verdict{Differences: m.differences}
	if m.credential != nil {
		verdict.Credential = m.credential.ID
	}
	return verdict
}

// exchange answers the request that exchanges a subject token.
func (e *Exchanger) exchange(c *serve.Call) *serve.Reply {
	sent, reason := readExchange(c)
	fits := func(one *model.Settings) bool { return reason == "" && same(one.Text(roleAudience), sent["audience"]) }
	closest, fitting := outbound.Compare(c, model.RequestExchange, fits, func(one *model.Settings) *mistakes {
		return e.compare(c, one, sent)
	})
	if closest == nil {
		closest = &mistakes{}
		closest.add(reason != "", invalidRequest, "%s", reason)
		closest.add(reason == "" && sent["audience"] == "", invalidRequest, "The parameter audience is missing.")
		closest.add(reason == "" && sent["audience"] != "", invalidTarget, "No credential of the mock that exchanges tokens has this audience.")
	}
	if len(closest.differences) > 0 {
		code := codeOrder[slices.IndexFunc(codeOrder, func(code string) bool { return slices.Contains(closest.codes, code) })]
		return e.sender.Refuse(c, closest.Verdict(), &serve.Reply{Status: http.StatusBadRequest,
			Bare: map[string]any{"error": code, "error_description": strings.Join(closest.differences, " ")}})
	}
	return &serve.Reply{Status: http.StatusOK, Bare: map[string]any{
		"access_token": outbound.Issue(c, fitting, federatedLife, true), "issued_token_type": typeAccessToken,
		"token_type": "Bearer", "expires_in": federatedLife.Seconds(),
	}}
}

// snake returns the name of a parameter in a form for its name in JSON, where the REST reference writes it in camel case.
func snake(name string) string {
	var made strings.Builder
	for _, letter := range name {
		if unicode.IsUpper(letter) {
			made.WriteByte('_')
		}
		made.WriteRune(unicode.ToLower(letter))
	}
	return made.String()
}

// readExchange returns the parameters of a request. A parameter without a value is treated as omitted.
func readExchange(c *serve.Call) (sent map[string]string, reason string) {
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return nil, refusal.Violations[0].Message
	}
	sent = map[string]string{}
	kind, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(read.Text))
		if err != nil {
			return nil, "The body is not a form."
		}
		for name, all := range values {
			if len(all) > 1 {
				return nil, "Each parameter must be sent once."
			}
			sent[name] = all[0]
		}
	case serve.MediaTypeJSON:
		members, mistake := jsonbody.DecodeObject(read.Text)
		if mistake != nil {
			return nil, mistake.Message
		}
		for name, value := range members {
			text, isText := value.(string)
			if !isText {
				return nil, "Each parameter must be a text."
			}
			sent[snake(name)] = strings.Clone(text)
		}
	default:
		return nil, "Content-Type must be that of a form or of JSON."
	}
	for name, value := range sent {
		if value == "" {
			delete(sent, name)
		}
	}
	return sent, ""
}

// compare compares a request with the one that a credential describes.
func (e *Exchanger) compare(c *serve.Call, credential *model.Settings, sent map[string]string) *mistakes {
	found := &mistakes{credential: credential}
	found.add(c.Header.Get("Authorization") != "", invalidRequest, "There must be no Authorization header.")
	check := func(name, want, code string) {
		value, there := sent[name]
		found.add(!there && want != "", invalidRequest, "The parameter %s is missing.", name)
		found.add(there && !same(value, want), code, "The parameter %s has another value.", name)
	}
	check("grant_type", grantExchange, unsupportedGrant)
	check("requested_token_type", typeAccessToken, invalidRequest)
	check("options", credential.Text(roleOptions), invalidRequest)
	scope, there := sent["scope"]
	found.add(!there, invalidScope, "The parameter scope is missing.")
	found.add(there && !sameSet(strings.Fields(scope), strings.Fields(exchangeScope(credential))), invalidScope,
		"The parameter scope has another value than the credential describes.")
	kind, there := sent["subject_token_type"]
	found.add(!there, invalidRequest, "The parameter subject_token_type is missing.")
	found.add(there && kind != typeJWT && kind != typeIDToken, invalidRequest, "The parameter subject_token_type must be that of a JWT.")
	token, there := sent["subject_token"]
	found.add(!there, invalidRequest, "The parameter subject_token is missing.")
	if there {
		reason := e.checkSubject(c, token, credential.Text(roleAudience))
		found.add(reason != "", invalidGrant, "%s", reason)
	}
	known := []string{"grant_type", "requested_token_type", "options", "scope", "subject_token_type", "subject_token", "audience"}
	for name := range sent {
		found.add(!slices.Contains(known, name), invalidRequest, "There is a parameter that the credential does not describe.")
	}
	return found
}

// checkSubject returns what is wrong with a subject token; empty if it is one of the platform for this audience.
func (e *Exchanger) checkSubject(c *serve.Call, token, audience string) string {
	message, err := jws.Parse([]byte(token))
	if err != nil || strings.Count(token, ".") != 2 || len(message.Signatures()) != 1 {
		return "The subject token is not a JWT in compact form."
	}
	claims, mistake := jsonbody.DecodeObject(message.Payload())
	if mistake != nil {
		return "The claims of the subject token are not a JSON object."
	}
	headers := message.Signatures()[0].ProtectedHeaders()
	algorithm, _ := headers.Algorithm()
	kid, _ := headers.KeyID()
	keys, err := e.platform.SignerOf(c, kid).Keys()
	if err != nil {
		return "The keys of the subject token's signer cannot be read."
	}
	key, known := keys.LookupKeyID(kid)
	issuer, _ := claims["iss"].(string)
	expires, isNumber := claims["exp"].(float64)
	switch {
	case algorithm != jwa.RS256() && algorithm != jwa.ES256():
		return "The header alg of the subject token must be RS256 or ES256."
	case !known:
		return "The header kid of the subject token is not that of a key of the platform or of a client of the fixtures."
	case !platform.IsIssuer(issuer):
		return "The issuer of the subject token is not the platform."
	case !hasAudience(claims["aud"], audience):
		return "The audience of the subject token does not match the provider: it must be the audience, with or without https:."
	case !isNumber || time.Unix(int64(min(expires, 1<<40)), 0).Before(c.Session.Clock.Now().Add(-clockSkew)):
		return "The subject token is expired" + c.Session.Clock.Remark() + "."
	}
	if _, err := jws.Verify([]byte(token), jws.WithKey(algorithm, key)); err != nil {
		return "The signature of the subject token does not fit the key."
	}
	return ""
}

// hasAudience reports whether a claim, a text or a list of texts, has the audience.
func hasAudience(claim any, audience string) bool {
	named, isList := claim.([]any)
	if !isList {
		named = []any{claim}
	}
	return slices.Contains(named, any(audience)) || slices.Contains(named, any("https:"+audience))
}

// lifetimeForm is the form of a duration.
var lifetimeForm = lazy.Regexp(`^[0-9]+s$`)

// impersonate answers the request for a token of a service account.
func (e *Exchanger) impersonate(c *serve.Call) *serve.Reply {
	token, isBearer := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	held, known := c.Session.Accesses.Find(token)
	if !isBearer || !known || !held.Exchanged || c.Session.Clock.Now().After(held.Expires) {
		return e.refuse(c, &mistakes{}, http.StatusUnauthorized, "UNAUTHENTICATED",
			"The request needs a bearer token that the token exchange gave out and that is not expired.")
	}
	var body impersonation
	refusal := c.Instructions(&body)
	closest, fitting := outbound.Compare(c, model.RequestExchange,
		func(one *model.Settings) bool { return slices.Contains(held.Credentials, one.ID) },
		func(one *model.Settings) *mistakes { return body.compare(one, c.Parameter) })
	switch {
	case closest == nil:
		return e.refuse(c, &mistakes{}, http.StatusUnauthorized, "UNAUTHENTICATED", "The credential of this token is deleted.")
	case refusal != nil:
		return e.refuse(c, &mistakes{credential: closest.credential}, http.StatusBadRequest, "INVALID_ARGUMENT", refusal.Violations[0].Message)
	case len(fitting) > 0:
		return body.grant(c, fitting)
	case closest.codes[0] == permissionDenied:
		return e.refuse(c, closest, http.StatusForbidden, permissionDenied, closest.differences[0])
	}
	return e.refuse(c, closest, http.StatusBadRequest, "INVALID_ARGUMENT", strings.Join(closest.differences, " "))
}

const permissionDenied = "PERMISSION_DENIED"

// impersonation is the body of a request for a token of a service account.
type impersonation struct {
	Scope     []string `json:"scope"`
	Lifetime  string   `json:"lifetime"`
	Delegates []string `json:"delegates"`
}

// compare compares a request about a service account with the one that a credential describes.
func (i *impersonation) compare(credential *model.Settings, account string) *mistakes {
	found := &mistakes{credential: credential}
	target, err := url.Parse(credential.Text(roleImpersonation))
	last := ""
	if err == nil {
		last = target.Path[strings.LastIndex(target.Path, "/")+1:]
	}
	found.add(last != account+":generateAccessToken", permissionDenied, "The credential impersonates another service account.")
	found.add(!slices.Equal(i.Delegates, credential.List(roleDelegates)), permissionDenied, "The delegates are not those that %s says.",
		credential.Name(roleDelegates))
	if len(found.differences) > 0 {
		return found
	}
	if i.Lifetime != "" {
		seconds, err := i.seconds()
		found.add(!lifetimeForm().MatchString(i.Lifetime) || err != nil, "", "The lifetime must be a number of seconds such as 3600s.")
		found.add(err == nil && (seconds < 1 || seconds > 43200), "", "The lifetime must be from 1s to 43200s.")
	}
	found.add(len(i.Scope) == 0, "", "The member scope is missing.")
	found.add(len(i.Scope) > 0 && !sameSet(i.Scope, tokenScopes(credential)), "", "The scope is not the one that %s says.",
		credential.Name(roleScopes))
	found.add(cmp.Or(i.Lifetime, usualLifetime) != cmp.Or(lifetime(credential), usualLifetime), "",
		"The lifetime is not the one that %s says.", credential.Name(roleLifetime))
	return found
}

// seconds returns the lifetime that is asked for: an hour if there is none.
func (i *impersonation) seconds() (int, error) {
	if i.Lifetime == "" {
		return 3600, nil
	}
	return strconv.Atoi(strings.TrimSuffix(i.Lifetime, "s"))
}

// grant answers with a token, which the receiver of a destination accepts.
func (i *impersonation) grant(c *serve.Call, credentials []string) *serve.Reply {
	seconds, _ := i.seconds() // compare checked it
	life := time.Duration(seconds) * time.Second
	answer := map[string]any{
		"accessToken": outbound.Issue(c, credentials, life, false),
		"expireTime":  c.Session.Clock.Now().Add(life).UTC().Format(time.RFC3339),
	}
	if seconds > 3600 {
		answer["note"] = "A lifetime above one hour needs a policy of the organization that allows it."
	}
	return &serve.Reply{Status: http.StatusOK, Bare: answer}
}

// refuse returns a rejection in the form of Google's APIs.
func (e *Exchanger) refuse(c *serve.Call, found *mistakes, status int, name, message string) *serve.Reply {
	if len(found.differences) == 0 {
		found.differences = []string{message}
	}
	return e.sender.Refuse(c, found.Verdict(), &serve.Reply{Status: status,
		Bare: map[string]any{"error": map[string]any{"code": float64(status), "message": message, "status": name}}})
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sameSet reports whether two lists have the same texts, in any order.
func sameSet(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}
