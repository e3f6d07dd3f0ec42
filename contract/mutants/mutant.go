package mutants

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// The verdicts that a mutant can be owed, in the suite's words.
const (
	conforms     = "conforms"
	violates     = "violates"
	inconclusive = "inconclusive"
)

// Mutant is one server of the catalogue: broken, or sound in another way than the mock.
type Mutant struct {
	// Name is path-like and made of words; the first is the family of checks that it is about.
	Name string
	// Rule says in one sentence what is broken; of a sound variant, why it is sound.
	Rule string
	// Killer is the id of the check that must catch it. Empty for sound variants, and where the verdict alone tells.
	Killer string
	// Also is the check that must catch the second fault of a double one. Else empty.
	Also string
	// Sound tells that the contract is kept: the suite must say that the server conforms.
	Sound bool
	// Level is that of the rule that is broken: a broken SHOULD leaves the verdict as it is.
	Level credmock.Level
	// Verdict is what the suite must say of the whole server.
	Verdict string
	// Accept names the documented alternatives that the judge must be told to accept.
	Accept []string
	// Bounded tells that requests get no answer: judge it with a short time for the run.
	Bounded bool

	// aspect names what a sound variant does in another way: two of one aspect cannot stand in one server.
	aspect string
	parts  []string
	faults []fault
	wrap   func(http.Handler) http.Handler
}

// Wrap returns a server that is sound but for the mutant's faults. Each has a memory of its own.
func (m Mutant) Wrap(sound http.Handler) http.Handler {
	if m.wrap != nil {
		sound = m.wrap(sound)
	}
	if len(m.faults) == 0 {
		return sound
	}
	return &server{sound: sound, faults: m.faults, memory: newMemory()}
}

// All returns the catalogue: single faults family by family, double faults, servers of which only the verdict tells,
// and sound variants.
func All() []Mutant {
	return slices.Concat(
		singleFaults(), concurrencyFaults, modelFaults, verdictFaults, hiddenFaults, doubleFaults(), soundServers, soundAnswers, soundIDs,
		soundForms, soundSizes,
	)
}

// singleFaults returns those of which a double fault may be made.
func singleFaults() []Mutant {
	return slices.Concat(
		redactionFaults, redactionForms, redactionErrors, flagFaults, requiredFaults, envelopeFaults, typeFaults,
		fieldFaults, awkwardFaults, lifecycleFaults, updateFaults, strategyFaults, authenticationFaults,
		destinationFaults, errorFaults,
	)
}

// Find returns the mutant of that name.
func Find(name string) (Mutant, bool) {
	all := All()
	if at := slices.IndexFunc(all, func(m Mutant) bool { return m.Name == name }); at >= 0 {
		return all[at], true
	}
	return Mutant{}, false
}

// broken is a mutant that breaks a MUST.
func broken(name, rule, killer string, faults ...fault) Mutant {
	return Mutant{Name: name, Rule: rule, Killer: killer, Level: credmock.Must, Verdict: violates, faults: faults}
}

// careless is a mutant that breaks a SHOULD, and no MUST.
func careless(name, rule, killer string, faults ...fault) Mutant {
	return Mutant{Name: name, Rule: rule, Killer: killer, Level: credmock.Should, Verdict: conforms, faults: faults}
}

// benign is a sound variant.
func benign(name, rule string, faults ...fault) Mutant {
	return Mutant{Name: name, Rule: rule, Sound: true, Level: credmock.Must, Verdict: conforms, faults: faults}
}

// Together returns servers that differ from the mock in many sound ways at once: in each of the given variants, but never in
// two of one aspect. Judging these few takes a fraction of the time that judging all of them takes.
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
			next[m.aspect] = len(next) // so that lone variants spread over the servers
		}
		servers[next[m.aspect]%len(servers)].add(m)
		next[m.aspect]++
	}
	return servers
}

// add puts a variant round what is there.
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

// Parts returns the names of the variants that stand together in one server.
func (m Mutant) Parts() []string { return m.parts }
