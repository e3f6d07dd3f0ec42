package assertion

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

// keyFile makes the text of a key file in one of many forms.
type keyFile struct {
	t       *testing.T
	ec, old *ecdsa.PrivateKey
	rsa     *rsa.PrivateKey
}

func newKeyFile(t *testing.T) *keyFile {
	t.Helper()
	made := &keyFile{t: t}
	made.ec, made.old, made.rsa = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))(t),
		must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), must(rsa.GenerateKey(rand.Reader, 2048))(t)
	return made
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func block(kind string, der []byte, header ...string) string {
	made := &pem.Block{Type: kind, Bytes: der, Headers: map[string]string{}}
	for i := 0; i < len(header); i += 2 {
		made.Headers[header[i]] = header[i+1]
	}
	return string(pem.EncodeToMemory(made))
}

func (k *keyFile) pkcs8(key any) string {
	return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))(k.t))
}

func (k *keyFile) jwk(key any, id string) string {
	made := must(jwk.Import(key))(k.t)
	if id != "" {
		must(0, made.Set(jwk.KeyIDKey, id))(k.t)
	}
	return string(must(json.Marshal(made))(k.t))
}

// The first private key of a file is used, whatever stands beside it.
func TestFirstPrivateKeyIsUsed(t *testing.T) {
	k := newKeyFile(t)
	sec1 := block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(k.ec))(t))
	parameters := block("EC PARAMETERS", []byte{6, 5, 43, 129, 4, 0, 34})
	public := block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(k.ec.Public()))(t))
	certificate := block("CERTIFICATE", []byte("not looked at"))
	for name, row := range map[string]struct{ text, algorithm string }{
		"parameters before it":    {parameters + sec1, "ES384"},
		"certificate before it":   {certificate + k.pkcs8(k.rsa), "RS384"},
		"certificate after it":    {k.pkcs8(k.ec) + certificate, "ES384"},
		"text before it":          {"Bag Attributes\n    friendlyName: mine\n" + k.pkcs8(k.rsa), "RS384"},
		"PKCS #1":                 {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa)), "RS384"},
		"public key before it":    {public + k.pkcs8(k.ec), "ES384"},
		"two private keys":        {k.pkcs8(k.ec) + k.pkcs8(k.rsa), "ES384"},
		"a byte order mark":       {"\ufeff" + sec1, "ES384"},
		"lines of Windows":        {strings.ReplaceAll(parameters+sec1, "\n", "\r\n"), "ES384"},
		"JWK":                     {"\ufeff\n" + k.jwk(k.rsa, ""), "RS384"},
		"public key first in set": {`{"keys":[` + k.jwk(k.rsa.Public(), "") + "]}", "public"},
		"set, public and private": {`{"keys":[` + k.jwk(k.rsa.Public(), "a") + "," + k.jwk(k.ec, "b") + "]}", "ES384"},
	} {
		kid := "mine"
		if strings.Contains(name, "set, ") {
			kid = ""
		}
		made, err := New("me", []byte(row.text), kid)
		if row.algorithm == "public" {
			if err == nil || !strings.Contains(err.Error(), "public key") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || made.algorithm.String() != row.algorithm {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := made.Assertion("https://a.example", time.Now()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each reason why a file has no usable key has a message of its own, which shows nothing of the key.
func TestKeyFaultsHaveNames(t *testing.T) {
	k := newKeyFile(t)
	_, edward, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1 := must(x509.MarshalECPrivateKey(k.ec))(t)
	certificate := block("CERTIFICATE", []byte("not looked at"))
	koblitz := bytes.Replace(sec1, []byte{43, 129, 4, 0, 34}, []byte{43, 129, 4, 0, 10}, 1)
	for name, row := range map[string]struct{ text, want string }{
		"empty":             {" \n", "an empty file"},
		"only a mark":       {"\ufeff", "an empty file"},
		"text":              {"secret of mine", "must name a file with a private key"},
		"DER":               {string(sec1) + "\x00", "a binary file"},
		"UTF-16":            {"\xff\xfe-\x00-\x00", "a binary file"},
		"encrypted PKCS #8": {block("ENCRYPTED PRIVATE KEY", sec1), "an encrypted private key"},
		"encrypted, old form": {block("EC PRIVATE KEY", sec1, "Proc-Type", "4,ENCRYPTED", "DEK-Info", "AES-256-CBC,00"),
			"an encrypted private key"},
		"encrypted, with its certificate": {certificate + block("ENCRYPTED PRIVATE KEY", sec1), "an encrypted private key"},
		"OpenSSH":                         {block("OPENSSH PRIVATE KEY", sec1), "the form of OpenSSH"},
		"public of OpenSSH":               {"ssh-rsa AAAA me@here", "holds a public key"},
		"certificate":                     {certificate, "a certificate and no private key"},
		"public key": {certificate + block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(k.ec.Public()))(t)),
			"holds a public key"},
		"parameters":        {block("EC PARAMETERS", []byte{6, 5, 43, 129, 4, 0, 34}), "PEM without a private key"},
		"cut":               {k.pkcs8(k.ec)[:200], "PEM without a private key"},
		"damaged":           {block("PRIVATE KEY", sec1[:40]), "a private key that cannot be read"},
		"P-256":             {k.pkcs8(k.old), "an EC key of the curve P-256"},
		"P-256 in a JWK":    {k.jwk(k.old, "mine"), "an EC key of the curve P-256"},
		"a curve of others": {block("EC PRIVATE KEY", koblitz), "a curve that is not known here"},
		"Ed25519":           {k.pkcs8(edward), "must hold an RSA key, or an EC key"},
		"broken JSON":       {`{"kty":"EC",`, "is not JSON to its end"},
		"other JSON":        {`{"name":"x"}`, "JSON that is no private key"},
		"no keys":           {`{"keys":[]}`, "JSON that is no private key"},
		"symmetric":         {`{"kty":"oct","k":"AAAA"}`, "must hold an RSA key, or an EC key"},
	} {
		_, err := New("me", []byte(row.text), "mine")
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		} else if len(row.text) > 60 && strings.Contains(err.Error(), row.text[40:60]) {
			t.Errorf("%s: the message shows the key", name)
		}
	}
}
