package mockserver

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/internal/view"
)

// fixturePlace is a node of the YAML and the JSON pointer that leads to it.
type fixturePlace struct {
	node    *yaml.Node // nil for no place in particular
	pointer string
}

// fixtureMember is one member of a mapping.
type fixtureMember struct {
	name  string
	place fixturePlace
}

// fixtureItem is something that the document describes, in its words.
type fixtureItem struct {
	place    fixturePlace
	resource string
	values   map[string]any
}

// resolve follows an alias.
func (p fixturePlace) resolve() *yaml.Node {
	if p.node.Kind == yaml.AliasNode {
		return p.node.Alias
	}
	return p.node
}

func (p fixturePlace) member(name string, node *yaml.Node) fixturePlace {
	return fixturePlace{node, p.pointer + "/" + view.EscapePointer(name)}
}

// find goes down a pointer for as long as there is something. It returns where that ends, for its line, with the whole pointer.
func (p fixturePlace) find(pointer string) fixturePlace {
	at := p
	for segment := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		next := at.child(strings.NewReplacer("~1", "/", "~0", "~").Replace(segment))
		if next == nil {
			break
		}
		at.node = next
	}
	at.pointer = p.pointer + pointer
	return at
}

func (p fixturePlace) child(segment string) *yaml.Node {
	node := p.resolve()
	index, err := strconv.Atoi(segment)
	switch {
	case node.Kind == yaml.SequenceNode && err == nil && index >= 0 && index < len(node.Content):
		return node.Content[index]
	case node.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == segment {
				return node.Content[i+1]
			}
		}
	}
	return nil
}

// unknownKey returns the only unknown key, or the mapping itself if there are several.
func (p fixturePlace) unknownKey(known []string) fixturePlace {
	found := p
	for i := 0; i+1 < len(p.resolve().Content) && p.resolve().Kind == yaml.MappingNode; i += 2 {
		key := p.resolve().Content[i]
		if slices.Contains(known, key.Value) {
			continue
		}
		if found.node != p.node {
			return p
		}
		found.node = key
	}
	return found
}

// entries returns the members of a mapping in their order, and notes those that stand there twice.
func (f *fixtureFaults) entries(at fixturePlace) []fixtureMember {
	node := at.resolve()
	if node.Kind != yaml.MappingNode {
		f.add(at, "this must be a mapping")
		return nil
	}
	var members []fixtureMember
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if seen[key.Value] {
			f.add(fixturePlace{key, at.pointer}, "the key stands there twice")
			continue
		}
		seen[key.Value] = true
		members = append(members, fixtureMember{key.Value, at.member(key.Value, node.Content[i+1])})
	}
	return members
}

// mapping returns the members of a mapping that has no others than the known ones; nil where it is none.
func (f *fixtureFaults) mapping(at fixturePlace, known ...string) map[string]fixturePlace {
	if at.resolve().Kind != yaml.MappingNode {
		f.add(at, "this must be a mapping")
		return nil
	}
	members := map[string]fixturePlace{}
	node := at.resolve()
	for _, member := range f.entries(at) {
		if slices.Contains(known, member.name) {
			members[member.name] = member.place
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if !slices.Contains(known, node.Content[i].Value) && f.full() {
			f.more++
		} else if !slices.Contains(known, node.Content[i].Value) {
			f.add(fixturePlace{node.Content[i], at.pointer}, "the key is not known here"+cmp.Or(spelling.Hint(node.Content[i].Value, known), "; known are "+strings.Join(known, ", ")))
		}
	}
	return members
}

// sequence returns the items of a list.
func (f *fixtureFaults) sequence(at fixturePlace) []fixturePlace {
	node := at.resolve()
	if node.Kind != yaml.SequenceNode {
		if node.ShortTag() != "!!null" {
			f.add(at, "this must be a list")
		}
		return nil
	}
	items := make([]fixturePlace, len(node.Content))
	for i, item := range node.Content {
		items[i] = at.member(strconv.Itoa(i), item)
	}
	return items
}

func (f *fixtureFaults) number(at fixturePlace) float64 {
	var number float64
	if at.resolve().Decode(&number) != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		f.add(at, "the value must be a number")
	}
	return number
}

func (f *fixtureFaults) truth(at fixturePlace) bool {
	var truth bool
	if at.resolve().Decode(&truth) != nil {
		f.add(at, "the value must be true or false")
	}
	return truth
}

func (f *fixtureFaults) text(at fixturePlace) string {
	node := at.resolve()
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!str" {
		f.add(at, "the value must be a string")
	}
	return node.Value
}
