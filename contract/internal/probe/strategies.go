package probe

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// CapabilityOf returns the capability of taking a strategy.
func CapabilityOf(strategy *credmock.Strategy) Capability { return Capability(strategy.Name) }

// exploreStrategies finds out which strategies the target offers, and of which inferred ones it accepts fewer fields than the
// document has. A strategy that is neither listed nor accepted is a capability that the target lacks: the run goes on as if the
// document did not have it (docs/contract.md#offered-strategies).
func (s *Session) exploreStrategies(p *Probe) {
	var offered []*credmock.Strategy
	for _, strategy := range s.Spec.Strategies {
		if s.offers(p, strategy) {
			offered = append(offered, strategy)
		}
	}
	narrowed := *s.Spec
	narrowed.Strategies = offered
	s.Spec = &narrowed
}

// assumeStrategies notes every strategy as offered, as long as nothing else is known.
func (s *Session) assumeStrategies() {
	for _, strategy := range s.Spec.Strategies {
		s.hasStrategy(strategy, true, "it is not known whether it is listed")
	}
}

func (s *Session) hasStrategy(strategy *credmock.Strategy, present bool, provenance foreign.Own) {
	have := report.NewCapability(strategy.Name, present, foreign.Say("%s", provenance))
	have.Strategy = true
	s.Capabilities[CapabilityOf(strategy)] = have
}

// offers tells whether the target offers a strategy, and notes it as a capability.
func (s *Session) offers(p *Probe, strategy *credmock.Strategy) bool {
	if strategy == DefaultStrategy(s.Spec) {
		s.hasStrategy(strategy, true, "every target has it")
		return true
	}
	listed := s.listed == nil || s.listed[strategy.Name]
	if listed && strategy.Evidence == credmock.Documented {
		s.hasStrategy(strategy, true, "listed")
		return true
	}
	e := p.Create(strategy, p.Full(strategy))
	if strategy.Evidence != credmock.Documented && e.Refused(InvalidStatuses...) {
		s.narrow[strategy.Name] = true
	}
	switch {
	case listed:
		s.hasStrategy(strategy, true, "listed")
	case e.Success() || p.Create(strategy, p.Minimal(strategy)).Success():
		s.hasStrategy(strategy, true, "not listed, but taken")
	default:
		s.hasStrategy(strategy, false, "not listed")
		return false
	}
	return true
}

// Offered returns those of some strategies that the target offers.
func (s *Session) Offered(strategies []*credmock.Strategy) []*credmock.Strategy {
	return slices.DeleteFunc(slices.Clone(strategies), func(strategy *credmock.Strategy) bool {
		return !slices.Contains(s.Spec.Strategies, strategy)
	})
}

// namesListed returns the names of the strategies that an answer lists; nil if it has no such list.
func namesListed(e *wire.Exchange) map[string]bool {
	strategies, isObject := jsonvalue.Member(e.Value, "payload", e.Operation.Member).(map[string]any)
	if !isObject {
		return nil
	}
	names := map[string]bool{}
	for name := range strategies {
		names[name] = true
	}
	return names
}
