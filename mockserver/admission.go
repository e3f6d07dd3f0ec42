package mockserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// admitOperator decides who may use the mock's own surface: who knows the admin token, or, where there is none, who asks
// on this machine under a name of this machine. No page of another origin may, whoever looks at it.
func (s *Server) admitOperator(c *call) *reply {
	if isForeign(c) {
		return refuse(http.StatusForbidden, "cross-origin", "A page of another origin may not use this surface.")
	}
	if s.options.AdminToken != "" {
		scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
		owed, sent := sha256.Sum256([]byte(s.options.AdminToken)), sha256.Sum256([]byte(strings.TrimLeft(token, " ")))
		if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(owed[:], sent[:]) == 1 {
			return nil
		}
		return refuse(http.StatusUnauthorized, "unauthorized", "Send the admin token, as in \"Authorization: Bearer TOKEN\".")
	}
	if !isHome(c) {
		return refuse(http.StatusForbidden, "not-local",
			"Without an admin token this surface answers on a loopback address alone, under a name such as 127.0.0.1 or localhost.")
	}
	return nil
}

// isForeign tells whether a browser says that a page of another origin asks. To follow a link from there is fine.
func isForeign(c *call) bool {
	if origin := c.Header.Get("Origin"); origin != "" {
		from, err := url.Parse(origin)
		return err != nil || !strings.EqualFold(from.Host, c.Host)
	}
	site := c.Header.Get("Sec-Fetch-Site")
	followed := c.Method == http.MethodGet && c.Header.Get("Sec-Fetch-Mode") == "navigate"
	return (site == "cross-site" || site == "same-site") && !followed
}

// isHome tells whether a request came to a loopback address, and by a name that no stranger's name server gives out.
func isHome(c *call) bool {
	if local, isAddress := c.Context().Value(http.LocalAddrContextKey).(net.Addr); isAddress && !isLoopback(local.String()) {
		return false
	}
	return isLoopback(c.Host)
}

// isLoopback tells whether a host, with or without a port, is a loopback address or a name for one.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
