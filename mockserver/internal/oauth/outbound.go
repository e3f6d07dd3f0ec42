package oauth

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/credmock/credmock/mockserver/internal/serve"
)

// The limits of a request that the mock sends.
const (
	connectLimit     = 2 * time.Second
	exchangeLimit    = 5 * time.Second
	answerHeadLimit  = 64 << 10
	outboundRefused  = "outbound-refused"
	sendsToLoopbacks = "The mock sends to loopback addresses alone; --allow-outbound HOST lets it call another host."
	neverSends       = "The mock never sends to addresses of this link, of a cloud's metadata or of no host, and --allow-outbound does not " +
		"change that."
)

// Why the mock does not connect to an address.
var (
	errOutbound      = errors.New("the address is not one that the mock may call")
	errNeverOutbound = errors.New("the address is one that the mock never calls")
)

// outbound returns a client that calls loopback addresses and, where the options allow the host, that host. It looks at the
// address that it is about to connect to, and not at the name: a name can lead anywhere, and elsewhere the next time.
func outbound(allowedHosts []string, host string) *http.Client {
	allowed := slices.ContainsFunc(allowedHosts, func(name string) bool { return strings.EqualFold(name, host) })
	dialer := &net.Dialer{Timeout: connectLimit, Control: func(_, address string, _ syscall.RawConn) error {
		return checkOutbound(address, allowed)
	}}
	return &http.Client{
		// No proxy: it would connect to another address than the one that was looked at.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: connectLimit, MaxResponseHeaderBytes: answerHeadLimit,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkOutbound says why an address is not connected to; nil where it may be.
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

// neverCalled are the addresses where a cloud tells its machines their secrets, and those of no host. What is link-local or
// multicast is not listed.
var neverCalled = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("192.0.0.192/32"),
	netip.MustParsePrefix("fd00:ec2::/32"), netip.MustParsePrefix("fd20:ce::254/128"), netip.MustParsePrefix("fec0::/10"),
}

func isNeverCalled(ip netip.Addr) bool {
	return ip.IsValid() && (ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || ip.IsInterfaceLocalMulticast() ||
		slices.ContainsFunc(neverCalled, func(prefix netip.Prefix) bool { return prefix.Contains(ip.WithZone("")) }))
}

// The prefixes of IPv6 addresses that hold one of IPv4, by the byte where it begins.
var embedding = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, {netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // translated
	{netip.MustParsePrefix("::/96"), 12},           // compatible
}

// embedded returns the address of IPv4 within one of IPv6 that leads there by a translator or a tunnel; the zero Addr for none. A
// loopback address in there is that of the other end: it is not called either.
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

// outboundRefusal refuses what the mock may not send; nil where it was sent or could have been.
func outboundRefusal(err error) *serve.Reply {
	switch {
	case errors.Is(err, errNeverOutbound):
		return serve.Refuse(http.StatusForbidden, outboundRefused, neverSends)
	case errors.Is(err, errOutbound):
		return serve.Refuse(http.StatusForbidden, outboundRefused, sendsToLoopbacks)
	}
	return nil
}

// outboundFault says why there is no answer. The error's own text may hold an address or a part of a URL.
func outboundFault(err error) string {
	var resolution *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &resolution):
		return "The host of the token endpoint is not known."
	case errors.As(err, &timeout) && timeout.Timeout():
		return "The token endpoint does not answer in time."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Nobody listens at the token endpoint."
	}
	return "The token endpoint gives no answer over HTTP that can be read."
}
