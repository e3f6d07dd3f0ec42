// Package platform plays the platform that sends requests for its customers: its signing keys, and the documents that publish them.
package platform

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	random "math/rand/v2"
	"sync"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// Platform has one RSA and one P-384 key pair. It makes them when they are first used.
type Platform struct {
	seed    int64
	once    sync.Once
	private jwk.Set
	public  jwk.Set
	err     error
}

// New returns a platform. Two with the same seed have the same keys, unless the seed is 0.
func New(seed int64) *Platform { return &Platform{seed: seed} }

// Keys returns the public keys.
func (p *Platform) Keys() (jwk.Set, error) {
	p.once.Do(p.make)
	return p.public, p.err
}

// Sign returns a signed JWT in compact form, and its header.
func (p *Platform) Sign(claims map[string]any, algorithm jwa.SignatureAlgorithm, header map[string]any) (string, map[string]any, error) {
	p.once.Do(p.make)
	if p.err != nil {
		return "", nil, p.err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", nil, err
	}
	for i := range p.private.Len() {
		key, _ := p.private.Key(i)
		if (key.KeyType() == jwa.EC()) != (algorithm == jwa.ES384()) {
			continue
		}
		kid, _ := key.KeyID()
		headers, shown := jws.NewHeaders(), map[string]any{"alg": algorithm.String(), "typ": "JWT", "kid": kid}
		for name, value := range header {
			shown[name] = value
		}
		for name, value := range shown {
			if name != "alg" && err == nil {
				err = headers.Set(name, value)
			}
		}
		if err != nil {
			return "", nil, err
		}
		signed, err := jws.Sign(payload, jws.WithKey(algorithm, key, jws.WithProtectedHeaders(headers)))
		return string(signed), shown, err
	}
	return "", nil, p.err
}

// make makes the keys.
func (p *Platform) make() {
	p.private, p.public = jwk.NewSet(), jwk.NewSet()
	for _, generate := range []func(*random.ChaCha8) (any, error){newRSA, newEC} {
		var source *random.ChaCha8
		if p.seed != 0 {
			var seed [32]byte
			big.NewInt(p.seed).FillBytes(seed[:])
			source = random.NewChaCha8(seed)
		}
		raw, err := generate(source)
		if err == nil {
			err = p.add(raw)
		}
		if err != nil {
			p.err = err
			return
		}
	}
}

// add adds a key with its thumbprint as its id.
func (p *Platform) add(raw any) error {
	key, err := jwk.Import(raw)
	if err != nil {
		return err
	}
	if err := jwk.AssignKeyID(key); err != nil {
		return err
	}
	if err := key.Set(jwk.KeyUsageKey, "sig"); err != nil {
		return err
	}
	public, err := key.PublicKey()
	if err != nil {
		return err
	}
	if err := p.private.AddKey(key); err != nil {
		return err
	}
	return p.public.AddKey(public)
}

// newEC returns a P-384 key.
func newEC(source *random.ChaCha8) (any, error) {
	if source == nil {
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	}
	var raw [48]byte
	_, _ = source.Read(raw[:]) // it never fails
	raw[0] &= 0x7f             // below the order of the curve
	return ecdsa.ParseRawPrivateKey(elliptic.P384(), raw[:])
}

// newRSA returns an RSA key of 2048 bits. The generator of the standard library takes no source of random numbers.
func newRSA(source *random.ChaCha8) (any, error) {
	if source == nil {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	one, exponent := big.NewInt(1), big.NewInt(65537)
	for {
		p, q := prime(source), prime(source)
		order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(exponent, order)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		made := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q}}
		made.Precompute()
		return made, made.Validate()
	}
}

// prime returns a prime of 1024 bits whose two highest bits are set.
func prime(source *random.ChaCha8) *big.Int {
	var raw [128]byte
	_, _ = source.Read(raw[:]) // it never fails
	raw[0] |= 0xc0
	raw[127] |= 1
	candidate, two := new(big.Int).SetBytes(raw[:]), big.NewInt(2)
	for !candidate.ProbablyPrime(20) {
		candidate.Add(candidate, two)
	}
	return candidate
}
