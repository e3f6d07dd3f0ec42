package jsonvalue

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSame(t *testing.T) {
	for _, test := range []struct {
		a, b any
		want bool
	}{
		{json.Number("118"), 118, true},
		{json.Number("118.0"), 118, true},
		{json.Number("1.18e2"), 118, true},
		{json.Number("118"), "118", false},
		{nil, "", false},
		{false, nil, false},
		{map[string]any{"a": 1, "b": 2}, map[string]any{"b": 2, "a": 1}, true},
		{[]any{1, 2}, []any{2, 1}, false},
		{"e\u0301", "\u00e9", false}, // the same letter in other bytes
	} {
		if Same(test.a, test.b) != test.want {
			t.Errorf("same(%v, %v) is not %t", test.a, test.b, test.want)
		}
	}
}

// A whole number is an integer, however it is written, and a number.
func TestHas(t *testing.T) {
	for _, test := range []struct {
		types string
		value any
		want  bool
	}{
		{"integer", json.Number("118"), true},
		{"integer", json.Number("118.0"), true},
		{"integer", json.Number("1.18e2"), true},
		{"integer", json.Number("118.5"), false},
		{"integer", json.Number("1e99999"), false},
		{"integer", "118", false},
		{"number", json.Number("118"), true},
		{"number", json.Number("118.5"), true},
		{"string", json.Number("118"), false},
		{"boolean", true, true},
	} {
		if Has([]string{test.types}, test.value) != test.want {
			t.Errorf("%v is of type %s: not %t", test.value, test.types, test.want)
		}
	}
}

// A finding describes a value by its type and size, never by the value.
func TestDescribe(t *testing.T) {
	object := map[string]any{"text": "a secret", "number": json.Number("4711"), "part": json.Number("1.5"), "null": nil, "flag": true,
		"list": []any{"a secret"}}
	for name, want := range map[string]string{
		"text": "text is a string of 8 bytes", "number": "number is of type number", "null": "null is null",
		"part": "part is a number with a fraction",
		"flag": "flag is true", "list": "list is of type array", "missing": "no member missing",
	} {
		if got := Describe(object, name); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestMeasureIsAtLeastWeight(t *testing.T) {
	for _, row := range []struct {
		text   string
		values int
	}{
		{`1`, 1},
		{`{}`, 1},
		{`[]`, 1},
		{`[1,2,[3]]`, 5},
		{`{"a":"b,[{:","c":{"d":[]}}`, 4},
		{`"\"[[["`, 1},
		{`[ ]`, 1},
		{strings.Repeat("[],", 9) + "1", 10},
	} {
		values, size := Measure([]byte(row.text))
		if values != row.values {
			t.Errorf("%s has %d values, not %d", row.text, row.values, values)
		}
		var value any
		if json.Unmarshal([]byte(row.text), &value) == nil && size < Weigh(value) {
			t.Errorf("%s: %d bytes are measured, and %d are there", row.text, size, Weigh(value))
		}
	}
}

func TestPointerIsCut(t *testing.T) {
	name := strings.Repeat("n", 10_000)
	places := 0
	Walk(map[string]any{"a/b": []any{1, map[string]any{name: "x"}}}, func(path *Path, value any) bool {
		if pointer := path.Pointer("/payload"); value == "x" {
			places++
			if !strings.HasPrefix(pointer, "/payload/a~1b/1/nnn") || len(pointer) > 2*MaxShort {
				t.Errorf("the pointer is %.300s", pointer)
			}
		}
		return true
	})
	if places != 1 {
		t.Errorf("%d places", places)
	}
}
