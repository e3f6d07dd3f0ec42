package mockserver

import "net/http"

// The headers that every answer has, so that no browser shows it in a frame, takes it for another type, gives it to a page of
// another origin that did not ask for it by CORS, or tells others its address. An answer with a policy of its own says more.
var (
	noSniff     = []string{"nosniff"}
	noFrame     = []string{"DENY"}
	noReferrer  = []string{"no-referrer"}
	sameOrigin  = []string{"same-origin"}
	plainPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// protect sets these headers. The values are shared: a request costs no allocation for them.
func protect(header http.Header) {
	header["X-Content-Type-Options"] = noSniff
	header["X-Frame-Options"] = noFrame
	header["Referrer-Policy"] = noReferrer
	header["Cross-Origin-Resource-Policy"] = sameOrigin
	header["Content-Security-Policy"] = plainPolicy
}
