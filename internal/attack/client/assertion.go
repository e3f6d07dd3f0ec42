package client

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver"
)

// signedAssertions returns assertions whose signature is right and whose claims are not.
func signedAssertions(audience string) ([]string, error) {
	set, err := jwk.Parse(mockserver.DevelopmentKeys())
	if err != nil {
		return nil, err
	}
	var key jwk.Key
	for i := range set.Len() {
		if one, _ := set.Key(i); one.KeyType() == jwa.EC() {
			key = one
		}
	}
	if key == nil {
		return nil, fmt.Errorf("the development keys hold none for %s", jwa.ES384())
	}
	now := time.Now().Unix()
	sound := `"iss":"` + mockserver.DevelopmentClient + `","sub":"` + mockserver.DevelopmentClient + `","aud":"` + audience + `","jti":"` +
		mark + `"`
	times := fmt.Sprintf(`,"iat":%d,"exp":%d`, now, now+60)
	var made []string
	for _, claims := range []string{
		"{" + sound + times + "}", "{" + sound + `,"iat":1e300,"exp":1e300}`, "{" + sound + `,"iat":-1,"exp":-1}`,
		"{" + sound + `,"iat":"` + mark + `","exp":[]}`,
		"{" + sound + times + `,"nbf":1e308}`, "{" + sound + times + `,"aud":[[["` + mark + `"]]]}`, "{" + sound + times + `,"iss":{"a":1}}`,
		"{" + sound + times + `,"jti":null}`,
		"{" + sound + times + `,"` + mark + `":"` + strings.Repeat("x", 20_000) + `"}`, "{" + sound + times + `,"deep":` + strings.Repeat("[",
			600) + strings.Repeat("]", 600) + "}",
		"[" + sound + "]", "null", "", "\xff\xfe", "{" + sound + `,"iat":1e999999,"exp":1e999999}`,
		"{" + sound + `,"iat":0.000000001,"exp":9007199254740993}`,
	} {
		signed, err := jws.Sign([]byte(claims), jws.WithKey(jwa.ES384(), key))
		if err != nil {
			return nil, err
		}
		made = append(made, string(signed))
	}
	return made, nil
}

// forged returns an assertion that no key signed.
func (w *worker) forged() string {
	header := pick(w, `{"alg":"none"}`, `{"alg":"NONE","kid":"`+mark+`"}`, `{"alg":"HS256","kid":"../../etc/passwd"}`, `{"alg":"RS384"}`,
		`{"alg":"RS384","kid":"`+w.canary()+`"}`,
		`{"alg":"ES384","kid":"`+strings.Repeat("k", 5000)+`"}`, `{"alg":"ES384","crit":["x"],"x":1,"kid":1}`, `{"alg":["ES384"]}`,
		`{"alg":"RS384","jku":"http://127.0.0.1:1/","x5u":"file:///etc/passwd"}`,
		`{"alg":"ES384","jwk":{"kty":"oct","k":""}}`, `{"alg":"ES384","b64":false,"crit":["b64"]}`, strings.Repeat(`{"a":`, 2000), `[]`, `"`, ``,
		"\xff", `{"alg":"ES384","alg":"none"}`)
	claims := pick(w, `{"iss":"`+mockserver.DevelopmentClient+`","sub":"`+mockserver.DevelopmentClient+`","jti":"`+w.canary()+`"}`,
		`{"iss":"`+w.canary()+`"}`, `{"iss":["a"]}`, `{}`, `[]`,
		`{"iss":1e999}`, strings.Repeat("[", 3000), "\x00", `{"iss":"a","iss":"b"}`)
	encode := base64.RawURLEncoding.EncodeToString
	signature := pick(w, "", "AAAA", "!!!", strings.Repeat("A", 2000), w.canary(), "=")
	form := pick(w, "%s.%s.%s", "%s.%s.%s", "%s.%s.%s", "%s.%s.%s.x", "%s%s%s", "..%s%s%s",
		`{"protected":"%s","payload":"%s","signature":"%s"}`)
	return fmt.Sprintf(form, encode([]byte(header)), encode([]byte(claims)), signature)
}
