package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/report"
)

// requirements are the capabilities that Target.Require names.
var requirements = map[string]probe.Capability{
	"environments": probe.CapabilityEnvironments, "second": probe.CapabilitySecond, "destinations": probe.CapabilityDestinations,
	"viewer": probe.CapabilityViewer, "other": probe.CapabilityOther,
}

// allStrategies is the requirement of every strategy of the document.
const allStrategies = "strategies"

// Capabilities returns the names for Target.Require.
func Capabilities() []string { return append(slices.Sorted(maps.Keys(requirements)), allStrategies) }

// required returns the capabilities that the target must have, each once.
func (t Target) required() ([]probe.Capability, error) {
	var list []probe.Capability
	add := func(name probe.Capability) {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	names := t.Strategies
	for _, name := range t.Require {
		capability, known := requirements[name]
		switch {
		case known:
			add(capability)
		case name == allStrategies:
			for _, strategy := range t.Spec.Strategies {
				names = append(names[:len(names):len(names)], strategy.Name)
			}
		default:
			return nil, &report.UsageError{Message: fmt.Sprintf("there is no capability %q to require; there are %s", name,
				strings.Join(Capabilities(), ", "))}
		}
	}
	for _, name := range names {
		strategy := t.Spec.Strategy(name)
		if strategy == nil {
			return nil, &report.UsageError{Message: fmt.Sprintf("the document has no strategy %q; it has %s", name, strategyNames(t.Spec))}
		}
		add(probe.CapabilityOf(strategy))
	}
	return list, nil
}

func strategyNames(spec *credmock.Spec) string {
	names := make([]string, len(spec.Strategies))
	for i, strategy := range spec.Strategies {
		names[i] = strategy.Name
	}
	return strings.Join(names, ", ")
}
