package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/origin"
)

// AdmitOperator decides who may use the mock's own surface: who knows the admin token, or, where there is none, who asks
// on this machine under a name of this machine. No page of another origin may, whoever looks at it.
func AdmitOperator(c *Call) *Reply {
	if isForeign(c) {
		return Refuse(http.StatusForbidden, "cross-origin", "A page of another origin may not use this surface.")
	}
	if c.Server.AdminToken != "" {
		scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
		want, sent := sha256.Sum256([]byte(c.Server.AdminToken)), sha256.Sum256([]byte(strings.TrimLeft(token, " ")))
		if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(want[:], sent[:]) == 1 {
			return nil
		}
		return Refuse(http.StatusUnauthorized, "unauthorized", "Send the admin token, as in \"Authorization: Bearer TOKEN\".")
	}
	if origin.SocketOf(c.Request) == origin.OpenSocket || !c.Server.hosts.Allows(c.Host) {
		return Refuse(http.StatusForbidden, "not-local",
			"Without an admin token this surface answers on a loopback address alone, under a name such as 127.0.0.1 or localhost.")
	}
	return nil
}

// isForeign tells whether a browser says that a page of another origin asks. To follow a link from there to a page of the mock is
// fine, and to nothing else, nor in a frame.
func isForeign(c *Call) bool {
	if origin := c.Header.Get("Origin"); origin != "" {
		from, err := url.Parse(origin)
		return err != nil || !strings.EqualFold(from.Host, c.Host)
	}
	site := c.Header.Get("Sec-Fetch-Site")
	followed := !c.Route.guarded && c.Method == http.MethodGet && c.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		c.Header.Get("Sec-Fetch-Dest") == "document"
	return (site == "cross-site" || site == "same-site") && !followed
}
