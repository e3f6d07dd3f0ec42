package cli

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Path is the way to a target: certificates and the proxy of the flags.
type Path struct {
	authority, proxy string
	certificate, key string // of the client
	insecure         bool
}

// AddPath adds the flags of a command that sends requests.
func AddPath(flags *pflag.FlagSet) *Path {
	p := &Path{}
	flags.StringVar(&p.authority, "ca", "", "`FILE` with a certificate authority to trust, as --tls-ca of serve writes it")
	flags.StringVar(&p.proxy, "proxy", "",
		"`URL` of a proxy; default from HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which do not apply to loopback addresses")
	flags.StringVar(&p.certificate, "client-cert", "", "`FILE` with the certificate of the client, for a target that asks for one; PEM")
	flags.StringVar(&p.key, "client-key", "", "`FILE` with the private key of --client-cert, if that file does not hold it; PEM")
	flags.BoolVar(&p.insecure, "insecure", false, "do not check the certificate of the target")
	return p
}

// Insecure tells whether certificates are not checked.
func (p *Path) Insecure() bool { return p.insecure }

// connections is how many connections to a target are kept: a handshake for every request would take longer than the
// request.
const connections = 16

// dialLimit bounds how long a connection or a handshake may take.
const dialLimit = 5 * time.Second

// Transport returns a transport for many requests. The caller bounds the headers of answers.
func (p *Path) Transport() (*http.Transport, error) {
	transport := &http.Transport{
		DialContext: (&net.Dialer{Timeout: dialLimit}).DialContext, TLSHandshakeTimeout: dialLimit,
		MaxIdleConnsPerHost: connections, IdleConnTimeout: 30 * time.Second, Proxy: http.ProxyFromEnvironment,
	}
	if p.proxy != "" {
		proxy, err := url.Parse(p.proxy)
		if err != nil || proxy.Hostname() == "" || !proxySchemes[proxy.Scheme] {
			return nil, Usage("--proxy must be the URL of a proxy, such as http://proxy.example.com:3128")
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	var err error
	transport.TLSClientConfig, err = p.secure()
	return transport, err
}

// secure returns the settings of TLS; nil for those of net/http.
func (p *Path) secure() (*tls.Config, error) {
	if p.authority == "" && p.certificate == "" && p.key == "" && !p.insecure {
		return nil, nil
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: p.insecure} //nolint:gosec // its user asks for it
	if p.authority != "" {
		settings.RootCAs = x509.NewCertPool()
		if err := Trust(settings.RootCAs, p.authority); err != nil {
			return nil, err
		}
	}
	if p.certificate == "" && p.key == "" {
		return settings, nil
	}
	pair, err := p.pair()
	settings.Certificates = []tls.Certificate{pair}
	return settings, err
}

// pair reads the certificate of the client and its key. No error repeats a part of the key.
func (p *Path) pair() (tls.Certificate, error) {
	var none tls.Certificate
	if p.certificate == "" {
		return none, Usage("--client-key needs --client-cert: the certificate that belongs to the key")
	}
	certificate, err := ReadFile("client-cert", p.certificate)
	if err != nil {
		return none, err
	}
	key, name := certificate, "--client-cert"
	if p.key != "" {
		name = "--client-key"
		if key, err = ReadFile("client-key", p.key); err != nil {
			return none, err
		}
	}
	switch {
	case !hasBlock(certificate, "CERTIFICATE"):
		return none, Usage("--client-cert must name a file with a certificate in PEM")
	case hasBlock(key, "ENCRYPTED PRIVATE KEY") || bytes.Contains(key, []byte("Proc-Type: 4,ENCRYPTED")):
		return none, Usage("%s holds an encrypted private key; decrypt it first, as with: openssl pkey -in FILE -out PLAIN", name)
	case !hasBlock(key, "PRIVATE KEY") && p.key == "":
		return none, Usage("--client-cert holds no private key; give it with --client-key")
	case !hasBlock(key, "PRIVATE KEY"):
		return none, Usage("--client-key must name a file with a private key in PEM")
	}
	pair, err := tls.X509KeyPair(WithoutMark(certificate), WithoutMark(key))
	if err != nil {
		return none, Usage("--client-cert and --client-key do not go together: %s", strings.TrimPrefix(Brief(err.Error()), "tls: "))
	}
	return pair, nil
}

// hasBlock tells whether a text has a block of PEM whose type ends as given.
func hasBlock(text []byte, ending string) bool {
	return bytes.Contains(text, []byte(ending+"-----")) && bytes.Contains(text, []byte("-----BEGIN "))
}

var proxySchemes = map[string]bool{"http": true, "https": true, "socks5": true, "socks5h": true}

// Once returns a transport that keeps no connection, for one request.
func (p *Path) Once() (*http.Transport, error) {
	transport, err := p.Transport()
	if err != nil {
		return nil, err
	}
	transport.DisableKeepAlives, transport.MaxResponseHeaderBytes = true, headLimit
	return transport, nil
}

// withHeader adds headers to requests.
type withHeader struct {
	next   http.RoundTripper
	header http.Header
}

// RoundTrip sends a copy of the request that has the headers too.
func (w *withHeader) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	for name, values := range w.header {
		request.Header[name] = values
	}
	return w.next.RoundTrip(request)
}

// WithHeader returns a transport that adds headers to each request.
func WithHeader(next http.RoundTripper, header http.Header) http.RoundTripper {
	if len(header) == 0 {
		return next
	}
	return &withHeader{next, header}
}

// Trust adds the certificate authorities in a file of --ca to a pool.
func Trust(pool *x509.CertPool, name string) error {
	text, err := ReadFile("ca", name)
	if err != nil {
		return err
	}
	if !pool.AppendCertsFromPEM(WithoutMark(text)) {
		return Usage("--ca must name a file with a certificate in PEM, as --tls-ca of serve writes it")
	}
	return nil
}

// headLimit bounds the headers of an answer.
const headLimit = 256 << 10

// UnusedProxy says which proxy of the environment is not used for a target, and why; "" for none.
func (p *Path) UnusedProxy(target *url.URL) string {
	if p.proxy != "" {
		return ""
	}
	if used, err := http.ProxyFromEnvironment(&http.Request{URL: target}); err != nil || used != nil {
		return ""
	}
	names := []string{"HTTP_PROXY", "http_proxy"}
	if target.Scheme == "https" {
		names = []string{"HTTPS_PROXY", "https_proxy"}
	}
	for _, name := range names {
		if os.Getenv(name) == "" {
			continue
		}
		if ip := net.ParseIP(target.Hostname()); ip.IsLoopback() || target.Hostname() == "localhost" {
			return fmt.Sprintf("%s is set and not used, for the target is on this machine; --proxy uses one there too", name)
		}
		return fmt.Sprintf("%s is set and not used, for NO_PROXY names the target", name)
	}
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		if os.Getenv(name) != "" {
			return fmt.Sprintf("%s is set and not used for a target of %s://; give --proxy", name, target.Scheme)
		}
	}
	return ""
}
