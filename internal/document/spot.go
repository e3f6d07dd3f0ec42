package document

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/internal/spelling"
)

// spot is a place of the tree.
type spot struct {
	parent *spot
	name   string     // within the parent
	key    *yaml.Node // where it begins: its name, or itself in a list
	node   *yaml.Node // its value, never an alias
}

func spotOf(parent *spot, name string, key, node *yaml.Node) *spot {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return &spot{parent, name, key, node}
}

var plainName = lazy.Regexp(`^[^\s/"'\x00-\x1f\x7f]+$`)

// place returns the names on the way to the spot, such as info/version.
func (s *spot) place() string {
	var names []string
	for at := s; at.parent != nil; at = at.parent {
		name := at.name
		if !plainName().MatchString(name) {
			name = strconv.Quote(name)
		}
		names = append(names, name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

func (s *spot) mistake(format string, arguments ...any) error {
	return &source.Mistake{Line: s.key.Line, Place: s.place(), Message: fmt.Sprintf(format, arguments...)}
}

// origin is the place as kin-openapi keeps it: the order of properties and the lines of later mistakes come from it.
func (s *spot) origin() *openapi3.Origin {
	return &openapi3.Origin{Key: &openapi3.Location{Line: s.key.Line, Column: s.key.Column, Name: s.key.Value}}
}

// each visits the members of a mapping.
func (s *spot) each(visit func(name string, member *spot)) {
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		key := s.node.Content[i]
		visit(key.Value, spotOf(s, key.Value, key, s.node.Content[i+1]))
	}
}

// member returns the member of a mapping, or nil.
func (s *spot) member(name string) *spot {
	key, value := source.Member(s.node, name)
	if key == nil {
		return nil
	}
	return spotOf(s, name, key, value)
}

// items returns the items of a list.
func (s *spot) items() []*spot {
	items := make([]*spot, len(s.node.Content))
	for i, item := range s.node.Content {
		items[i] = spotOf(s, strconv.Itoa(i), item, item)
	}
	return items
}

func (s *spot) isNull() bool { return s.node.Kind == yaml.ScalarNode && s.node.ShortTag() == "!!null" }

func (s *spot) isBoolean() bool {
	return s.node.Kind == yaml.ScalarNode && s.node.ShortTag() == "!!bool"
}

// kind names the kind of the value for a message.
func (s *spot) kind() string {
	switch {
	case s.node.Kind == yaml.MappingNode:
		return "a mapping"
	case s.node.Kind == yaml.SequenceNode:
		return "a list"
	case s.isNull():
		return "nothing"
	case s.isBoolean():
		return "a truth value"
	case s.isNumber():
		return "a number"
	}
	return "a text"
}

func (s *spot) isNumber() bool {
	tag := s.node.ShortTag()
	return s.node.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float")
}

func (r *reader) isMapping(at *spot) bool {
	switch {
	case at.node.Kind == yaml.MappingNode:
		return true
	case at.isNull():
		r.mistake(at, "it has no value; describe it, or take it out")
	default:
		r.mistake(at, "this must be a mapping, and is %s", at.kind())
	}
	return false
}

// list returns the items of a list, each with a value.
func (r *reader) list(at *spot) []*spot {
	if at.node.Kind != yaml.SequenceNode {
		r.mistake(at, "this must be a list, and is %s", at.kind())
		return nil
	}
	return slices.DeleteFunc(at.items(), func(item *spot) bool {
		if item.isNull() {
			r.mistake(item, "the item has no value; describe it, or take it out")
		}
		return item.isNull()
	})
}

// entries visits the members of a mapping whose names the document chooses, each with a value.
func (r *reader) entries(at *spot, visit func(name string, member *spot)) {
	if !r.isMapping(at) {
		return
	}
	at.each(func(name string, member *spot) {
		if member.isNull() {
			r.mistake(member, "it has no value; describe it, or take it out")
			return
		}
		visit(name, member)
	})
}

// unknown refuses a member that an object does not have. JSON Schema allows any, so a lenient object refuses only misspelt ones.
func (r *reader) unknown(member *spot, known []string, lenient bool) {
	hint := spelling.Hint(member.name, known)
	if member.isNull() && hint == "" || lenient && (hint == "" || len(member.name) < len("items")) {
		return
	}
	r.mistake(member, "there is no such member here%s", hint)
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
