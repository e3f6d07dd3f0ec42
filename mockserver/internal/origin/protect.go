package origin

import (
	"net/http"
	"strings"
)

// Header values that keep a browser from framing an answer, guessing its type, giving it to a page of another origin
// outside CORS, or telling others its address. Some pages replace the policy by a stricter one.
var (
	noSniff     = []string{"nosniff"}
	noFrame     = []string{"DENY"}
	noReferrer  = []string{"no-referrer"}
	sameOrigin  = []string{"same-origin"}
	plainPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// Protect sets the security headers of the answer at a path. The values are shared, so that they cost no allocation.
// Answers that no browser opens as a page get only two headers, because each header costs a client of the API time.
func Protect(header http.Header, path string) {
	header["X-Content-Type-Options"] = noSniff
	header["Content-Security-Policy"] = plainPolicy
	if strings.HasPrefix(path, OwnPrefix) || path == "/" {
		header["X-Frame-Options"] = noFrame
		header["Referrer-Policy"] = noReferrer
		header["Cross-Origin-Resource-Policy"] = sameOrigin
	}
}

// OwnPrefix begins the paths of the mock's own surface, except the health checks.
const OwnPrefix = "/__"
