package mockserver

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/credmock/credmock"
)

// Server is a mock of the API. It is an http.Handler, safe for concurrent use; make one with [New].
type Server struct {
	options    Options
	mock       *mock
	sessions   *sessions
	inspector  *inspector
	authorizer *authorizer

	reloading sync.Mutex // held while the model is replaced
}

// New returns a mock that holds the fixtures. The error names every place where the document asks for what the mock cannot do,
// where the fixtures break the document, or where two principals share a token. It never holds a token or a value.
func New(options Options) (*Server, error) {
	published := options.published()
	options = options.withDefaults()
	config := options.modelConfig()
	config.published = published
	made := &Server{
		options: options, sessions: newSessions(options.sessionConfig()), authorizer: newAuthorizer(options.AllowOutbound),
		inspector: newInspector(inspectorConfig{judge: options.judge(), engineer: len(options.Tokens) > 0}),
	}
	var err error
	if made.mock, err = newMock(options.mockConfig(), made.sessions); err != nil {
		return nil, err
	}
	compiled, err := compile(config, newKnownSecrets(), nil, made.sessions.root.store, made.sessions.root)
	if err != nil {
		return nil, err
	}
	site, err := made.newSite(compiled)
	if err != nil {
		return nil, err
	}
	made.mock.site.Store(site)
	made.sessions.open(compiled.planned)
	return made, nil
}

// newSite gives a model the routes of every surface.
func (s *Server) newSite(of *model) (*site, error) {
	actions := maps.Clone(apiActions)
	maps.Copy(actions, tokenActions)
	return newSite(of, actions, slices.Concat(homeRoutes(of.spec), ownRoutes(), s.authorizer.routes(), docsRoutes(), s.inspector.routes()))
}

// ServeHTTP answers one request, in the session that its path names.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mock.ServeHTTP(w, r) }

// EndStreams ends the answers that go on for as long as a client listens, so that a server can shut down in order.
func (s *Server) EndStreams() { s.sessions.endAll() }

// OnlyLocal returns a handler for a server that is not a [Server] but holds one: what comes to a loopback address under a
// name that is none of this machine is refused as a Server does it, and the rest is passed on.
func OnlyLocal(next http.Handler) http.Handler { return onlyLocal(credmock.Default(), next) }
