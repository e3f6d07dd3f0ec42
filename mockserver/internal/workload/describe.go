package workload

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/platform"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// tokenEndpoint is the word for the servers that give tokens.
const tokenEndpoint = "token endpoint"

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
func (e *Exchanger) Describe(c *serve.Call, credential *model.Settings, given Subject, send bool) *serve.Reply {
	steps, notes, reason := e.prepare(c, credential, given)
	if reason != "" {
		return serve.Refuse(http.StatusUnprocessableEntity, "no-token-request", reason)
	}
	described := make([]*outbound.Request, len(steps))
	for i, one := range steps {
		described[i] = &one.shown
	}
	answer := outbound.Description(notes, described...)
	if !send {
		return serve.JSON(http.StatusOK, answer)
	}
	reads, _, refusal := e.send(c, steps)
	if refusal != nil {
		return refusal
	}
	for i, read := range reads {
		answer["requests"].([]any)[i].(map[string]any)["answer"], answer["answer"] = read, read
		if read["differences"] != nil {
			answer["differences"] = read["differences"]
		}
	}
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
		if reason := outbound.CheckURL(credential.Name(role), tokenEndpoint, address); reason != "" && (address != "" || role == roleTokenURL) {
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
	shown   outbound.Request
	body    string
	bearer  bool   // the token of the step before goes into the Authorization header
	access  string // member of the answer that holds the token
	expires string // member of the answer that says when it expires
}

// exchangeStep returns the request that exchanges the subject token.
func exchangeStep(credential *model.Settings, given Subject, decoded map[string]any) *step {
	address, pairs := credential.Text(roleTokenURL), [][2]string{
		{"grant_type", grantExchange}, {"audience", credential.Text(roleAudience)}, {"scope", exchangeScope(credential)},
		{"requested_token_type", typeAccessToken}, {"subject_token", given.Token}, {"subject_token_type", given.Type},
	}
	if options := credential.Text(roleOptions); options != "" {
		pairs = append(pairs, [2]string{"options", options})
	}
	var sent, shown, lines []string
	parts := map[string]any{}
	for _, pair := range pairs {
		name, value, line := pair[0], pair[1], outbound.ShellQuoted(pair[0]+"="+pair[1])
		sent = append(sent, name+"="+url.QueryEscape(value))
		if name == "subject_token" {
			value, line = outbound.Masked, outbound.ShellQuoted(name+"=")+outbound.ShellVariable("subjectToken")
			shown = append(shown, name+"="+value)
		} else {
			shown = append(shown, name+"="+url.QueryEscape(value))
		}
		parts[name] = value
		lines = append(lines, "--data-urlencode "+line)
	}
	const form = "application/x-www-form-urlencoded"
	return &step{body: strings.Join(sent, "&"), access: "access_token", expires: "expires_in", shown: outbound.Request{
		Method: http.MethodPost, URL: address, Headers: headers(form), Body: strings.Join(shown, "&"), Parts: parts, Decoded: decoded,
		Curl: curl(address, append([]string{"--header " + outbound.ShellQuoted("Content-Type: "+form)}, lines...)...),
	}}
}

// impersonationStep returns the request for a token of a service account.
func impersonationStep(credential *model.Settings) *step {
	address, parts := credential.Text(roleImpersonation), map[string]any{"scope": outbound.Texts(tokenScopes(credential))}
	body := struct {
		Scope     []string `json:"scope"`
		Lifetime  string   `json:"lifetime,omitempty"`
		Delegates []string `json:"delegates,omitempty"`
	}{tokenScopes(credential), lifetime(credential), credential.List(roleDelegates)}
	if body.Lifetime != "" {
		parts["lifetime"] = body.Lifetime
	}
	if len(body.Delegates) > 0 {
		parts["delegates"] = outbound.Texts(body.Delegates)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // texts can always be encoded
	encoded := strings.TrimSuffix(text.String(), "\n")
	return &step{body: encoded, bearer: true, access: "accessToken", expires: "expireTime", shown: outbound.Request{
		Method: http.MethodPost, URL: address, Body: encoded, Parts: parts,
		Headers: append(headers(serve.MediaTypeJSON), [2]string{"Authorization", "Bearer " + outbound.Masked}),
		Curl: curl(address, "--header "+outbound.ShellQuoted("Content-Type: "+serve.MediaTypeJSON),
			"--header "+outbound.ShellQuoted("Authorization: Bearer ")+outbound.ShellVariable("federatedToken"),
			"--data-binary "+outbound.ShellQuoted(encoded)),
	}}
}

func headers(mediaType string) [][2]string {
	return [][2]string{{"User-Agent", outbound.UserAgent}, {"Connection", "close"}, {"Content-Type", mediaType}}
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
	for _, header := range headers(one.shown.Headers[2][1]) {
		request.Header.Set(header[0], header[1])
	}
	request.Header.Del("Connection") // the client sends it
	if one.bearer {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	var read map[string]any
	token := ""
	found, fault, refusal := e.sender.Send(request, tokenEndpoint, func(response *http.Response) {
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
