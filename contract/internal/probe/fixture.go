package probe

import (
	"fmt"
	"sync"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
)

// fixture is a credential that refused requests must not change. Many checks share it, one at a time; after a check that changed
// it, the next one makes a new one.
type fixture struct {
	mutex  sync.Mutex
	number int // how many there were
	made   *Credential
	last   *wire.Exchange // the last get
}

// AgainstFixture sends a request that must be refused against the strategy's fixture, and expects the fixture unchanged.
func (p *Probe) AgainstFixture(strategy *credmock.Strategy, send func(made *Credential) *wire.Exchange) {
	v := p.fixtures[strategy.Name]
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.made == nil {
		// The fixture belongs to the run: this check must not delete it at its end.
		v.number++
		owner := p.Probe(fmt.Sprintf("victim/%s/%d", strategy.Name, v.number))
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
