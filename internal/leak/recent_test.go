package leak

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// The readings of short texts are kept, but never many, and none of a long text.
func TestRecentIsBounded(t *testing.T) {
	kept := recent{}
	for i := range 3 * maxRecent {
		text := fmt.Sprintf("Etag: c2VjcmV0IG51bWJlciA%d", i)
		for range 2 {
			if list := kept.readings(text); !reflect.DeepEqual(list, readings(text)) {
				t.Fatalf("%s is read as %v", text, list)
			}
		}
		if len(kept.kept) > maxRecent {
			t.Fatalf("%d are kept", len(kept.kept))
		}
	}
	if kept.readings(strings.Repeat("x", maxRecentText+1)); len(kept.kept) != maxRecent {
		t.Errorf("%d are kept after a long text", len(kept.kept))
	}
}

// Runs are found at both ends of a text and between other characters.
func TestRuns(t *testing.T) {
	for text, want := range map[string][]run{
		"": nil, "abc": nil, "abcd": {{0, 4}}, "-abcd": {{1, 5}}, "abcde-": {{0, 5}}, "abc-abcd-abc": {{4, 8}}, "abcdef:0123": {{0, 6}, {7, 11}},
		"ab:cd:ef": nil,
	} {
		if found := base16.runs(text, 4); !reflect.DeepEqual(found, want) {
			t.Errorf("%q has the runs %v, want %v", text, found, want)
		}
	}
}
