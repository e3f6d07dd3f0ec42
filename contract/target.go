package contract

import (
	"net/http"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

// Target is the implementation to judge, and how to judge it. Only URL and Token are needed.
type Target struct {
	// URL is the base that ends before /v1, such as http://127.0.0.1:4118/platform.
	URL string
	// Token is the bearer token of an engineer of Organization.
	Token string
	// ViewerToken belongs to a member of Organization without the engineer role. May be empty; if empty, the checks
	// that need one are skipped.
	ViewerToken string
	// OtherToken belongs to an engineer of another organization. May be empty; if empty, the checks that need one
	// are skipped.
	OtherToken string
	// Organization is the number of the organization. May be zero; if zero, 118.
	Organization int
	// Environment is the id of the environment to work in. May be empty; if empty, the first one that the
	// environments endpoint lists, else DefaultEnvironment.
	Environment string
	// Spec is the contract. May be nil; if nil, the embedded document.
	Spec *credmock.Spec
	// Accept names documented alternatives that are fine here; see Alternatives.
	Accept []string
	// Strict makes a broken SHOULD count.
	Strict bool
	// Known lists the failures that are accepted for now; see [report.ReadKnown]. May be empty.
	Known []report.KnownFailure
	// Run and Skip are regular expressions over check ids: what to run, and what of it to leave out. May be empty.
	Run, Skip string
	// Seed makes two runs alike. May be zero; if zero, 1.
	Seed int64
	// Timeout bounds the whole run. May be zero; if zero, two minutes.
	Timeout time.Duration
	// Keep leaves everything that was created in place.
	Keep bool
	// Runs is a folder in which a run keeps a file of what it has created until that is deleted; see [CutShort] and [Clean]. May be
	// empty; if empty, a run that is killed is forgotten.
	Runs string
	// Transport sends the requests. May be nil; if nil, one of net/http that follows no proxy of the environment.
	Transport http.RoundTripper
	// Progress is told of each finished check. May be nil.
	Progress func(done, total int, result report.Result)
}

// The defaults of the mock and of the suite alike.
const (
	DefaultOrganization = 118
	DefaultEnvironment  = "a31a92e5-43b7-45df-8085-4ac5a746d105"
)

// Alternative is a documented contradiction that a target may resolve in the other way (docs/contract.md#contradictions).
type Alternative struct{ Name, Meaning string }

// Alternatives are those that Target.Accept may name.
var Alternatives = []Alternative{
	{"meta-string", "delete answers with meta as the bare version string"},
	{"delete-ok", `delete answers the JSON string "OK"`},
	{"wrapped-payload", "a single credential stands in payload.credential"},
	{"partial-update", "an update without the fields that update requires is fine"},
}
