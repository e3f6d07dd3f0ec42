package cli

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"

	"github.com/spf13/cobra"
)

// Trusting returns a transport that trusts the certificate authority in a file of --ca, or without one those of the system.
func Trusting(name string) (*http.Transport, error) {
	transport := NewTransport()
	if name == "" {
		return transport, nil
	}
	text, err := ReadFile("ca", name)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, Usage("--ca must name a file with a certificate in PEM, as --tls-ca of serve writes it")
	}
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	return transport, nil
}

// NewTransport goes straight to the host, not by a proxy of the environment, and keeps no connection.
func NewTransport() *http.Transport {
	return &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: headLimit}
}

// headLimit bounds the headers of an answer.
const headLimit = 256 << 10

// AddAuthority adds the flag of a command that sends requests to a target of many.
func AddAuthority(command *cobra.Command, authority *string) {
	command.Flags().StringVar(authority, "ca", "", "`FILE` with a certificate authority to trust, as --tls-ca of serve writes it")
}

// connections is how many connections to a target are kept: a handshake for every request would take longer than the
// request.
const connections = 16

// TransportOf returns what trusts the certificate authority in a file of --ca, for many requests; nil without one, which
// stands for whatever the caller has.
func TransportOf(authority string) (http.RoundTripper, error) {
	if authority == "" {
		return nil, nil
	}
	transport, err := Trusting(authority)
	if err != nil {
		return nil, err
	}
	transport.DisableKeepAlives, transport.MaxIdleConnsPerHost = false, connections
	return transport, nil
}
