package mockserver

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// breakBy puts a fault to work.
func (s *Server) breakBy(made *fault) error {
	return s.faults.add(made, func() http.Handler { return s.mutant(made) })
}

// mutate puts the broken server of a fault before this mock, where it was before another.
func (s *Server) mutate(made *fault) {
	s.faults.mutant.Store(&mutation{fault: made, handler: s.mutant(made)})
}

// mutant makes the broken server of a fault, which stands before the mock.
func (s *Server) mutant(made *fault) http.Handler {
	return s.options.Mutants[made.mutant](http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, &call{Request: r, started: time.Now(), path: r.URL.EscapedPath(), mutant: made.mutant})
	}))
}

// mutated answers a request through the broken server where there is one. It tells whether it did.
func (s *Server) mutated(w http.ResponseWriter, c *call) bool {
	mutant := s.faults.mutant.Load()
	if mutant == nil || c.stray || isOwnPath(c.path) {
		return false
	}
	s.faults.mutex.Lock()
	mutant.fault.matched++
	s.faults.mutex.Unlock()
	r := c.Request
	if s.base != "" {
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
