package mockserver

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
)

// mock serves requests. It holds what all of them share.
type mock struct {
	mockConfig
	hosts    hosts
	sessions *sessions
	site     atomic.Pointer[site]
	pause    func(context.Context, time.Duration)
}

// mockConfig says how a mock serves.
type mockConfig struct {
	logger     *slog.Logger
	adminToken string
	exposed    bool     // others than the programs of this machine reach the mock
	allowHosts []string // the names under which the mock answers beside the loopback names
	mutants    map[string]func(http.Handler) http.Handler
}

// site is a model with its routes. A reload replaces it whole.
type site struct {
	model  *model
	router *router
}

// newMock returns a mock without a site.
func newMock(config mockConfig, sessions *sessions) (*mock, error) {
	hosts, err := newHosts(config.exposed, config.allowHosts)
	made := &mock{mockConfig: config, hosts: hosts, sessions: sessions, pause: wait}
	sessions.mutant = made.mutant
	return made, err
}

// ServeHTTP answers one request, in the session that its path names.
func (m *mock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header(), r.URL.Path)
	c := m.newCall(m.sessions.root, r)
	if m.hosts.isMisdirected(r) {
		c.turnAway(w)
		return
	}
	if shareWithPage(w, r) {
		return
	}
	if c.enter(); !c.mutated(w) {
		c.serve(w)
	}
}

// newCall begins a request within a session.
func (m *mock) newCall(in *session, r *http.Request) *call {
	at := m.site.Load()
	return &call{Request: r, server: m, model: at.model, router: at.router, session: in, started: time.Now(), path: r.URL.EscapedPath()}
}

// onlyLocal returns a handler that refuses what comes to a loopback address under a name that is none of this machine, and
// passes on the rest.
func onlyLocal(spec *credmock.Spec, next http.Handler) http.Handler {
	guard := &mock{mockConfig: mockConfig{logger: slog.New(slog.DiscardHandler)}}
	guard.site.Store(&site{model: &model{spec: spec, meta: encodeMeta(spec.Version)}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !guard.hosts.isMisdirected(r) {
			next.ServeHTTP(w, r)
			return
		}
		protect(w.Header(), r.URL.Path)
		guard.newCall(&session{}, r).turnAway(w)
	})
}

// enter finds the session named in the path and strips its prefix.
func (c *call) enter() {
	rest, named := strings.CutPrefix(c.path, sessionPrefix)
	if !named {
		return
	}
	name, rest, _ := strings.Cut(rest, "/")
	found := c.server.sessions.find(name)
	if found == nil {
		c.stray = true
		return
	}
	c.session, c.path = found, "/"+rest
}

// loggedMethod returns a method of HTTP as it is, and no other text: a client can send anything for one.
func loggedMethod(method string) string {
	if at := slices.Index(methods[:], method); at >= 0 {
		return methods[at]
	}
	return otherMethod
}

// otherMethod stands for a method that is none of HTTP's.
const otherMethod = "other"
