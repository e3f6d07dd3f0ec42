// Package probe is the engine of the suite. A session explores one target and cleans up after itself; a probe is what one check works
// with: it sends requests, looks at answers and collects findings. It does not know the checks.
package probe

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// Options are what a session has to know of its target.
type Options struct {
	URL                            string
	Token, ViewerToken, OtherToken string // the last two may be empty
	Organization                   int
	Environment                    string // may be empty; if empty, the first one that the target lists
	Fallback                       string // the environment if the target lists none
	Spec                           *credmock.Spec
	Accept                         []string
	Seed                           int64
	Keep                           bool              // nothing is deleted
	Runs                           string            // the folder for the notes of runs; may be empty
	Transport                      http.RoundTripper // may be nil
	End                            time.Time         // of the time for the run
}

// Session is one run against one target. Everything in it is safe for the checks that run side by side.
type Session struct {
	*wire.Client
	rerun.Setting
	ledger     leftover.Ledger
	Ctx        context.Context
	keep       bool
	runs       string
	fallback   string
	lateWrites atomic.Int64 // how often a write was waited for that never showed

	Capabilities map[Capability]report.Capability
	available    map[string][]string // what the target says each strategy takes; nil when it does not say
	narrow       map[string]bool     // strategies of which the target takes only what is required, and secrets
	Hidden       foreign.Mixed       // why what is about the organization cannot be judged; empty where it can
	unlisted     error               // why the list cannot be read; nil where it can
	bystanders   []bystander         // what that list held
	bystanderAt  map[string]int      // where each stands there, by its id
	Metadata     []string            // the members of a list item that the document describes
	described    map[string]bool     // the members of any answer that it describes
	Serial       bool                // the target gives ids again
	Lag          time.Duration       // how long the target takes until a read shows what was written
	Pace         time.Duration       // how long an answer takes

	organizationListed bool // that list held something of the organization

	End       time.Time // of the time for the run
	RanOut    bool      // the time was over before all was judged
	ReviewEnd time.Time // until when answers are reviewed; zero for as long as it takes

	secretNames      []string
	journeys         map[string]func() *Journey
	Attachment       func() *Attachment
	SpareDestination func() string // the id of a destination that requests are aimed at which are to be refused
	fixtures         map[string]*fixture
}

func NewSession(ctx context.Context, o Options) *Session {
	s := &Session{
		Ctx: ctx, keep: o.Keep, runs: o.Runs, fallback: o.Fallback, End: o.End,
		Client: wire.NewClient(o.URL, o.Transport, map[wire.Principal]string{wire.Engineer: o.Token, wire.Viewer: o.ViewerToken, wire.Other: o.OtherToken}),
		Setting: rerun.Setting{
			Spec: o.Spec, Organization: o.Organization, Environment: o.Environment, Accept: o.Accept, Seed: o.Seed,
			Planned: map[string]bool{}, RunName: leftover.NamePrefix + rand.Text()[:8],
		},
		Capabilities: map[Capability]report.Capability{}, journeys: map[string]func() *Journey{},
		Metadata: metadataNames(o.Spec), described: describedNames(o.Spec), secretNames: SecretNames(o.Spec),
		narrow: map[string]bool{}, fixtures: map[string]*fixture{},
	}
	s.Inspect, s.Account = s.inspectAnswer, s.accountFor
	for _, strategy := range s.Spec.Strategies {
		s.fixtures[strategy.Name] = &fixture{}
		s.journeys[strategy.Name] = sync.OnceValue(func() *Journey { return s.runJourney(strategy) })
	}
	s.Attachment = sync.OnceValue(s.runAttachment)
	s.SpareDestination = sync.OnceValue(s.makeSpareDestination)
	return s
}

// Late tells whether the time for reviewing is over.
func (s *Session) Late() bool { return !s.ReviewEnd.IsZero() && time.Now().After(s.ReviewEnd) }
