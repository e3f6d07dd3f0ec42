package jsonbound

import (
	"strings"
	"testing"
)

func TestTooDeep(t *testing.T) {
	nested := func(open, inner, closing string, depth int) string {
		return strings.Repeat(open, depth) + inner + strings.Repeat(closing, depth)
	}
	for _, row := range []struct {
		name, text string
		deep       bool
	}{
		{"nothing", "", false},
		{"arrays at the bound", nested("[", "", "]", MaxDepth), false},
		{"arrays beyond it", nested("[", "", "]", MaxDepth+1), true},
		{"objects at the bound", nested(`{"a":`, "1", "}", MaxDepth), false},
		{"objects beyond it", nested(`{"a":`, "1", "}", MaxDepth+1), true},
		{"never closed", strings.Repeat("[", 1<<20), true},
		{"side by side", strings.Repeat("[],", 10*MaxDepth), false},
		{"in a string", `"` + strings.Repeat("[", 10*MaxDepth) + `"`, false},
		{"after an escaped quote", `"\"` + strings.Repeat("[", 10*MaxDepth) + `"`, false},
		{"after a string", `"\\"` + strings.Repeat("[", MaxDepth+1), true},
	} {
		if got := TooDeep([]byte(row.text)); got != row.deep {
			t.Errorf("%s: %v: %v", row.name, got, row.deep)
		}
	}
}
