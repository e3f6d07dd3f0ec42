// Package outbound sends the requests that credentials describe, to allowed hosts only.
package outbound

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// Limits of the requests that the mock sends.
const (
	connectLimit = 2 * time.Second
	// ExchangeLimit is the time for one request and its answer.
	ExchangeLimit    = 5 * time.Second
	answerHeadLimit  = 64 << 10
	outboundRefused  = "outbound-refused"
	sendsToLoopbacks = "The mock sends to loopback addresses alone; --allow-outbound HOST lets it call another host."
	neverSends       = "The mock never sends to addresses of this link, of a cloud's metadata or of no host, and --allow-outbound does not " +
		"change that."
)

// Reasons why the mock does not connect to an address.
var (
	errOutbound      = errors.New("the address is not one that the mock may call")
	errNeverOutbound = errors.New("the address is one that the mock never calls")
)

// client returns a client that connects to loopback addresses and, if the options allow the host, to that host. It checks the
// resolved address and not the name, since a name can resolve to any address.
func (s *Sender) client(host string) *http.Client {
	allowed := slices.ContainsFunc(s.hosts, func(name string) bool { return strings.EqualFold(name, host) })
	dialer := &net.Dialer{Timeout: connectLimit, Control: func(_, address string, _ syscall.RawConn) error {
		return checkOutbound(address, allowed)
	}}
	return &http.Client{
		// No proxy: the checked address would be the proxy's.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: connectLimit, MaxResponseHeaderBytes: answerHeadLimit,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.trusted},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkOutbound returns why an address is not allowed, or nil.
func checkOutbound(address string, allowed bool) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return errOutbound
	}
	ip := target.Addr().Unmap()
	switch {
	case ip.IsLoopback():
		return nil
	case isNeverCalled(ip) || isNeverCalled(embedded(ip)):
		return errNeverOutbound
	case !allowed:
		return errOutbound
	}
	return nil
}

// neverCalled are the metadata addresses of clouds and addresses of no host. Link-local and multicast addresses are checked
// separately.
var neverCalled = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("192.0.0.192/32"),
	netip.MustParsePrefix("fd00:ec2::/32"), netip.MustParsePrefix("fd20:ce::254/128"), netip.MustParsePrefix("fec0::/10"),
}

func isNeverCalled(ip netip.Addr) bool {
	return ip.IsValid() && (ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || ip.IsInterfaceLocalMulticast() ||
		slices.ContainsFunc(neverCalled, func(prefix netip.Prefix) bool { return prefix.Contains(ip.WithZone("")) }))
}

// The IPv6 prefixes that embed an IPv4 address, with the index of its first byte.
var embedding = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, {netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // translated
	{netip.MustParsePrefix("::/96"), 12},           // compatible
}

// embedded returns the IPv4 address that an IPv6 address translates or tunnels to, or the zero Addr. An embedded loopback
// address belongs to the other end of the tunnel and is not allowed either.
func embedded(ip netip.Addr) netip.Addr {
	if !ip.Is6() {
		return netip.Addr{}
	}
	bytes := ip.As16()
	for _, form := range embedding {
		if form.prefix.Contains(ip.WithZone("")) {
			inner := netip.AddrFrom4([4]byte(bytes[form.at : form.at+4]))
			if inner.IsLoopback() {
				return netip.IPv4Unspecified()
			}
			return inner
		}
	}
	return netip.Addr{}
}

// outboundRefusal returns a rejection if the mock may not send the request, or nil.
func outboundRefusal(err error) *serve.Reply {
	switch {
	case errors.Is(err, errNeverOutbound):
		return serve.Refuse(http.StatusForbidden, outboundRefused, neverSends)
	case errors.Is(err, errOutbound):
		return serve.Refuse(http.StatusForbidden, outboundRefused, sendsToLoopbacks)
	}
	return nil
}

// outboundError explains why there is no answer. The text of the error is dropped, since it may hold an address or a part of a
// URL.
func outboundError(err error, endpoint string, address *url.URL) string {
	var resolution *net.DNSError
	var timeout net.Error
	reason := "The " + endpoint + " gives no answer over HTTP that can be read."
	switch distrust := finalanswer.Distrust(err); {
	case distrust != "":
		return "The " + endpoint + " is not trusted: " + distrust + "."
	case errors.As(err, &resolution):
		reason = "The host of the " + endpoint + " is not known."
	case errors.As(err, &timeout) && timeout.Timeout():
		reason = "The " + endpoint + " does not answer in time."
	case errors.Is(err, syscall.ECONNREFUSED):
		reason = "Nobody listens at the " + endpoint + "."
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: address}); err == nil && proxy != nil {
		reason += " A proxy is set in the environment and not used: the mock sends requests of credentials straight to their host."
	}
	return reason
}
