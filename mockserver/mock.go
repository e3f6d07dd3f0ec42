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
	"github.com/credmock/credmock/mockserver/internal/docs"
	"github.com/credmock/credmock/mockserver/internal/inspector"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/oauth"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// Server is a mock of the API. It is an http.Handler, safe for concurrent use; create it with [New].
type Server struct {
	options    Options
	mock       *serve.Mock
	sessions   *session.Registry
	inspector  *inspector.Inspector
	authorizer *oauth.Authorizer

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
		authorizer: oauth.New(options.AllowOutbound, options.OutboundCAs),
		inspector:  inspector.New(inspector.Config{Judge: options.judge(), Engineer: len(options.Tokens) > 0}),
	}
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

// newSite returns the routes of every surface for a model.
func (s *Server) newSite(of *model.Model) (*serve.Site, error) {
	actions := maps.Clone(api.Actions)
	maps.Copy(actions, oauth.Actions)
	return serve.NewSite(of, actions,
		slices.Concat(admin.HomeRoutes(of.Spec), admin.Routes(), s.authorizer.Routes(), docs.Routes(), s.inspector.Routes()))
}

// ServeHTTP answers one request in the session named in its path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mock.ServeHTTP(w, r) }

// EndStreams ends all open event streams, so that a server can shut down gracefully.
func (s *Server) EndStreams() { s.sessions.EndAll() }

// OnlyLocal returns a handler for a server that wraps a [Server]. It rejects a request to a loopback address whose host name
// does not belong to this machine, as a Server does, and passes all others to next.
func OnlyLocal(next http.Handler) http.Handler { return serve.OnlyLocal(credmock.Default(), next) }
