package origin

import (
	"net/http"
	"strings"
)

// Headers that keep a browser from showing an answer in a frame, taking it for another type, giving it to a page of another origin that
// did not ask for it by CORS, or telling others its address. An answer with a policy of its own says more.
var (
	noSniff     = []string{"nosniff"}
	noFrame     = []string{"DENY"}
	noReferrer  = []string{"no-referrer"}
	sameOrigin  = []string{"same-origin"}
	plainPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// Protect sets the headers for an answer at a path. The values are shared: a request costs no allocation for them. What no browser opens
// as a page has the two that suffice for it, because each header costs a client of the API time.
func Protect(header http.Header, path string) {
	header["X-Content-Type-Options"] = noSniff
	header["Content-Security-Policy"] = plainPolicy
	if strings.HasPrefix(path, OwnPrefix) || path == "/" {
		header["X-Frame-Options"] = noFrame
		header["Referrer-Policy"] = noReferrer
		header["Cross-Origin-Resource-Policy"] = sameOrigin
	}
}

// OwnPrefix is what the paths of the mock's own surface begin with, but for those that ask whether it lives.
const OwnPrefix = "/__"
