// Package assertion gets bearer tokens from a token endpoint, by signed assertions.
package assertion

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/strictjson"
)

// Signer proves to a token endpoint who a client is.
type Signer struct {
	client    string
	key       jwk.Key
	algorithm jwa.SignatureAlgorithm
	// Unanswered returns why a host gave no answer, from an error and its text.
	Unanswered func(host *url.URL, err error, reason string) string
}

// assertionLife is how long an assertion can be used. It is used at once.
const assertionLife = time.Minute

// Assertion signs that the client is who asks this audience now.
func (s *Signer) Assertion(audience string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"iss": s.client, "sub": s.client, "aud": audience, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed, err := jws.Sign(claims, jws.WithKey(s.algorithm, s.key))
	if err != nil {
		return "", errors.New("the key cannot sign with " + s.algorithm.String())
	}
	return string(signed), nil
}

// Token is a bearer token, and how long it lives.
type Token struct {
	Value string
	Life  time.Duration // 0 if the endpoint does not say it
}

// Exchange gets a bearer token for an assertion.
func (s *Signer) Exchange(ctx context.Context, transport http.RoundTripper, endpoint *url.URL) (Token, error) {
	assertion, err := s.Assertion(endpoint.String(), time.Now())
	if err != nil {
		return Token{}, err
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return Token{}, fmt.Errorf("%s cannot be asked", endpoint)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	client := &http.Client{Transport: transport, CheckRedirect: cli.NoRedirect}
	response, err := finalanswer.Do(client, request)
	if err != nil {
		return Token{}, fmt.Errorf("%s does not answer: %s", endpoint, s.Unanswered(endpoint, err, told(cli.Innermost(err).Error(), assertion)))
	}
	defer response.Body.Close()
	return readToken(endpoint, response, assertion)
}

const (
	// answerLimit is far more than any answer of a token endpoint has.
	answerLimit = 64 << 10
)

// bearerForm matches every bearer token (RFC 6750, section 2.1).
var bearerForm = lazy.Regexp(`^[A-Za-z0-9._~+/-]+=*$`)

// IsBearer tells whether a text can be a bearer token.
func IsBearer(text string) bool { return bearerForm().MatchString(text) }

// LifeOf reads how long a token lives, in seconds: a number, or a number in a string as some endpoints write it.
func LifeOf(value any) time.Duration {
	seconds, isNumber := value.(float64)
	if text, isText := value.(string); isText {
		seconds, _ = strconv.ParseFloat(text, 64)
	} else if !isNumber {
		return 0
	}
	return time.Duration(max(0, min(seconds, longestLife.Seconds())) * float64(time.Second))
}

// longestLife bounds the life of a token; a longer one is the same to any run.
const longestLife = 24 * time.Hour

// readToken takes the token out of an answer to an assertion, or says why there is none.
func readToken(endpoint *url.URL, response *http.Response, assertion string) (Token, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		Life        any    `json:"expires_in"`
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case err != nil:
		return Token{}, fmt.Errorf("%s broke off its answer", endpoint)
	case len(text) > answerLimit:
		return Token{}, fmt.Errorf("%s answered with more than %d KiB, which no answer of a token endpoint has", endpoint, answerLimit>>10)
	case bytes.HasPrefix(text, []byte(strictjson.Mark)):
		return Token{}, fmt.Errorf("%s answered with a byte order mark before its JSON, an invisible character that JSON must not have", endpoint)
	case jsonbound.TooDeep(text):
		return Token{}, fmt.Errorf("%s answered with JSON that is nested deeper than anything of this API", endpoint)
	}
	err = json.Unmarshal(text, &answer)
	switch {
	case response.StatusCode != http.StatusOK && answer.Code != "":
		return Token{}, fmt.Errorf("%s refuses with %q: %s", endpoint, told(answer.Code, assertion), told(answer.Description, assertion))
	case response.StatusCode != http.StatusOK:
		return Token{}, fmt.Errorf("%s answered %s", endpoint, told(response.Status, assertion))
	case err != nil || answer.AccessToken == "":
		return Token{}, fmt.Errorf("%s answered without an access token", endpoint)
	case !IsBearer(answer.AccessToken):
		return Token{}, fmt.Errorf("%s answered with an access token that is none: "+
			"one has letters, digits and -._~+/ alone, and = at its end", endpoint)
	}
	return Token{answer.AccessToken, LifeOf(answer.Life)}, nil
}

// told returns the text of an answer for a message: printable, on one line, short, and masked if it repeats a part of the
// assertion, which would let its reader in.
func told(text, assertion string) string {
	if repeats(text, assertion) {
		return "[masked: it repeats the assertion]"
	}
	return cli.Brief(text)
}

// repeats tells whether a text holds a part of the signature of an assertion.
func repeats(text, assertion string) bool {
	const part = 12 // characters that chance does not repeat
	signature := assertion[strings.LastIndexByte(assertion, '.')+1:]
	for start := 0; start+part <= len(signature); start++ {
		if strings.Contains(text, signature[start:start+part]) {
			return true
		}
	}
	return false
}

// Endpoint returns where the host of base gives out tokens: beside the API's path, not below it.
func Endpoint(base *url.URL) *url.URL {
	spec := credmock.Default()
	issue := spec.Operation("token", "create")
	endpoint := *base
	endpoint.RawPath = ""
	endpoint.Path = strings.TrimSuffix(base.Path, spec.BasePath()) + issue.Prefix + issue.Path
	return &endpoint
}
