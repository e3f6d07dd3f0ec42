package serve

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/session"
)

// mutant returns the broken server with that name, in front of the mock, for a session.
func (m *Mock) mutant(in *session.Session, name string) http.Handler {
	return m.Mutants[name](http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := m.NewCall(in, r)
		if c.mutant = name; isUnprefixed(r) {
			c.Base = ""
		}
		c.serve(w)
	}))
}

// serveMutant passes the request to the session's mutant, if it has one, and reports whether it did.
func (c *Call) serveMutant(w http.ResponseWriter) bool {
	set := c.Session.Faults
	mutant := set.Mutant.Load()
	if mutant == nil || c.misled != nil || isOwnPath(c.path) {
		return false
	}
	set.Mutex.Lock()
	mutant.Fault.Matched++
	set.Mutex.Unlock()
	r := c.Request
	if c.Session.Base != "" {
		inner, err := url.PathUnescape(c.path)
		if err != nil {
			return false
		}
		r = r.WithContext(r.Context())
		r.URL = &url.URL{Path: inner, RawPath: c.path, RawQuery: c.URL.RawQuery}
	}
	mutant.Handler.ServeHTTP(w, r)
	return true
}

// injectedText describes the fault of a request, or is empty. It names the mutant, which the reply itself must not:
// the client is to detect it.
func (c *Call) injectedText(answer *Reply) string {
	if c.mutant == "" {
		return answer.Injected
	}
	return strings.TrimSuffix("mutant "+c.mutant+", "+answer.Injected, ", ")
}
