package contract

import (
	"cmp"
	"context"
	"crypto/rand"
	"hash/maphash"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// session is one run against one target. Everything in it is safe for the checks that run side by side.
type session struct {
	ctx       context.Context
	target    Target
	spec      *credmock.Spec
	base      string
	client    *http.Client
	tokens    map[principal]string
	detector  *leak.Detector
	requests  atomic.Int64
	unsettled atomic.Int64 // how often a write was waited for that never showed
	// unconnected is how many connections in a row could not be had.
	unconnected atomic.Int64

	environment  string
	second       string // another environment of the organization; may be empty
	capabilities map[capability]report.Capability
	available    map[string][]string // what the target says each strategy takes; nil when it does not say
	narrow       map[string]bool     // strategies of which the target takes only what is required, and secrets
	environments *exchange           // what the target answered when it was asked for the environments; nil when it was not
	hidden       foreign.Mixed       // why what is about the organization cannot be judged; empty where it can
	unlisted     error               // why the list cannot be read; nil where it can
	known        map[uint64]bool     // the segments of the list before anything was created
	bystanders   []bystander         // what that list held
	bystanderAt  map[string]int      // where each stands there, by its id
	metadata     []string            // the members of a list item that the document describes
	described    map[string]bool     // the members of any answer that it describes
	hash         maphash.Seed        // of the digests of this run
	planned      map[string]bool     // the ids of the checks of this run
	serial       bool                // the target gives ids again
	lag          time.Duration       // how long the target takes until a read shows what was written
	pace         time.Duration       // how long an answer takes

	organizationListed bool // that list held something of the organization

	bounds            bounds
	reading, decoding *room
	kept              atomic.Int64  // bytes of decoded answers
	grace             time.Duration // how long a create may outlive the run
	judged            []*exchange   // every exchange in order, when no further one comes
	end               time.Time     // of the time for the run
	ranOut            bool          // the time was over before all was judged
	closing           bool          // nothing is judged any more
	reviewTime        time.Duration // how much longer reviewing may take
	reviewEnd         time.Time     // until when answers are reviewed; zero for as long as it takes

	secretNames []string
	journeys    map[string]func() *journey
	neighbour   func() *neighbourhood
	bystander   func() string // the id of a destination that requests are aimed at which are to be refused
	victims     map[string]*victim

	mutex         sync.Mutex
	exchanges     []*exchange
	created       []made
	uncertain     []*exchange // creates of which nobody knows what they created
	runFile       *runFile    // what is known of it when this process is killed; nil where nothing is kept
	triedToCreate bool        // something may have been created, known or not
	runName       string
}

func newSession(ctx context.Context, target Target) *session {
	s := &session{
		ctx: ctx, target: target, spec: target.Spec, base: strings.TrimRight(target.URL, "/"),
		tokens:   map[principal]string{engineer: target.Token, viewer: target.ViewerToken, other: target.OtherToken},
		detector: leak.New(), capabilities: map[capability]report.Capability{}, journeys: map[string]func() *journey{},
		bounds: usualBounds, reading: newRoom(readingRoom), decoding: newRoom(decodingRoom), grace: endGrace, reviewTime: reviewGrace, hash: maphash.MakeSeed(),
		metadata: metadataNames(target.Spec), described: describedNames(target.Spec),
		environment: target.Environment, narrow: map[string]bool{}, victims: map[string]*victim{}, planned: map[string]bool{},
	}
	s.client = &http.Client{
		Transport: target.Transport,
		// A redirect is an answer to judge, not an errand: following it could carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for who, token := range s.tokens {
		if tellable(token) {
			s.remember(bearerLabel, "token of "+string(who), token)
		}
	}
	s.runName = runPrefix + rand.Text()[:8]
	s.secretNames = secretNames(s.spec)
	for _, strategy := range s.spec.Strategies {
		s.victims[strategy.Name] = &victim{}
		s.journeys[strategy.Name] = sync.OnceValue(func() *journey { return s.travel(strategy) })
	}
	s.neighbour = sync.OnceValue(s.visitNeighbours)
	s.bystander = sync.OnceValue(s.makeBystander)
	return s
}

// tellable tells whether a token can be told from other text: a word like "viewer" stands in many a sentence.
func tellable(token string) bool {
	return len(token) >= 8 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
}

// runPrefix begins the name of everything that a run creates. What follows it is another for every run, whatever the
// seed: two runs side by side must not clean up each other's things.
const runPrefix = "credmock run "

// bearerLabel labels the tokens among the secrets that are looked for.
const bearerLabel = "the bearer token"

// record keeps the exchange for the rules that look at the whole run.
func (s *session) record(e *exchange) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.exchanges = append(s.exchanges, e)
	s.account(e)
}

// everything returns every exchange so far: check by check, so that two runs with one seed tell the same in the same order.
func (s *session) everything() []*exchange {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.judged) == len(s.exchanges) {
		return s.judged
	}
	all := slices.Clone(s.exchanges)
	slices.SortStableFunc(all, func(a, b *exchange) int {
		return cmp.Or(strings.Compare(a.scope, b.scope), cmp.Compare(a.turn, b.turn))
	})
	s.judged = all
	return all
}
