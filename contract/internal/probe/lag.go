package probe

import (
	"net/http"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

const (
	// longestLag is the longest lag of a read that is waited for (docs/contract.md#read-lag).
	longestLag = 2 * time.Second
	// lagSlack is the allowance for clocks and for the way of a request.
	lagSlack = 100 * time.Millisecond
	// lateHorizon is how long a write is waited for, to tell a read that lags too much from a write that never shows; firstHorizon is
	// the same for a write that no read shows.
	lateHorizon  = 4 * time.Second
	firstHorizon = 10 * time.Second
	// calmRounds is the number of rounds in a row, all of them fresh, after which a write counts as shown by every replica.
	calmRounds = 3
	lagPause   = 40 * time.Millisecond
	// lagTries is how often a lag is measured while the reads take too long to notice one.
	lagTries = 4
)

// sight is one way to see a write. Several reads go out together, since replicas may differ.
type sight struct {
	request Request
	times   int
	fresh   func(*wire.Exchange) bool

	stale time.Duration // when a read last missed the write, counted from its answer: the lag is at least this
	shown time.Duration // when every read had shown it after that: the lag is at most this, and a busy machine asks seldom
	slow  time.Duration // when the first round was answered, if that showed the write but was too slow to notice a lag
	calm  int           // rounds in a row that showed the write
	late  bool          // some read missed it
}

// exploreLag measures how long reads take to show a write. If they lag, every check waits after each write. A machine that is busy for
// a moment answers too slowly to tell: the suite then measures again, and waits for a lag that may be there only if that does not help.
func (s *Session) exploreLag(p *Probe) {
	shortest := longestLag
	for range lagTries {
		slow, shown := s.measureLag(p)
		s.neverShown = s.neverShown || !shown
		if shortest = min(shortest, slow); slow == 0 || s.Lag > 0 {
			break
		}
	}
	s.allow(shortest)
}

// lagRounds is how often a lag is measured that was not there at the start of a run.
const lagRounds = 4

// LagsNowAndThen measures the lag again, when checks have failed that a lag may have misled. If there is a longer one than at the start,
// the run waits from then on for as long as a read may lag, and what checks share is made anew. If it is too long to be waited for,
// trouble says so.
func (s *Session) LagsNowAndThen() (lags bool, trouble foreign.Mixed) {
	known := s.Lag
	if known >= longestLag || s.neverShown {
		return false, trouble
	}
	p := s.ProbeAgain("lag")
	defer p.DeleteOwn()
	trouble = p.Guard(func() {
		for shown, rounds := true, 0; shown && s.Lag == known && rounds < lagRounds; rounds++ {
			_, shown = s.measureLag(p)
		}
	})
	if lags = s.Lag > known; lags {
		s.allow(longestLag)
		s.sharedAnew = true
		s.shareAnew()
	}
	return lags, trouble
}

// MayBeLate tells whether the check failed for a read that may have come too early after a write.
func (p *Probe) MayBeLate() bool {
	read := p.Shown
	return len(p.Findings) > 0 && p.Findings[0].Kind != "leak" && read != nil && read.Operation != nil && read.Method == http.MethodGet &&
		!read.Edited
}

// measureLag notes how long reads lag behind a create, an update and a delete. It returns how long the reads took, if a lag that is
// shorter than that could be there, and whether they showed every write in the end.
func (s *Session) measureLag(p *Probe) (slow time.Duration, shown bool) {
	standard := DefaultStrategy(s.Spec)
	body := p.Minimal(standard)
	e := p.Create(standard, body)
	s.Pace = e.Took
	made := &Credential{Strategy: standard, ID: e.ID, Sent: body}
	if made.ID == "" {
		return 0, false
	}
	shows := func(horizon time.Duration, sights ...*sight) bool {
		shown := p.lagOf(horizon, sights)
		for _, one := range sights {
			slow = max(slow, one.slow)
		}
		return shown
	}
	name := p.RoleName(credmock.RoleName)
	get, list := Request{Action: "get", ID: made.ID}, Request{Action: "list", ID: p.Environment}
	if !shows(firstHorizon,
		&sight{request: get, times: 3, fresh: (*wire.Exchange).Success},
		&sight{request: list, times: 2, fresh: func(e *wire.Exchange) bool { return p.Listed(e, made.ID) != nil }}) {
		return slow, false
	}
	title := p.RunName + " " + p.Sample.Word()
	p.Update(standard, made.ID, made.Change(map[string]any{name: title}))
	if !shows(lateHorizon,
		&sight{request: get, times: 3, fresh: func(e *wire.Exchange) bool { return e.Success() && p.CredentialIn(e)[name] == title }},
		&sight{request: list, times: 2, fresh: func(e *wire.Exchange) bool { return p.Listed(e, made.ID)[name] == title }}) {
		return slow, false
	}
	p.Remove(made.ID)
	if !shows(lateHorizon,
		&sight{request: get, times: 3, fresh: func(e *wire.Exchange) bool { return !e.Success() }},
		&sight{request: list, times: 2, fresh: func(e *wire.Exchange) bool { return p.Listed(e, made.ID) == nil }}) {
		return slow, false
	}
	if destination := s.newDestination(p); destination != nil {
		shown = shows(lateHorizon, destination)
		return slow, shown
	}
	return slow, true
}

// newDestination makes a destination and returns a sight of it, or nil if the target has none.
func (s *Session) newDestination(p *Probe) *sight {
	if !s.Capabilities[CapabilityDestinations].Present {
		return nil
	}
	id := p.DestinationID(p.CreateDestination(nil))
	if p.Spec.Operation("destination", "get") == nil || id == "" {
		return nil
	}
	return &sight{request: Request{Resource: "destination", Action: "get", ID: id}, times: 3, fresh: (*wire.Exchange).Success}
}

// lagOf raises the session's lag to the time until every read shows the last write, and tells whether all do. Reads that never show
// it are for the checks to judge. It ends the run if a read lags more than can be waited for.
func (p *Probe) lagOf(horizon time.Duration, sights []*sight) (shown bool) {
	wrote := time.Now()
	for {
		p.look(wrote, sights)
		settled, partly, longest, enough := true, false, time.Duration(0), time.Duration(0)
		for _, one := range sights {
			done := !one.late && one.calm > 0 || one.calm >= calmRounds
			settled = settled && done
			if done {
				partly = partly || one.stale < longestLag
				longest, enough = max(longest, one.stale), max(enough, 2*one.stale, one.shown)
			}
		}
		if longest > longestLag+lagSlack {
			p.Abandon("reads lag more than %s behind a write, and cannot be judged: one showed a write after %s", longestLag,
				longest.Round(lagSlack))
		}
		if over := time.Since(wrote); settled || over > horizon || over > lateHorizon && partly {
			p.allow(enough)
			return settled
		}
		if !wire.Sleep(p.ctx, max(lagPause, time.Since(wrote)/8)) {
			p.Abandon("%s", wire.WhyEnded(p.ctx))
		}
	}
}

// look reads once through every sight.
func (p *Probe) look(wrote time.Time, sights []*sight) {
	var requests []Request
	for _, one := range sights {
		for range one.times {
			requests = append(requests, one.request)
		}
	}
	since := time.Since(wrote)
	answers := p.SendTogether(requests)
	answered := time.Since(wrote)
	for _, one := range sights {
		one.calm++
		switch {
		case one.calm > 1:
		case one.late:
			one.shown = answered
		case answered > p.promptly():
			one.slow = answered
		}
		for _, e := range answers[:one.times] {
			if !isGatewayError(e) && !one.fresh(e) {
				one.stale, one.calm, one.late, one.slow = max(since, time.Millisecond), 0, true, 0
			}
		}
		answers = answers[one.times:]
	}
}

// promptly is the time that the reads of a round may take, even one after the other. A first round that takes longer, on a busy
// machine, would not notice a lag.
func (s *Session) promptly() time.Duration { return max(lagSlack, 5*s.Pace) }

// allow makes the run wait for a lag, but for no longer than a read may lag.
func (s *Session) allow(lag time.Duration) {
	if lag > 0 {
		s.Lag = max(s.Lag, min(lag+lagSlack, longestLag+2*lagSlack))
	}
}

// waitForWrite waits until a lagging target shows this check's last write everywhere.
func (p *Probe) waitForWrite() {
	if p.Lag > 0 && !p.wrote.IsZero() {
		wire.Sleep(p.ctx, time.Until(p.wrote.Add(p.Lag)))
	}
}

// noteWrite notes when a request may have changed something.
func (p *Probe) noteWrite(e *wire.Exchange) {
	if (e.Method != http.MethodGet || e.Edited) && !e.Refused() && !e.Unsent {
		p.wrote = time.Now()
	}
}
