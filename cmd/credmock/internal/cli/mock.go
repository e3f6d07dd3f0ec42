package cli

import (
	"net"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
)

// Mock says where a running mock is, for a command that asks one. Beside --url it takes the flags of serve, so that one
// environment fits both.
type Mock struct {
	url, addr, authority string
	tls                  bool
	writtenAuthority     string // where serve writes the authority
	command              *cobra.Command
}

// AddMock adds the flags of a command that asks a running mock.
func AddMock(command *cobra.Command) *Mock {
	m := &Mock{command: command}
	flags := command.Flags()
	flags.StringVar(&m.url, "url", ExampleURL, "base `URL` of the mock")
	flags.StringVar(&m.addr, "addr", "", "`HOST:PORT` of the mock where --url is not given, as serve has it")
	flags.StringVar(&m.authority, "ca", "", "`FILE` with a certificate authority to trust, as --tls-ca of serve writes it")
	flags.BoolVar(&m.tls, "tls", false, "the mock at --addr serves HTTPS")
	flags.StringVar(&m.writtenAuthority, "tls-ca", "", "`FILE` to trust where --tls is given and --ca is not, as serve writes it")
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

// Authority returns the file with the certificate authority to trust; "" for the system's.
func (m *Mock) Authority() string {
	if m.authority == "" && m.tls && !m.command.Flags().Changed("url") {
		return m.writtenAuthority
	}
	return m.authority
}
