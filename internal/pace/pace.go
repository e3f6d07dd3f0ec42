// Package pace spaces requests out, so that there are no more than a number of them a second.
package pace

import (
	"context"
	"sync"
	"time"
)

// Pace spaces requests out. A nil pace lets all go at once. It is safe for concurrent use.
type Pace struct {
	gap   time.Duration
	mutex sync.Mutex
	next  time.Time
}

// New returns a pace of at most rate requests a second, or nil if rate is 0.
func New(rate float64) *Pace {
	if rate <= 0 {
		return nil
	}
	return &Pace{gap: time.Duration(float64(time.Second) / rate)}
}

// Wait waits until the next request may go, or until ctx ends.
func (p *Pace) Wait(ctx context.Context) {
	if p == nil {
		return
	}
	timer := time.NewTimer(p.turn(time.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// turn takes the next turn, and returns how long it is until then.
func (p *Pace) turn(now time.Time) time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.gap)
	return at.Sub(now)
}
