// Package engine runs one scenario file: it has the commands of the language, sends the requests, judges the answers, and deletes
// the records that the script created. It does not know the other files of a run.
package engine

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/pace"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// Config says against what scripts run, and how. Every field but Transport, the two further tokens and those that are false has a
// value; Environment may be empty.
type Config struct {
	URL                            string // empty for a fresh mock for each script
	Token, ViewerToken, OtherToken string
	Organization                   int
	Environment                    string
	Spec                           *credmock.Spec
	Transport                      http.RoundTripper
	AllowExec, Update, Verbose     bool
	Header                         http.Header      // of each request to URL, with secret values
	Rate                           float64          // requests a second at most; 0 for no limit
	Sources                        [3]bearer.Source // of the three tokens; may be nil
}

// Run is what all scripts of a run share.
type Run struct {
	Config
	client *http.Client
	pace   *pace.Pace
	tokens [3]*bearer.Holder // of engineer, viewer and other; nil for a mock

	place  sync.Once
	listed string // the first environment that the server lists

	refused atomic.Value // the flag of a token that the server refuses, as a string
}

// Result is what came of one script.
type Result struct {
	Outcome     string // passed, failed, skipped or trouble
	Reason, Log string
	Duration    time.Duration
	Assertions  int
	LeftBehind  []string
}

// The outcomes of a script.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
	trouble = "trouble"
)

const (
	// answerLimit bounds how long a script waits for one answer.
	answerLimit = 30 * time.Second
	// cleaningLimit bounds how long cleaning up may take after the time of the run is over or it was interrupted.
	cleaningLimit = 8 * time.Second
)

// New returns a run of scripts.
func New(given Config) *Run {
	run := &Run{Config: given, client: newClient(given.Transport), pace: pace.New(given.Rate)}
	for i, source := range given.Sources {
		if source != nil && given.URL != "" {
			run.tokens[i] = bearer.New("", source, nil)
		}
	}
	return run
}

// newClient returns a client that follows no redirect and asks no proxy.
func newClient(transport http.RoundTripper) *http.Client {
	switch given := transport.(type) {
	case nil:
		transport = &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: bound.HeadLimit}
	case *http.Transport:
		bounded := given.Clone()
		bounded.MaxResponseHeaderBytes = bound.HeadLimit
		transport = bounded
	}
	return &http.Client{
		Timeout:       answerLimit,
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
