package contract

import (
	"fmt"
	"sync"

	"github.com/credmock/credmock"
)

// victim is a credential that must outlive requests that are to be refused. Many checks use the same one, one after
// another; a check that saw it change leaves the next one to make its own.
type victim struct {
	mutex  sync.Mutex
	number int // how many there have been
	made   *credential
	last   *exchange // the last get
}

// attack sends a request that must be refused against the victim of a strategy, and wants the victim as it was.
func (p *probe) attack(strategy *credmock.Strategy, send func(made *credential) *exchange) {
	v := p.victims[strategy.Name]
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.made == nil {
		// It belongs to the run and not to this check, which must not delete it at its end.
		v.number++
		owner := p.probe(fmt.Sprintf("victim/%s/%d", strategy.Name, v.number))
		p.trouble = owner.guard(func() {
			made := owner.given(strategy, owner.full(strategy))
			v.made = made
			v.remember(owner, owner.get(made.id))
		})
		if !p.trouble.IsEmpty() {
			panic(stop{})
		}
	}
	if v.last == nil || v.last.dropped {
		v.remember(p, p.get(v.made.id))
	}
	found, done := len(p.findings), false
	defer func() {
		if len(p.findings) > found || !done {
			v.made = nil // it was changed, or nobody knows whether it was
		}
	}()
	e := send(v.made)
	switch {
	case e.method == "GET":
	case p.trusting && e.success():
		v.remember(p, nil)
	case !p.trusting:
		v.remember(p, p.expectUnchanged(v.last, v.made.id))
	}
	done = true
}

// remember keeps the last get for the checks to come, and lets go of the one before.
func (v *victim) remember(p *probe, e *exchange) {
	p.drop(v.last)
	if v.last = e; e != nil {
		e.shared = true
	}
}
