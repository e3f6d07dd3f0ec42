package contract

import "github.com/credmock/credmock"

// gone are the statuses that say that there is nothing, or nothing for the caller (docs/contract.md#statuses).
var gone = []int{404, 403}

// ours tells whether an answer shows the credential of the journey and not a later one with a reused id.
func (p *probe) ours(j *journey, e *exchange) bool {
	name := p.roleName(credmock.RoleName)
	return same(p.single(e)[name], j.changed[name]) || same(p.single(e)[name], j.sent[name]) || missing(p.single(e), name)
}

// unknownID returns an id that nothing has: one that this run was given and has deleted. A made-up id could be refused
// for its form alone, or be somebody else's.
func (p *probe) unknownID() string {
	strategy := defaultStrategy(p.spec)
	id := p.given(strategy, p.minimal(strategy)).id
	p.remove(id)
	p.settle(func() *exchange { return p.get(id) }, func(e *exchange) bool { return !e.success() })
	return id
}

// unknownEnvironment returns an id that no environment has: of the same form where that is long enough for chance to be
// ruled out, else a longer one.
func (p *probe) unknownEnvironment() string {
	unknown := []byte(p.environment)
	for i, digit := range unknown {
		if digit >= '0' && digit <= '9' {
			unknown[i] = '0' + (digit-'0'+7)%10
		}
	}
	if len(unknown) < 16 || string(unknown) == p.environment {
		return p.environment + "0000000"
	}
	return string(unknown)
}
