package serve

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/origin"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// Mock serves requests. It holds the state that all requests share.
type Mock struct {
	Config
	hosts     origin.Hosts
	origins   origin.Origins
	Sessions  *session.Registry
	ports     atomic.Int64 // number of sessions with a port of their own
	Site      atomic.Pointer[Site]
	Pause     func(context.Context, time.Duration)
	DrainTime time.Duration // how long the rest of a body is read after the reply
}

// Config is the configuration of a mock.
type Config struct {
	Logger       *slog.Logger
	AdminToken   string
	Exposed      bool     // programs on other machines can reach the mock
	AllowHosts   []string // allowed names, in addition to the loopback names
	AllowOrigins []string // allowed origins of pages, in addition to the loopback origins
	// Listen serves a handler at another port. It returns the root URL there and a function that stops it. It may be nil.
	Listen  func(handler http.Handler) (root string, stop func(), err error)
	Mutants map[string]func(http.Handler) http.Handler
}

// Site is a model with its routes. A reload replaces both at once.
type Site struct {
	Model  *model.Model
	Router *router
}

// New returns a mock without a site. The error names no host: it says that an allowed host or origin is not one.
func New(config Config, sessions *session.Registry) (*Mock, error) {
	hosts, err := origin.NewHosts(config.Exposed, config.AllowHosts)
	origins, otherErr := origin.NewOrigins(config.AllowOrigins)
	made := &Mock{Config: config, hosts: hosts, origins: origins, Sessions: sessions, Pause: sleep, DrainTime: drainTime}
	sessions.Mutant = made.mutant
	return made, errors.Join(err, otherErr)
}

// ServeHTTP answers one request in the session named in the path.
func (m *Mock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origin.Protect(w.Header(), r.URL.Path)
	c := m.NewCall(m.Sessions.Root, r)
	if m.hosts.IsMisdirected(r) {
		c.refuseHost(w)
		return
	}
	if m.origins.HandleCORS(w, r) {
		return
	}
	if c.enter(); !c.serveMutant(w) {
		c.serve(w)
	}
}

// NewCall returns the call of a request in a session.
func (m *Mock) NewCall(in *session.Session, r *http.Request) *Call {
	at := m.Site.Load()
	return &Call{
		Request: r, Server: m, Model: at.Model, router: at.Router, Session: in, Base: in.Base, started: time.Now(), path: r.URL.EscapedPath(),
	}
}

// OnlyLocal returns a handler that refuses requests to a loopback address whose Host is not a loopback name, and
// passes all others to next.
func OnlyLocal(spec *credmock.Spec, next http.Handler) http.Handler {
	guard := &Mock{Config: Config{Logger: slog.New(slog.DiscardHandler)}}
	guard.Site.Store(&Site{Model: &model.Model{Spec: spec, Meta: model.EncodeMeta(spec.Version)}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !guard.hosts.IsMisdirected(r) {
			next.ServeHTTP(w, r)
			return
		}
		origin.Protect(w.Header(), r.URL.Path)
		guard.NewCall(&session.Session{}, r).refuseHost(w)
	})
}

// loggedMethod returns a standard HTTP method as it is, and OtherMethod for any other text, which may hold anything.
func loggedMethod(method string) string {
	if at := slices.Index(faults.Methods[:], method); at >= 0 {
		return faults.Methods[at]
	}
	return OtherMethod
}

// OtherMethod replaces a method that is not a standard one in logs and in the journal.
const OtherMethod = "other"

// refuseHost refuses a request with a foreign Host. The journal does not record it: a page could otherwise push out
// older exchanges.
func (c *Call) refuseHost(w http.ResponseWriter) {
	defer c.answerEarly(w)()
	c.recorded = true
	answer := c.finish(w, Refuse(http.StatusMisdirectedRequest, "not-local",
		"This mock answers under a loopback name alone, such as 127.0.0.1 or localhost; serve --allow-host NAME admits another one."))
	c.log(answer, 0)
}
