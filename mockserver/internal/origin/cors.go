package origin

import (
	"net/http"
	"net/url"
	"strings"
)

// Headers that a page of another origin may read and send.
const (
	exposedHeaders = "Location, Allow, WWW-Authenticate, Retry-After, X-Credmock-Fault"
	allowedHeaders = "Authorization, Content-Type, Accept, Prefer"
)

// HandleCORS lets pages of loopback origins, such as a front end in development, read answers. It answers their
// preflight requests, and reports whether it did. Other origins get no CORS headers.
func HandleCORS(w http.ResponseWriter, r *http.Request) (answered bool) {
	origin := r.Header.Get("Origin")
	if origin == "" || !isLoopbackOrigin(origin) || isGuarded(r.URL.Path) {
		return false
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Add("Vary", "Origin")
	wanted := r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions || wanted == "" {
		header.Set("Access-Control-Expose-Headers", exposedHeaders)
		return false
	}
	header.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
	header.Set("Access-Control-Allow-Headers", allowedHeaders)
	header.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// isGuarded reports whether a path belongs to the admin surface, in a session too. Only the mock's own pages may use
// it.
func isGuarded(path string) bool { return strings.Contains(path, "/__admin") }

func isLoopbackOrigin(origin string) bool {
	from, err := url.Parse(origin)
	return err == nil && (from.Scheme == "http" || from.Scheme == "https") && from.User == nil && isLoopbackHost(from.Host)
}
