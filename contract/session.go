package contract

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// options are what a session has to know of its target.
type options struct {
	url                            string
	token, viewerToken, otherToken string // the last two may be empty
	organization                   int
	environment                    string // may be empty; if empty, the first one that the target lists
	fallback                       string // the environment if the target lists none
	spec                           *credmock.Spec
	accept                         []string
	seed                           int64
	keep                           bool              // nothing is deleted
	runs                           string            // the folder for the notes of runs; may be empty
	transport                      http.RoundTripper // may be nil
	end                            time.Time         // of the time for the run
}

// session is one run against one target. Everything in it is safe for the checks that run side by side.
type session struct {
	*client
	setting
	ledger    ledger
	ctx       context.Context
	keep      bool
	runs      string
	fallback  string
	unsettled atomic.Int64 // how often a write was waited for that never showed

	capabilities map[capability]report.Capability
	available    map[string][]string // what the target says each strategy takes; nil when it does not say
	narrow       map[string]bool     // strategies of which the target takes only what is required, and secrets
	hidden       foreign.Mixed       // why what is about the organization cannot be judged; empty where it can
	unlisted     error               // why the list cannot be read; nil where it can
	bystanders   []bystander         // what that list held
	bystanderAt  map[string]int      // where each stands there, by its id
	metadata     []string            // the members of a list item that the document describes
	described    map[string]bool     // the members of any answer that it describes
	serial       bool                // the target gives ids again
	lag          time.Duration       // how long the target takes until a read shows what was written
	pace         time.Duration       // how long an answer takes

	organizationListed bool // that list held something of the organization

	end       time.Time // of the time for the run
	ranOut    bool      // the time was over before all was judged
	reviewEnd time.Time // until when answers are reviewed; zero for as long as it takes

	secretNames []string
	journeys    map[string]func() *journey
	neighbour   func() *neighbourhood
	bystander   func() string // the id of a destination that requests are aimed at which are to be refused
	victims     map[string]*victim
}

func newSession(ctx context.Context, o options) *session {
	s := &session{
		ctx: ctx, keep: o.keep, runs: o.runs, fallback: o.fallback, end: o.end,
		client: newClient(o.url, o.transport, map[principal]string{engineer: o.token, viewer: o.viewerToken, other: o.otherToken}),
		setting: setting{
			spec: o.spec, organization: o.organization, environment: o.environment, accept: o.accept, seed: o.seed,
			planned: map[string]bool{}, runName: runPrefix + rand.Text()[:8],
		},
		capabilities: map[capability]report.Capability{}, journeys: map[string]func() *journey{},
		metadata: metadataNames(o.spec), described: describedNames(o.spec), secretNames: secretNames(o.spec),
		narrow: map[string]bool{}, victims: map[string]*victim{},
	}
	s.inspect, s.account = s.inspectAnswer, s.accountFor
	for _, strategy := range s.spec.Strategies {
		s.victims[strategy.Name] = &victim{}
		s.journeys[strategy.Name] = sync.OnceValue(func() *journey { return s.travel(strategy) })
	}
	s.neighbour = sync.OnceValue(s.visitNeighbours)
	s.bystander = sync.OnceValue(s.makeBystander)
	return s
}

// late tells whether the time for reviewing is over.
func (s *session) late() bool { return !s.reviewEnd.IsZero() && time.Now().After(s.reviewEnd) }
