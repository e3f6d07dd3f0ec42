package mockserver

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/credmock/credmock"
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
	// Tokens are the bearer tokens of engineers of the first organization. If empty, [DefaultToken] alone. The default tokens
	// and the keys of [DevelopmentClient] are published: a request that comes to an address beyond loopback finds them unknown,
	// unless the options or the fixtures name them.
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
	// AdminToken is the bearer token of the mock's own surface below /__admin/. If empty, that surface answers callers on the
	// same machine alone, and without a token.
	AdminToken string
	// AllowHosts are names of this machine, such as host.docker.internal, without a port. A request that comes to a loopback
	// address is answered under a loopback name or one of these, and under any other refused with 421, for a page of any site can
	// have its name point here. A request without a connection, as httptest.NewRecorder takes one, may have any name, but
	// at /__admin/.
	AllowHosts []string
	// Exposed says that others than the programs of this machine reach the mock. Then default tokens and the keys of
	// [DevelopmentClient] do not exist, whatever address a request comes to, unless the options or the fixtures name them.
	Exposed bool
	// AllowOutbound are hosts that the mock may send a token request to, beside those of loopback addresses.
	AllowOutbound []string
	// Mutants are broken servers that a fault can put before the mock, by name: each is given the sound one. May be nil.
	Mutants map[string]func(http.Handler) http.Handler
	// Journal is how many exchanges each session remembers. If 0, 1000. All sessions together remember ten times as many, and each
	// at least its latest twenty.
	Journal int
	// Sessions is how many sessions there may be at a time. If 0, 1000.
	Sessions int
	// SessionIdle is after which time without a request a session ends. If 0, 30 minutes.
	SessionIdle time.Duration
	// Verify judges a mock for its inspector, which offers to run it. It returns a page with the report, and the verdict. May be nil;
	// if nil, the inspector offers nothing.
	Verify func(ctx context.Context, judged Judged) (html []byte, verdict string, err error)

	published published
}

// published says what of the options is a default that everybody knows.
type published struct{ tokens, viewer, other, keys bool }

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.Spec == nil {
		o.Spec = credmock.Default()
	}
	o.published = published{tokens: len(o.Tokens) == 0, viewer: o.ViewerToken == "", other: o.OtherToken == "", keys: o.Fixtures == nil}
	if len(o.Tokens) == 0 && !o.Exposed {
		o.Tokens = []string{DefaultToken}
	}
	if o.ViewerToken == "" && !o.Exposed {
		o.ViewerToken = DefaultViewerToken
	}
	if o.OtherToken == "" && !o.Exposed {
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
	if o.Journal <= 0 {
		o.Journal = 1000
	}
	if o.Sessions <= 0 {
		o.Sessions = 1000
	}
	if o.SessionIdle <= 0 {
		o.SessionIdle = 30 * time.Minute
	}
	return o
}

// New returns a mock that holds the fixtures. The error names every place where the document asks for what the mock cannot do,
// where the fixtures break the document, or where two principals share a token. It never holds a token or a value.
func New(options Options) (*Server, error) {
	options = options.withDefaults()
	compiled, first, err := compile(options, newKnownSecrets(), nil)
	if err != nil {
		return nil, err
	}
	server := &Server{
		root: first, sessions: newSessions(options), logger: options.Logger, pause: wait, reports: &uiReports{}, heard: &heard{},
	}
	server.model.Store(compiled)
	first.journal = newJournal(options.Journal, server.sessions.room)
	first.planned = compiled.planned
	first.begin()
	server.plan(first)
	return server, nil
}
