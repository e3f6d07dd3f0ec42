package jsonvalue

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Path is where a walk through a decoded body is: in a member or an item of what its parent leads to. Nil is the value itself.
type Path struct {
	parent *Path
	name   string
	index  int // of an item; -1 in an object
}

// Pointer returns the JSON pointer of a step, behind a prefix. It is made only on demand: most walks find nothing.
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

// Walk calls see for every value in a decoded body, outermost first, until it returns false. The step is that of the call alone.
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
