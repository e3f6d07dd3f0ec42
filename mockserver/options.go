package mockserver

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// The bearer tokens that are known where [Options] names no others.
const (
	DefaultToken       = "dev-token"
	DefaultViewerToken = "viewer-token"
	DefaultOtherToken  = "other-token"
)

// Options say what a mock serves and to whom. The zero value is ready for use.
type Options struct {
	// Spec is the document to serve. May be nil; if nil, credmock.Default().
	Spec *credmock.Spec
	// Tokens are the bearer tokens of engineers of the first organization. If empty, [DefaultToken] alone.
	Tokens []string
	// ViewerToken is the bearer token of a member who may read and not write. If empty, [DefaultViewerToken].
	ViewerToken string
	// OtherToken is the bearer token of an engineer of another organization. If empty, [DefaultOtherToken].
	OtherToken string
	// Fixtures are the organizations, environments, destinations and credentials to start with, as YAML.
	// If nil, organization 118 with three environments, and another one with one; no credentials.
	Fixtures []byte
	// Seed makes ids reproducible: two mocks with the same seed give out the same ids in the same order.
	// If 0, ids are random.
	Seed int64
	// Logger gets one line a request, without anything that a client sent. May be nil; if nil, nothing is logged.
	Logger *slog.Logger
	// Clock tells the time of records and tokens. May be nil; if nil, time.Now.
	Clock func() time.Time
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.Spec == nil {
		o.Spec = credmock.Default()
	}
	if len(o.Tokens) == 0 {
		o.Tokens = []string{DefaultToken}
	}
	if o.ViewerToken == "" {
		o.ViewerToken = DefaultViewerToken
	}
	if o.OtherToken == "" {
		o.OtherToken = DefaultOtherToken
	}
	if o.Fixtures == nil {
		o.Fixtures = defaultFixtures
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// New returns a mock that holds the fixtures. The error names every place where the document asks for what the mock cannot do,
// where the fixtures break the document, or where two principals share a token. It never holds a token or a value.
func New(options Options) (*Server, error) {
	options = options.withDefaults()
	server := &Server{
		options: options, spec: options.Spec, logger: options.Logger,
		store: newStore(), ids: newIDs(options.Seed),
		meta: encodeMeta(options.Spec.Version),
	}
	server.kinds = compileKinds(options.Spec)
	server.strategies = strategyPayload(options.Spec)
	if issue := options.Spec.Operation("token", "create"); issue != nil && issue.Body != nil {
		server.tokenForm = view.New("a token request", issue.Body)
	}
	router, err := compileRoutes(options.Spec, server.kinds)
	if err != nil {
		return nil, err
	}
	server.router = router
	fixtures, err := parseFixtures(options.Fixtures)
	if err != nil {
		return nil, err
	}
	if err := server.populate(fixtures); err != nil {
		return nil, err
	}
	return server, server.admit(fixtures)
}

// admit makes the principals of the options and the clients of the fixtures known.
func (s *Server) admit(fixtures *fixtures) error {
	engineer, viewer, other := fixtures.principals(s.organizations)
	s.tokens = newTokens()
	var faults []error
	add := func(what, token string, who principal) {
		if token == "" || strings.ContainsAny(token, " \t\r\n,") {
			faults = append(faults, fmt.Errorf("%s cannot be empty and has no blanks or commas", what))
		} else if !s.tokens.add(token, who) {
			faults = append(faults, fmt.Errorf("%s is given twice; each principal needs its own", what))
		}
	}
	for _, token := range s.options.Tokens {
		add("an engineer's token", token, engineer)
	}
	add("the viewer's token", s.options.ViewerToken, viewer)
	add("the token of the other organization", s.options.OtherToken, other)
	clients, err := newClients(fixtures.Clients, s.organizations)
	s.clients = clients
	return errors.Join(append(faults, err)...)
}
