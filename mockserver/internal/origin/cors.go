package origin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

const (
	// exposedHeaders are the headers of an answer that a page of another origin may read.
	exposedHeaders = "Location, Allow, WWW-Authenticate, Retry-After, X-Credmock-Fault"
	// allowedMethods are the methods that a page may send. The mock itself refuses the ones that a path lacks.
	allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
)

// Origins are the origins whose pages may call the mock, in addition to the loopback origins.
type Origins map[string]bool

var errOrigin = errors.New("--allow-origin needs a scheme and a host, without a path, such as https://app.example.com")

// NewOrigins returns the allowed origins of the options. The error says that a text is not an origin.
func NewOrigins(allowed []string) (Origins, error) {
	made := Origins{}
	for _, given := range allowed {
		origin, valid := canonicalOrigin(given)
		if !valid {
			return nil, errOrigin
		}
		made[origin] = true
	}
	return made, nil
}

// canonicalOrigin returns an origin as a browser sends it: in lower case and without a default port. The second result
// is false if the text is not an origin.
func canonicalOrigin(text string) (string, bool) {
	from, err := url.Parse(strings.ToLower(text))
	if err != nil || from.Scheme != "http" && from.Scheme != "https" || from.User != nil ||
		from.Path+from.RawQuery+from.Fragment != "" || strings.ContainsAny(text, "?#") {
		return "", false
	}
	name, valid := hostName(from.Host)
	if !valid || strings.Trim(name, hostLetters+":") != "" {
		return "", false
	}
	host := from.Host
	if port := from.Port(); port == "" || port == map[string]string{"http": "80", "https": "443"}[from.Scheme] {
		host = strings.TrimSuffix(strings.TrimSuffix(host, port), ":")
	}
	return from.Scheme + "://" + host, true
}

// allow reports whether pages of an origin may call the mock.
func (o Origins) allow(origin string) bool {
	canonical, valid := canonicalOrigin(origin)
	return valid && (o[canonical] || isLoopbackHost(strings.TrimPrefix(strings.TrimPrefix(canonical, "http://"), "https://")))
}

// HandleCORS lets pages of allowed origins, such as a front end in development, read answers. It answers their
// preflight requests, and reports whether it did. Other origins get no CORS headers.
//
// The headers name the origin of the request and never all origins, so a page may also send credentials.
func (o Origins) HandleCORS(w http.ResponseWriter, r *http.Request) (answered bool) {
	origin := r.Header.Get("Origin")
	if origin == "" || isGuarded(r.URL.Path) || !o.allow(origin) {
		return false
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Add("Vary", "Origin")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		header.Set("Access-Control-Expose-Headers", exposedHeaders)
		return false
	}
	answerPreflight(header, r)
	w.WriteHeader(http.StatusNoContent)
	return true
}

// answerPreflight allows the headers that a page of an allowed origin asks for. The API decides what they mean.
func answerPreflight(header http.Header, r *http.Request) {
	header.Add("Vary", "Access-Control-Request-Headers")
	header.Set("Access-Control-Allow-Methods", allowedMethods)
	if asked := r.Header.Values("Access-Control-Request-Headers"); len(asked) > 0 {
		header.Set("Access-Control-Allow-Headers", strings.Join(asked, ", "))
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		header.Set("Access-Control-Allow-Private-Network", "true") // the page is on the internet, the mock on this machine
	}
	header.Set("Access-Control-Max-Age", "600")
}

// isGuarded reports whether a path belongs to the admin surface, in a session too. Only the mock's own pages may use
// it.
func isGuarded(path string) bool { return strings.Contains(path, "/__admin") }
