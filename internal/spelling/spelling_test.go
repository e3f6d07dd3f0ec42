package spelling

import (
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"bc", "abc", 1},
		{"clientSecrt", "clientSecret", 1}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2},
	} {
		if got := Distance(row.a, row.b); got != row.want {
			t.Errorf("%q and %q: %d, not %d", row.a, row.b, got, row.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"status", "times", "mutant"}
	for name, want := range map[string]string{"stauts": "status", "itmes": "times", "sta": "", "mutnat": "mutant", "time": "times",
		"status": "status", "STATUS": "status", "colour": "", "x": "", "": "",
		strings.Repeat("x", 1<<20): ""} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%q is taken for %q, not for %q", name, got, want)
		}
	}
}
