package mockserver

import (
	"net/http"
	"net/url"
	"strings"
)

// mutant returns the broken server of that name, which stands before the mock of a session.
func (m *mock) mutant(in *session, name string) http.Handler {
	return m.mutants[name](http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := m.newCall(in, r)
		c.mutant = name
		c.serve(w)
	}))
}

// mutated answers a request through the broken server if there is one. It reports whether it did.
func (c *call) mutated(w http.ResponseWriter) bool {
	faults := c.session.faults
	mutant := faults.mutant.Load()
	if mutant == nil || c.stray || isOwnPath(c.path) {
		return false
	}
	faults.mutex.Lock()
	mutant.fault.matched++
	faults.mutex.Unlock()
	r := c.Request
	if c.session.base != "" {
		inner, err := url.PathUnescape(c.path)
		if err != nil {
			return false
		}
		r = r.WithContext(r.Context())
		r.URL = &url.URL{Path: inner, RawPath: c.path, RawQuery: c.URL.RawQuery}
	}
	mutant.handler.ServeHTTP(w, r)
	return true
}

// injected says what was asked to go wrong with a request; empty for nothing. Of a broken server before the mock only this one
// knows: that is to be found out.
func (c *call) injected(answer *reply) string {
	if c.mutant == "" {
		return answer.injected
	}
	return strings.TrimSuffix("mutant "+c.mutant+", "+answer.injected, ", ")
}
