package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/origin"
)

// AdmitOperator refuses a request to the admin surface unless it has the admin token or, if the mock has no token,
// comes from this machine under a loopback name. It also refuses every page of another origin. It returns nil to
// admit the request.
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

// isForeign reports whether a browser sent the request for a page of another origin. A link from there may be
// followed to a page of the mock, but only in a top-level window.
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
