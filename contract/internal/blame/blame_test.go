package blame

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

func TestKindOf(t *testing.T) {
	for _, row := range []struct {
		kind       string
		seen, owed any
	}{
		{Missing, nil, "x"}, {Coerced, nil, "null"}, {Trimmed, "two  blanks", "  two  blanks  "}, {Trimmed, " a", " a\t"},
		{Squeezed, " two blanks ", "  two  blanks  "}, {Case, "abc", "ABC"}, {Normalised, "caf\u00e9", "cafe\u0301"},
		{Escaped, "&lt;b&gt;", "<b>"}, {Escaped, "a%20b", "a b"}, {Unescaped, "<b>", "&lt;b&gt;"}, {Unescaped, "a b", "a%20b"},
		{Cut, "abc", "abcdef"}, {Cut, "abc…", "abcdef"}, {Masked, "****", "abcdef"}, {Masked, "ab***ef", "abcdef"},
		{Coerced, "7.1", "007.10"}, {Coerced, json.Number("42"), "0042"}, {Coerced, true, "true"}, {Coerced, "a b", []any{"a", "b"}},
		{Changed, "3897", "3086"}, {Changed, "other", "value"}, {Changed, []any{"a"}, []any{"b"}}, {Changed, false, true},
	} {
		if seen := KindOf(row.seen, row.owed); seen != row.kind {
			t.Errorf("%v for %v is %s, owed %s", row.seen, row.owed, seen, row.kind)
		}
	}
}

func TestDifferenceShowsTheFirstPlace(t *testing.T) {
	long := strings.Repeat("a", 100)
	for _, row := range []struct{ seen, owed, shownSeen, shownOwed string }{
		{"tab", "\ttab", `"tab"`, `"\ttab"`},
		{long + "x", long + "y", `…` + strings.Repeat("a", 12) + `x"`, `…` + strings.Repeat("a", 12) + `y"`},
		{"", "<a>", `""`, `"<a>"`},
	} {
		seen := DifferenceOf("url", Changed, row.seen, row.owed, JSON)
		if seen.Seen != row.shownSeen || seen.Owed != row.shownOwed {
			t.Errorf("%+v", seen)
		}
		if a, b := []rune(seen.Seen), []rune(seen.Owed); !slices.Equal(a[:seen.At], b[:seen.At]) || a[seen.At] == b[seen.At] {
			t.Errorf("the difference is not at %d of %s and %s", seen.At, seen.Seen, seen.Owed)
		}
	}
}

// failed returns a failed check with findings at places.
func failed(id, kind string, places ...string) report.Result {
	result := report.Result{ID: id, Rule: "The rule of " + id + ".", Level: credmock.Must, Outcome: report.Fail}
	for _, place := range places {
		finding := report.Finding{Kind: kind, Seen: "seen", Owed: "owed", Where: place}
		if kind == Trimmed || kind == Before {
			finding.Difference = &report.Difference{Member: "m", Kind: kind}
		}
		result.Findings = append(result.Findings, finding)
	}
	return result
}

func TestCauses(t *testing.T) {
	const get, patch = "GET /v1/x/{id} 200 /payload/a", "PATCH /v1/x/{id} 200 /payload/b"
	names := NamesIn(credmock.Default())
	for name, row := range map[string]struct {
		results []report.Result
		owed    string
	}{
		"one rule for many members": {[]report.Result{
			failed("types/body/username/create", "", "POST /v1/x 201"), failed("types/body/url/create", "", "POST /v1/x 201"),
		}, "types/body/username/create types/body/url/create"},
		"a shadow": {[]report.Result{failed("update/merge", "", get), failed("update/answer", Before, get)}, "update/answer > update/merge"},
		"another place": {[]report.Result{failed("update/merge", "", patch), failed("update/answer", Before, get)},
			"update/answer; update/merge"},
		"leaks by operation": {[]report.Result{failed("redaction/get/echo", Leak, get), failed("redaction/update/echo", Leak, patch)},
			"redaction/get/echo; redaction/update/echo"},
		"later findings follow the first": {[]report.Result{{ID: "a/b", Outcome: report.Fail, Level: credmock.Must, Findings: slices.Concat(
			failed("", Status, "PATCH /v1/x/{id} 200").Findings, failed("", Before, get).Findings)}}, "a/b"},
		"a broken operation": {[]report.Result{
			failed("a/b", Status, "PATCH /v1/x/{id} 404"), failed("c/d", Status, "PATCH /v1/x/{id} 404"),
			failed("e/f", Status, "PATCH /v1/x/{id} 404"), failed("g/h", Status, "PATCH /v1/x/{id} 404"),
		}, "a/b c/d e/f g/h"},
	} {
		t.Run(name, func(t *testing.T) {
			var seen []string
			for _, cause := range Causes(row.results, names, func(report.Result) bool { return true }) {
				text := strings.Join(cause.Checks, " ")
				if len(cause.Follows) > 0 {
					text += " > " + strings.Join(cause.Follows, " ")
				}
				seen = append(seen, text)
			}
			if got := strings.Join(seen, "; "); got != row.owed {
				t.Errorf("%s, owed %s", got, row.owed)
			}
		})
	}
}
