package mockserver

import (
	_ "embed"
	"slices"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
)

// DevelopmentClient is the id of the client that the default fixtures know; [DevelopmentKeys] are its keys.
const DevelopmentClient = "development-client"

//go:embed development-client-keys.json
var developmentKeys []byte

// DevelopmentKeys returns the private keys of [DevelopmentClient] as a JWK set, one for RS384 and one for ES384, for the
// configuration of a client that asks the mock for bearer tokens. They are published with this package: they prove
// nothing to anyone but a mock.
func DevelopmentKeys() []byte { return slices.Clone(developmentKeys) }

// publicDevelopmentKeys parses the public half, when the first assertion comes.
var publicDevelopmentKeys = sync.OnceValues(func() (jwk.Set, error) {
	private, err := jwk.Parse(developmentKeys)
	if err != nil {
		return nil, err
	}
	return jwk.PublicSetOf(private)
})

// algorithms are the signatures that an assertion may have.
var algorithms = []jwa.SignatureAlgorithm{jwa.RS384(), jwa.ES384()}

// clients are those who may ask for bearer tokens.
type clients struct {
	byID map[string]*tokenClient

	mutex sync.Mutex
	moved *clients             // what took their place in a reload; nil for none
	used  map[string]time.Time // assertions that were used, by client and jti, until they would be too old anyway
}

// tokenClient is one of them.
type tokenClient struct {
	principal principal
	keys      func() (jwk.Set, error)
}

func newClients() *clients {
	return &clients{byID: map[string]*tokenClient{}, used: map[string]time.Time{}}
}

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

// once tells whether an assertion was not used before, and remembers it until it would be too old anyway.
func (c *clients) once(client, jti string, until, now time.Time) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.moved != nil {
		return c.moved.once(client, jti, until, now) // it was sent before a reload
	}
	for used, end := range c.used {
		if now.After(end) {
			delete(c.used, used)
		}
	}
	key := client + "\x00" + jti
	if _, used := c.used[key]; used {
		return false
	}
	c.used[key] = until
	return true
}
