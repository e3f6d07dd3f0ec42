package probe

import (
	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

// GoneStatuses are the statuses that say that there is nothing, or nothing for the caller (docs/contract.md#statuses).
var GoneStatuses = []int{404, 403}

// IsOwn tells whether an answer shows the journey's credential, and not a later one with a reused id.
func (p *Probe) IsOwn(j *Journey, e *wire.Exchange) bool {
	name := p.RoleName(credmock.RoleName)
	return jsonvalue.Same(p.CredentialIn(e)[name], j.Changed[name]) || jsonvalue.Same(p.CredentialIn(e)[name], j.Sent[name]) ||
		jsonvalue.IsMissing(p.CredentialIn(e), name)
}

// UnknownID returns the id of a credential that this run has deleted. A made-up id could be refused for its form, or belong to
// somebody.
func (p *Probe) UnknownID() string {
	strategy := DefaultStrategy(p.Spec)
	id := p.MustCreate(strategy, p.Minimal(strategy)).ID
	p.Remove(id)
	p.Eventually(func() *wire.Exchange { return p.Get(id) }, func(e *wire.Exchange) bool { return !e.Success() })
	return id
}

// UnknownEnvironment returns an id that no environment has: one of the same form, or a longer one if the form leaves too few ids.
func (p *Probe) UnknownEnvironment() string {
	unknown := []byte(p.Environment)
	for i, digit := range unknown {
		if digit >= '0' && digit <= '9' {
			unknown[i] = '0' + (digit-'0'+7)%10
		}
	}
	if len(unknown) < 16 || string(unknown) == p.Environment {
		return p.Environment + "0000000"
	}
	return string(unknown)
}
