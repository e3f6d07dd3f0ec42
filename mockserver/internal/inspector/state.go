package inspector

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// uiView is the data of the page.
type uiView struct {
	Session string // empty for the default session
	Admin   string // path of the admin surface in this session
	Version string
	State   *uiState // nil without a valid token
}

// uiState is the state of a session.
type uiState struct {
	Base       string // base URL of the API
	Filter     uiFilter
	Operations []string
	Recorded   []string // ids of exchanges
	Methods    []string // of the operations
	Callers    []string // names of principals, and that of none
	Breakages  []string
	Classes    []string // classes of statuses
	Exchanges  []uiExchange
	Dropped    int64
	Last       int64
	Places     []uiPlace
	Sessions   []uiSession
	Clock      *uiClock
	Faults     *uiFaults // nil if this mock cannot inject faults
	Verify     bool
}

// uiFilter is the filter of exchanges, in the terms of the JSON surface.
type uiFilter struct {
	Operation, Status string
}

// uiSession is a session with a link to its page.
type uiSession struct {
	Name, Link, Ends string
	Seed             int64
	Here, Delivers   bool
}

// uiClock is the clock of a session, in whole seconds; the script advances it.
type uiClock struct {
	Now, Ahead string
	Frozen     bool
}

// uiFaults are the injected faults and the choices for another.
type uiFaults struct {
	Faults  []uiFault `json:"faults"`
	Mutants []string  `json:"mutants"`
}

func (i *Inspector) stateOf(c *serve.Call) *uiState {
	query := c.Query
	state := &uiState{
		Base: admin.Describe(c, c.Session).URL, Filter: uiFilter{query.Get("operation"), query.Get("status")},
		Classes: []string{"2xx", "4xx", "5xx"}, Places: uiPlaces(c), Sessions: uiSessions(c), Verify: i.Judge != nil,
		Breakages: faults.Breakages, Callers: append(c.Model.PrincipalNames(), faults.NoCaller),
	}
	for _, operation := range c.Model.Spec.Operations {
		state.Operations = append(state.Operations, operation.ID)
		state.Methods = append(state.Methods, operation.Method)
	}
	state.Recorded = serve.RecordedIDs(c.Model)
	slices.Sort(state.Recorded)
	slices.Sort(state.Operations)
	slices.Sort(state.Methods)
	state.Methods = slices.Compact(state.Methods)
	uiExchanges(c, state)
	var clock admin.Clock
	if uiAsk(c, "clock", nil, &clock) {
		now, _, _ := strings.Cut(clock.Now, ".")
		if ahead, err := time.ParseDuration(clock.Ahead); err == nil { // fails if a far year makes it too long for a Duration
			clock.Ahead = ahead.Round(time.Second).String()
		}
		state.Clock = &uiClock{Now: strings.TrimSuffix(now, "Z") + "Z", Ahead: clock.Ahead, Frozen: clock.Frozen}
	}
	var faults uiFaults
	if uiAsk(c, "faults", nil, &faults) && uiAsk(c, "mutants", nil, &faults) {
		state.Faults = &faults
	}
	return state
}

// uiAsk requests a path of the JSON surface, so that the page masks the same values. It reports whether there was an answer.
// The caller is authorized already.
func uiAsk(c *serve.Call, below string, query url.Values, into any) bool {
	text, found := c.Ask("/__admin/"+below, query)
	return found && json.Unmarshal(text, into) == nil
}

func uiSessions(c *serve.Call) []uiSession {
	list := []uiSession{{Name: "", Link: serve.UIPath, Here: c.Session.Name == "", Delivers: c.Server.Sessions.Root.Deliver.Load()}}
	var listed struct {
		Sessions []admin.Session `json:"sessions"`
	}
	uiAsk(c, "sessions", nil, &listed)
	for _, one := range listed.Sessions {
		ends := one.Expires
		if at, err := time.Parse(time.RFC3339, one.Expires); err == nil {
			ends = at.UTC().Format("15:04 UTC")
		}
		list = append(list, uiSession{
			Name: one.Name, Link: session.SessionPrefix + one.Name + serve.UIPath, Ends: ends, Seed: one.Seed, Here: one.Name == c.Session.Name,
			Delivers: one.Deliver,
		})
	}
	return list
}

// uiFault is an injected fault with its description.
type uiFault faults.Form

// Effect describes the effect of the fault.
func (f uiFault) Effect() string {
	var parts []string
	add := func(wanted bool, text string) {
		if wanted {
			parts = append(parts, text)
		}
	}
	add(f.Status != 0, "status "+strconv.Itoa(f.Status))
	add(f.RetryAfter != 0, "Retry-After "+strconv.Itoa(f.RetryAfter))
	add(f.Delay != "" && f.DelayMax == "", "delay "+f.Delay)
	add(f.DelayMax != "", "delay "+f.Delay+" to "+f.DelayMax)
	add(f.Breakage != "", f.Breakage+" answer")
	add(f.Body != nil, "own body")
	add(len(f.Headers) > 0, "own headers")
	add(f.ExpiredToken, "expired token")
	add(f.Mutant != "", "mutant "+f.Mutant)
	return strings.Join(parts, ", ")
}

// Scope describes the requests that the fault matches.
func (f uiFault) Scope() string {
	scope := cmp.Or(strings.Join(slices.Concat(f.Methods, f.Operations, f.Paths), ", "), "every request")
	if len(f.Callers) > 0 {
		scope += " by " + strings.Join(f.Callers, " or ")
	}
	if f.BodyContains != "" {
		scope += " whose body contains " + strconv.Quote(f.BodyContains)
	}
	if f.After > 0 {
		scope += fmt.Sprintf(", after %d of them", f.After)
	}
	if f.Chance != nil {
		scope += fmt.Sprintf(", with a chance of %g", *f.Chance)
	}
	return scope
}

// Hits describes how often the fault was injected.
func (f uiFault) Hits() string {
	switch {
	case f.Times == nil:
		return fmt.Sprintf("hits so far: %d; until removed", f.Matched)
	case f.Spent:
		return fmt.Sprintf("hits: %d of %d; used up", f.Matched, *f.Times)
	}
	return fmt.Sprintf("hits: %d of %d", f.Matched, *f.Times)
}
