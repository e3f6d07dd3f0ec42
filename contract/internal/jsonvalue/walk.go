package jsonvalue

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Path is a place in a decoded body: a member or an item below its parent. The nil path is the whole value.
type Path struct {
	parent *Path
	name   string
	index  int // of an item; -1 for a member
}

// Pointer returns the JSON pointer of a path behind a prefix. It is built on demand, since most walks find nothing.
func (p *Path) Pointer(prefix string) string {
	if p == nil {
		return prefix
	}
	name := Shorten(p.name)
	if p.index >= 0 {
		name = strconv.Itoa(p.index)
	}
	return string(jsontext.Pointer(p.parent.Pointer(prefix)).AppendToken(name))
}

// Walk calls see for every value in a decoded body, outermost first, until see returns false. The path is valid only during the
// call.
func Walk(value any, see func(path *Path, value any) bool) { walkFrom(nil, value, see) }

func walkFrom(path *Path, value any, see func(path *Path, value any) bool) bool {
	if !see(path, value) {
		return false
	}
	switch value := value.(type) {
	case map[string]any:
		here := Path{parent: path, index: -1}
		for name, inner := range value {
			if here.name = name; !walkFrom(&here, inner, see) {
				return false
			}
		}
	case []any:
		here := Path{parent: path}
		for i, inner := range value {
			if here.index = i; !walkFrom(&here, inner, see) {
				return false
			}
		}
	}
	return true
}

// Visit calls see for every value in a decoded body with its JSON pointer, outermost first.
func Visit(value any, pointer string, see func(pointer string, value any)) {
	Walk(value, func(path *Path, value any) bool {
		see(path.Pointer(pointer), value)
		return true
	})
}
