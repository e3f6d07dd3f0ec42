package sigv4

import (
	"crypto/subtle"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// The error types of AWS services.
const (
	missingToken   = "MissingAuthenticationTokenException"
	incomplete     = "IncompleteSignatureException"
	unknownClient  = "UnrecognizedClientException"
	wrongSignature = "InvalidSignatureException"
	wrongPayload   = "XAmzContentSHA256Mismatch"
	skewedTime     = "RequestTimeTooSkewed"
)

// received is a signed request as it came.
type received struct {
	message
	body      string
	access    string   // of the Credential
	scope     []string // date, region, service and terminator
	signature string
	at        time.Time
}

// verdict is a refusal; empty if the request is verified.
type verdict struct {
	kind, words string
	credential  *model.Settings
	more        map[string]any
}

// Verdict returns the verdict as the sender of the request sees it.
func (v *verdict) Verdict() *outbound.Verdict {
	shown := &outbound.Verdict{}
	if v.kind != "" {
		shown.Differences = []string{v.words}
	}
	if v.credential != nil {
		shown.Credential = v.credential.ID
	}
	return shown
}

// verify answers whether the signature of a request is that of a credential.
func (s *Signer) verify(c *serve.Call) *serve.Reply {
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return refusal
	}
	got, found := readSigned(c, string(read.Text))
	if found == nil {
		found = judge(c, got)
	}
	if found.kind == "" {
		k := keysOf(found.credential)
		canon := got.canonical(k.service, variation{})
		return &serve.Reply{Status: http.StatusOK, Bare: map[string]any{
			"verified": true, "credential": found.credential.ID, "signedHeaders": outbound.Texts(got.names()),
			"canonicalRequest": k.masked(canon), "stringToSign": k.stringToSign(got.at, canon),
		}}
	}
	return s.refuse(c, found)
}

// refuse rejects a request in the form of AWS services.
func (s *Signer) refuse(c *serve.Call, found *verdict) *serve.Reply {
	answer := map[string]any{"__type": found.kind, "message": found.words}
	maps.Copy(answer, found.more)
	status := http.StatusForbidden
	if found.kind == wrongPayload {
		status = http.StatusBadRequest
	}
	return s.sender.Refuse(c, found.Verdict(), &serve.Reply{Status: status, Bare: answer, ErrorType: found.kind})
}

// Check returns why a request with a body does not have the signature of a credential; empty if it has.
func (s *Signer) Check(c *serve.Call, credential *model.Settings, body string) (reason string) {
	got, found := readSigned(c, body)
	if found == nil && !same(got.access, keysOf(credential).access) {
		return "The Credential does not begin with the access key that " + credential.Name(roleAccessKey) + " says."
	}
	if found == nil {
		found = got.check(c, credential)
	}
	if slip, hasSlip := found.more["likely"].(string); hasSlip {
		return found.words[:strings.Index(found.words, ".")+1] + " " + slip
	}
	return found.words
}

// readSigned parses a signed request. The verdict says why it cannot be verified.
func readSigned(c *serve.Call, body string) (*received, *verdict) {
	authorization := c.Header.Values(headerAuthorization)
	switch {
	case strings.Contains(c.URL.RawQuery, "X-Amz-Signature="):
		return nil, &verdict{kind: incomplete, words: "The signature is in the query. Presigned URLs are not verified here; sign the headers."}
	case len(authorization) == 0 || strings.TrimSpace(authorization[0]) == "":
		return nil, &verdict{kind: missingToken, words: "The Authorization header is missing."}
	case len(authorization) > 1:
		return nil, &verdict{kind: incomplete, words: "The Authorization header was sent twice."}
	case strings.HasPrefix(authorization[0], "AWS4-ECDSA-P256-SHA256"):
		return nil, &verdict{kind: incomplete, words: "SigV4A is not verified here; sign for one region with " + algorithm + "."}
	}
	rest, isV4 := strings.CutPrefix(authorization[0], algorithm+" ")
	if !isV4 {
		return nil, &verdict{kind: incomplete, words: "The Authorization header must begin with " + algorithm + "."}
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if parts[name] == "" {
			return nil, &verdict{kind: incomplete, words: "The Authorization header has no " + name + "."}
		}
	}
	credential := strings.Split(parts["Credential"], "/")
	if len(credential) != 5 {
		return nil, &verdict{kind: incomplete, words: "The Credential must have five parts: access key, date, region, service and " +
			terminator + "."}
	}
	got := &received{body: body, access: credential[0], scope: credential[1:], signature: parts["Signature"]}
	return got, got.take(c, strings.Split(strings.ToLower(parts["SignedHeaders"]), ";"))
}

// take reads the signed parts of a request.
func (r *received) take(c *serve.Call, names []string) *verdict {
	sent := c.Header.Get("X-Amz-Date")
	at, err := time.Parse(timeForm, sent)
	if sent == "" {
		at, err = http.ParseTime(c.Header.Get("Date"))
	}
	if err != nil {
		return &verdict{kind: incomplete, words: "X-Amz-Date or Date is missing, or is no time such as 20260115T093000Z."}
	}
	r.at, r.method = at.UTC(), c.Method
	target := c.RequestURI
	if _, after, absolute := strings.Cut(target, "://"); absolute && !strings.HasPrefix(target, "/") {
		target = after[max(strings.IndexByte(after, '/'), 0):]
	}
	r.path, r.query, _ = strings.Cut(target, "?")
	if refusal := r.takeHeaders(c, names); refusal != nil {
		return refusal
	}
	if r.payload = c.Header.Get(headerPayload); r.payload == "" {
		r.payload = hashOf(r.body)
	}
	return nil
}

// takeHeaders reads the headers that are signed.
func (r *received) takeHeaders(c *serve.Call, names []string) *verdict {
	r.headers = map[string][]string{}
	for _, name := range names {
		switch values := c.Header.Values(name); {
		case name == headerHost:
			r.headers[name] = []string{c.Host}
		case name == "content-length" && c.ContentLength >= 0:
			r.headers[name] = []string{c.Header.Get(name)}
			if r.headers[name][0] == "" {
				r.headers[name][0] = strconv.FormatInt(c.ContentLength, 10)
			}
		case name == "transfer-encoding" && len(c.TransferEncoding) > 0:
			r.headers[name] = c.TransferEncoding
		case len(values) == 0:
			return &verdict{kind: incomplete, words: "SignedHeaders names a header that was not sent, or whose name has no known form."}
		default:
			r.headers[name] = values
		}
	}
	if r.headers[headerHost] == nil {
		return &verdict{kind: incomplete, words: "The header host is not signed."}
	}
	for name := range c.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && lower != "x-amzn-trace-id" && r.headers[lower] == nil {
			return &verdict{kind: incomplete, words: "A header that begins with x-amz- is not signed."}
		}
	}
	return nil
}

// judge compares a signed request with the credentials whose access key it names.
func judge(c *serve.Call, got *received) *verdict {
	fits := func(one *model.Settings) bool { return one.Text(roleAccessKey) == got.access }
	var telling *verdict // a wrong signature says most
	closest, _ := outbound.Compare(c, model.RequestSignature, fits, func(one *model.Settings) *verdict {
		found := got.check(c, one)
		if telling == nil && found.kind == wrongSignature {
			telling = found
		}
		return found
	})
	switch {
	case closest == nil:
		return &verdict{kind: unknownClient, words: "No credential of the mock has this access key."}
	case closest.kind != "" && telling != nil:
		return telling
	}
	return closest
}

// check verifies a request with the keys of a credential.
func (r *received) check(c *serve.Call, credential *model.Settings) *verdict {
	k := keysOf(credential)
	found := &verdict{credential: credential}
	refuse := func(kind, words string) *verdict {
		found.kind, found.words = kind, words
		return found
	}
	if reason := r.wrongToken(credential, k); reason != "" {
		return refuse(unknownClient, reason)
	}
	switch region, service := credential.Name(roleRegion), credential.Name(roleService); {
	case r.scope[0] != r.at.Format(dateForm):
		return refuse(wrongSignature, "The date of the Credential is not that of X-Amz-Date.")
	case r.scope[1] != k.region:
		return refuse(wrongSignature, "The region of the Credential is not the one that "+region+" says.")
	case r.scope[2] != k.service:
		return refuse(wrongSignature, "The service of the Credential is not the one that "+service+" says.")
	case r.scope[3] != terminator:
		return refuse(wrongSignature, "The Credential must end in "+terminator+".")
	}
	if found := r.checkTime(c, k); found.kind != "" {
		return refuse(found.kind, found.words)
	}
	sent := strings.Join(r.headers[headerPayload], ",")
	if sent == "" && k.service == serviceS3 {
		return refuse(wrongPayload, "The header x-amz-content-sha256 is missing, which s3 requires.")
	}
	if sent != "" && sent != unsignedBody && !strings.EqualFold(sent, hashOf(r.body)) {
		return refuse(wrongPayload, "The header x-amz-content-sha256 is not the hash of the body.")
	}
	canon := r.canonical(k.service, variation{})
	text := k.stringToSign(r.at, canon)
	if same(r.signature, k.sign(r.at, text)) {
		return found
	}
	found.more = map[string]any{"canonicalRequest": k.masked(canon), "stringToSign": text}
	if slip := r.likely(k); slip != "" {
		found.more["likely"] = slip
	}
	return refuse(wrongSignature, "The signature is not the one that the credential gives. canonicalRequest and stringToSign "+
		"are the right ones.")
}

// wrongToken returns what is wrong with the session token of a request; empty if it is right.
func (r *received) wrongToken(credential *model.Settings, k *keys) string {
	switch token := strings.Join(r.headers[headerToken], ","); {
	case token == "" && k.token != "":
		return "X-Amz-Security-Token is missing, and " + credential.Name(roleSessionToken) + " is set."
	case token != "" && k.token == "":
		return "There is an X-Amz-Security-Token, and " + credential.Name(roleSessionToken) + " is not set."
	case !same(token, k.token):
		return "X-Amz-Security-Token is not the one that " + credential.Name(roleSessionToken) + " says."
	}
	return ""
}

// checkTime returns a refusal if the time of a request is too far off.
func (r *received) checkTime(c *serve.Call, k *keys) *verdict {
	allowed, kind := 5*time.Minute, wrongSignature
	if k.service == serviceS3 {
		allowed, kind = 15*time.Minute, skewedTime
	}
	now := c.Session.Clock.Now()
	switch {
	case r.at.Before(now.Add(-allowed)):
		return &verdict{kind: kind, words: "Signature expired: X-Amz-Date is too old" + c.Session.Clock.Remark() + "."}
	case r.at.After(now.Add(allowed)):
		return &verdict{kind: kind, words: "Signature not yet current: X-Amz-Date is too far ahead" + c.Session.Clock.Remark() + "."}
	}
	return &verdict{}
}

// likely returns the usual slip that gives the signature of a request; empty if none does.
func (r *received) likely(k *keys) string {
	gives := func(with keys, changed message, slip variation) bool {
		return same(r.signature, with.sign(r.at, with.stringToSign(r.at, changed.canonical(with.service, slip))))
	}
	slips := []struct {
		words string
		slip  variation
	}{
		{"The path is encoded once where it must be encoded twice, or the reverse: only s3 encodes it once.", variation{pathOnce: true}},
		{"The path is not normalized, or was normalized for s3.", variation{pathRaw: true}},
		{"The path is signed as s3 signs it, or the reverse.", variation{pathOnce: true, pathRaw: true}},
		{"The query is not sorted by name and value.", variation{unsorted: true}},
		{"A plus sign in the query is signed as a blank: sign %20 for a blank, and %2B for a plus sign.", variation{plusBlank: true}},
		{"The query is not signed.", variation{emptyQuery: true}},
		{"The values of headers are signed with their blanks: cut those at the ends, and make one of several.", variation{untrimmed: true}},
	}
	for _, one := range slips {
		if gives(*k, r.message, one.slip) {
			return one.words
		}
	}
	for words, secret := range map[string]string{
		"The secret is signed without the blanks at its ends.": strings.TrimSpace(k.secret),
		"The secret is signed with a newline behind it.":       k.secret + "\n",
		"The secret is signed with a blank behind it.":         k.secret + " ",
	} {
		with := *k
		if with.secret = secret; secret != k.secret && gives(with, r.message, variation{}) {
			return words
		}
	}
	for words, payload := range map[string]string{
		"The body is signed as an empty one.":                                      hashOf(""),
		"The body is signed as " + unsignedBody + ", and not hashed.":              unsignedBody,
		"The hash of the body is signed, and not the header x-amz-content-sha256.": hashOf(r.body),
	} {
		changed := r.message
		if changed.payload = payload; gives(*k, changed, variation{}) {
			return words
		}
	}
	return r.likelyOther(k)
}

// neighbours are regions that are easily taken for another.
var neighbours = []string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2",
	"eu-north-1", "eu-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "sa-east-1",
}

// likelyOther returns the key of another region, service or method that gives the signature of a request; empty if none does.
func (r *received) likelyOther(k *keys) string {
	canon := r.canonical(k.service, variation{})
	for _, region := range neighbours {
		with := *k
		with.region = region
		// The text may have the right scope, and only the key another region.
		if same(r.signature, with.sign(r.at, k.stringToSign(r.at, canon))) || same(r.signature, with.sign(r.at, with.stringToSign(r.at, canon))) {
			return "The key is derived for the region " + region + "."
		}
	}
	for _, shift := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		if same(r.signature, k.sign(r.at.Add(shift), k.stringToSign(r.at, canon))) {
			return "The key is derived for another day: it must be that of X-Amz-Date, in UTC."
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		changed := r.message
		if changed.method = method; same(r.signature, k.sign(r.at, k.stringToSign(r.at, changed.canonical(k.service, variation{})))) {
			return "The method " + method + " is signed, and another one was sent."
		}
	}
	return ""
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
