package mocktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver"
)

// Assertions signs assertions for one mock at one time.
type Assertions struct {
	T    *testing.T
	Mock *API
	Now  time.Time
	next int
}

// Claims returns valid claims with changes applied; a nil value removes a claim.
func (a *Assertions) Claims(changes Members) Members {
	a.next++
	claims := Members{
		"iss": mockserver.DevelopmentClient, "sub": mockserver.DevelopmentClient, "aud": a.Endpoint(),
		"iat": a.Now.Unix(), "exp": a.Now.Add(time.Minute).Unix(), "jti": fmt.Sprint(a.next),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// Sign signs claims with the development key for the algorithm.
func (a *Assertions) Sign(algorithm jwa.SignatureAlgorithm, claims Members) string {
	a.T.Helper()
	set, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		a.T.Fatal(err)
	}
	key, _ := set.LookupKeyID("development-" + strings.ToLower(algorithm.String()))
	return a.SignWith(algorithm, key, claims)
}

func AssertionForm(assertion string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_assertion_type": {jwtBearer}, "client_assertion": {assertion}}
}

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

func (a *Assertions) Endpoint() string {
	return strings.TrimSuffix(a.Mock.URL, "/platform") + "/v2/auth/token"
}

func (a *Assertions) SignWith(algorithm jwa.SignatureAlgorithm, key any, claims Members) string {
	a.T.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		a.T.Fatal(err)
	}
	signed, err := jws.Sign(payload, jws.WithKey(algorithm, key))
	if err != nil {
		a.T.Fatal(err)
	}
	return string(signed)
}

func (a *Assertions) Post(form url.Values) Result {
	a.T.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return a.Mock.Raw("POST", a.Endpoint(), header, strings.NewReader(form.Encode()))
}
