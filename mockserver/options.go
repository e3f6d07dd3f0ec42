package mockserver

import (
	"bytes"
	"context"
	"crypto/x509"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/inspector"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// The bearer tokens that are used if [Options] has none.
const (
	DefaultToken       = "dev-token"
	DefaultViewerToken = "viewer-token"
	DefaultOtherToken  = "other-token"
)

// Options configure a mock. The zero value is ready for use.
type Options struct {
	// Spec is the document to serve. May be nil; if nil, credmock.Default().
	Spec *credmock.Spec
	// Tokens are the bearer tokens of engineers of the first organization. If empty, only [DefaultToken]. The default tokens
	// and the keys of [DevelopmentClient] are public. They are therefore unknown to requests that arrive at a non-loopback
	// address, unless the options or the fixtures name them.
	Tokens []string
	// ViewerToken is the bearer token of a viewer, who may only read. If empty, [DefaultViewerToken].
	ViewerToken string
	// OtherToken is the bearer token of an engineer of another organization. If empty, [DefaultOtherToken].
	OtherToken string
	// Fixtures are the initial organizations, environments, destinations and credentials, as YAML. If nil, organization 118
	// with three environments and a second organization with one; no credentials.
	Fixtures []byte
	// Seed makes ids reproducible: two mocks with the same seed generate the same ids in the same order. If 0, ids are random.
	Seed int64
	// Logger receives one line per request, which contains nothing that the client sent. May be nil; if nil, nothing is logged.
	Logger *slog.Logger
	// Clock returns the time for records and tokens. May be nil; if nil, time.Now.
	Clock func() time.Time
	// AdminToken is the bearer token for the admin surface below /__admin/. If empty, that surface answers callers on the same
	// machine only and needs no token.
	AdminToken string
	// AllowHosts are further names of this machine, such as host.docker.internal, without a port. A request to a loopback
	// address must name a loopback host or one of these, and is otherwise rejected with 421: the page of any site can point its
	// own name at a loopback address. A request without a connection, such as one passed to an httptest.ResponseRecorder, may
	// name any host, except below /__admin/.
	AllowHosts []string
	// AllowOrigins are the origins, such as https://app.example.com, whose pages may call the API, in addition to loopback
	// origins. No page of another origin may use the surface below /__admin/.
	AllowOrigins []string
	// Exposed says that the mock is reachable from other machines. The default tokens and the keys of [DevelopmentClient] are
	// then unknown at every address, unless the options or the fixtures name them.
	Exposed bool
	// AllowOutbound are the hosts that the mock may send token requests to, in addition to loopback addresses.
	AllowOutbound []string
	// Deliver makes the verification of a destination fetch a token with its credential and deliver a request to it. If false, a
	// verification answers with the destination and sends nothing. A session inherits it.
	Deliver bool
	// OutboundCAs are the certificate authorities that token requests trust. May be nil; if nil, those of the system.
	OutboundCAs *x509.CertPool
	// Mutants are the broken servers that a fault can select by name. Each function wraps the sound server. May be nil.
	Mutants map[string]func(http.Handler) http.Handler
	// Journal is the number of exchanges that each session keeps. If 0, 1000. All sessions together keep ten times as many, and
	// each session at least its latest twenty.
	Journal int
	// Sessions is the maximum number of concurrent sessions. If 0, 1000.
	Sessions int
	// SessionIdle is the time without a request after which a session ends. If 0, 30 minutes.
	SessionIdle time.Duration
	// Listen serves the handler of a session at another port, for sessions that ask for one. It returns the root URL there, such
	// as http://127.0.0.1:40000, and a function that stops it. If nil, sessions listen on the loopback interface over HTTP.
	Listen func(handler http.Handler) (root string, stop func(), err error)
	// TokenLife is the life of a bearer token that the token endpoint issues. If 0, five minutes.
	TokenLife time.Duration
	// Verify runs the conformance suite against a mock for its inspector. It returns the report as an HTML page and the
	// verdict. May be nil; if nil, the inspector does not offer a run.
	Verify func(ctx context.Context, judged Judged) (html []byte, verdict string, err error)
}

// withDefaults returns the options with defaults for all unset fields.
func (o Options) withDefaults() Options {
	if o.Spec == nil {
		o.Spec = credmock.Default()
	}
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
		o.Fixtures = fixtures.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Listen == nil {
		o.Listen = listenOnLoopback
	}
	if o.Journal <= 0 {
		o.Journal = 1000
	}
	if o.Sessions <= 0 {
		o.Sessions = 1000
	}
	o.SessionIdle = orDefault(o.SessionIdle, 30*time.Minute)
	o.TokenLife = orDefault(o.TokenLife, 5*time.Minute)
	return o
}

func orDefault(given, otherwise time.Duration) time.Duration {
	if given <= 0 {
		return otherwise
	}
	return given
}

// published reports which tokens and keys are public defaults.
func (o Options) published() model.Published {
	return model.Published{Tokens: len(o.Tokens) == 0, Viewer: o.ViewerToken == "", Other: o.OtherToken == "", Keys: o.Fixtures == nil}
}

// modelConfig returns the options that a model needs.
func (o Options) modelConfig() model.Config {
	return model.Config{
		Spec: o.Spec, Fixtures: o.Fixtures, Mutants: slices.Sorted(maps.Keys(o.Mutants)), Exposed: o.Exposed,
		Tokens: o.Tokens, ViewerToken: o.ViewerToken, OtherToken: o.OtherToken, AdminToken: o.AdminToken,
	}
}

// sessionConfig returns the options that a session needs.
func (o Options) sessionConfig() session.Config {
	return session.Config{Seed: o.Seed, Clock: o.Clock, Journal: o.Journal, Limit: o.Sessions, Idle: o.SessionIdle,
		TokenLife: o.TokenLife, Deliver: o.Deliver}
}

// mockConfig returns the options that serving a request needs.
func (o Options) mockConfig() serve.Config {
	return serve.Config{
		Logger: o.Logger, AdminToken: o.AdminToken, Exposed: o.Exposed, AllowHosts: o.AllowHosts, AllowOrigins: o.AllowOrigins,
		Mutants: o.Mutants, Listen: o.Listen,
	}
}

// DefaultFixtures returns the fixtures of a mock whose [Options] have none, as YAML.
func DefaultFixtures() []byte { return bytes.Clone(fixtures.Default) }

// Judged is the mock that [Options].Verify runs against: its URL, its document and the principals of its fixtures. A token is
// empty if no principal has that role.
type Judged struct {
	URL                            string // base of the API
	Spec                           *credmock.Spec
	Organization                   int // organization of the engineer
	Token, ViewerToken, OtherToken string
	// Progress is called after each check. It may be called by several goroutines at once.
	Progress func(done, total int, id, outcome string)
}

// judge returns the function that the inspector calls to run the suite, or nil if Verify is nil. The principals of a token come
// from the fixtures, since they may redefine the tokens of the options.
func (o Options) judge() func(ctx context.Context, base string, by *model.Model, progress inspector.Progress) (html []byte, verdict string,
	err error) {
	if o.Verify == nil {
		return nil
	}
	return func(ctx context.Context, base string, by *model.Model, progress inspector.Progress) ([]byte, string, error) {
		judged := Judged{URL: base, Spec: by.Spec, Progress: progress}
		if len(o.Tokens) > 0 {
			judged.Token = o.Tokens[0]
		}
		if engineer, known := by.StaticTokens.Find(judged.Token); known {
			judged.Organization = int(engineer.Organization)
			if viewer, known := by.StaticTokens.Find(o.ViewerToken); known && viewer.Organization == engineer.Organization && !viewer.Engineer {
				judged.ViewerToken = o.ViewerToken
			}
			if other, known := by.StaticTokens.Find(o.OtherToken); known && other.Organization != engineer.Organization && other.Engineer {
				judged.OtherToken = o.OtherToken
			}
		}
		return o.Verify(ctx, judged)
	}
}

// DevelopmentClient is the client id in the default fixtures. Its keys are [DevelopmentKeys].
const DevelopmentClient = "development-client"

// DevelopmentKeys returns the private keys of [DevelopmentClient] as a JWK set, one for RS384 and one for ES384. A client uses
// them to request bearer tokens from the mock. The keys are public, so they authenticate nobody to any other server.
func DevelopmentKeys() []byte { return slices.Clone(fixtures.DevelopmentKeys) }
