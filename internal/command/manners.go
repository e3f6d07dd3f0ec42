package command

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// manners are the flags of serve that say how it behaves towards those around it.
type manners struct {
	watch, tls           bool
	authority, readyFile string
	outbound, hosts      []string
	announced            []byte         // what the ready file of this run holds; nil for none
	vouched              *x509.CertPool // the certificate authority of this run; nil without --tls
}

func (m *manners) add(flags *pflag.FlagSet) {
	flags.BoolVar(&m.watch, "watch", false, "read --spec and --fixtures again when they change, and keep what is stored")
	flags.BoolVar(&m.tls, "tls", false, "serve HTTPS with a certificate that is made for this run")
	flags.StringVar(&m.authority, "tls-ca", "", "`FILE` to write the certificate authority of --tls to, for clients to trust")
	flags.StringVar(&m.readyFile, "ready-file", "", "`FILE` that holds the base URL while the mock listens, and is removed at the end")
	flags.StringArrayVar(&m.hosts, "allow-host", nil, "`NAME` by which clients call this machine, beside loopback names, such as host.docker.internal; may be repeated")
	flags.StringArrayVar(&m.outbound, "allow-outbound", nil, "`HOST` that a credential's token request may be sent to, beside loopback addresses; may be repeated")
}

// check says what is wrong with the flags, before anything is done.
func (m *manners) check(address string) error {
	if host, _, err := net.SplitHostPort(address); err == nil && host == "" {
		return usage("--addr needs a host, such as 127.0.0.1%s; 0.0.0.0%[1]s listens on every interface", address)
	}
	if m.authority != "" && !m.tls {
		return usage("--tls-ca needs --tls: there is no certificate authority without it")
	}
	for _, host := range m.outbound {
		if !isHost(host) {
			return usage("--allow-outbound needs the name of a host, without scheme, port and path, such as auth.example.com")
		}
	}
	for _, host := range m.hosts {
		if !isHost(host) {
			return usage("--allow-host needs the name of a host, without scheme, port and path, such as host.docker.internal")
		}
	}
	return m.checkReadyFile()
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// isHost tells whether a text can be the name or the address of a host.
func isHost(text string) bool { return hostForm.MatchString(text) || net.ParseIP(text) != nil }

// checkReadyFile holds the file that is to be written to being none of anybody's: one that is there must be that of a mock that
// was killed.
func (m *manners) checkReadyFile() error {
	if m.readyFile == "" {
		return nil
	}
	earlier, err := readOurs(m.readyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usage("--ready-file: %s", fileFault(m.readyFile, err))
	case !bytes.HasPrefix(earlier, []byte("http")) || bytes.Count(earlier, []byte("\n")) != 1:
		return usage("--ready-file: %s is there and is no ready file; choose another name", m.readyFile)
	}
	return nil
}

// listen begins to serve the mock as the flags say.
func (m *manners) listen(ctx context.Context, flags *serveFlags, mock *mockserver.Server, spec *credmock.Spec, logger *slog.Logger) (*listener, error) {
	m.withdrawStale()
	secure, err := m.secure(flags.address, logger)
	if err != nil {
		return nil, err
	}
	if m.watch {
		if err := watch(ctx, mock, flags.spec, flags.fixtures, logger); err != nil {
			return nil, err
		}
	}
	return site{
		address: flags.address, handler: mock, logger: logger, secure: secure, version: spec.Version,
		endStreams: mock.EndStreams, // or they would hold up the end
	}.listen(ctx)
}

// secure returns how to serve HTTPS on the address; nil for HTTP.
func (m *manners) secure(address string, logger *slog.Logger) (*tls.Config, error) {
	if !m.tls {
		return nil, nil
	}
	host, _, _ := net.SplitHostPort(address) // listen says what is wrong with it
	config, authority, err := selfSigned(host, time.Now())
	if err != nil {
		return nil, usage("--tls: no certificate can be made: %v", err)
	}
	m.vouched = x509.NewCertPool()
	m.vouched.AppendCertsFromPEM(authority)
	if m.authority == "" {
		logger.Warn("no client can check the certificate: name a file for its authority with --tls-ca")
		return config, nil
	}
	if err := writeAuthority(m.authority, authority); err != nil {
		return nil, err
	}
	logger.Info("clients may trust the certificate authority of this run", slog.String("file", m.authority))
	return config, nil
}

// announce writes the ready file. It appears whole, for whoever waits for it reads it at once.
func (m *manners) announce(base string) error {
	if m.readyFile == "" {
		return nil
	}
	text := []byte(base + "\n")
	if err := writeWhole(m.readyFile, text, 0o644); err != nil { // others wait for it
		return usage("--ready-file: %s", writeFault(m.readyFile, err))
	}
	m.announced = text
	return nil
}

// withdrawStale removes what a mock that was killed left behind: it would say that this one is ready. The file of one that
// still listens stays, for this one may not start.
func (m *manners) withdrawStale() {
	if m.readyFile == "" {
		return
	}
	text, err := readOurs(m.readyFile)
	if err != nil {
		return // there is none
	}
	if base, err := url.Parse(strings.TrimSpace(string(text))); err == nil && isOfThisMachine(base.Host) {
		if live, err := net.DialTimeout("tcp", base.Host, time.Second); err == nil {
			_ = live.Close() // nothing was said on it
			return
		}
	}
	_ = os.Remove(m.readyFile) // it may be gone by now
}

// isOfThisMachine tells whether an address and port is one where a mock on this machine can listen. Whoever wrote a file that lies
// around does not make this program connect to any other.
func isOfThisMachine(address string) bool {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	own, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(own, func(one net.Addr) bool {
		prefix, err := netip.ParsePrefix(one.String())
		return err == nil && prefix.Addr().Unmap() == ip
	})
}

// withdraw removes the ready file where it is still that of this run.
func (m *manners) withdraw() {
	if m.announced == nil {
		return
	}
	if text, err := readOurs(m.readyFile); err == nil && bytes.Equal(text, m.announced) {
		_ = os.Remove(m.readyFile) // it may be gone by now
	}
}
