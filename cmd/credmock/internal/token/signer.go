package token

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
	"regexp"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/strictjson"
)

// assertionSigner proves to a token endpoint who a client is.
type assertionSigner struct {
	client    string
	key       jwk.Key
	algorithm jwa.SignatureAlgorithm
	// unanswered returns why a host gave no answer, from an error and its text.
	unanswered func(host *url.URL, err error, reason string) string
}

// assertionLife is how long an assertion can be used. It is used at once.
const assertionLife = time.Minute

// assertion signs that the client is who asks this audience now.
func (s *assertionSigner) assertion(audience string, now time.Time) (string, error) {
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

// exchange gets a bearer token for an assertion.
func (s *assertionSigner) exchange(ctx context.Context, transport http.RoundTripper, endpoint *url.URL) (string, error) {
	assertion, err := s.assertion(endpoint.String(), time.Now())
	if err != nil {
		return "", err
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("%s cannot be asked", endpoint)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	response, err := finalanswer.Do(client, request)
	if err != nil {
		return "", fmt.Errorf("%s does not answer: %s", endpoint, s.unanswered(endpoint, err, told(innermost(err).Error(), assertion)))
	}
	defer response.Body.Close()
	return readToken(endpoint, response, assertion)
}

const (
	// answerLimit is far more than any answer of a token endpoint has.
	answerLimit = 64 << 10
	// shownLimit bounds how much of an answer a message shows.
	shownLimit = 300
)

// bearerForm matches every bearer token (RFC 6750, section 2.1).
var bearerForm = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// readToken takes the token out of an answer to an assertion, or says why there is none.
func readToken(endpoint *url.URL, response *http.Response, assertion string) (string, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("%s broke off its answer", endpoint)
	case len(text) > answerLimit:
		return "", fmt.Errorf("%s answered with more than %d KiB, which no answer of a token endpoint has", endpoint, answerLimit>>10)
	case bytes.HasPrefix(text, []byte(strictjson.Mark)):
		return "", fmt.Errorf("%s answered with a byte order mark before its JSON, an invisible character that JSON must not have", endpoint)
	case jsonbound.TooDeep(text):
		return "", fmt.Errorf("%s answered with JSON that is nested deeper than anything of this API", endpoint)
	}
	err = json.Unmarshal(text, &answer)
	switch {
	case response.StatusCode != http.StatusOK && answer.Code != "":
		return "", fmt.Errorf("%s refuses with %q: %s", endpoint, told(answer.Code, assertion), told(answer.Description, assertion))
	case response.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%s answered %s", endpoint, told(response.Status, assertion))
	case err != nil || answer.AccessToken == "":
		return "", fmt.Errorf("%s answered without an access token", endpoint)
	case !bearerForm.MatchString(answer.AccessToken):
		return "", fmt.Errorf("%s answered with an access token that is none: "+
			"one has letters, digits and -._~+/ alone, and = at its end", endpoint)
	}
	return answer.AccessToken, nil
}

// told returns the text of an answer for a message: printable, on one line, short, and masked if it repeats a part of the
// assertion, which would let its reader in.
func told(text, assertion string) string {
	if repeats(text, assertion) {
		return "[masked: it repeats the assertion]"
	}
	shown := foreign.Text(strings.TrimSpace(text)).String()
	if len(shown) > shownLimit {
		shown = strings.ToValidUTF8(shown[:shownLimit], "") + "…"
	}
	return shown
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

// innermost takes off what net/http wraps around a fault: the URL stands in the message already.
func innermost(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// noRedirect keeps an assertion from being carried to another place.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
