package cli

import (
	"net"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
)

// Mock says where a running mock is, for a command that asks one. Beside --url it takes the flags of serve, so that one
// environment fits both.
type Mock struct {
	Path             *Path
	url, addr        string
	tls              bool
	writtenAuthority string // where serve writes the authority
	command          *cobra.Command
}

// AddMock adds the flags of a command that asks a running mock.
func AddMock(command *cobra.Command) *Mock {
	m := &Mock{command: command, Path: AddPath(command.Flags())}
	flags := command.Flags()
	flags.StringVar(&m.url, "url", ExampleURL, "base `URL` of the mock")
	flags.StringVar(&m.addr, "addr", "", "`HOST:PORT` of the mock if --url is not given, as in serve --addr")
	flags.BoolVar(&m.tls, "tls", false, "the mock at --addr serves HTTPS")
	flags.StringVar(&m.writtenAuthority, "tls-ca", "", "`FILE` that serve --tls-ca writes; trusted if --tls is given and --ca is not")
	return m
}

// Base returns the base URL of the mock.
func (m *Mock) Base() (*url.URL, error) {
	if m.command.Flags().Changed("url") || m.addr == "" {
		return ParseBase(m.url)
	}
	host, port, err := net.SplitHostPort(m.addr)
	switch {
	case err != nil:
		return nil, Usage("--addr must be a host and a port, such as 127.0.0.1:4118")
	case port == "0":
		return nil, Usage("--addr has port 0, so the mock chose a port; say with --url where it listens")
	}
	if ip := net.ParseIP(host); ip.IsUnspecified() && ip.To4() == nil {
		host = "::1"
	} else if ip.IsUnspecified() || host == "" {
		host = "127.0.0.1"
	}
	scheme := "http"
	if m.tls {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: credmock.Default().BasePath()}, nil
}

// Transport returns a transport for one request. It trusts what serve writes, where the mock of --addr serves HTTPS.
func (m *Mock) Transport() (*http.Transport, error) {
	path := *m.Path
	if path.authority == "" && m.tls && !m.command.Flags().Changed("url") {
		path.authority = m.writtenAuthority
	}
	return path.Once()
}

// Unanswered returns why a mock gave no answer.
func (m *Mock) Unanswered(base *url.URL, err error, reason string) string {
	return m.Path.Unanswered(base, err, reason)
}
