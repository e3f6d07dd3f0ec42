package oauth

import (
	"bytes"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// tokenAnswer is the answer of a token endpoint as a credential reads it.
type tokenAnswer struct {
	shown   map[string]any // description without the token
	notes   []string       // hints for the reader, without values
	access  string         // access token; empty if none
	refresh string         // refresh token; empty if none
}

func (a *tokenAnswer) note(text string) { a.notes = append(a.notes, text) }

// readTokenAnswer reads an answer by the names in the credential. The description holds only the status, the names found and
// the life of the token, since any other part of the answer may be the token or a secret of the request.
func readTokenAnswer(credential *model.Settings, described *tokenRequest, response *http.Response, now time.Time) *tokenAnswer {
	read := &tokenAnswer{shown: map[string]any{"status": float64(response.StatusCode)}}
	text, members, fault := outbound.ReadMembers(response)
	switch {
	case response.StatusCode >= http.StatusBadRequest:
		read.takeRefusal(described, members, response.Header, now)
		if fault != "" {
			read.note(fault)
		}
	case response.StatusCode >= http.StatusMultipleChoices:
		read.shown["fault"] = "The endpoint redirects, and a token request is not carried elsewhere."
	case fault != "":
		read.shown["fault"] = fault
	default:
		read.take(credential, described, members, now)
	}
	read.remark(described, members, text, response.Header)
	if len(read.notes) > 0 {
		read.shown["notes"] = outbound.Texts(read.notes)
	}
	return read
}

// takeRefusal reads the answer of an endpoint that gives no token.
func (a *tokenAnswer) takeRefusal(described *tokenRequest, members map[string]any, header http.Header, now time.Time) {
	a.shown["fault"] = "The endpoint refuses."
	if code := codeIn(members); code != "" && !described.isDisclosedBy(code) {
		a.shown["error"] = code
	}
	after := header.Get("Retry-After")
	seconds, found := lifeOf(after, now)
	if found && seconds >= 0 && !described.isDisclosedBy(after) {
		a.shown["retryAfterSeconds"] = seconds
	}
}

// take reads the token and its life from the members of an answer.
func (a *tokenAnswer) take(credential *model.Settings, described *tokenRequest, members map[string]any, now time.Time) {
	name := credential.TextOr(roleAccessName, usualAccess)
	token, isText := lookup(members, name).(string)
	code := codeIn(members)
	if !isText || token == "" {
		if code != "" {
			a.takeRefusal(described, members, nil, now)
			a.note("The endpoint refuses with a status of success.")
			return
		}
		a.shown["fault"] = "The answer has no text under the name that " + credential.Name(roleAccessName) + " gives, or that is usual."
		return
	}
	a.access, a.shown["accessTokenFrom"] = token, name
	a.shown["accessToken"] = string(censor.MaskText)
	if refresh, isText := lookup(members, credential.TextOr(roleRefreshName, usualRefresh)).(string); isText && refresh != "" {
		a.shown["refreshToken"] = string(censor.MaskText)
		a.refresh = refresh
	}
	a.takeLife(credential, described, members, now)
	if fault := members["error"]; fault != nil && fault != "" && fault != false {
		a.note("The answer has an error beside the token.")
	}
	a.checkToken(credential, members)
}

// checkToken notes an answer with a token that lacks or changes something (RFC 6749, section 5.1).
func (a *tokenAnswer) checkToken(credential *model.Settings, members map[string]any) {
	switch kind, isText := members["token_type"].(string); {
	case !isText || kind == "":
		a.note("The answer has no token_type, which RFC 6749 section 5.1 requires.")
	case !strings.EqualFold(kind, "Bearer"):
		a.note("The token_type of the answer is another one than Bearer.")
	}
	granted, isText := members["scope"].(string)
	asked := scopeSet(credential.Text(roleScopes))
	lacks := func(one string) bool { return !slices.Contains(scopeSet(granted), one) }
	if isText && slices.ContainsFunc(asked, lacks) {
		a.note("The scope of the answer has not everything that " + credential.Name(roleScopes) + " asks for.")
	}
}

// remark notes the form of an answer, and a secret of the request in it.
func (a *tokenAnswer) remark(described *tokenRequest, members map[string]any, text []byte, header http.Header) {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")) // an invalid type is treated as none
	if members != nil && kind != serve.MediaTypeJSON && !strings.HasSuffix(kind, "+json") {
		a.note("The answer is JSON, and its Content-Type does not say so.")
	}
	if bytes.HasPrefix(text, []byte(strictjson.Mark)) {
		a.note("The answer begins with a byte order mark, an invisible character that JSON must not have.")
	}
	if described.cameBack(text, header) {
		a.note("A secret of the request came back in the answer.")
	}
}

// echoLength is the length from which a secret in an answer is no chance.
const echoLength = 8

// cameBack reports whether an answer holds a secret of the request. A refresh token is left out: the answer may renew it.
func (t *tokenRequest) cameBack(text []byte, header http.Header) bool {
	detector := leak.New()
	for _, one := range t.parameters {
		if one.secret && one.role != roleRefreshName && len(one.value) >= echoLength {
			detector.Add(leak.Secret{}, one.value)
		}
	}
	if t.basic && len(t.secret) >= echoLength {
		detector.Add(leak.Secret{}, t.secret)
		detector.Add(leak.Secret{}, t.authorization())
	}
	var answered strings.Builder
	answered.Write(text)
	for name, values := range header {
		if name != "Content-Type" {
			answered.WriteString("\n" + strings.Join(values, "\n"))
		}
	}
	return len(detector.ScanEscaped(answered.String())) > 0
}

// lookup returns the value of a name: the member of that name or else, if the name is a path, the value it leads to. A path is
// names joined by dots, or a JSON pointer if it begins with a slash.
func lookup(members map[string]any, name string) any {
	if value, there := members[name]; there {
		return value
	}
	steps := strings.Split(name, ".")
	if pointer, isPointer := strings.CutPrefix(name, "/"); isPointer {
		steps = strings.Split(pointer, "/")
		for i, step := range steps {
			steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		}
	}
	var value any = members
	for _, step := range steps {
		value = child(value, step)
	}
	return value
}

// child returns a member of an object or an element of an array, or nil.
func child(value any, step string) any {
	switch value := value.(type) {
	case map[string]any:
		return value[step]
	case []any:
		if at, err := strconv.Atoi(step); err == nil && at >= 0 && at < len(value) && strconv.Itoa(at) == step {
			return value[at]
		}
	}
	return nil
}

// isDisclosedBy reports whether a value of an answer is or contains a secret of the request, in any form.
func (t *tokenRequest) isDisclosedBy(value any) bool {
	text, isText := value.(string)
	if number, isNumber := value.(float64); isNumber {
		text = strconv.FormatFloat(number, 'f', -1, 64)
	} else if !isText {
		return false // values of other types are not shown
	}
	detector := leak.New()
	told, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	for _, secret := range t.secrets() {
		detector.Add(leak.Secret{}, secret)
		if text == secret || err == nil && isSameNumber(secret, told) {
			return true
		}
	}
	return len(detector.Scan(text)) > 0
}

// isSameNumber reports whether a secret is a number, or the same time in seconds or milliseconds.
func isSameNumber(secret string, told float64) bool {
	number, err := strconv.ParseFloat(strings.TrimSpace(secret), 64)
	return err == nil && (number == told || told >= secondsFrom && (number == math.Floor(told/1000) || told == math.Floor(number/1000)))
}

// secrets returns the secrets in the request.
func (t *tokenRequest) secrets() []string {
	var all []string
	for _, one := range t.parameters {
		if one.secret {
			all = append(all, one.value)
		}
	}
	if t.basic {
		all = append(all, t.secret, t.authorization())
	}
	return slices.DeleteFunc(all, func(one string) bool { return one == "" })
}

// errorMembers are the members of an answer that hold an error code, of OAuth and of servers with names of their own.
var errorMembers = []string{"error", "errorCode", "ErrorCode", "code"}

// codeIn returns the known error code of an answer; empty if there is none.
func codeIn(members map[string]any) string {
	for _, name := range errorMembers {
		if code, isText := members[name].(string); isText && knownCodes[code] {
			return code
		}
	}
	return ""
}

// knownCodes are the error codes of OAuth and its extensions, and those of widespread servers. They are the only text of an
// answer that is repeated.
var knownCodes = setOf(
	// RFC 6749, sections 4.1.2.1 and 5.2
	invalidRequest, invalidClient, invalidGrant, "unauthorized_client", unsupportedGrant, invalidScope,
	"access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable",
	// RFC 6750, 7009, 8628, 8705, 8707, 9396, 9449, 9470
	"invalid_token", "insufficient_scope", "unsupported_token_type", "authorization_pending", "slow_down", "expired_token",
	invalidTarget, "invalid_authorization_details", "use_dpop_nonce", "invalid_dpop_proof", "insufficient_user_authentication",
	// OpenID Connect
	"interaction_required", "login_required", "account_selection_required", "consent_required", "invalid_request_uri",
	"invalid_request_object", "request_not_supported", "request_uri_not_supported", "registration_not_supported",
	// servers with codes of their own
	"invalid_client_id", "invalid_client_credentials", "invalid_client_secret", "invalid_assertion", "invalid_app_access", "inactive_user",
	"inactive_org", "rate_limit_exceeded", "too_many_requests", "too_many_attempts", "mfa_required", "invalid_resource", "invalid_audience",
	"invalid_user", "invalid_user_password", "password_expired", "account_locked", "user_disabled", "org_disabled", "not_allowed",
	"unknown_error", "internal_error", "internal_server_error", "not_found", "forbidden", "unauthorized", "unsupported_media_type",
	"InvalidClientIdentifier", "InvalidClient", "InvalidRequest", "InvalidGrant", "InvalidScope", "AccessDenied", "UnauthorizedClient",
	"E0000001", "E0000003", "E0000004", "E0000006", "E0000007", "E0000009", "E0000011", "E0000015", "E0000021", "E0000022", "E0000047",
)

func setOf(texts ...string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[text] = true
	}
	return set
}
