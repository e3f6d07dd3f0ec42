package mockserver

import (
	_ "embed"
	"sync"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
)

//go:embed development-client-keys.json
var developmentKeys []byte

// publicDevelopmentKeys parses the public half, when the first assertion comes.
var publicDevelopmentKeys = sync.OnceValues(func() (jwk.Set, error) {
	private, err := jwk.Parse(developmentKeys)
	if err != nil {
		return nil, err
	}
	return jwk.PublicSetOf(private)
})

// parseKeys reads the public keys of a client. The second result says what is wrong with them; empty for nothing. jwx's
// own errors may hold a part of a key, so none of them is passed on.
func parseKeys(text []byte) (jwk.Set, string) {
	set, err := jwk.Parse(text)
	if err != nil || set.Len() == 0 {
		return nil, "keys must be a JWK set with at least one key"
	}
	for i := range set.Len() {
		key, _ := set.Key(i)
		if key.KeyType() != jwa.RSA() && key.KeyType() != jwa.EC() {
			return nil, "a key must be of type RSA or EC"
		}
		if private, err := jwk.IsPrivateKey(key); err != nil || private {
			return nil, "a key must be a public one; keep the private one to the client"
		}
		if _, named := key.KeyID(); !named {
			return nil, "a key needs a kid"
		}
	}
	return set, ""
}
