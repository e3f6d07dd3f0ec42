package assertion

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
)

// New reads a private key. No error repeats a part of the key.
func New(client string, text []byte, kid string) (*Signer, error) {
	set, err := readKeys(text)
	if err != nil {
		return nil, err
	}
	key, err := chooseKey(set, kid)
	if err != nil {
		return nil, err
	}
	var raw any
	if err := jwk.Export(key, &raw); err != nil {
		return nil, errNoJWK()
	}
	made := &Signer{client: client, key: key}
	switch private := raw.(type) {
	case *rsa.PrivateKey:
		made.algorithm = jwa.RS384()
	case *ecdsa.PrivateKey:
		if private.Curve != elliptic.P384() {
			return nil, cli.Usage("--key holds an EC key of the curve %s, and ES384 needs one of P-384", private.Curve.Params().Name)
		}
		made.algorithm = jwa.ES384()
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return nil, cli.Usage("--key holds a public key; an assertion is signed with the private one")
	default:
		return nil, cli.Usage("--key must hold an RSA key, or an EC key of the curve P-384")
	}
	return made, nil
}

func errNoJWK() error {
	return cli.Usage("--key holds JSON that is no private key: a JWK, or a JWK set with one under keys")
}

// readKeys reads the keys of a file, in whatever form it has.
func readKeys(text []byte) (jwk.Set, error) {
	text = bytes.TrimSpace(cli.WithoutMark(text))
	switch {
	case len(text) == 0:
		return nil, cli.Usage("--key names an empty file")
	case bytes.Contains(text, []byte("-----BEGIN ")):
		return readPEM(text)
	case text[0] == '{' || text[0] == '[':
		return readJWK(text)
	case bytes.HasPrefix(text, []byte("ssh-")) || bytes.HasPrefix(text, []byte("ecdsa-sha2-")):
		return nil, cli.Usage("--key holds a public key; an assertion is signed with the private one")
	case bytes.IndexByte(text, 0) >= 0:
		return nil, cli.Usage("--key names a binary file, such as DER, PKCS #12 or UTF-16; give the key as PEM or JWK, in UTF-8")
	}
	return nil, cli.Usage("--key must name a file with a private key: a JWK, a JWK set or PEM")
}

func readJWK(text []byte) (jwk.Set, error) {
	if !json.Valid(text) {
		return nil, cli.Usage("--key begins as JSON and is not JSON to its end")
	}
	set, err := jwk.Parse(text)
	if err != nil || set.Len() == 0 {
		return nil, errNoJWK()
	}
	return set, nil
}

// readPEM returns the first private key among the blocks of a file. Text, parameters, certificates and public keys may stand
// beside it.
func readPEM(text []byte) (jwk.Set, error) {
	var other string // the kind of the most telling block without a usable key
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		private, kind := keyOf(block)
		if private != nil {
			key, err := jwk.Import(private)
			if err != nil {
				return nil, cli.Usage("--key must hold an RSA key, or an EC key of the curve P-384")
			}
			set := jwk.NewSet()
			return set, set.AddKey(key)
		}
		if rank[kind] > rank[other] {
			other = kind
		}
	}
	if reason := reasons[other]; reason != "" {
		return nil, cli.Usage("%s", "--key "+reason)
	}
	return nil, cli.Usage("--key holds PEM without a private key that can be read; its text may be cut, or its lines changed")
}

// The kinds of PEM blocks without a usable key.
const (
	encrypted   = "encrypted"
	openSSH     = "OpenSSH"
	damaged     = "damaged"
	ofCurve     = "curve"
	publicKey   = "public"
	certificate = "certificate"
)

// rank says which kind of block explains best why there is no key.
var rank = map[string]int{certificate: 1, publicKey: 2, damaged: 3, ofCurve: 4, openSSH: 5, encrypted: 6}

var reasons = map[string]string{
	encrypted:   "holds an encrypted private key; decrypt it first, as with: openssl pkey -in FILE -out PLAIN",
	openSSH:     "holds a private key in the form of OpenSSH; convert a copy of it, with: ssh-keygen -p -m PEM -f COPY",
	damaged:     "holds a private key that cannot be read; its text may be cut, or its lines changed",
	ofCurve:     "holds an EC key of a curve that is not known here, and ES384 needs one of P-384",
	publicKey:   "holds a public key; an assertion is signed with the private one",
	certificate: "holds a certificate and no private key; name the file of the key that belongs to it",
}

// keyOf returns the private key of a block, or the kind of a block without one.
func keyOf(block *pem.Block) (private any, kind string) {
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return nil, encrypted
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, openSSH
	case block.Type == "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	case block.Type == "PRIVATE KEY":
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PUBLIC KEY"):
		return nil, publicKey
	case strings.HasSuffix(block.Type, "CERTIFICATE"):
		return nil, certificate
	default:
		return nil, "" // such as parameters
	}
	switch {
	case err == nil:
		return private, ""
	case strings.Contains(err.Error(), "elliptic curve"):
		return nil, ofCurve
	}
	return nil, damaged
}

// chooseKey returns the key of that id; without one, the first private key. A key that does not say its id gets the given one.
func chooseKey(set jwk.Set, kid string) (jwk.Key, error) {
	if kid != "" {
		if key, there := set.LookupKeyID(kid); there {
			return key, nil
		}
	}
	key := firstPrivate(set)
	_, named := key.KeyID()
	switch {
	case kid == "" && !named:
		return nil, cli.Usage("--key holds a key without an id; give it with --key-id")
	case kid == "":
		return key, nil
	case named || set.Len() > 1:
		return nil, cli.Usage("--key holds no key of the id that --key-id gives")
	}
	return key, key.Set(jwk.KeyIDKey, kid)
}

// firstPrivate returns the first private key of a set; without one, its first key.
func firstPrivate(set jwk.Set) jwk.Key {
	for i := range set.Len() {
		key, _ := set.Key(i)
		if private, err := jwk.IsPrivateKey(key); err == nil && private {
			return key
		}
	}
	first, _ := set.Key(0)
	return first
}
