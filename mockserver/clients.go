package mockserver

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
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
	used  map[string]time.Time // assertions that were used, by client and jti, until they would be too old anyway
}

// tokenClient is one of them.
type tokenClient struct {
	principal principal
	keys      func() (jwk.Set, error)
}

// newClients makes the clients of the fixtures known. The error names the client by its place in the list.
func newClients(listed []fixtureClient, organizations []*organization) (*clients, error) {
	made := &clients{byID: map[string]*tokenClient{}, used: map[string]time.Time{}}
	var faults []error
	for i, fixture := range listed {
		keys, err := fixture.keySet()
		switch {
		case fixture.ID == "" || made.byID[fixture.ID] != nil:
			faults = append(faults, fmt.Errorf("fixtures: client %d needs an id of its own", i+1))
		case err != nil:
			faults = append(faults, fmt.Errorf("fixtures: client %d: %w", i+1, err))
		default:
			who := principal{organization: organizationOf(organizations, fixture.Organization), engineer: fixture.Engineer}
			made.byID[fixture.ID] = &tokenClient{principal: who, keys: keys}
		}
	}
	return made, errors.Join(faults...)
}

// keySet returns the client's public keys. They are checked at once; those that come with this package are not read before
// they are needed.
func (f fixtureClient) keySet() (func() (jwk.Set, error), error) {
	if f.DevelopmentKeys {
		return publicDevelopmentKeys, nil
	}
	text, err := json.Marshal(f.Keys)
	if err != nil {
		return nil, errors.New("keys must be a JWK set")
	}
	set, err := jwk.Parse(text)
	if err != nil || set.Len() == 0 {
		return nil, errors.New("keys must be a JWK set with at least one key") // jwx's own error may hold a part of a key
	}
	for i := range set.Len() {
		key, _ := set.Key(i)
		if key.KeyType() != jwa.RSA() && key.KeyType() != jwa.EC() {
			return nil, errors.New("a key must be of type RSA or EC")
		}
		if private, err := jwk.IsPrivateKey(key); err != nil || private {
			return nil, errors.New("a key must be a public one; keep the private one to the client")
		}
		if _, named := key.KeyID(); !named {
			return nil, errors.New("a key needs a kid")
		}
	}
	return func() (jwk.Set, error) { return set, nil }, nil
}

// once tells whether an assertion was not used before, and remembers it until it would be too old anyway.
func (c *clients) once(client, jti string, until, now time.Time) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
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
