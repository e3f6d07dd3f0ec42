package soak

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver"
)

// askToken gets a bearer token for a signed assertion and uses it once.
func (o *owner) askToken() {
	operation := o.spec.Operation("token", "create")
	form := url.Values{}
	for _, property := range operation.Body.Properties {
		if text, isText := o.source.Value(property).(string); isText && len(property.Schema.Enum) > 0 {
			form.Set(property.Name, text)
		} else if _, required := operation.Body.Requires(property.Name); required {
			form.Set(property.Name, o.assertion(o.base+operation.Path))
		}
	}
	got := o.send(operation.Method, operation.Prefix+operation.Path, http.Header{"Content-Type": {operation.MediaType}}, []byte(form.Encode()))
	o.count(operation.ID + " " + strconv.Itoa(got.status))
	if !o.expect(got, "token", success...) {
		return
	}
	// RFC 6749, section 5.1.
	var given struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(got.text, &given); err != nil || given.Token == "" {
		o.problem("token: there is none in the answer")
		return
	}
	strategies := o.credential("strategies")
	header := http.Header{"Authorization": {"Bearer " + given.Token}}
	o.expect(o.send(strategies.Method, strategies.Prefix+strategies.Path, header, nil), "use of a token", success...)
}

// assertion signs that the development client asks the audience now.
func (o *owner) assertion(audience string) string {
	keys, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		panic(err) // they are the program's own
	}
	key, _ := keys.LookupKeyID("development-es384")
	now := time.Now()
	claims := encode(map[string]any{
		"iss": mockserver.DevelopmentClient, "sub": mockserver.DevelopmentClient, "aud": audience,
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": o.source.UUID(),
	})
	signed, err := jws.Sign(claims, jws.WithKey(jwa.ES384(), key))
	if err != nil {
		panic(err)
	}
	return string(signed)
}
