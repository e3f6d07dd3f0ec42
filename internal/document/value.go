package document

import (
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// exact is the largest number below which JSON readers keep every whole number.
const exact = 1 << 53

// text reads a text. YAML takes an unquoted 1.0, true or null for something else.
func (r *reader) text(at *spot) string {
	switch tag := at.node.ShortTag(); {
	case at.node.Kind != yaml.ScalarNode:
		r.mistake(at, "this must be a text, and is %s", at.kind())
	case tag == "!!str", tag == "!!timestamp":
		return at.node.Value
	default:
		r.mistake(at, "this must be a text, and is %s without quotes; put it in quotes", at.kind())
	}
	return ""
}

func (r *reader) texts(at *spot) []string {
	var list []string
	for _, item := range r.list(at) {
		list = append(list, r.text(item))
	}
	return list
}

func (r *reader) truth(at *spot) bool {
	if !at.isBoolean() {
		r.mistake(at, "this must be true or false, and is %s", at.kind())
		return false
	}
	value, _ := r.value(at).(bool)
	return value
}

func (r *reader) number(at *spot) *float64 {
	value, isNumber := r.value(at).(float64)
	if !isNumber {
		r.mistake(at, "this must be a number, and is %s", at.kind())
	}
	return &value
}

func (r *reader) count(at *spot) *uint64 {
	value, isNumber := r.value(at).(float64)
	if !isNumber || value < 0 || value != math.Trunc(value) || value > exact {
		r.mistake(at, "this must be a whole number, 0 or more")
		value = 0
	}
	number := uint64(value)
	return &number
}

// value returns a value as decoding JSON would return it.
func (r *reader) value(at *spot) any {
	switch at.node.Kind { //nolint:exhaustive // the rest is a scalar
	case yaml.MappingNode:
		object := make(map[string]any, len(at.node.Content)/2)
		at.each(func(name string, member *spot) { object[name] = r.value(member) })
		return object
	case yaml.SequenceNode:
		list := make([]any, len(at.node.Content))
		for i, item := range at.items() {
			list[i] = r.value(item)
		}
		return list
	}
	switch at.node.ShortTag() {
	case "!!str", "!!timestamp":
		return at.node.Value
	case "!!int", "!!float":
		return r.exactNumber(at)
	}
	var value any
	if err := at.node.Decode(&value); err != nil {
		r.mistake(at, "this value cannot be read; put it in quotes")
		return nil
	}
	return value
}

// exactNumber reads a number, and refuses one that would come back as another.
func (r *reader) exactNumber(at *spot) any {
	var value float64
	err := at.node.Decode(&value)
	if at.node.ShortTag() == "!!int" && err == nil {
		var whole int64
		if err = at.node.Decode(&whole); err == nil && (whole > exact || whole < -exact) {
			err = strconv.ErrRange
		}
	}
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		r.mistake(at, "the number is beyond %d, where numbers of JSON lose digits; use a smaller one, or a text", exact)
	}
	return value
}
