package scenarios

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The strings that stand for a value which differs from run to run.
const (
	anyValue  = "<any>"
	anyUUID   = "<uuid>"
	anyMoment = "<time>"
)

var uuidForm = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// compare returns every difference between what is owed and what was seen, a line for each.
func compare(owed, seen any, pointer string) []string {
	switch owed := owed.(type) {
	case object:
		if seen, isObject := seen.(object); isObject {
			return compareObjects(owed, seen, pointer)
		}
	case []any:
		if seen, isArray := seen.([]any); isArray {
			return compareArrays(owed, seen, pointer)
		}
	}
	if equal(owed, seen) {
		return nil
	}
	return []string{orTop(pointer) + ": seen " + describe(seen) + ", owed " + describe(owed)}
}

func compareObjects(owed, seen object, pointer string) []string {
	var differences []string
	for _, member := range owed {
		at := pointer + "/" + escapeToken(member.name)
		value, there := seen.lookup(member.name)
		if !there {
			differences = append(differences, at+": seen nothing, owed "+describe(member.value))
			continue
		}
		differences = append(differences, compare(member.value, value, at)...)
	}
	for _, member := range seen {
		if _, wanted := owed.lookup(member.name); !wanted {
			differences = append(differences, pointer+"/"+escapeToken(member.name)+": seen "+describe(member.value)+", owed nothing")
		}
	}
	return differences
}

func compareArrays(owed, seen []any, pointer string) []string {
	if len(owed) != len(seen) {
		return []string{orTop(pointer) + ": seen " + count(len(seen), "item") + ", owed " + strconv.Itoa(len(owed))}
	}
	var differences []string
	for i := range owed {
		differences = append(differences, compare(owed[i], seen[i], pointer+"/"+strconv.Itoa(i))...)
	}
	return differences
}

// equal compares two values that are not both objects or both arrays.
func equal(owed, seen any) bool {
	if text, isText := owed.(string); isText && placeholder(text, seen) {
		return true
	}
	switch owed := owed.(type) {
	case json.Number:
		seen, isNumber := seen.(json.Number)
		return isNumber && sameNumber(owed.String(), seen.String())
	case object, []any:
		return false
	}
	switch seen.(type) {
	case object, []any:
		return false
	}
	return owed == seen
}

// placeholder tells whether text is a placeholder that stands for the value.
func placeholder(text string, seen any) bool {
	value, isText := seen.(string)
	switch text {
	case anyValue:
		return true
	case anyUUID:
		return isText && uuidForm.MatchString(value)
	case anyMoment:
		_, err := time.Parse(time.RFC3339, value)
		return isText && err == nil
	}
	return false
}

// longestNumber bounds the numbers that are compared by value: an exponent can make a few characters very large.
const longestNumber = 64

var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// sameNumber compares two numbers exactly, so that no digit is lost.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	if max(len(a), len(b)) > longestNumber || !plainNumber.MatchString(a) || !plainNumber.MatchString(b) {
		return false
	}
	first, okFirst := new(big.Rat).SetString(a)
	second, okSecond := new(big.Rat).SetString(b)
	return okFirst && okSecond && first.Cmp(second) == 0
}

// describe names a value and its type, for "true" and true look alike.
func describe(value any) string {
	text := compact(value)
	if len(text) > longestShown {
		text = strings.ToValidUTF8(text[:longestShown], "") + "…"
	}
	switch value.(type) {
	case object, []any, nil:
		return text
	}
	return kind(value) + " " + text
}

// kind names the type of a value.
func kind(value any) string {
	switch value.(type) {
	case object:
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
