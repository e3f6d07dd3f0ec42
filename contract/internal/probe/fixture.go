package probe

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
)

// fixture is a credential that refused requests must not change. Many checks share it, one at a time; after a check that changed
// it, the next one makes a new one.
type fixture struct {
	made  *Credential
	wrote time.Time      // when a check last changed it
	last  *wire.Exchange // the last get
}

// pool is the fixtures of a strategy that no check uses right now.
type pool struct {
	free   chan *fixture
	number atomic.Int64 // how many credentials there were
}

// fixturesAtOnce is the number of fixtures of a strategy. Only a slow target gets more than one, so that checks need not queue.
const fixturesAtOnce = 12

func newPool() *pool {
	all := &pool{free: make(chan *fixture, fixturesAtOnce)}
	all.free <- &fixture{}
	return all
}

// Widen lets several checks of a strategy go on at once.
func (s *Session) Widen() {
	for _, all := range s.fixtures {
		for len(all.free) < fixturesAtOnce {
			all.free <- &fixture{}
		}
	}
}

// AgainstFixture sends a request that must be refused against the strategy's fixture, and expects the fixture unchanged.
func (p *Probe) AgainstFixture(strategy *credmock.Strategy, send func(made *Credential) *wire.Exchange) {
	all := p.fixtures[strategy.Name]
	v := <-all.free
	if v.wrote.After(p.wrote) {
		p.wrote = v.wrote
	}
	defer func() {
		v.wrote = p.wrote
		all.free <- v
	}()
	if v.made == nil {
		// The fixture belongs to the run: this check must not delete it at its end.
		owner := p.Probe(fmt.Sprintf("victim/%s/%d", strategy.Name, all.number.Add(1)))
		p.Trouble = owner.Guard(func() {
			made := owner.MustCreate(strategy, owner.Full(strategy))
			v.made = made
			v.keep(owner, owner.Get(made.ID))
		})
		if !p.Trouble.IsEmpty() {
			panic(stop{})
		}
	}
	if v.last == nil || v.last.Dropped {
		v.keep(p, p.Get(v.made.ID))
	}
	found, done := len(p.Findings), false
	defer func() {
		if len(p.Findings) > found || !done {
			v.made = nil // changed, or possibly changed
		}
	}()
	e := send(v.made)
	switch {
	case e.Method == "GET":
	case p.StatusOnly && e.Success():
		v.keep(p, nil)
	case !p.StatusOnly:
		v.keep(p, p.ExpectUnchanged(v.last, v.made.ID))
	}
	done = true
}

// keep keeps the latest get for later checks and drops the one before.
func (v *fixture) keep(p *Probe, e *wire.Exchange) {
	p.Drop(v.last)
	if v.last = e; e != nil {
		e.Shared = true
	}
}
