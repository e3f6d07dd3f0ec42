package mockserver

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/view"
)

// What fixtures may be. Within these bounds reading them takes time and memory by their size alone.
const (
	fixturesLimit = 64 << 20 // in bytes
	// mostMembers is how many members a mapping may have. The YAML decoder compares each with each.
	mostMembers = 1000
	// mostTwice is how many of them may stand there twice: the decoder makes an error for each pair.
	mostTwice = 20
	// mostRepeats is how many times its own size, beyond freeRepeats values, a file may grow by its aliases.
	mostRepeats = 10
	freeRepeats = 100_000
	// mostOrganizations is how many organizations fixtures may have.
	mostOrganizations = 1000
)

// extent is how much a node is with its aliases followed: how many values, how deep within each other.
type extent struct{ values, height int }

// gauge measures a tree of YAML before anything follows its aliases.
type gauge struct {
	nodes   int
	aliased map[*yaml.Node]extent
	within  map[*yaml.Node]bool // the anchored nodes that are being measured
	faults  *fixtureFaults
}

// fits tells whether a tree keeps the bounds. Where it does not, a fault says which one.
func (f *fixtureFaults) fits(root *yaml.Node) bool {
	g := gauge{aliased: map[*yaml.Node]extent{}, within: map[*yaml.Node]bool{}, faults: f}
	before := len(f.all)
	whole := g.measure(root)
	switch {
	case whole.height > jsonbound.MaxDepth:
		f.add(fixturePlace{}, fmt.Sprintf("lists and mappings may be nested %d deep at most, aliases included", jsonbound.MaxDepth))
	case whole.values > mostRepeats*g.nodes+freeRepeats:
		f.add(fixturePlace{}, fmt.Sprintf("its aliases make it too large: more than %d times what is written", mostRepeats))
	}
	return len(f.all) == before
}

func (g *gauge) measure(node *yaml.Node) extent {
	g.nodes++
	if node.Kind == yaml.AliasNode {
		return g.follow(node.Alias)
	}
	if node.Anchor != "" {
		g.within[node] = true
		defer delete(g.within, node)
	}
	if node.Kind == yaml.MappingNode {
		g.members(node)
	}
	whole := extent{values: 1}
	for _, inner := range node.Content {
		part := g.measure(inner)
		whole.values = min(whole.values+part.values, 1<<40)
		whole.height = max(whole.height, part.height+1)
	}
	if node.Anchor != "" {
		g.aliased[node] = whole
	}
	return whole
}

// follow returns the extent of what an alias stands for. One that stands for itself is told of when it is read.
func (g *gauge) follow(target *yaml.Node) extent {
	if known, there := g.aliased[target]; there {
		return known
	}
	if g.within[target] {
		return extent{values: 1}
	}
	return g.measure(target)
}

// members counts the members of a mapping.
func (g *gauge) members(node *yaml.Node) {
	if len(node.Content)/2 > mostMembers {
		g.faults.add(fixturePlace{node: node}, fmt.Sprintf("a mapping may have %d members at most", mostMembers))
		return
	}
	seen, twice := map[string]bool{}, 0
	for i := 0; i+1 < len(node.Content); i += 2 {
		if seen[node.Content[i].Value] {
			twice++
		}
		seen[node.Content[i].Value] = true
	}
	if twice > mostTwice {
		g.faults.add(fixturePlace{node: node}, fmt.Sprintf("%d keys stand there twice", twice))
	}
}

// full tells whether as many faults are listed as will be: further ones are only counted.
func (f *fixtureFaults) full() bool { return len(f.all) >= view.MostFound }

// note keeps a fault, or counts it.
func (f *fixtureFaults) note(fault fixtureFault) {
	if f.full() {
		f.more++
		return
	}
	f.all = append(f.all, fault)
}
