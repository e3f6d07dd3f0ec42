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

// Server is a mock of the API. It is an http.Handler, safe for concurrent use; make one with [New].
type Server struct {
	options    Options
	mock       *serve.Mock
	sessions   *session.Registry
	inspector  *inspector.Inspector
	authorizer *oauth.Authorizer

	reloading sync.Mutex // held while the model is replaced
}

// New returns a mock that holds the fixtures. The error names every place where the document asks for what the mock cannot do,
// where the fixtures break the document, or where two principals share a token. It never holds a token or a value.
func New(options Options) (*Server, error) {
	published := options.published()
	options = options.withDefaults()
	config := options.modelConfig()
	config.Published = published
	made := &Server{
		options: options, sessions: session.NewRegistry(options.sessionConfig()), authorizer: oauth.New(options.AllowOutbound),
		inspector: inspector.New(inspector.Config{Judge: options.judge(), Engineer: len(options.Tokens) > 0}),
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

// newSite gives a model the routes of every surface.
func (s *Server) newSite(of *model.Model) (*serve.Site, error) {
	actions := maps.Clone(api.Actions)
	maps.Copy(actions, oauth.Actions)
	return serve.NewSite(of, actions,
		slices.Concat(admin.HomeRoutes(of.Spec), admin.Routes(), s.authorizer.Routes(), docs.Routes(), s.inspector.Routes()))
}

// ServeHTTP answers one request, in the session that its path names.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mock.ServeHTTP(w, r) }

// EndStreams ends the answers that go on for as long as a client listens, so that a server can shut down in order.
func (s *Server) EndStreams() { s.sessions.EndAll() }

// OnlyLocal returns a handler for a server that is not a [Server] but holds one: what comes to a loopback address under a
// name that is none of this machine is refused as a Server does it, and the rest is passed on.
func OnlyLocal(next http.Handler) http.Handler { return serve.OnlyLocal(credmock.Default(), next) }
