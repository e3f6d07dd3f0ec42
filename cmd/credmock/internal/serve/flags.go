package serve

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
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/listen"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/mockserver"
)

// hosting holds the flags of serve about files, TLS, hosts and outbound requests.
type hosting struct {
	watch, tls, deliver  bool
	tokenLife            time.Duration
	authority, readyFile string
	outbound, hosts      []string
	origins              []string
	ports                ports
	announced            []byte         // the content of this run's ready file; nil for none
	ready                fs.FileInfo    // the ready file as it was written
	foreign              bool           // the ready file names a mock that still listens
	trusted              string         // the file of --ca
	certificate          *tls.Config    // of this run; nil without --tls
	vouching             []byte         // the certificate authority of this run, as PEM
	vouched              *x509.CertPool // the certificate authority of this run; nil without --tls
}

func (h *hosting) add(flags *pflag.FlagSet) {
	flags.BoolVar(&h.watch, "watch", false, "read --spec and --fixtures again when they change, and keep the stored records")
	flags.BoolVar(&h.tls, "tls", false, "serve HTTPS with a new certificate for this run")
	flags.BoolVar(&h.deliver, "deliver", false,
		"verify a destination by fetching a token as its credential says, and delivering a request to it")
	flags.DurationVar(&h.tokenLife, "token-life", 5*time.Minute, "how long a token of the token endpoint lives")
	flags.StringVar(&h.authority, "tls-ca", "", "`FILE` to write the certificate authority of --tls to, for clients to trust")
	flags.StringVar(&h.trusted, "ca", "", "`FILE` with another certificate authority that token requests trust")
	flags.StringVar(&h.readyFile, "ready-file", "", "`FILE` that holds the base URL while the mock listens, and is removed at the end")
	flags.StringArrayVar(&h.hosts, "allow-host", nil,
		"another `NAME` of this machine that clients may use, such as host.docker.internal; may be repeated")
	flags.StringArrayVar(&h.origins, "allow-origin", nil,
		"another `ORIGIN` whose pages may call the API, such as https://app.example.com; may be repeated")
	flags.StringArrayVar(&h.outbound, "allow-outbound", nil,
		"another `HOST` that may get the token request of a credential, beside loopback addresses; may be repeated")
}

// check returns the first mistake in the flags.
func (h *hosting) check(address string) error {
	if host, _, err := net.SplitHostPort(address); err == nil && host == "" {
		return cli.Usage("--addr needs a host, such as 127.0.0.1%s; 0.0.0.0%[1]s listens on every interface", address)
	}
	if h.tokenLife != 0 && h.tokenLife < time.Second {
		return cli.Usage("--token-life must be a second at least, such as 30s")
	}
	if h.authority != "" && !h.tls {
		return cli.Usage("--tls-ca needs --tls: there is no certificate authority without it")
	}
	for _, host := range h.outbound {
		if !isHost(host) {
			return cli.Usage("--allow-outbound needs the name of a host, without scheme, port and path, such as auth.example.com")
		}
	}
	for _, host := range h.hosts {
		if !isHost(host) {
			return cli.Usage("--allow-host needs the name of a host, without scheme, port and path, such as host.docker.internal")
		}
	}
	return h.checkReadyFile()
}

var hostForm = lazy.Regexp(`^[A-Za-z0-9._-]+$`)

// isHost tells whether a text can be the name or the address of a host.
func isHost(text string) bool { return hostForm().MatchString(text) || net.ParseIP(text) != nil }

// checkReadyFile holds the file that is to be written to being none of anybody's: one that is there must be that of a mock that
// was killed.
func (h *hosting) checkReadyFile() error {
	if h.readyFile == "" {
		return nil
	}
	earlier, err := output.ReadOurs(h.readyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cli.Usage("--ready-file: %s", cli.Unreadable(h.readyFile, err))
	case !bytes.HasPrefix(earlier, []byte("http")) || bytes.Count(earlier, []byte("\n")) != 1:
		return cli.Usage("--ready-file: %s is there and is no ready file; choose another name", h.readyFile)
	}
	return nil
}

// Listen begins to serve the mock as the flags say.
func (h *hosting) Listen(ctx context.Context, flags *Flags, mock *mockserver.Server, spec *credmock.Spec,
	logger *slog.Logger) (*listen.Listener, error) {
	h.withdrawStale()
	if err := h.writeAuthority(logger); err != nil {
		return nil, err
	}
	if h.watch {
		if err := watch(ctx, mock, flags.spec, flags.Fixtures, logger); err != nil {
			return nil, err
		}
	}
	return listen.Site{
		Address: flags.Address, Handler: mock, Logger: logger, Secure: h.certificate, Version: spec.Version,
		EndStreams: mock.EndStreams, // or they would hold up the end
	}.Listen(ctx)
}

// certify makes the certificate of this run for the address, unless the mock serves HTTP.
func (h *hosting) certify(address string) error {
	if !h.tls {
		return nil
	}
	host, _, _ := net.SplitHostPort(address) // listening returns the error
	var err error
	if h.certificate, h.vouching, err = listen.SelfSigned(host, time.Now()); err != nil {
		return cli.Usage("--tls: no certificate can be made: %v", err)
	}
	h.vouched = x509.NewCertPool()
	h.vouched.AppendCertsFromPEM(h.vouching)
	return nil
}

// outboundAuthorities returns the authorities that token requests trust: the system's, those of --ca, and the one of this run,
// for a credential may name the mock itself. It returns nil for the system's alone.
func (h *hosting) outboundAuthorities() (*x509.CertPool, error) {
	if h.trusted == "" && !h.tls {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without authorities
	}
	pool.AppendCertsFromPEM(h.vouching)
	if h.trusted == "" || h.trusted == h.authority { // which this run is about to write
		return pool, nil
	}
	return pool, cli.Trust(pool, h.trusted)
}

// writeAuthority writes the certificate authority of this run for clients to trust.
func (h *hosting) writeAuthority(logger *slog.Logger) error {
	if !h.tls {
		return nil
	}
	if h.authority == "" {
		logger.Warn("no client can check the certificate: name a file for its authority with --tls-ca")
		return nil
	}
	if err := listen.WriteAuthority(h.authority, h.vouching); err != nil {
		return err
	}
	logger.Info("clients may trust the certificate authority of this run", slog.String("file", h.authority))
	return nil
}

// announce writes the ready file. The file appears as a whole, because programs that wait for it read it at once.
func (h *hosting) announce(base string) error {
	if h.readyFile == "" {
		return nil
	}
	if h.foreign {
		return cli.Usage("--ready-file: %s names a mock that still listens; choose another name, or end that mock", h.readyFile)
	}
	text := []byte(base + "\n")
	if err := output.WriteWhole(h.readyFile, text, 0o644); err != nil { // others wait for it
		return cli.Usage("--ready-file: %s", cli.Unwritable(h.readyFile, err))
	}
	h.announced = text
	h.ready, _ = os.Lstat(h.readyFile) // without it the file is not removed
	return nil
}

// withdrawStale removes what a mock that was killed left behind: it would say that this one is ready. The file of one that
// still listens stays, for this one may not start.
func (h *hosting) withdrawStale() {
	if h.readyFile == "" {
		return
	}
	text, err := output.ReadOurs(h.readyFile)
	if err != nil {
		return // there is none
	}
	if base, err := url.Parse(strings.TrimSpace(string(text))); err == nil && IsOfThisMachine(base.Host) {
		if live, err := net.DialTimeout("tcp", base.Host, time.Second); err == nil {
			_ = live.Close() // nothing was said on it
			h.foreign = true
			return
		}
	}
	_ = os.Remove(h.readyFile) // it may be gone by now
}

// IsOfThisMachine tells whether an address and port is one where a mock on this machine can listen. Whoever wrote a file that lies
// around does not make this program connect to any other.
func IsOfThisMachine(address string) bool {
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

// withdraw removes the ready file if it is still the one of this run. It does so once: as soon as the mock has ended, another
// one may listen at the same address and write the same text.
func (h *hosting) withdraw() {
	written := h.announced
	if h.announced = nil; written == nil {
		return
	}
	text, err := output.ReadOurs(h.readyFile)
	if now, gone := os.Lstat(h.readyFile); err == nil && gone == nil && os.SameFile(now, h.ready) && bytes.Equal(text, written) {
		_ = os.Remove(h.readyFile) // it may be gone by now
	}
}
