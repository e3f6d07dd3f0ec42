// Package mutants is the catalogue that proves the conformance suite. It has broken servers, each with one fault (a few with two) and
// the check that must catch it, and sound variants, which keep the contract in another way than the mock and must conform.
//
// A mutant wraps any sound server and works only on requests and answers:
//
//	mutant, _ := mutants.Find("flags/create/always-true")
//	http.ListenAndServe("127.0.0.1:4119", mutant.Wrap(sound))
//
// It imports neither the suite nor the mock, so that none of the three depends on another.
package mutants

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// The verdicts of a mutant, in the suite's words.
const (
	conforms     = "conforms"
	violates     = "violates"
	inconclusive = "inconclusive"
)

// Mutant is one server of the catalogue: a broken one, or a sound variant.
type Mutant struct {
	// Name is a path of words. The first one is the family of its checks.
	Name string
	// Rule says in one sentence what is broken or, for a sound variant, why it is sound.
	Rule string
	// Killer is the id of the check that must fail. Empty for sound variants, and for mutants with a verdict only.
	Killer string
	// Also is the check that must fail for the second of two faults. Empty for mutants with one fault.
	Also string
	// Sound is true if the server keeps the contract: the suite must say that it conforms.
	Sound bool
	// Level is the level of the broken rule. A broken SHOULD does not change the verdict.
	Level credmock.Level
	// Verdict is the verdict that the suite must reach on the whole server.
	Verdict string
	// Accept names the documented alternatives that the judge must accept.
	Accept []string
	// Bounded is true if requests get no answer. Judge it with a short timeout.
	Bounded bool

	// aspect is the part of a server that a sound variant changes. Two of one aspect do not fit into one server.
	aspect string
	parts  []string
	faults []fault
	wrap   func(http.Handler) http.Handler
}

// Wrap returns the sound server with the mutant's faults. Each server has its own memory.
func (m Mutant) Wrap(sound http.Handler) http.Handler {
	if m.wrap != nil {
		sound = m.wrap(sound)
	}
	if len(m.faults) == 0 {
		return sound
	}
	return &server{sound: sound, faults: m.faults, memory: newMemory()}
}

// All returns the catalogue: single faults by family, double faults, mutants with a verdict only, and sound variants.
func All() []Mutant {
	return slices.Concat(
		singleFaults(), concurrencyFaults, raceFaults, modelFaults, manyFaults, verdictFaults, lagFaults, hiddenFaults, doubleFaults(),
		soundServers, soundLags, soundLimits, soundStrategies, soundAnswers, soundIDs, soundForms, soundSizes, soundEdges, soundOrder,
	)
}

// singleFaults returns the mutants for double faults.
func singleFaults() []Mutant {
	return slices.Concat(
		redactionFaults, redactionForms, redactionErrors, flagFaults, requiredFaults, envelopeFaults, typeFaults,
		fieldFaults, awkwardFaults, lifecycleFaults, updateFaults, strategyFaults, authenticationFaults,
		destinationFaults, errorFaults, nameFaults, redactionDisguises, askedFaults, callerFaults, edgeFaults, methodFaults, listFaults,
		parserFaults, improvedFaults,
	)
}

// Find returns the mutant with a name.
func Find(name string) (Mutant, bool) {
	all := All()
	if at := slices.IndexFunc(all, func(m Mutant) bool { return m.Name == name }); at >= 0 {
		return all[at], true
	}
	return Mutant{}, false
}

// broken returns a mutant that breaks a MUST.
func broken(name, rule, killer string, faults ...fault) Mutant {
	return Mutant{Name: name, Rule: rule, Killer: killer, Level: credmock.Must, Verdict: violates, faults: faults}
}

// careless returns a mutant that breaks a SHOULD, but no MUST.
func careless(name, rule, killer string, faults ...fault) Mutant {
	return Mutant{Name: name, Rule: rule, Killer: killer, Level: credmock.Should, Verdict: conforms, faults: faults}
}

// benign returns a sound variant.
func benign(name, rule string, faults ...fault) Mutant {
	return Mutant{Name: name, Rule: rule, Sound: true, Level: credmock.Must, Verdict: conforms, faults: faults}
}

// Together returns servers that combine many sound variants, but never two of one aspect. Judging these few takes a fraction of
// the time of judging all variants.
func Together(variants []Mutant) []Mutant {
	var servers []Mutant
	count := map[string]int{}
	for _, m := range variants {
		count[m.aspect]++
		if count[m.aspect] > len(servers) {
			servers = append(servers, benign(fmt.Sprintf("together/%d", len(servers)+1), ""))
		}
	}
	next := map[string]int{}
	for _, m := range variants {
		if _, started := next[m.aspect]; !started {
			next[m.aspect] = len(next) // spreads lone variants over the servers
		}
		servers[next[m.aspect]%len(servers)].add(m)
		next[m.aspect]++
	}
	return servers
}

// add wraps the mutant in a variant.
func (m *Mutant) add(outer Mutant) {
	inner := m.wrap
	m.wrap = func(sound http.Handler) http.Handler {
		if inner != nil {
			sound = inner(sound)
		}
		return outer.Wrap(sound)
	}
	m.Rule = strings.TrimPrefix(m.Rule+" "+outer.Rule, " ")
	m.Accept = append(m.Accept, outer.Accept...)
	m.parts = append(m.parts, outer.Name)
}

// Parts returns the names of the variants that are combined in the mutant.
func (m Mutant) Parts() []string { return m.parts }
