package contract

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// step is where a walk through a decoded body is: in a member or an item of what its parent leads to. Nil is the value itself.
type step struct {
	parent *step
	name   string
	index  int // of an item; -1 in an object
}

// pointer returns the JSON pointer of a step, behind a prefix. It is made only on demand: most walks find nothing.
func (p *step) pointer(prefix string) string {
	if p == nil {
		return prefix
	}
	name := quoted(p.name)
	if p.index >= 0 {
		name = strconv.Itoa(p.index)
	}
	return string(jsontext.Pointer(p.parent.pointer(prefix)).AppendToken(name))
}

// walk calls see for every value in a decoded body, outermost first, until it returns false. The step is that of the call alone.
func walk(value any, see func(path *step, value any) bool) { walkFrom(nil, value, see) }

func walkFrom(path *step, value any, see func(path *step, value any) bool) bool {
	if !see(path, value) {
		return false
	}
	switch value := value.(type) {
	case map[string]any:
		here := step{parent: path, index: -1}
		for name, inner := range value {
			if here.name = name; !walkFrom(&here, inner, see) {
				return false
			}
		}
	case []any:
		here := step{parent: path}
		for i, inner := range value {
			if here.index = i; !walkFrom(&here, inner, see) {
				return false
			}
		}
	}
	return true
}

// visit calls see for every value in a decoded body with its JSON pointer, outermost first.
func visit(value any, pointer string, see func(pointer string, value any)) {
	walk(value, func(path *step, value any) bool {
		see(path.pointer(pointer), value)
		return true
	})
}
