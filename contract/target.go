package contract

import (
	"context"
	"net/http"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

// Target is an implementation to judge, and how to judge it. Only URL, and Token or TokenSource, are required.
type Target struct {
	// URL is the base URL before /v1, such as http://127.0.0.1:4118/platform.
	URL string
	// Token is the bearer token of an engineer of Organization.
	Token string
	// ViewerToken belongs to a member of Organization without the engineer role. If empty, the checks that need it are skipped.
	ViewerToken string
	// OtherToken belongs to an engineer of another organization. If empty, the checks that need it are skipped.
	OtherToken string
	// TokenSource, ViewerTokenSource and OtherTokenSource return the tokens instead, for tokens that end during a run. Each is called
	// before every request, and again after a request that was refused with 401: refused is then the token of that request, else
	// "". A source that has no other token returns the same one. If nil, the token of the field above is used for the whole run.
	TokenSource, ViewerTokenSource, OtherTokenSource func(ctx context.Context, refused string) (string, error)
	// Organization is the number of the organization. If zero, 118.
	Organization int
	// Environment is the id of the environment to work in. If empty, it is the first one that the target lists, or
	// DefaultEnvironment if it lists none.
	Environment string
	// Spec is the document to judge by. If nil, the embedded one.
	Spec *credmock.Spec
	// Accept names the documented alternatives to accept; see [Alternatives].
	Accept []string
	// Require names capabilities that the target must have: environments, second, destinations, viewer, other, and strategies for all
	// that the document has. One that it lacks is a failure. Without it, the checks that need it are skipped.
	Require []string
	// Strategies names the strategies of the document that the target must offer. The first one is required anyway.
	Strategies []string
	// Strict makes a failed SHOULD count.
	Strict bool
	// Known are the failures that are accepted for now; see [report.ReadKnown].
	Known []report.KnownFailure
	// Run and Skip are regular expressions for the ids of the checks to run, and of those to leave out. If empty, all and none.
	Run, Skip string
	// Seed makes runs repeatable. If zero, 1.
	Seed int64
	// Timeout bounds the whole run. If zero, two minutes.
	Timeout time.Duration
	// Keep leaves everything that the run created.
	Keep bool
	// Runs is a folder for notes of what a run has created and not deleted yet; see [CutShort] and [Clean]. If empty, a run keeps
	// no notes, and nothing is known of it once it is killed.
	Runs string
	// Transport sends the requests. If nil, one of net/http that ignores the proxy settings of the environment.
	Transport http.RoundTripper
	// Header are further headers of each request, such as those that a gateway asks for. Their values are secrets: no report shows
	// one. It cannot have headers that the suite sets itself.
	Header http.Header
	// Curl has the flags of curl that take the same way as Transport, such as --insecure, as words of a shell. The lines of a report
	// that send a request again have them. It is empty for an ordinary way.
	Curl string
	// Rate is the number of requests a second at most; it may be a fraction. If zero, there is no limit.
	Rate float64
	// FailFast ends the run at the first failure that counts. The verdict is then never that the target conforms.
	FailFast bool
	// MinCoverage is the percentage of the planned rules that must be judged, those included that are not selected. A run that judges
	// fewer is inconclusive.
	MinCoverage int
	// Notes say how the run differs from an ordinary one, a sentence each. Every report shows them.
	Notes []string
	// Progress is called after each check. May be nil.
	Progress func(done, total int, result report.Result)
}

// The defaults of the mock and the suite.
const (
	DefaultOrganization = 118
	DefaultEnvironment  = "a31a92e5-43b7-45df-8085-4ac5a746d105"
)

// Alternative is a documented contradiction that a target may resolve either way (docs/contract.md#contradictions).
type Alternative struct{ Name, Meaning string }

// Alternatives are the alternatives for Target.Accept.
var Alternatives = []Alternative{
	{"meta-string", "delete answers with meta as the bare version string"},
	{"delete-ok", `delete answers the JSON string "OK"`},
	{"wrapped-payload", "a single credential stands in payload.credential"},
	{"partial-update", "an update without the fields that update requires is fine"},
}
