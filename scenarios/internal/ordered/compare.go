package ordered

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// The strings that stand for a value which differs from run to run.
const (
	AnyValue  = "<any>"
	AnyUUID   = "<uuid>"
	AnyMoment = "<time>"
)

// UUIDForm matches a UUID.
var UUIDForm = lazy.Regexp(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Compare returns the differences between what is owed and what was seen: a line for each of the first ones, and one that
// counts the rest.
func Compare(owed, seen any, pointer string) []string {
	var found differences
	found.compare(owed, seen, pointer)
	if more := found.all - len(found.lines); more > 0 {
		return append(found.lines, fmt.Sprintf("and %d more", more))
	}
	return found.lines
}

// differences are what compare has found so far.
type differences struct {
	lines []string
	all   int
}

// add takes the difference at a pointer. What is said of it is asked for only where it is told.
func (d *differences) add(pointer string, said func() string) {
	if d.all++; len(d.lines) < bound.MostTold {
		d.lines = append(d.lines, bound.Brief(OrTop(pointer)).String()+": "+said())
	}
}

func (d *differences) compare(owed, seen any, pointer string) {
	switch owed := owed.(type) {
	case Object:
		if seen, isObject := seen.(Object); isObject {
			d.objects(owed, seen, pointer)
			return
		}
	case []any:
		if seen, isArray := seen.([]any); isArray {
			d.arrays(owed, seen, pointer)
			return
		}
	}
	if !Equal(owed, seen) {
		d.add(pointer, func() string { return "seen " + Describe(seen) + ", owed " + Describe(owed) })
	}
}

func (d *differences) objects(owed, seen Object, pointer string) {
	for _, member := range owed {
		inner := pointer + At(member.Name)
		if value, there := seen.Lookup(member.Name); there {
			d.compare(member.Value, value, inner)
		} else {
			d.add(inner, func() string { return "seen nothing, owed " + Describe(member.Value) })
		}
	}
	for _, member := range seen {
		if _, wanted := owed.Lookup(member.Name); !wanted {
			d.add(pointer+At(foreign.FirstBytes(member.Name, bound.LongestShown)),
				func() string { return "seen " + Describe(member.Value) + ", owed nothing" })
		}
	}
}

func (d *differences) arrays(owed, seen []any, pointer string) {
	if len(owed) != len(seen) {
		d.add(pointer, func() string { return "seen " + bound.Count(len(seen), "item") + ", owed " + strconv.Itoa(len(owed)) })
		return
	}
	for i := range owed {
		d.compare(owed[i], seen[i], pointer+"/"+strconv.Itoa(i))
	}
}

// Equal compares two values that are not both objects or both arrays.
func Equal(owed, seen any) bool {
	if text, isText := owed.(string); isText && placeholder(text, seen) {
		return true
	}
	switch owed := owed.(type) {
	case json.Number:
		seen, isNumber := seen.(json.Number)
		return isNumber && sameNumber(owed.String(), seen.String())
	case Object, []any:
		return false
	}
	switch seen.(type) {
	case Object, []any:
		return false
	}
	return owed == seen
}

// placeholder tells whether text is a placeholder that stands for the value.
func placeholder(text string, seen any) bool {
	value, isText := seen.(string)
	switch text {
	case AnyValue:
		return true
	case AnyUUID:
		return isText && UUIDForm().MatchString(value)
	case AnyMoment:
		_, err := time.Parse(time.RFC3339, value)
		return isText && err == nil
	}
	return false
}

// longestNumber bounds the numbers that are compared by value: an exponent can make a few characters very large.
const longestNumber = 64

var plainNumber = lazy.Regexp(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// sameNumber compares two numbers exactly, so that no digit is lost.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	if max(len(a), len(b)) > longestNumber || !plainNumber().MatchString(a) || !plainNumber().MatchString(b) {
		return false
	}
	first, okFirst := new(big.Rat).SetString(a)
	second, okSecond := new(big.Rat).SetString(b)
	return okFirst && okSecond && first.Cmp(second) == 0
}

// Describe names a value and its type, for "true" and true look alike.
func Describe(value any) string {
	text, whole := Compact(value, bound.LongestShown)
	text = foreign.Text(text).JSON()
	if !whole {
		text += "…"
	}
	switch value.(type) {
	case Object, []any, nil:
		return text
	}
	return kind(value) + " " + text
}

// kind names the type of a value.
func kind(value any) string {
	switch value.(type) {
	case Object:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "the string"
	case json.Number:
		return "the number"
	case bool:
		return "the boolean"
	}
	return "null"
}
