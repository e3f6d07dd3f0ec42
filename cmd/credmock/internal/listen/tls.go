package listen

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
)

// certificateLife is how long the certificates of one start hold: longer than a mock runs.
const certificateLife = 30 * 24 * time.Hour

// SelfSigned makes a certificate authority for this run, and a certificate of it for loopback names and the given host. It
// returns the authority as PEM; its key is forgotten, so it never vouches for anything else.
func SelfSigned(host string, now time.Time) (*tls.Config, []byte, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	root := certificate(authorityName, 1, now)
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage, root.MaxPathLenZero = true, true, x509.KeyUsageCertSign, true
	leaf := certificate("credmock", 2, now)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf.DNSNames, leaf.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = append(leaf.IPAddresses, ip)
	} else if host != "" && host != "localhost" {
		leaf.DNSNames = append(leaf.DNSNames, host)
	}
	signedRoot, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return nil, nil, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), rootKey)
	if err != nil {
		return nil, nil, err
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		Certificates: []tls.Certificate{{Certificate: [][]byte{signed}, PrivateKey: key}},
	}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signedRoot}), nil
}

func certificate(name string, serial int64, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(now.UnixNano() + serial),
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
	}
}

// authorityName is the name of the certificate authority of a run.
const authorityName = "credmock, for this run"

// isAuthority tells whether a file holds the certificate authority of an earlier run, and nothing else.
func isAuthority(text []byte) bool {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		return false
	}
	found, err := x509.ParseCertificate(block.Bytes)
	return err == nil && found.Subject.CommonName == authorityName
}

// WriteAuthority writes the certificate authority for clients to trust. It replaces one of an earlier run, and no other file.
func WriteAuthority(name string, text []byte) error {
	earlier, err := output.ReadOurs(name)
	if err == nil && !isAuthority(earlier) {
		return cli.Usage("--tls-ca: %s is there and is no certificate authority of an earlier run; choose another name", name)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = output.WriteWhole(name, text, 0o644) // it is public
	}
	if err != nil {
		return cli.Usage("--tls-ca: %s", cli.Unwritable(name, err))
	}
	return nil
}
