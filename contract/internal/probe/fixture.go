package probe

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// fixture is a credential that refused requests must not change. Many checks share it, one at a time. It is read when it is made, and
// at the end of the run. If it has changed by then, its checks send their requests again, each with a read behind it.
type fixture struct {
	made    *Credential
	before  *wire.Exchange // the get after its creation
	changed bool           // at the end of the run
	unread  foreign.Mixed  // why it is unknown whether it has changed
}

// pool is the fixtures of a strategy.
type pool struct {
	name     string
	strategy *credmock.Strategy
	free     chan *fixture // those that no check uses right now; nil for one to be made
	number   atomic.Int64  // how many there were
	mutex    sync.Mutex
	made     []*fixture
	again    *fixture // of checks that send their requests again
}

// trial is requests of a check against a fixture.
type trial struct {
	all  *pool
	on   *fixture
	send func(made *Credential) *wire.Exchange
}

// fixturesAtOnce is the number of fixtures of a strategy. Only a slow target gets more than one, so that checks need not queue.
const fixturesAtOnce = 12

func newPool(name string, strategy *credmock.Strategy) *pool {
	all := &pool{name: name, strategy: strategy, free: make(chan *fixture, fixturesAtOnce)}
	all.free <- nil
	return all
}

// pools returns the fixtures of every strategy, and those that refused deletions must not delete.
func (s *Session) pools() (list []*pool) {
	for _, strategy := range s.Spec.Strategies {
		list = append(list, s.fixtures[strategy.Name])
	}
	return append(list, s.doomed)
}

// Widen lets several checks of a strategy go on at once.
func (s *Session) Widen() {
	for _, all := range s.pools() {
		for len(all.free) < fixturesAtOnce {
			all.free <- nil
		}
	}
}

// AgainstFixture sends requests that must be refused against the strategy's fixture, and expects the fixture unchanged.
func (p *Probe) AgainstFixture(strategy *credmock.Strategy, send func(made *Credential) *wire.Exchange) {
	p.against(p.fixtures[strategy.Name], send)
}

// AgainstDeletion is AgainstFixture for deletions, which have fixtures of their own: a request to a deleted one tells nothing else.
func (p *Probe) AgainstDeletion(send func(made *Credential) *wire.Exchange) {
	p.against(p.doomed, send)
}

func (p *Probe) against(all *pool, send func(made *Credential) *wire.Exchange) {
	v := <-all.free
	defer func() { all.free <- v }()
	if v == nil {
		v = p.newFixture(all)
	}
	found, done := len(p.Findings), false
	defer func() {
		if len(p.Findings) > found || !done {
			v = nil // changed, or possibly changed
		}
	}()
	if e := send(v.made); e.Method != "GET" {
		p.trials = append(p.trials, trial{all, v, send})
	}
	done = true
}

// newFixture makes a fixture, or ends the check. The fixture belongs to the run: the check must not delete it at its end.
func (p *Probe) newFixture(all *pool) *fixture {
	owner, v := p.Probe(fmt.Sprintf("victim/%s/%d", all.name, all.number.Add(1))), &fixture{}
	if trouble := owner.Guard(func() {
		v.made = owner.MustCreate(all.strategy, owner.Full(all.strategy))
		v.before = owner.Get(v.made.ID)
	}); !trouble.IsEmpty() {
		p.Trouble = trouble
		panic(stop{})
	}
	all.mutex.Lock()
	defer all.mutex.Unlock()
	all.made = append(all.made, v)
	return v
}

// ReviewFixtures reads every fixture again.
func (s *Session) ReviewFixtures() {
	p := s.Probe("victims")
	var group sync.WaitGroup
	turn := 0
	for _, all := range s.pools() {
		for _, v := range all.made {
			turn++
			at := turn
			group.Go(func() { p.readAgain(v, at) })
		}
	}
	group.Wait()
}

func (p *Probe) readAgain(v *fixture, turn int) {
	after := p.Try(Request{Action: "get", ID: v.made.ID, Turn: turn})
	v.unread = p.Guard(func() {
		differ := p.Differences(p.CredentialIn(v.before), p.CredentialIn(after), p.Described(v.before))
		v.changed = !after.Success() || differ != ""
	})
}

// IsInDoubt tells whether a fixture of the check has changed, or cannot be read any more.
func (p *Probe) IsInDoubt() bool {
	for _, one := range p.trials {
		if one.on.changed || !one.on.unread.IsEmpty() {
			return true
		}
	}
	return false
}

// TryAgain sends the requests against changed fixtures again, and reads after each: only a check whose requests change something has
// a finding.
func (p *Probe) TryAgain() {
	for _, one := range p.trials {
		switch {
		case len(p.Findings) > 0:
			return
		case !one.on.unread.IsEmpty():
			p.Abandon("%s", one.on.unread)
		case one.on.changed:
			if one.all.again == nil {
				one.all.again = p.newFixture(one.all)
			}
			v := one.all.again
			one.all.again = nil
			one.send(v.made)
			p.wrote = time.Now() // a refused request may have changed something
			if p.ExpectUnchanged(v.before, v.made.ID); len(p.Findings) == 0 {
				one.all.again = v
			}
		}
	}
}
