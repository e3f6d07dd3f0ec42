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

// assertions are the client assertions that a session has taken: each serves once.
type assertions struct {
	mutex sync.Mutex
	used  map[string]time.Time // by client and jti, until they would be too old anyway
}

// tokenClient is a client that may ask for bearer tokens.
type tokenClient struct {
	principal principal
	keys      func() (jwk.Set, error)
}

func newAssertions() *assertions {
	return &assertions{used: map[string]time.Time{}}
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
func (a *assertions) once(client, jti string, until, now time.Time) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for used, end := range a.used {
		if now.After(end) {
			delete(a.used, used)
		}
	}
	key := client + "\x00" + jti
	if _, used := a.used[key]; used {
		return false
	}
	a.used[key] = until
	return true
}

// clear forgets which assertions were used.
func (a *assertions) clear() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	clear(a.used)
}
