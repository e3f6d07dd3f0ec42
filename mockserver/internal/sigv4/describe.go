package sigv4

import (
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// The roles of a credential's fields (see x-request-role in docs/reference.md).
const (
	roleAccessKey    = "access-key"
	roleSecretKey    = "secret-key"
	roleSessionToken = "session-token"
	roleRegion       = "region"
	roleService      = "service"
)

// Signer shows, sends and verifies signed requests.
type Signer struct{ sender *outbound.Sender }

// New returns a signer that sends requests with a sender.
func New(sender *outbound.Sender) *Signer { return &Signer{sender: sender} }

const verifyPath = "/__sigv4/"

// Routes returns the routes of the signer.
func (s *Signer) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(serve.AnyMethod, verifyPath+serve.AnyPath, "verifySignature", s.verify),
		serve.AdminRoute(http.MethodPost, "credentials/{id}/signed-request", "describeSignedRequest", s.describe).Takes("send"),
	}
}

// wanted is the request to sign.
type wanted struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    *string           `json:"body"`
	Time    string            `json:"time"`
	Payload string            `json:"payload"`
}

func keysOf(credential *model.Settings) *keys {
	return &keys{
		access: credential.Text(roleAccessKey), secret: credential.Text(roleSecretKey), token: credential.Text(roleSessionToken),
		region: credential.Text(roleRegion), service: credential.Text(roleService),
	}
}

// describe shows the request that a credential signs, and sends it if the query requests that.
func (s *Signer) describe(c *serve.Call) *serve.Reply {
	credential := c.Session.Store.Get(store.ResourceCredential, c.Parameter)
	if credential == nil {
		return serve.Refuse(http.StatusNotFound, "not-found", "There is no credential of this id.")
	}
	form, send := c.VariantOf(credential), c.Query.Get("send")
	if form.Request != model.RequestSignature {
		return serve.Refuse(http.StatusUnprocessableEntity, "no-signed-request", "The strategy of this credential signs no requests.")
	}
	if send != "" && send != "true" && send != "false" {
		return serve.InvalidParameter("send", "true or false")
	}
	var want wanted
	if refusal := c.Instructions(&want); refusal != nil {
		return refusal
	}
	settings := form.SettingsOf(credential)
	made, reason := signedRequestOf(c, keysOf(settings), &want)
	if reason != "" {
		return serve.Refuse(http.StatusBadRequest, "invalid-request", reason)
	}
	shown := made.shown(c, settings)
	if send == "true" {
		answer, refusal := s.send(c, made)
		if refusal != nil {
			return refusal
		}
		outbound.Answered(shown, answer)
	}
	return serve.JSON(http.StatusOK, shown)
}

// signed is a signed request.
type signed struct {
	message
	keys      *keys
	target    *url.URL
	body      string
	at        time.Time
	canon     string
	toSign    string
	signature string
}

// signedRequestOf returns the request that was asked for, with its signature. The reason says why there is none.
func signedRequestOf(c *serve.Call, k *keys, want *wanted) (made *signed, reason string) {
	if want.URL == "" {
		want.URL = usualTarget(c)
	}
	made = &signed{keys: k, at: c.Session.Clock.Now().UTC().Truncate(time.Second)}
	if reason := outbound.CheckURL("url", outbound.AtDestination, want.URL); reason != "" {
		return nil, reason
	}
	made.target, _ = url.Parse(want.URL) // CheckURL parsed it
	if made.method = strings.ToUpper(want.Method); made.method == "" {
		made.method = http.MethodPost
	}
	if strings.ContainsFunc(made.method, func(letter rune) bool { return letter < 'A' || letter > 'Z' }) || made.method == http.MethodConnect {
		return nil, "method must be that of an HTTP request."
	}
	if want.Time != "" {
		at, err := time.Parse(time.RFC3339, want.Time)
		if err != nil {
			return nil, "time must be a time as RFC 3339 writes it, such as 2026-01-15T09:30:00Z."
		}
		made.at = at.UTC().Truncate(time.Second)
	}
	if want.Payload != "" && want.Payload != "signed" && want.Payload != "unsigned" {
		return nil, "payload must be signed or unsigned."
	}
	made.headers = map[string][]string{}
	for name, value := range want.Headers {
		if reason := checkHeader(name, value); reason != "" {
			return nil, reason
		}
		made.headers[strings.ToLower(name)] = []string{value}
	}
	made.fill(want)
	made.canon = made.canonical(k.service, variation{})
	made.toSign = k.stringToSign(made.at, made.canon)
	made.signature = k.sign(made.at, made.toSign)
	c.Model.Secrets.Add(made.signature)
	return made, ""
}

// checkHeader returns why a header cannot be signed; empty if it can.
func checkHeader(name, value string) string {
	lower := strings.ToLower(name)
	isToken := func(letter rune) bool {
		return letter >= 'a' && letter <= 'z' || letter >= '0' && letter <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", letter)
	}
	taken := []string{"authorization", headerHost, headerDate, headerToken, "content-length", "connection", "user-agent", "transfer-encoding"}
	switch {
	case lower == "" || strings.ContainsFunc(lower, func(letter rune) bool { return !isToken(letter) }):
		return "headers has a name that is none of an HTTP header."
	case slices.Contains(taken, lower):
		return "headers cannot have " + lower + ": the mock sets or leaves out this header itself."
	case strings.ContainsFunc(value, func(letter rune) bool { return letter < ' ' && letter != '\t' || letter == 0x7f }):
		return "headers has a value with a control character."
	}
	return ""
}

// fill adds the parts that the request does not choose.
func (s *signed) fill(want *wanted) {
	if want.Body != nil {
		s.body = *want.Body
	} else if s.method != http.MethodGet && s.method != http.MethodHead && s.method != http.MethodDelete {
		s.body = `{"message":"signed by credmock"}`
	}
	if s.body != "" {
		s.headers["content-length"] = []string{strconv.Itoa(len(s.body))}
		if s.headers["content-type"] == nil {
			s.headers["content-type"] = []string{serve.MediaTypeJSON}
		}
	}
	s.path, s.query = s.target.EscapedPath(), canonicalQuery(s.target.RawQuery, variation{})
	s.target.RawQuery, s.target.Fragment = s.query, ""
	s.payload = hashOf(s.body)
	if want.Payload == "unsigned" {
		s.payload = unsignedBody
	}
	if want.Payload == "unsigned" || s.keys.service == serviceS3 {
		s.headers[headerPayload] = []string{s.payload}
	}
	s.headers[headerHost] = []string{s.target.Host}
	s.headers[headerDate] = []string{s.at.Format(timeForm)}
	if s.keys.token != "" {
		s.headers[headerToken] = []string{s.keys.token}
	}
}

// usualTarget returns the URL of a destination that uses the credential, or else the verifier of the mock.
func usualTarget(c *serve.Call) string {
	if destination, address := outbound.UserOf(c, c.Parameter); destination != nil {
		return address
	}
	return c.OwnHost() + c.Session.Base + verifyPath + "echo"
}

// authorization returns the Authorization header with a signature.
func (s *signed) authorization(signature string) string {
	return algorithm + " Credential=" + s.keys.access + "/" + s.keys.scope(s.at) + ", SignedHeaders=" + strings.Join(s.names(), ";") +
		", Signature=" + signature
}

// masked returns a text without the session token.
func (k *keys) masked(text string) string {
	if k.token == "" {
		return text
	}
	return strings.ReplaceAll(text, headerToken+":"+strings.Join(strings.FieldsFunc(k.token, isBlank), " "), headerToken+":"+outbound.Masked)
}

// shown returns the answer that describes the request.
func (s *signed) shown(c *serve.Call, credential *model.Settings) map[string]any {
	listed := []outbound.Header{outbound.Line("User-Agent", outbound.UserAgent), outbound.Line("Connection", "close")}
	for _, name := range s.names() {
		value := outbound.Plain(strings.Join(s.headers[name], ","))
		if name == headerToken {
			value = outbound.From("header "+name, outbound.Masked, credential.Name(roleSessionToken))
		}
		listed = append(listed, outbound.Header{Name: textproto.CanonicalMIMEHeaderKey(name), Value: []outbound.Span{value}})
	}
	listed = append(listed, outbound.Header{Name: headerAuthorization, Value: s.authorizationSpans(credential)})
	request := &outbound.Request{To: outbound.AtDestination, Method: s.method, URL: s.target.String(), Headers: listed,
		Body: []outbound.Span{outbound.Plain(s.body)}, Behind: s.parts(credential), Curl: s.curl(credential)}
	shown := outbound.Description(c, credential, s.notes(credential), request)
	described := shown["requests"].([]any)[0].(map[string]any)
	for _, name := range []string{"headers", "http", "curl"} {
		shown[name] = described[name]
	}
	maps.Copy(shown, map[string]any{
		"canonicalRequest": s.keys.masked(s.canon), "stringToSign": s.toSign, "credentialScope": s.keys.scope(s.at),
		"signedHeaders": outbound.Texts(s.names()), "payloadHash": s.payload,
	})
	return shown
}

// scopeSpans returns the credential scope as it is shown.
func (s *signed) scopeSpans(place string, credential *model.Settings) []outbound.Span {
	return []outbound.Span{
		outbound.Plain(s.at.Format(dateForm) + "/"), outbound.From(place, s.keys.region, credential.Name(roleRegion)), outbound.Plain("/"),
		outbound.From(place, s.keys.service, credential.Name(roleService)), outbound.Plain("/" + terminator),
	}
}

// authorizationSpans returns the Authorization header as it is shown.
func (s *signed) authorizationSpans(credential *model.Settings) []outbound.Span {
	const place = "header Authorization"
	return slices.Concat([]outbound.Span{
		outbound.Plain(algorithm + " Credential="), outbound.From(place, s.keys.access, credential.Name(roleAccessKey)), outbound.Plain("/"),
	}, s.scopeSpans(place, credential), []outbound.Span{
		outbound.Plain(", SignedHeaders=" + strings.Join(s.names(), ";") + ", Signature="),
		outbound.From("signature", outbound.Masked, credential.Name(roleSecretKey), credential.Name(roleRegion), credential.Name(roleService)),
	})
}

// parts returns the texts that the signature is made of.
func (s *signed) parts(credential *model.Settings) []outbound.Part {
	canon := s.keys.masked(s.canon)
	spans := []outbound.Span{outbound.Plain(canon)}
	if before, after, found := strings.Cut(canon, "\n"+headerToken+":"+outbound.Masked); found && s.keys.token != "" {
		spans = []outbound.Span{outbound.Plain(before + "\n" + headerToken + ":"),
			outbound.From("header "+headerToken, outbound.Masked, credential.Name(roleSessionToken)), outbound.Plain(after)}
	}
	lines := strings.Split(s.toSign, "\n")
	toSign := slices.Concat([]outbound.Span{outbound.Plain(lines[0] + "\n" + lines[1] + "\n")}, s.scopeSpans("string to sign", credential),
		[]outbound.Span{outbound.Plain("\n" + lines[len(lines)-1])})
	return []outbound.Part{{Name: "canonical request", At: outbound.AtPlatform, Text: spans},
		{Name: "string to sign", At: outbound.AtPlatform, Text: toSign}}
}

// curl returns a shell command that signs and sends the request.
func (s *signed) curl(credential *model.Settings) string {
	parts := []string{"curl --request " + s.method + " " + outbound.ShellQuoted(s.target.String()), outbound.Globoff(s.target.String()),
		"--aws-sigv4 " + outbound.ShellQuoted("aws:amz:"+s.keys.region+":"+s.keys.service),
		"--user " + outbound.ShellQuoted(s.keys.access+":") + outbound.ShellVariable(credential.Name(roleSecretKey))}
	for _, name := range s.names() {
		switch name {
		case headerHost, headerDate, "content-length":
		case headerToken:
			parts = append(parts, "--header "+outbound.ShellQuoted(name+": ")+outbound.ShellVariable(credential.Name(roleSessionToken)))
		default:
			parts = append(parts, "--header "+outbound.ShellQuoted(name+": "+s.headers[name][0]))
		}
	}
	if s.body != "" {
		parts = append(parts, "--data-binary "+outbound.ShellQuoted(s.body))
	}
	return outbound.Lines(parts...)
}

// notes returns hints about fields that may not have the intended effect. They tell nothing about a secret.
func (s *signed) notes(credential *model.Settings) []string {
	var notes []string
	note := func(condition bool, text string) {
		if condition {
			notes = append(notes, text)
		}
	}
	for _, role := range []string{roleAccessKey, roleRegion, roleService} {
		text := credential.Text(role)
		note(text != strings.TrimSpace(text), credential.Name(role)+" begins or ends with a blank, which is kept.")
		note(strings.Contains(text, "/"), credential.Name(role)+" has a slash, at which a server takes the scope apart.")
	}
	note(strings.ToLower(s.keys.region) != s.keys.region || strings.ToLower(s.keys.service) != s.keys.service,
		"Regions and services are written in small letters. A capital letter gives a signature that AWS refuses.")
	note(credential.Text(roleSecretKey) == "", credential.Name(roleSecretKey)+" is not set, so the signature proves nothing.")
	note(s.keys.service == serviceS3, "For s3 the path is encoded once and x-amz-content-sha256 is sent.")
	note(s.keys.service != serviceS3 && strings.Contains(s.path, "%"),
		"The path has an encoded character. Some versions of curl encode it once, as only s3 does, and their signature is refused.")
	note(strings.HasPrefix(s.keys.access, "ASIA") && s.keys.token == "",
		credential.Name(roleAccessKey)+" is one of temporary credentials, which need "+credential.Name(roleSessionToken)+".")
	note(true, "A server accepts the signature for about five minutes after x-amz-date.")
	return notes
}

// send sends the request.
func (s *Signer) send(c *serve.Call, made *signed) (map[string]any, *serve.Reply) {
	ctx, cancel := outbound.Context(c)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, made.method, made.target.String(), strings.NewReader(made.body))
	if err != nil {
		return nil, serve.Refuse(http.StatusUnprocessableEntity, "no-signed-request", "The request cannot be made of these fields.")
	}
	for name, values := range made.headers {
		if name != headerHost && name != "content-length" {
			request.Header.Set(name, values[0])
		}
	}
	request.Header.Set("User-Agent", outbound.UserAgent)
	request.Header.Set(headerAuthorization, made.authorization(made.signature))
	return s.sender.SendDelivery(request)
}

// Deliver signs a request to a destination with a credential, and sends it.
func (s *Signer) Deliver(c *serve.Call, credential *model.Settings, address string) (map[string]any, *serve.Reply) {
	body := outbound.DeliveredBody
	made, reason := signedRequestOf(c, keysOf(credential), &wanted{URL: address, Body: &body})
	if reason != "" {
		return map[string]any{"fault": reason}, nil
	}
	return s.send(c, made)
}
