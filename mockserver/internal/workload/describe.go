package workload

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/platform"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// Exchanger shows, sends and answers the requests of workload identity federation.
type Exchanger struct {
	sender   *outbound.Sender
	platform *platform.Platform
}

// New returns an exchanger that sends requests with a sender, and signs for a platform.
func New(sender *outbound.Sender, signer *platform.Platform) *Exchanger {
	return &Exchanger{sender: sender, platform: signer}
}

// Subject is a subject token that takes the place of the platform's.
type Subject struct {
	Token string `json:"subjectToken"`
	Type  string `json:"subjectTokenType"`
}

// subjectLife is the life of a subject token.
const subjectLife = 5 * time.Minute

// Describe shows the requests of a credential, and sends them.
func (e *Exchanger) Describe(c *serve.Call, credential *model.Settings, given Subject, order outbound.Order) *serve.Reply {
	steps, notes, reason := e.prepare(c, credential, given)
	if reason != "" {
		return serve.Refuse(http.StatusUnprocessableEntity, "no-token-request", reason)
	}
	described := make([]*outbound.Request, len(steps))
	for i, one := range steps {
		described[i] = &one.shown
	}
	answer := outbound.Description(c, credential, notes, described...)
	if !order.Send {
		return serve.JSON(http.StatusOK, answer)
	}
	reads, token, refusal := e.send(c, steps)
	if refusal != nil {
		return refusal
	}
	e.sender.GoOn(c, order, token, outbound.Answered(answer, reads...))
	return serve.JSON(http.StatusOK, answer)
}

// Fetch requests a token as a credential says. The problems say why there is none.
func (e *Exchanger) Fetch(c *serve.Call, credential *model.Settings) (token string, problems []string, refusal *serve.Reply) {
	steps, _, reason := e.prepare(c, credential, Subject{})
	if reason != "" {
		return "", []string{reason}, nil
	}
	reads, token, refusal := e.send(c, steps)
	if refusal != nil {
		return "", nil, refusal
	}
	return token, outbound.TokenProblems(reads[len(reads)-1]), nil
}

// prepare returns the requests of a credential, and hints. The reason says why there are none.
func (e *Exchanger) prepare(c *serve.Call, credential *model.Settings, given Subject) (steps []*step, notes []string, reason string) {
	for _, role := range []string{roleTokenURL, roleImpersonation} {
		address := credential.Text(role)
		reason := outbound.CheckURL(credential.Name(role), outbound.AtTokenEndpoint, address)
		if reason != "" && (address != "" || role == roleTokenURL) {
			return nil, nil, reason
		}
	}
	var decoded map[string]any
	notes = notesOf(credential)
	if given.Token == "" {
		if given.Token, decoded = e.subjectToken(c, credential); given.Token == "" {
			return nil, nil, "The platform cannot sign."
		}
		notes = append(notes, "No field says where the subject token comes from. The platform signs one; its public keys are at "+
			"/__platform/jwks.json, and subjectToken in the body of this request replaces it.")
	}
	if given.Type == "" {
		given.Type = typeJWT
	}
	c.Model.Secrets.Add(given.Token)
	steps = []*step{exchangeStep(credential, given, decoded)}
	if credential.Text(roleImpersonation) != "" {
		steps = append(steps, impersonationStep(credential))
	}
	return steps, notes, ""
}

// subjectToken returns a token of the platform for a credential, and its decoded parts. The token is empty if none can be signed.
func (e *Exchanger) subjectToken(c *serve.Call, credential *model.Settings) (string, map[string]any) {
	now := c.Session.Clock.Now()
	claims := map[string]any{
		"iss": e.platform.Issuer(c), "sub": credential.ID, "aud": "https:" + credential.Text(roleAudience), "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(subjectLife).Unix(),
	}
	token, header, err := e.platform.Sign(claims, jwa.RS256(), nil)
	if err != nil {
		return "", nil
	}
	return token, map[string]any{"subject_token": map[string]any{"header": header, "claims": claims}}
}

// step is one request with its description.
type step struct {
	shown     outbound.Request
	body      string
	mediaType string
	bearer    bool   // the token of the step before goes into the Authorization header
	access    string // member of the answer that holds the token
	expires   string // member of the answer that says when it expires
}

// parameter is a parameter of a form, with the fields that its value comes from.
type parameter struct {
	name, value string
	fields      []string
}

const subjectParameter = "subject_token"

// exchangeStep returns the request that exchanges the subject token.
func exchangeStep(credential *model.Settings, given Subject, decoded map[string]any) *step {
	audience := []string{credential.Name(roleAudience)}
	subject, isSigned := decoded[subjectParameter].(map[string]any)
	subjectFields := audience
	if !isSigned {
		subjectFields = nil
	}
	parameters := []parameter{
		{"grant_type", grantExchange, nil}, {"audience", credential.Text(roleAudience), audience},
		{"scope", exchangeScope(credential), scopeField(credential)}, {"requested_token_type", typeAccessToken, nil},
		{subjectParameter, given.Token, subjectFields}, {"subject_token_type", given.Type, nil},
	}
	if options := credential.Text(roleOptions); options != "" {
		parameters = append(parameters, parameter{"options", options, []string{credential.Name(roleOptions)}})
	}
	address := credential.Text(roleTokenURL)
	made := &step{access: "access_token", expires: "expires_in", mediaType: "application/x-www-form-urlencoded", shown: outbound.Request{
		To: outbound.AtTokenEndpoint, Method: http.MethodPost, URL: address, URLField: credential.Name(roleTokenURL),
		Parts: map[string]any{}, Decoded: decoded,
	}}
	if isSigned {
		made.shown.Behind = outbound.Signed(subjectParameter, subject["header"].(map[string]any), subject["claims"].(map[string]any),
			map[string][]string{"aud": audience})
	}
	lines := []string{"--header " + outbound.ShellQuoted("Content-Type: "+made.mediaType)}
	for i, one := range parameters {
		value, shown, line := url.QueryEscape(one.value), url.QueryEscape(one.value), outbound.ShellQuoted(one.name+"="+one.value)
		made.shown.Parts[one.name] = one.value
		if one.name == subjectParameter {
			made.shown.Parts[one.name], shown = outbound.Masked, outbound.Masked
			line = outbound.ShellQuoted(one.name+"=") + outbound.ShellVariable("subjectToken")
		}
		separator := "&"
		if i == 0 {
			separator = ""
		}
		made.body += separator + one.name + "=" + value
		made.shown.Body = append(made.shown.Body, outbound.Plain(separator+one.name+"="),
			outbound.From("parameter "+one.name, shown, one.fields...))
		lines = append(lines, "--data-urlencode "+line)
	}
	made.shown.Headers, made.shown.Curl = headers(made.mediaType), curl(address, lines...)
	return made
}

// scopeField returns the name of the field that the scope of the exchange comes from, or nothing if it is the usual one.
func scopeField(credential *model.Settings) []string {
	role := roleScopes
	if Impersonates(credential) {
		role = roleExchangeScopes
	}
	if len(credential.List(role)) == 0 {
		return nil
	}
	return []string{credential.Name(role)}
}

// member is a member of a JSON body, with the role of its field.
type member struct {
	name, role string
	value      any
}

// impersonationStep returns the request for a token of a service account.
func impersonationStep(credential *model.Settings) *step {
	body := []member{{"scope", roleScopes, outbound.Texts(tokenScopes(credential))}}
	if life := lifetime(credential); life != "" {
		body = append(body, member{"lifetime", roleLifetime, life})
	}
	if delegates := credential.List(roleDelegates); len(delegates) > 0 {
		body = append(body, member{"delegates", roleDelegates, outbound.Texts(delegates)})
	}
	address, parts, spans, separator := credential.Text(roleImpersonation), map[string]any{}, []outbound.Span{}, "{"
	for _, one := range body {
		field := ""
		if len(credential.List(one.role)) > 0 {
			field = credential.Name(one.role)
		}
		parts[one.name] = one.value
		spans = append(spans, outbound.Plain(separator+`"`+one.name+`":`),
			outbound.From("member "+one.name, string(view.AppendValue(nil, one.value)), field))
		separator = ","
	}
	spans = append(spans, outbound.Plain("}"))
	encoded := outbound.Joined(spans)
	return &step{
		body: encoded, bearer: true, access: "accessToken", expires: "expireTime", mediaType: serve.MediaTypeJSON,
		shown: outbound.Request{
			To: outbound.AtTokenEndpoint, Method: http.MethodPost, URL: address, URLField: credential.Name(roleImpersonation), Body: spans,
			Parts: parts, Headers: append(headers(serve.MediaTypeJSON), outbound.Line("Authorization", "Bearer "+outbound.Masked)),
			Curl: curl(address, "--header "+outbound.ShellQuoted("Content-Type: "+serve.MediaTypeJSON),
				"--header "+outbound.ShellQuoted("Authorization: Bearer ")+outbound.ShellVariable("federatedToken"),
				"--data-binary "+outbound.ShellQuoted(encoded)),
		},
	}
}

func headers(mediaType string) []outbound.Header {
	return []outbound.Header{outbound.Line("User-Agent", outbound.UserAgent), outbound.Line("Connection", "close"),
		outbound.Line("Content-Type", mediaType)}
}

func curl(address string, parts ...string) string {
	return outbound.Lines(append([]string{"curl --request POST " + outbound.ShellQuoted(address), outbound.Globoff(address)}, parts...)...)
}

// send sends the steps until one is refused. It returns the answers, and the token of the last step; empty if there is none.
func (e *Exchanger) send(c *serve.Call, steps []*step) (reads []map[string]any, token string, refusal *serve.Reply) {
	ctx, cancel := outbound.Context(c)
	defer cancel()
	for _, one := range steps {
		read, given, refusal := e.sendStep(ctx, c, one, token)
		if refusal != nil {
			return nil, "", refusal
		}
		reads, token = append(reads, read), given
		if given == "" {
			break
		}
	}
	return reads, token, nil
}

// sendStep sends one request, and returns the token of its answer; empty if there is none.
func (e *Exchanger) sendStep(ctx context.Context, c *serve.Call, one *step, bearer string) (map[string]any, string, *serve.Reply) {
	request, err := http.NewRequestWithContext(ctx, one.shown.Method, one.shown.URL, strings.NewReader(one.body))
	if err != nil {
		return nil, "", serve.Refuse(http.StatusUnprocessableEntity, "no-token-request", "The request cannot be made of these fields.")
	}
	if reason := outbound.CheckToken(bearer); reason != "" {
		return map[string]any{"fault": reason}, "", nil
	}
	request.Header.Set("User-Agent", outbound.UserAgent)
	request.Header.Set("Content-Type", one.mediaType)
	if one.bearer {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	var read map[string]any
	token := ""
	found, fault, refusal := e.sender.Send(request, outbound.AtTokenEndpoint, func(response *http.Response) {
		read, token = one.read(response, c.Session.Clock.Now())
	})
	if read == nil {
		return map[string]any{"fault": fault}, "", refusal
	}
	if token != "" {
		c.Model.Secrets.Add(token)
	}
	found.Show(read)
	return read, token, nil
}

// read reads an answer. Nothing of it is shown but the names, the life of the token and a known error code.
func (s *step) read(response *http.Response, now time.Time) (shown map[string]any, token string) {
	shown = map[string]any{"status": float64(response.StatusCode)}
	_, members, fault := outbound.ReadMembers(response)
	token, _ = members[s.access].(string)
	switch {
	case response.StatusCode >= http.StatusBadRequest:
		shown["fault"] = "The endpoint refuses."
		if code := errorCode(members); code != "" {
			shown["error"] = code
		}
		return shown, ""
	case response.StatusCode >= http.StatusMultipleChoices:
		shown["fault"] = "The endpoint redirects, and a token request is not carried elsewhere."
		return shown, ""
	case fault != "":
		shown["fault"] = fault
		return shown, ""
	case token == "":
		shown["fault"] = "The answer has no text under the name " + s.access + "."
		return shown, ""
	}
	shown["accessToken"], shown["accessTokenFrom"] = outbound.Masked, s.access
	var notes []string
	if life, known := lifeOf(members[s.expires], now); known {
		shown["expiresInSeconds"], shown["expiresFrom"] = life, s.expires
	} else {
		notes = append(notes, "Nothing says how long the token lives: the member "+s.expires+" is missing or cannot be read.")
	}
	if !s.bearer && members["issued_token_type"] != typeAccessToken {
		notes = append(notes, "The issued_token_type of the answer is not that of an access token (RFC 8693, section 2.2.1).")
	}
	if len(notes) > 0 {
		shown["notes"] = outbound.Texts(notes)
	}
	return shown, token
}

// longestLife is the maximum life of a token in seconds: a hundred years.
const longestLife = 100 * 366 * 24 * 60 * 60

// lifeOf reads a number of seconds, or a time as RFC 3339 writes it.
func lifeOf(value any, now time.Time) (seconds float64, known bool) {
	if text, isText := value.(string); isText {
		at, err := time.Parse(time.RFC3339, text)
		seconds = float64(at.Unix() - now.Unix())
		return seconds, err == nil && seconds < longestLife
	}
	seconds, known = value.(float64)
	return seconds, known && seconds < longestLife && seconds > -longestLife
}

// knownCodes are the error codes of RFC 6749, RFC 8693 and of Google's APIs. They are the only text of an answer that is repeated.
var knownCodes = map[string]bool{
	invalidRequest: true, "invalid_client": true, invalidGrant: true, "unauthorized_client": true, unsupportedGrant: true, invalidScope: true,
	invalidTarget: true, "UNAUTHENTICATED": true, "PERMISSION_DENIED": true, "INVALID_ARGUMENT": true, "NOT_FOUND": true,
	"FAILED_PRECONDITION": true, "RESOURCE_EXHAUSTED": true, "UNAVAILABLE": true, "INTERNAL": true,
}

// errorCode returns the known error code of an answer; empty if there is none.
func errorCode(members map[string]any) string {
	code, _ := members["error"].(string)
	if nested, isObject := members["error"].(map[string]any); isObject {
		code, _ = nested["status"].(string)
	}
	if knownCodes[code] {
		return code
	}
	return ""
}
