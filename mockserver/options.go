package mockserver

import (
	"bytes"
	"context"
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
}

// withDefaults fills in what was left out.
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

// published tells which tokens and keys are defaults that everybody knows.
func (o Options) published() model.Published {
	return model.Published{Tokens: len(o.Tokens) == 0, Viewer: o.ViewerToken == "", Other: o.OtherToken == "", Keys: o.Fixtures == nil}
}

// modelConfig returns the options that a model is made of.
func (o Options) modelConfig() model.Config {
	return model.Config{
		Spec: o.Spec, Fixtures: o.Fixtures, Mutants: slices.Sorted(maps.Keys(o.Mutants)), Exposed: o.Exposed,
		Tokens: o.Tokens, ViewerToken: o.ViewerToken, OtherToken: o.OtherToken, AdminToken: o.AdminToken,
	}
}

// sessionConfig returns the options that sessions begin with.
func (o Options) sessionConfig() session.Config {
	return session.Config{Seed: o.Seed, Clock: o.Clock, Journal: o.Journal, Limit: o.Sessions, Idle: o.SessionIdle}
}

// mockConfig returns the options that each request is served with.
func (o Options) mockConfig() serve.Config {
	return serve.Config{Logger: o.Logger, AdminToken: o.AdminToken, Exposed: o.Exposed, AllowHosts: o.AllowHosts, Mutants: o.Mutants}
}

// DefaultFixtures returns what a mock holds where [Options] name no fixtures, as YAML.
func DefaultFixtures() []byte { return bytes.Clone(fixtures.Default) }

// Judged is the mock that a run of [Options].Verify is about: where it stands, which document it serves, and who its principals
// are by its fixtures. A token is empty where nobody has that part.
type Judged struct {
	URL                            string // its base
	Spec                           *credmock.Spec
	Organization                   int // the engineer's
	Token, ViewerToken, OtherToken string
	// Progress is told of each check as soon as that is done. It may be called by several goroutines at once.
	Progress func(done, total int, id, outcome string)
}

// judge returns how the inspector runs the suite; nil if it does not. By the fixtures, a token of the options may belong to anybody.
func (o Options) judge() func(ctx context.Context, base string, by *model.Model, told inspector.Progress) (html []byte, verdict string,
	err error) {
	if o.Verify == nil {
		return nil
	}
	return func(ctx context.Context, base string, by *model.Model, told inspector.Progress) ([]byte, string, error) {
		judged := Judged{URL: base, Spec: by.Spec, Progress: told}
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
