// Package jsonvalue compares, walks, measures and describes decoded JSON. A description never holds a value, since that may be a secret.
package jsonvalue

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
)

// Text returns a string as it is and a number as it is written; "" for other types. Ids are opaque and may be either.
func Text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}

// TypeOf names the JSON type of a decoded value.
func TypeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number, float64, int:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// Has tells whether a decoded value has one of the types of a schema. A number without a fraction is an integer too.
func Has(types []string, value any) bool {
	name := TypeOf(value)
	return slices.Contains(types, name) || name == "number" && slices.Contains(types, "integer") && isWhole(value)
}

func isWhole(value any) bool {
	number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	return err == nil && number == math.Trunc(number)
}

// Same tells whether two JSON values are equal, regardless of the order of members. It copies nothing, since a target chooses how
// long they are.
func Same(a, b any) bool {
	switch a := a.(type) {
	case string:
		text, isText := b.(string)
		return isText && a == text
	case map[string]any:
		object, isObject := b.(map[string]any)
		return isObject && sameObjects(a, object)
	case []any:
		list, isList := b.([]any)
		return isList && slices.EqualFunc(a, list, Same)
	}
	switch b.(type) {
	case string, map[string]any, []any:
		return false
	}
	return Canonical(a) == Canonical(b)
}

func sameObjects(a, b map[string]any) bool {
	for name, value := range a {
		if other, there := b[name]; !there || !Same(value, other) {
			return false
		}
	}
	return len(a) == len(b)
}

// Canonical returns the JSON of a value with equal numbers in one form.
func Canonical(value any) string {
	value = normalNumbers(value)
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%T", value)
	}
	return string(text)
}

// normalNumbers gives equal numbers one form: 118, 118.0 and 1.18e2 are the same value.
func normalNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if number, err := value.Float64(); err == nil {
			return number
		}
	case map[string]any:
		normal := make(map[string]any, len(value))
		for name, inner := range value {
			normal[name] = normalNumbers(inner)
		}
		return normal
	case []any:
		normal := make([]any, len(value))
		for i, inner := range value {
			normal[i] = normalNumbers(inner)
		}
		return normal
	}
	return value
}

// Describe describes a member for a finding by its type, never by its value, which may be a secret.
func Describe(object map[string]any, name string) string {
	value, there := object[name]
	switch {
	case object == nil:
		return "no credential in the payload"
	case !there:
		return "no member " + name
	}
	switch value := value.(type) {
	case nil:
		return name + " is null"
	case bool:
		return fmt.Sprintf("%s is %t", name, value)
	case string:
		return fmt.Sprintf("%s is a string of %d bytes", name, len(value))
	case json.Number:
		if !isWhole(value) {
			return name + " is a number with a fraction"
		}
	}
	return name + " is of type " + TypeOf(value)
}

// IsMissing tells whether a member is absent or null. Both mean that nothing is stored.
func IsMissing(object map[string]any, name string) bool { return object[name] == nil }

// Differences returns those of names, joined, whose values differ in a and b.
func Differences(a, b map[string]any, names []string) string {
	var differ []string
	for _, name := range names {
		if !Same(a[name], b[name]) {
			differ = append(differ, name)
		}
	}
	sort.Strings(differ)
	return strings.Join(differ, ", ")
}

// Member returns the member at a path of names, or nil.
func Member(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// MaxShort is the number of bytes that a reason or a place shows of a text from the target.
const MaxShort = 200

// Shorten returns the beginning of a text from the target.
func Shorten(text string) string { return foreign.Shorten(text, MaxShort, len(text)) }
