// Package probe is the engine of the suite. A session explores one target and deletes what it created. A probe works for one
// check: it sends requests, compares answers and collects findings. The package does not know the checks.
package probe

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pace"
)

// Options are the target and settings of a session.
type Options struct {
	URL                            string
	Token, ViewerToken, OtherToken string // may be empty, where there is a source or nobody
	Sources                        map[wire.Principal]bearer.Source
	Organization                   int
	Environment                    string // may be empty; if empty, the first one that the target lists
	Fallback                       string // used if the target lists none
	Spec                           *credmock.Spec
	Accept                         []string
	Seed                           int64
	Keep                           bool              // delete nothing
	Runs                           string            // folder for the notes of runs; may be empty
	Transport                      http.RoundTripper // may be nil
	Header                         http.Header       // of each request, with secret values; may be nil
	Way                            foreign.Own       // flags of curl for the way to the target; may be empty
	Rate                           float64           // requests a second at most; 0 for no limit
	End                            time.Time         // of the time for the run, cleaning up included
}

// Session is one run against one target. It is safe for concurrent use by its probes.
type Session struct {
	*wire.Client
	rerun.Setting
	ledger     leftover.Ledger
	Ctx        context.Context
	keep       bool
	runs       string
	fallback   string
	lateWrites atomic.Int64 // writes that were waited for in vain

	Capabilities map[Capability]report.Capability
	available    map[string][]string           // fields that the target lists for each strategy; nil if unknown
	listed       map[string]bool               // names of listed strategies; nil if unknown
	narrow       map[string]bool               // strategies of which the target accepts only required fields and secrets
	gone         atomic.Pointer[foreign.Mixed] // why the target cannot be judged from some request on
	present      atomic.Int64                  // how often the target was found to be there
	resent       atomic.Int64                  // requests that were sent again, for a gateway had failed
	Hidden       foreign.Mixed                 // why the organization cannot be judged; empty if it can
	unlisted     error                         // why the list cannot be read; nil if it can
	bystanders   []bystander                   // the credentials that the list held before the run
	bystanderAt  map[string]int                // index into bystanders by id
	Metadata     []string                      // the described members of a list item
	described    map[string]bool               // the described members of any answer
	Serial       bool                          // the target reuses ids
	Lag          time.Duration                 // time until a read shows a write
	neverShown   bool                          // no read showed a write while the lag was measured
	Pace         time.Duration                 // time until an answer

	listing            int  // the status of the first list
	environmentListed  bool // the target lists the environment of the run, or none at all
	organizationListed bool // the list held something of the organization before the run

	End       time.Time // of the time for the run, cleaning up included
	RanOut    bool      // the time ended before all was judged
	ReviewEnd time.Time // the end of reviewing; zero if unlimited

	secretNames      []string
	journeys         map[string]func() *Journey
	Attachment       func() *Attachment
	SpareDestination func() string    // the id of a destination for requests that must be refused
	fixtures         map[string]*pool // by strategy
	doomed           *pool
	shared           sync.Map // exchanges that several checks judge, by name; see [Once]
	sharedAnew       bool     // those were made a second time
	crowd            crowd
	askers           askers
}

// NewSession returns a session that has sent nothing yet.
func NewSession(ctx context.Context, o Options) *Session {
	s := &Session{
		Ctx: ctx, keep: o.Keep, runs: o.Runs, fallback: o.Fallback, End: o.End,
		Client: wire.NewClient(o.URL, o.Transport,
			map[wire.Principal]string{wire.Engineer: o.Token, wire.Viewer: o.ViewerToken, wire.Other: o.OtherToken}, o.Sources),
		Setting: rerun.Setting{
			Spec: o.Spec, Organization: o.Organization, Environment: o.Environment, Accept: o.Accept, Seed: o.Seed,
			Planned: map[string]bool{}, Way: o.Way, Gates: slices.Sorted(maps.Keys(o.Header)), RunName: leftover.NamePrefix + rand.Text()[:8],
		},
		Capabilities: map[Capability]report.Capability{}, journeys: map[string]func() *Journey{},
		Metadata: metadataNames(o.Spec), described: describedNames(o.Spec), secretNames: SecretNames(o.Spec),
		narrow: map[string]bool{}, fixtures: map[string]*pool{}, askers: askers{first: map[string]string{}},
	}
	s.AddHeader(o.Header)
	s.Limit = pace.New(o.Rate)
	s.Bearer = s.Token
	s.Inspect, s.Account, s.AskedBy = s.inspectAnswer, s.accountFor, s.askedBy
	for _, strategy := range s.Spec.Strategies {
		s.fixtures[strategy.Name] = newPool(strategy.Name, strategy)
	}
	s.doomed = newPool("deletion", DefaultStrategy(s.Spec))
	s.SpareDestination = sync.OnceValue(s.makeSpareDestination)
	s.shareAnew()
	return s
}

// shareAnew forgets the exchanges that several checks judge. Each is made when a check asks for it.
func (s *Session) shareAnew() {
	for _, strategy := range s.Spec.Strategies {
		s.journeys[strategy.Name] = sync.OnceValue(func() *Journey { return s.runJourney(strategy) })
	}
	s.Attachment = sync.OnceValue(s.runAttachment)
	s.shared.Clear()
}

// Late tells whether the time for reviewing has ended.
func (s *Session) Late() bool { return !s.ReviewEnd.IsZero() && time.Now().After(s.ReviewEnd) }
