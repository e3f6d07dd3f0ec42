package mockserver

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/api"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/delivery"
	"github.com/credmock/credmock/mockserver/internal/docs"
	"github.com/credmock/credmock/mockserver/internal/inspector"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/oauth"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/platform"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/sigv4"
	"github.com/credmock/credmock/mockserver/internal/workload"
)

// Server is a mock of the API. It is an http.Handler, safe for concurrent use; create it with [New].
type Server struct {
	options   Options
	mock      *serve.Mock
	sessions  *session.Registry
	inspector *inspector.Inspector
	requests  []*serve.Route // routes about the requests that credentials describe
	courier   *delivery.Courier

	reloading sync.Mutex // held while the model is replaced
}

// New returns a mock that starts with the fixtures. The error lists every part of the document that the mock cannot serve,
// every mistake in the fixtures, and every token that two principals share. It never contains a token or a value.
func New(options Options) (*Server, error) {
	published := options.published()
	options = options.withDefaults()
	config := options.modelConfig()
	config.Published = published
	made := &Server{
		options: options, sessions: session.NewRegistry(options.sessionConfig()),
		inspector: inspector.New(inspector.Config{Judge: options.judge(), Engineer: len(options.Tokens) > 0}),
	}
	made.plug()
	var err error
	if made.mock, err = serve.New(options.mockConfig(), made.sessions); err != nil {
		return nil, err
	}
	compiled, err := model.Compile(config, censor.NewSecretSet(), nil, made.sessions.Root.Store, made.sessions.Root)
	if err != nil {
		return nil, err
	}
	site, err := made.newSite(compiled)
	if err != nil {
		return nil, err
	}
	made.mock.Site.Store(site)
	made.sessions.Open(compiled.Planned)
	return made, nil
}

// plug adds the surfaces that show, send and answer the requests of credentials.
func (s *Server) plug() {
	sender, signer := outbound.New(s.options.AllowOutbound, s.options.OutboundCAs), platform.New(s.options.Seed)
	exchanger := workload.New(sender, signer)
	authorizer, requestSigner := oauth.New(sender, signer, exchanger), sigv4.New(sender)
	s.courier = delivery.New(sender, authorizer, requestSigner)
	s.requests = slices.Concat(authorizer.Routes(), exchanger.Routes(), signer.Routes(), requestSigner.Routes(), s.courier.Routes())
}

// newSite returns the routes of every surface for a model.
func (s *Server) newSite(of *model.Model) (*serve.Site, error) {
	actions := maps.Clone(api.Actions)
	maps.Copy(actions, oauth.Actions)
	maps.Copy(actions, s.courier.Actions())
	return serve.NewSite(of, actions,
		slices.Concat(admin.HomeRoutes(of.Spec), admin.Routes(), s.requests, docs.Routes(), s.inspector.Routes()))
}

// ServeHTTP answers one request in the session named in its path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mock.ServeHTTP(w, r) }

// EndStreams ends all open event streams, so that a server can shut down gracefully.
func (s *Server) EndStreams() { s.sessions.EndAll() }

// OnlyLocal returns a handler for a server that wraps a [Server]. It rejects a request to a loopback address whose host name
// does not belong to this machine, as a Server does, and passes all others to next.
func OnlyLocal(next http.Handler) http.Handler { return serve.OnlyLocal(credmock.Default(), next) }
